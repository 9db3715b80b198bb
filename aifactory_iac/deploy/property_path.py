"""Paths of properties and the patterns that stand for many of them.

Pulumi writes `spec.containers[0].image`, `tags["a.b"]` and, as a pattern, `spec.containers[*].env`
or `*`. Here a path is a tuple of keys and indexes; a pattern may hold `"*"` for any one of either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

PropertyPath = tuple[str | int, ...]
_PART = re.compile(r'\[(\d+|\*)\]|\["((?:[^"\\]|\\.)*)"\]|([^.\[\]]+)')
_PLAIN_KEY = re.compile(r'[^.\[\]"\s]+')


def parse(text: str) -> PropertyPath:
    """The path or pattern that a text stands for; what cannot be read is taken as one key."""
    parts: list[str | int] = []
    position = 0
    while position < len(text):
        found = _PART.match(text, position)
        if found is None:
            return (text,)
        index, quoted, key = found.groups()
        if index is not None:
            parts.append("*" if index == "*" else int(index))
        elif quoted is not None:
            parts.append(re.sub(r"\\(.)", r"\1", quoted))
        else:
            parts.append(key)
        position = found.end()
        if position < len(text) and text[position] == ".":
            position += 1
    return tuple(parts)


def render(path: PropertyPath) -> str:
    """The path as Pulumi writes it."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            text += f".{part}" if text else part
        else:
            escaped = part.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{escaped}"]'
    return text


def covers(pattern: PropertyPath, path: PropertyPath) -> bool:
    """Whether the pattern names the path itself or something above it."""
    return len(pattern) <= len(path) and _agree(pattern, path)


def touches(pattern: PropertyPath, path: PropertyPath) -> bool:
    """Whether the pattern names the path, or something above or below it."""
    return _agree(pattern, path)


def any_covers(patterns: Iterable[PropertyPath], path: PropertyPath) -> bool:
    """Whether any of the patterns covers the path."""
    return any(covers(pattern, path) for pattern in patterns)


def _agree(pattern: PropertyPath, path: PropertyPath) -> bool:
    """Equal as far as both go."""
    return all(mine in ("*", theirs) for mine, theirs in zip(pattern, path, strict=False))
