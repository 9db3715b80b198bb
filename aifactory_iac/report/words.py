"""Words around figures."""

from __future__ import annotations


def counted(count: int, thing: str) -> str:
    """`1 site`, `2 sites`, `1,016 GPUs`."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
