"""Labels as node features, which is what `--constraint` selects by.

A feature is a bare word, so a label becomes the last part of its key and its value with `_`
between: `aifactory/pool: train` is `pool_train`. `check` refuses labels that would then be alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


def feature(key: str, value: str) -> str:
    """The feature of one label; a label without a value is its name alone."""
    name = key.rpartition("/")[2]
    return f"{name}_{value}" if value else name


def alike(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Pairs of labels that a job could not tell apart."""
    seen: dict[str, str] = {}
    found = []
    for key in sorted(labels):
        name = key.rpartition("/")[2]
        if name in seen:
            found.append((seen[name], key))
        seen.setdefault(name, key)
    return tuple(found)


def refeatured(there: Sequence[str], ours: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """The features of a node with our former ones gone and the wanted ones in it."""
    kept = [each for each in there if each not in ours and each not in wanted]
    return (*kept, *sorted(wanted))


@dataclass(frozen=True, slots=True)
class Mark:
    """What a membership leaves in a node's comment: who it is, and which features are its own."""

    owner: str = ""
    features: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As the comment; Slurm keeps it over restarts of the controller."""
        return f"aifactory|{self.owner}|{','.join(sorted(self.features))}"

    @classmethod
    def read(cls, comment: str) -> Mark:
        """From a comment; no owner when a person wrote it."""
        parts = comment.split("|")
        if len(parts) != 3 or parts[0] != "aifactory":
            return cls()
        return cls(parts[1], tuple(each for each in parts[2].split(",") if each))
