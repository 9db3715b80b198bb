"""Boot settings: the system's own, its settings resource, and its boot options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aifactory_iac.lab.redfish.plant import boot_settings
from aifactory_iac.lab.redfish.plant.refusal import missing, not_found
from aifactory_iac.lab.redfish.plant.state import Machine
from aifactory_iac.lab.redfish.service.bodies import only
from aifactory_iac.lab.redfish.service.exchange import (
    DONE,
    Answer,
    Request,
    collection,
    link,
    resource,
)
from aifactory_iac.lab.redfish.service.paths import SYSTEMS, host_of
from aifactory_iac.lab.redfish.service.router import Route


def told(machine: Machine) -> dict[str, Any]:
    """The `Boot` object of the system."""
    boot, override = machine.model.boot, machine.host.override
    return {
        "BootSourceOverrideEnabled": override.enabled,
        "BootSourceOverrideEnabled@Redfish.AllowableValues": list(boot_settings.ENABLED),
        "BootSourceOverrideTarget": override.target,
        "BootSourceOverrideTarget@Redfish.AllowableValues": list(boot.targets),
        "BootSourceOverrideMode": override.mode,
        "BootSourceOverrideMode@Redfish.AllowableValues": list(boot.modes),
        "HttpBootUri": override.http_uri or None,
        "BootOrder": list(machine.host.boot_order),
        "BootOptions": link(f"{SYSTEMS}/{machine.model.host.id}/BootOptions"),
    }


def settings_of(machine: Machine) -> dict[str, Any]:
    """The annotation that leads to the settings resource, on makes that have one."""
    if not _has_settings(machine):
        return {}
    return {
        "@Redfish.Settings": {
            "@odata.type": "#Settings.v1_3_5.Settings",
            "SettingsObject": link(_settings_path(machine)),
            "SupportedApplyTimes": ["OnReset"],
        }
    }


def _has_settings(machine: Machine) -> bool:
    quirks = ("boot-through-settings", "boot-order-through-settings")
    return any(name in machine.model.quirks for name in quirks)


def _settings_path(machine: Machine) -> str:
    return f"{SYSTEMS}/{machine.model.host.id}/{machine.model.settings}"


def _settings_named(machine: Machine, names: Mapping[str, str]) -> None:
    host_of(machine, names)
    if not _has_settings(machine) or names["settings"] != machine.model.settings:
        raise not_found("Resource", names["settings"])


def _get(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    _settings_named(machine, names)
    future = boot_settings.future(machine)
    kind = "ComputerSystem.v1_22_0"
    return resource(_settings_path(machine), kind, "Future State", Boot=future)


def _patch(machine: Machine, request: Request, names: Mapping[str, str]) -> Answer:
    _settings_named(machine, names)
    document = request.document()
    only(document, {"Boot"})
    if "Boot" not in document:
        raise missing("Boot")
    boot_settings.write_future(machine, document["Boot"])
    return DONE


def _options(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    path = f"{SYSTEMS}/{host_of(machine, names).id}/BootOptions"
    return collection(path, "BootOption", "Boot Options", list(machine.model.boot.options))


def _option(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    system, reference = host_of(machine, names), names["option"]
    shown = machine.model.boot.options.get(reference)
    if shown is None:
        raise not_found("BootOption", reference)
    return resource(
        f"{SYSTEMS}/{system.id}/BootOptions/{reference}",
        "BootOption.v1_0_6",
        "Boot Option",
        BootOptionReference=reference,
        BootOptionEnabled=True,
        DisplayName=shown,
    )


ROUTES = (
    Route("GET", f"{SYSTEMS}/{{system}}/BootOptions", _options),
    Route("GET", f"{SYSTEMS}/{{system}}/BootOptions/{{option}}", _option),
    Route("GET", f"{SYSTEMS}/{{system}}/{{settings}}", _get),
    Route("PATCH", f"{SYSTEMS}/{{system}}/{{settings}}", _patch),
)
