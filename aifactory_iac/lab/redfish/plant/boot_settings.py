"""The `Boot` object: what may be written to it, and where it goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aifactory_iac.lab.redfish.plant.refusal import (
    RefusalError,
    not_in_list,
    together,
    unknown_property,
    wrong_type,
)
from aifactory_iac.lab.redfish.plant.state import Machine, Override

_FIELDS = {
    "BootSourceOverrideEnabled": "enabled",
    "BootSourceOverrideTarget": "target",
    "BootSourceOverrideMode": "mode",
    "HttpBootUri": "http_uri",
}
ENABLED = ("Disabled", "Once", "Continuous")


def write(machine: Machine, boot: Any) -> None:
    """Takes effect at once. Raises `RefusalError` with everything that is wrong with it."""
    if not isinstance(boot, Mapping):
        raise wrong_type(boot, "Boot")
    _through_settings_only(machine, boot)
    check(machine, boot)
    if "BootOrder" in boot:
        machine.host.boot_order = list(boot["BootOrder"])
    override(machine, boot)
    machine.effect("boot-set", boot=dict(boot))


def write_future(machine: Machine, boot: Any) -> None:
    """Waits for the next boot. Raises `RefusalError` likewise."""
    if not isinstance(boot, Mapping):
        raise wrong_type(boot, "Boot")
    check(machine, boot)
    machine.host.pending_boot.update(boot)
    machine.effect("boot-set", boot=dict(boot), future=True)


def override(machine: Machine, boot: Mapping[str, Any]) -> None:
    """Writes the override; disabling it clears the target and the URI that are not sent along."""
    now = machine.host.override
    for name, field in _FIELDS.items():
        if name in boot:
            setattr(now, field, boot[name] or "")
    if now.enabled == "Disabled":
        kept = boot.get("BootSourceOverrideTarget", "None")
        machine.host.override = Override(target=kept, mode=now.mode)
    tell(machine)


def tell(machine: Machine) -> None:
    """Says in the log what the override is now."""
    now = machine.host.override
    machine.effect("override", enabled=now.enabled, target=now.target, mode=now.mode)


def future(machine: Machine) -> dict[str, Any]:
    """The `Boot` object of the settings resource: what is now, with what waits laid over it."""
    now = machine.host.override
    current = {name: getattr(now, field) or None for name, field in _FIELDS.items()}
    return {**current, "BootOrder": list(machine.host.boot_order), **machine.host.pending_boot}


def _through_settings_only(machine: Machine, boot: Mapping[str, Any]) -> None:
    """Some makes take parts of it, or all of it, through their settings resource only."""
    path = f"/redfish/v1/Systems/{machine.model.host.id}"
    if quirk := machine.model.quirk("boot-through-settings"):
        raise RefusalError(
            400,
            "OperationSupportedInFutureStateURI",
            "Support of this Operation for Boot Properties is moved to FutureState "
            f"URI({path}/{quirk.value})",
            registry="Ami.1.0",
            resolution="Retry the operation on FutureState URI.",
        )
    if "BootOrder" in boot and machine.model.quirk("boot-order-through-settings"):
        raise RefusalError(
            400,
            "PropertyNotWritable",
            "The property Boot is a read-only property and cannot be assigned a value.",
            arguments=("Boot",),
            about=("#/Boot",),
            resolution="Remove the property from the request body and resubmit the request if the "
            "operation failed.",
        )


def check(machine: Machine, boot: Mapping[str, Any]) -> None:
    """Raises `RefusalError` with everything that is wrong with a `Boot` object."""
    model = machine.model.boot
    allowed = {
        "BootSourceOverrideEnabled": ENABLED,
        "BootSourceOverrideTarget": model.targets,
        "BootSourceOverrideMode": model.modes,
    }
    problems: list[RefusalError] = []
    for name, value in boot.items():
        path = f"Boot/{name}"
        if name == "BootOrder":
            problems += _order_problems(machine, value)
        elif name not in _FIELDS:
            problems.append(unknown_property(path))
        elif not isinstance(value, str) and not (value is None and name == "HttpBootUri"):
            problems.append(wrong_type(value, path))
        elif name in allowed and value not in allowed[name]:
            problems.append(not_in_list(value, path))
    if problems:
        raise together(problems)


def _order_problems(machine: Machine, order: Any) -> list[RefusalError]:
    if not isinstance(order, list) or not all(isinstance(item, str) for item in order):
        return [wrong_type(order, "Boot/BootOrder")]
    known = machine.model.boot.options
    return [not_in_list(item, "Boot/BootOrder") for item in order if item not in known]
