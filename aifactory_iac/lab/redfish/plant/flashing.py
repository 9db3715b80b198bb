"""Firmware: written under a task, staged, and running only after its own kind of activation."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from aifactory_iac.lab.redfish.model import Activation
from aifactory_iac.lab.redfish.plant import tasks
from aifactory_iac.lab.redfish.plant.refusal import RefusalError, busy, not_in_list, wrong_type
from aifactory_iac.lab.redfish.plant.state import Machine, Task

_IMPLIED: dict[Activation, tuple[Activation, ...]] = {
    "at-once": ("at-once",),
    "host-reset": ("host-reset",),
    "bmc-reset": ("bmc-reset",),
    "chassis-cycle": ("chassis-cycle",),
    "ac-cycle": ("host-reset", "bmc-reset", "chassis-cycle", "ac-cycle"),
}
"""Taking the mains away does everything that the gentler ways do."""

_VERSION = re.compile(r"\d+(?:[._-][0-9A-Za-z]+)+")
_INVENTORY = "/redfish/v1/UpdateService/FirmwareInventory/"


def activate(machine: Machine, how: Activation) -> None:
    """Starts what is staged and waits for this."""
    for name, firmware in machine.firmware.items():
        if firmware.staged is not None and firmware.component.activation in _IMPLIED[how]:
            before, firmware.running, firmware.staged = firmware.running, firmware.staged, None
            machine.effect("firmware-active", component=name, before=before, now=firmware.running)


def interrupt(machine: Machine, by: str) -> None:
    """Something pulled the rug from under a running flash."""
    writing = {f.task.id: f.task for f in machine.firmware.values() if f.task is not None}
    for task in writing.values():
        machine.effect("flash-interrupted", task=task.id, by=by)
        tasks.fail(machine, task, f"The update was interrupted by {by}.")


def components(machine: Machine, targets: object) -> list[str]:
    """Inventory ids that the targets name. Raises `RefusalError`."""
    if not isinstance(targets, list):
        raise wrong_type(targets, "Targets")
    names = []
    for target in targets:
        name = str(target).removeprefix(_INVENTORY)
        firmware = machine.firmware.get(name)
        if firmware is None or not firmware.component.updateable:
            raise not_in_list(target, "Targets")
        names.append(name)
    return names


def package(
    packages: Mapping[str, Mapping[str, str]], name: str, content: bytes, targets: Sequence[str]
) -> dict[str, str]:
    """Versions by component that a package holds.

    A package that the fleet's specification lists by URL or file name holds what is said there; one
    whose content is a JSON object holds that; any other holds the version in its name, for every
    target.
    """
    file = name.rpartition("/")[2]
    if listed := packages.get(name) or packages.get(file):
        return dict(listed)
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if isinstance(document, dict):
        return {str(key): str(value) for key, value in document.items()}
    found = _VERSION.findall(file.rpartition(".")[0] or file)
    return dict.fromkeys(targets, found[-1]) if found else {}


def flash(machine: Machine, versions: Mapping[str, str], targets: Sequence[str]) -> Task:
    """Begins to write what the package holds for the targets, all of it when there are none.

    Raises:
        RefusalError: An update is running, or the package holds nothing for this machine.
    """
    if any(firmware.task is not None for firmware in machine.firmware.values()):
        machine.effect("flash-refused")
        raise busy(30)
    wanted = {
        name: version
        for name, version in versions.items()
        if name in machine.firmware and (not targets or name in targets)
    }
    if not wanted:
        raise RefusalError(
            400,
            "UpdateNotApplicable",
            "Indicates that the update was determined to be not applicable.",
            registry="Update.1.0",
        )
    seconds = sum(machine.firmware[name].component.flash_seconds for name in wanted)
    names = ",".join(sorted(wanted))
    task = tasks.start(machine, "Update", names, seconds, lambda: _written(machine, wanted))
    task.failed = lambda: _released(machine, wanted)
    for name in wanted:
        machine.firmware[name].task = task
    machine.effect("flash-started", task=task.id, components=wanted)
    return task


def _released(machine: Machine, names: Mapping[str, str]) -> None:
    for name in names:
        machine.firmware[name].task = None


def _written(machine: Machine, versions: Mapping[str, str]) -> None:
    _released(machine, versions)
    for name, version in versions.items():
        machine.firmware[name].staged = version
    machine.effect("flash-finished", components=dict(versions))
    activate(machine, "at-once")
