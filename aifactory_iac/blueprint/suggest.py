"""Did you mean: the nearest known name, or the list of what there is when it is short."""

from __future__ import annotations

from collections.abc import Iterable

_LISTED = 12


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like this one, when it is alike enough to be meant."""
    from difflib import get_close_matches

    folded: dict[str, str] = {}
    for candidate in sorted(known):
        folded.setdefault(_fold(candidate), candidate)
    if _fold(name) in folded:
        return folded[_fold(name)]
    found = get_close_matches(_fold(name), list(folded), n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """`did you mean ...?` when a known name is near; `None` otherwise."""
    near = nearest(name, known)
    return f"did you mean `{near}`?" if near is not None else None


def did_you_mean_or_list(name: str, known: Iterable[str], what: str) -> str:
    """As `did_you_mean`; with no near name, what there is: `what` is its plural."""
    names = sorted(known)
    near = did_you_mean(name, names)
    if near is not None:
        return near if len(names) > _LISTED else f"{near} {what}: {listing(names)}"
    return f"{what}: {listing(names)}" if names else f"there are no {what}"


def listing(names: Iterable[str]) -> str:
    """The names as a sentence lists them, cut when there are too many."""
    ordered = list(names)
    shown = ", ".join(f"`{name}`" for name in ordered[:_LISTED])
    return shown if len(ordered) <= _LISTED else f"{shown} and {len(ordered) - _LISTED} more"


def _fold(name: str) -> str:
    return name.lower().replace("_", "-")
