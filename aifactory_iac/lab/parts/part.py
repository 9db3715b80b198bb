"""What a part of a lab is, before it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aifactory_iac.catalog.facts import System

ROOM = "aifactory_iac.lab"


@dataclass(frozen=True, slots=True)
class Part:
    """One process: `module` is run with `document` as its specification.

    `what` says for people what it stands for.
    """

    name: str
    kind: str
    module: str
    what: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Absent:
    """Something that the lab does not have, and why, with the way to have it if there is one."""

    part: str
    why: str


@dataclass(frozen=True, slots=True)
class Shared:
    """Files that parts share. `credentials` are files by `store:path`; `systems` are facts."""

    folder: Path
    ca: Path
    certificate: Path
    key: Path
    faults: Path
    credentials: Mapping[str, str]
    systems: Mapping[str, System] = field(default_factory=dict)


def count(number: int, what: str) -> str:
    """`1 machine`, `1,000 machines`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
