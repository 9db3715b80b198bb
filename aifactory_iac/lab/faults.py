"""The faults of a lab as its parts read them: those of machines and those of switches apart.

Each part looks at its own file again whenever it changes, so faults can be put in and taken out
while everything runs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aifactory_iac.lab.folder import Folder, write

Fault = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Faults:
    """Checked faults, in the order of the user's file; `seed` is where chance begins."""

    machines: Sequence[Fault] = ()
    switches: Sequence[Fault] = ()
    seed: int = 0

    def write(self, folder: Folder) -> None:
        """Writes both files, each whole. Raises `OSError`."""
        machines = {"schemaVersion": 1, "seed": self.seed, "faults": list(self.machines)}
        write(folder.machine_faults, json.dumps(machines, indent=1) + "\n")
        switches = {"faults": list(self.switches)}
        write(folder.switch_faults, json.dumps(switches, indent=1) + "\n")

    @classmethod
    def read(cls, folder: Folder) -> Faults:
        """What stands in a lab's folder. Raises `OSError` or `ValueError`."""
        machines = json.loads(folder.machine_faults.read_text(encoding="utf-8"))
        switches = json.loads(folder.switch_faults.read_text(encoding="utf-8"))
        return cls(tuple(machines["faults"]), tuple(switches["faults"]), machines["seed"])
