"""How a lab is: whether it lives, and which of its parts do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from aifactory_iac.lab import record
from aifactory_iac.lab.folder import Folder, labs
from aifactory_iac.lab.tail import tail

Condition = Literal["running", "failing", "starting", "dead", "down"]


@dataclass(frozen=True, slots=True)
class LabState:
    """One lab. `document` is its record, None while it starts; `logs` are those of dead parts.

    It is `failing` when a part of it has ended, `dead` when its supervisor was killed, so that only
    its folder is left, and `down` once it was taken down.
    """

    folder: Folder
    condition: Condition
    document: Mapping[str, Any] | None
    logs: Mapping[str, tuple[str, ...]]

    @property
    def name(self) -> str:
        """The deployment's name, else that of the folder."""
        return str(self.document["name"]) if self.document else self.folder.path.name


def state(folder: Folder) -> LabState:
    """How the lab in a folder is just now."""
    document = record.read(folder)
    parts = document.get("parts", ()) if document else ()
    ended = [part for part in parts if part["state"] == "ended"]
    condition: Condition
    if not folder.alive:
        condition = "dead"
    elif document is None:
        condition = "starting"
    else:
        condition = "failing" if ended else "running"
    logs = {part["name"]: tail(Path(part["log"])) for part in ended}
    return LabState(folder, condition, document, logs)


def states(place: Path) -> Iterator[LabState]:
    """All labs below a place, by name."""
    return (state(folder) for folder in labs(place))


def called(every: Iterable[LabState], target: str) -> tuple[LabState, ...]:
    """The labs that were started for a target, or that have its name."""
    wanted = spelled(target)
    return tuple(
        each
        for each in every
        if target == each.name or (each.document and each.document["target"] == wanted)
    )


def spelled(target: str) -> str:
    """A target such that it means the same in every folder: a path as an absolute one."""
    path = Path(target)
    return str(path.resolve()) if path.exists() else target
