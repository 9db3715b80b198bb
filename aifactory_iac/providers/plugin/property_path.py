"""Property paths as Pulumi spells them: `machines.n1.bmc`, `servers[0]`, `labels["a.b/c"]`."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from typing import Any

Path = tuple[str | int, ...]

_PLAIN = re.compile(r"[A-Za-z_$][\w$-]*\Z")
_PART = re.compile(
    r"""
    \.?(?P<name>[^.\[\]"]+)
    | \[(?P<index>\d+|\*)\]
    | \["(?P<quoted>(?:[^"\\]|\\.)*)"\]
    """,
    re.VERBOSE,
)


def path_text(path: Iterable[str | int]) -> str:
    """The path as text; keys that are no plain words are quoted."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN.match(part):
            text += f".{part}" if text else part
        else:
            escaped = part.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{escaped}"]'
    return text


def parsed(text: str) -> Path | None:
    """The parts of a path; `*` stands for all. None when it is no path."""
    found: list[str | int] = []
    position = 0
    while position < len(text):
        part = _PART.match(text, position)
        if part is None:
            return None
        if part["quoted"] is not None:
            found.append(re.sub(r"\\(.)", r"\1", part["quoted"]))
        elif part["index"] is not None:
            found.append("*" if part["index"] == "*" else int(part["index"]))
        else:
            found.append(part["name"])
        position = part.end()
    return tuple(found)


def ignoring(
    old: Mapping[str, Any], new: Mapping[str, Any], ignored: Iterable[str]
) -> dict[str, Any]:
    """New inputs with the old values at the ignored paths, as the engine resets them."""
    paths = [path for path in map(parsed, ignored) if path]
    if not paths:
        return dict(new)
    kept: dict[str, Any] = copy.deepcopy(dict(new))
    for path in paths:
        _reset(old, kept, path)
    return kept


def _reset(old: Any, new: Any, path: Path) -> None:
    first, rest = path[0], path[1:]
    if first == "*":
        for key in _keys(old) | _keys(new):
            _reset(old, new, (key, *rest))
    elif first in _keys(old):
        if rest and first in _keys(new):
            _reset(old[first], new[first], rest)
        elif not rest and (isinstance(new, dict) or first in _keys(new)):
            new[first] = old[first]
    elif not rest and isinstance(new, dict):
        new.pop(first, None)


def _keys(value: Any) -> set[Any]:
    if isinstance(value, Mapping):
        return set(value)
    return set(range(len(value))) if isinstance(value, list) else set()
