"""Host names folded as Slurm writes them: `gpu[001-004,007]`, so that files stay readable."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBERED = re.compile(r"(.*?)(\d+)$")


def folded(names: Iterable[str]) -> str:
    """In order of name; equal sets give equal texts. Widths of numbers are kept."""
    groups: dict[tuple[str, int], list[int]] = {}
    alone: list[str] = []
    for name in sorted(set(names)):
        found = _NUMBERED.fullmatch(name)
        if found is None:
            alone.append(name)
        else:
            groups.setdefault((found[1], len(found[2])), []).append(int(found[2]))
    texts = [*alone, *(_group(*key, numbers) for key, numbers in groups.items())]
    return ",".join(sorted(texts))


def _group(prefix: str, width: int, numbers: list[int]) -> str:
    spans: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number, number))
    if spans[0] == spans[-1] and spans[0][0] == spans[0][1]:
        return f"{prefix}{spans[0][0]:0{width}d}"
    texts = (
        f"{first:0{width}d}" if first == last else f"{first:0{width}d}-{last:0{width}d}"
        for first, last in spans
    )
    return f"{prefix}[{','.join(texts)}]"
