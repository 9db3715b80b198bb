"""What a part of a lab is, before it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog

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
    """Files that parts share. `credentials` are files by `store:path`."""

    folder: Path
    ca: Path
    certificate: Path
    key: Path
    machine_faults: Path
    switch_faults: Path
    credentials: Mapping[str, str]
    catalog: Catalog


def count(number: int, what: str, many: str | None = None) -> str:
    """`1 machine`, `1,000 machines`; `many` is the plural where it is not made with an s."""
    return f"{number:,} {what if number == 1 else many or f'{what}s'}"
