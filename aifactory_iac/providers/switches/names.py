"""Names of ports: ranges written out, as no switch takes them over its programmatic interface."""

from __future__ import annotations

import re
from collections.abc import Iterator

_NVUE = re.compile(r"(?P<prefix>(?:swp|vlan|bond|eth)(?:\d+s)?)(?P<first>\d+)-(?P<last>\d+)\Z")
_SLOT = re.compile(r"(?P<prefix>(?:\d+/)+)(?P<first>\d+)-(?:(?P<again>(?:\d+/)+))?(?P<last>\d+)\Z")


class RangeError(ValueError):
    """A range that leads nowhere; the text says why."""


def nvue_names(text: str) -> tuple[str, ...]:
    """`swp1-3,swp7` as `swp1`, `swp2`, `swp3`, `swp7`; other names are left as they are.

    Raises:
        RangeError: A range runs backwards.
    """
    return tuple(name for part in text.split(",") for name in _range(part.strip(), _NVUE))


def slot_names(text: str) -> tuple[str, ...]:
    """`1/1-3` or `1/1-1/3`, as MLNX-OS writes it, as `1/1`, `1/2`, `1/3`.

    Raises:
        RangeError: A range runs backwards, or into another slot.
    """
    return tuple(name for part in text.split(",") for name in _range(part.strip(), _SLOT))


def _range(text: str, pattern: re.Pattern[str]) -> Iterator[str]:
    found = pattern.match(text)
    if found is None:
        yield text
        return
    prefix, first, last = found["prefix"], int(found["first"]), int(found["last"])
    again = found.groupdict().get("again")
    if again is not None and again != prefix:
        raise RangeError(f"`{text}` runs from one slot into another")
    if last < first:
        raise RangeError(f"`{text}` runs backwards")
    for number in range(first, last + 1):
        yield f"{prefix}{number}"
