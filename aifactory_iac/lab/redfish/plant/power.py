"""Power: what a reset does to the host, in time, and what the controller says against it."""

from __future__ import annotations

from collections.abc import Callable

from aifactory_iac.lab.redfish.plant import booting, flashing
from aifactory_iac.lab.redfish.plant.refusal import RefusalError, not_in_list
from aifactory_iac.lab.redfish.plant.state import Machine

RESET_TYPES = (
    "On",
    "ForceOn",
    "ForceOff",
    "GracefulShutdown",
    "GracefulRestart",
    "ForceRestart",
    "PowerCycle",
    "Nmi",
    "PushPowerButton",
)


def check(machine: Machine, reset_type: object) -> None:
    """Raises `RefusalError` where this make would not take the reset as things are."""
    host = machine.host
    if reset_type not in RESET_TYPES:
        raise not_in_list(reset_type, "ResetType")
    if host.power in ("PoweringOn", "PoweringOff"):
        raise _conflict(reset_type, f"while the system is {host.power}")
    settle = machine.model.quirk("settle-after-power-off")
    if settle and reset_type in ("On", "ForceOn") and host.off_since is not None:
        wait = float(settle.value) * machine.agenda.pace - (machine.now() - host.off_since)
        if host.power == "Off" and wait > 0:
            raise _conflict(reset_type, "so soon after power-off", retry_after=wait)
    _check_already(machine, str(reset_type))


def _check_already(machine: Machine, reset_type: str) -> None:
    """What a machine that is there already answers differs by vendor; 204 is the standard's."""
    on = machine.host.power == "On"
    nothing_to_do = reset_type in ("On", "ForceOn") if on else reset_type in _NEEDS_POWER
    quirk = machine.model.quirk("already-in-state")
    if not nothing_to_do or quirk is None or quirk.value == 204:
        return
    status = int(quirk.value)
    if status == 409:
        raise _conflict(reset_type, f"because the system is {machine.host.power} already")
    raise RefusalError(
        status,
        "InvalidOperationForSystemState",
        f"The operation {reset_type} cannot be performed: the system power is "
        f"{machine.host.power}.",
        arguments=(reset_type,),
    )


_NEEDS_POWER = (
    "ForceOff",
    "GracefulShutdown",
    "GracefulRestart",
    "ForceRestart",
    "PowerCycle",
    "Nmi",
)


def _conflict(reset_type: object, why: str, retry_after: float | None = None) -> RefusalError:
    return RefusalError(
        409,
        "ActionParameterValueConflict",
        f"The parameter ResetType with the requested value of {reset_type} does not meet the "
        f"constraints of the implementation {why}.",
        arguments=("ResetType", reset_type),
        about=("#/ResetType",),
        headers={"Retry-After": str(max(1, round(retry_after)))} if retry_after else None,
    )


def reset(machine: Machine, reset_type: str) -> None:
    """Does it. What cannot be done in this power state is accepted and has no effect."""
    host = machine.host
    if host.power in ("PoweringOn", "PoweringOff"):
        return
    on = host.power == "On"
    if reset_type == "PushPowerButton":
        reset_type = "GracefulShutdown" if on else "On"
    if on == (reset_type in ("On", "ForceOn")):
        return
    machine.effect("reset", reset=reset_type)
    host.last_reset = machine.now()
    if reset_type != "Nmi":
        _interrupt_flash(machine)
    _ACTIONS[reset_type](machine)


def _interrupt_flash(machine: Machine) -> None:
    """Only firmware that the host's own reset starts is hurt by that reset."""
    writing = [f for f in machine.firmware.values() if f.task is not None]
    if any(firmware.component.activation != "bmc-reset" for firmware in writing):
        flashing.interrupt(machine, "a reset of the host")


def _on(machine: Machine) -> None:
    machine.host.power = "PoweringOn"
    _soon(machine, machine.model.times.power_on, lambda: _powered(machine))


def _powered(machine: Machine) -> None:
    machine.host.power = "On"
    machine.host.off_since = None
    machine.effect("power", state="On")
    booting.start(machine)


def _force_off(machine: Machine) -> None:
    booting.stop(machine)
    machine.host.power = "PoweringOff"
    _soon(machine, machine.model.times.force_off, lambda: _off(machine))


def _graceful_off(machine: Machine) -> None:
    """An operating system has to hear it; without one the request is lost, as on real machines."""
    if machine.host.stage != "os":
        machine.effect("shutdown-unheard", stage=machine.host.stage)
        return
    machine.host.power = "PoweringOff"
    _soon(machine, machine.model.times.graceful_off, lambda: _off(machine))


def _off(machine: Machine) -> None:
    booting.stop(machine)
    machine.host.power = "Off"
    machine.host.stage = "off"
    machine.host.off_since = machine.now()
    machine.effect("power", state="Off")


def _restart(machine: Machine) -> None:
    booting.stop(machine)
    _soon(machine, 0, lambda: booting.start(machine))


def _graceful_restart(machine: Machine) -> None:
    if machine.host.stage != "os":
        machine.effect("shutdown-unheard", stage=machine.host.stage)
        return
    booting.stop(machine)
    _soon(machine, machine.model.times.graceful_off, lambda: booting.start(machine))


def _cycle(machine: Machine) -> None:
    booting.stop(machine)
    machine.host.power = "PoweringOff"

    def on_again() -> None:
        _off(machine)
        booting.power_was_cut(machine)
        _on(machine)

    _soon(machine, machine.model.times.force_off, on_again)


def _nmi(machine: Machine) -> None:
    machine.effect("nmi")


def lose_mains(machine: Machine) -> None:
    """Everything loses power: staged firmware of every kind starts, the controller included."""
    booting.stop(machine)
    machine.host.power = "Off"
    machine.host.stage = "off"
    machine.host.off_since = machine.now()
    machine.effect("mains-cut")


def _soon(machine: Machine, seconds: float, action: Callable[[], None]) -> None:
    seconds *= machine.conditions.reset_factor
    machine.host.coming.append(machine.after(seconds, action))


_ACTIONS: dict[str, Callable[[Machine], None]] = {
    "On": _on,
    "ForceOn": _on,
    "ForceOff": _force_off,
    "GracefulShutdown": _graceful_off,
    "GracefulRestart": _graceful_restart,
    "ForceRestart": _restart,
    "PowerCycle": _cycle,
    "Nmi": _nmi,
}
