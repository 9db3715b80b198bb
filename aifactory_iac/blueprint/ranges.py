"""Version ranges of parents: `^1`, `~1.2`, `1.2.x`, `>=1.0 <2`, `1.0.0`, `*`; all clauses hold.

A range turns into bounds on `semver.Version`, whose ordering (pre-releases before their release)
it keeps. A pre-release is taken only when a clause names one of the same version.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from semver import Version

_CLAUSE = re.compile(
    r"(?P<op>\^|~|>=|<=|>|<|=|)\s*v?(?P<major>\d{1,9}|[xX*])(?:\.(?P<minor>\d{1,9}|[xX*])"
    r"(?:\.(?P<patch>\d{1,9}|[xX*])(?:-(?P<pre>[0-9A-Za-z.-]+))?)?)?"
)

Accepts = Callable[[str], bool]


def parse_range(text: str) -> Accepts | None:
    """A test of versions for the range; `None` when the text is not a range."""
    position, clauses = 0, []
    stripped = text.strip()
    for match in _CLAUSE.finditer(stripped):
        if stripped[position : match.start()].strip(" ,"):
            return None
        clauses.append(match)
        position = match.end()
    if not clauses or stripped[position:].strip(" ,"):
        return None
    try:
        bounds = [_bounds(clause) for clause in clauses]
    except ValueError:
        return None
    wanted = {low.replace(prerelease=None) for low, _ in bounds if low.prerelease}
    return lambda version: _holds(version, bounds, wanted)


def newest(versions: list[str]) -> str | None:
    """The highest of the versions that can be read as one."""
    from semver import Version

    valid = [version for version in versions if Version.is_valid(version)]
    return max(valid, key=Version.parse) if valid else None


def _holds(text: str, bounds: list[tuple[Version, Version | None]], wanted: set[Version]) -> bool:
    from semver import Version

    if not Version.is_valid(text):
        return False
    version = Version.parse(text)
    if version.prerelease and version.replace(prerelease=None) not in wanted:
        return False
    return all(low <= version and (high is None or version < high) for low, high in bounds)


def _bounds(clause: re.Match[str]) -> tuple[Version, Version | None]:
    """The lowest version of the clause, and the first one past it."""
    from semver import Version

    parts = [clause[name] for name in ("major", "minor", "patch")]
    given = [int(part) for part in parts if part is not None and part.isdigit()]
    if any(part is not None and part.isdigit() for part in parts[len(given) :]):
        raise ValueError("a number after a wildcard")
    major, minor, patch = [*given, 0, 0, 0][:3]
    low = Version(major, minor, patch, prerelease=clause["pre"])
    zero = Version(0, 0, 0)
    match clause["op"]:
        case ">=":
            return low, None
        case ">":
            return _next(low, given) or zero, None
        case "<":
            return zero, low
        case "<=":
            return zero, _next(low, given)
        case "^":
            return low, _caret(low, given)
        case "~":
            return low, _past(low, given[:2])
        case _:
            return low, _next(low, given)


def _next(low: Version, given: list[int]) -> Version | None:
    """The first version past all that the numbers given cover."""
    if len(given) < len(("major", "minor", "patch")):
        return _past(low, given)
    return low.bump_prerelease() if low.prerelease else low.bump_patch()


def _past(low: Version, given: list[int]) -> Version | None:
    if not given:
        return None
    return low.bump_major() if len(given) == 1 else low.bump_minor()


def _caret(low: Version, given: list[int]) -> Version | None:
    if not given:
        return None
    if low.major or len(given) == 1:
        return low.bump_major()
    if low.minor or len(given) == 2:
        return low.bump_minor()
    return low.bump_patch()
