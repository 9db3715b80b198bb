"""Drives that erase themselves (DSP0268, Drive.SecureErase)."""

from __future__ import annotations

from aifactory_iac.lab.redfish.plant import tasks
from aifactory_iac.lab.redfish.plant.refusal import busy
from aifactory_iac.lab.redfish.plant.state import Machine, Task

SECONDS = 120.0
"""A drive that only forgets its key is done at once; one that writes takes hours."""


def erase(machine: Machine, drive: str) -> Task:
    """A task that ends with the drive's content. Raises `RefusalError` while one runs on it."""
    name = f"Erase {drive}"
    if any(task.name == name and task.state == "Running" for task in machine.tasks.values()):
        raise busy(30)

    def done() -> None:
        machine.effect("disk-erased", held=machine.host.disk, image=None, drive=drive)
        machine.host.disk = None

    machine.effect("erase-started", drive=drive)
    return tasks.start(machine, name, drive, SECONDS, done)
