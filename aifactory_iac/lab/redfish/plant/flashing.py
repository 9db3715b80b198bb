"""Firmware: written under a task, staged, and running only after its own kind of activation."""

from __future__ import annotations

from aifactory_iac.lab.redfish.model import Activation
from aifactory_iac.lab.redfish.plant.state import Machine

_IMPLIED: dict[Activation, tuple[Activation, ...]] = {
    "at-once": ("at-once",),
    "host-reset": ("host-reset",),
    "bmc-reset": ("bmc-reset",),
    "chassis-cycle": ("chassis-cycle",),
    "ac-cycle": ("host-reset", "bmc-reset", "chassis-cycle", "ac-cycle"),
}
"""Taking the mains away does everything that the gentler ways do."""


def activate(machine: Machine, how: Activation) -> None:
    """Starts what is staged and waits for this."""
    for name, firmware in machine.firmware.items():
        if firmware.staged is not None and firmware.component.activation in _IMPLIED[how]:
            before, firmware.running, firmware.staged = firmware.running, firmware.staged, None
            machine.effect("firmware-active", component=name, before=before, now=firmware.running)
