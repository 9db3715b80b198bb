"""The controller itself: resets, and mains that are cut. While it starts, it is not there."""

from __future__ import annotations

from aifactory_iac.lab.redfish.plant import access, flashing, power
from aifactory_iac.lab.redfish.plant.refusal import RefusalError, not_in_list
from aifactory_iac.lab.redfish.plant.state import Machine

RESET_TYPES = ("GracefulRestart", "ForceRestart")
AUX_RESET_TYPES = ("AuxPowerCycle", "AuxPowerCycleForce")


def reset(machine: Machine, manager: str, reset_type: object) -> None:
    """Restarts a manager; the one that answers loses its sessions. Raises `RefusalError`."""
    if reset_type not in RESET_TYPES:
        raise not_in_list(reset_type, "ResetType")
    machine.effect("manager-reset", manager=manager, reset=reset_type)
    if manager != machine.model.managers[0].id:
        machine.hide_baseboard(30.0)
        return
    machine.last_manager_reset = machine.now()
    flashing.interrupt(machine, "a reset of the controller")
    _restart(machine, machine.model.times.bmc_reset)
    flashing.activate(machine, "bmc-reset")


def take_mains(machine: Machine, reset_type: object) -> None:
    """The OEM way to pull the plug. Raises `RefusalError` where the host has to be off first."""
    if reset_type not in AUX_RESET_TYPES:
        raise not_in_list(reset_type, "ResetType")
    must_be_off = machine.model.quirk("host-off-for-ac-cycle")
    if must_be_off and machine.host.power != "Off":
        raise RefusalError(
            400,
            "ChassisPowerStateOffRequired",
            "The chassis power state must be Off to perform this operation.",
            resolution="Power off the system and resubmit the request.",
        )
    cut_mains(machine)


def cut_mains(machine: Machine) -> None:
    """Mains go and come back: everything staged runs, and the host stays off."""
    flashing.interrupt(machine, "loss of mains")
    power.lose_mains(machine)
    flashing.activate(machine, "ac-cycle")
    _restart(machine, machine.model.times.aux_power_reset)


def _restart(machine: Machine, seconds: float) -> None:
    for session in list(machine.sessions):
        access.close_session(machine, session, "session-lost")
    machine.vanish(seconds, "restart")
