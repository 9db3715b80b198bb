"""Computer systems: sushy-tools' resources, with what it lacks laid over them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aifactory_iac.lab.redfish.model import SystemModel
from aifactory_iac.lab.redfish.plant import power
from aifactory_iac.lab.redfish.plant.refusal import missing, not_found, unknown_property
from aifactory_iac.lab.redfish.plant.state import Machine
from aifactory_iac.lab.redfish.service.exchange import DONE, Answer, Request, collection, link
from aifactory_iac.lab.redfish.service.router import Route
from aifactory_iac.lab.redfish.sushy.application import Below

SYSTEMS = "/redfish/v1/Systems"


def system_of(machine: Machine, names: Mapping[str, str]) -> SystemModel:
    """The system that the path names. Raises `RefusalError`."""
    for system in machine.model.systems:
        if system.id == names["system"]:
            return system
    raise not_found("ComputerSystem", names["system"])


def host_of(machine: Machine, names: Mapping[str, str]) -> SystemModel:
    """The same, when it is the one with power and boot. Raises `RefusalError`."""
    system = system_of(machine, names)
    if system.kind != "host":
        raise not_found("Resource", f"of {system.id}, which has no power or boot of its own")
    return system


class Systems:
    """Handlers that need sushy-tools below them."""

    def __init__(self, below: Below) -> None:
        self._below = below

    def routes(self) -> tuple[Route, ...]:
        """Everything at and below `/redfish/v1/Systems`."""
        one = f"{SYSTEMS}/{{system}}"
        return (
            Route("GET", SYSTEMS, _list),
            Route("GET", one, self._get),
            Route("POST", f"{one}/Actions/ComputerSystem.Reset", self._reset),
        )

    def _get(self, machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
        system = system_of(machine, names)
        body = self._below.get(machine, system.id)
        path = f"{SYSTEMS}/{system.id}"
        spec, conditions = machine.spec, machine.conditions
        body |= {
            "Name": system.id,
            "Manufacturer": system.manufacturer,
            "Model": system.model,
            "SystemType": "Physical",
            "HostName": spec.name,
            "Links": {
                "Chassis": [link(f"/redfish/v1/Chassis/{name}") for name in system.chassis],
                "ManagedBy": [link(f"/redfish/v1/Managers/{name}") for name in system.managers],
            },
        }
        if system.kind == "host":
            body |= {
                "UUID": conditions.uuid or spec.uuid,
                "SerialNumber": conditions.serial or spec.serial,
                "Boot": _boot(machine),
                "Bios": link(f"{path}/Bios"),
                "Actions": _actions(path),
                **_progress(machine),
            }
        else:
            for name in ("Boot", "Bios", "SecureBoot", "VirtualMedia", "Actions", "BiosVersion"):
                body.pop(name, None)
        return Answer(body=body)

    def _reset(self, machine: Machine, request: Request, names: Mapping[str, str]) -> Answer:
        system = host_of(machine, names)
        document = request.document()
        if "ResetType" not in document:
            raise missing("ResetType")
        for name in document:
            if name != "ResetType":
                raise unknown_property(name)
        power.check(machine, document["ResetType"])
        rest = "/Actions/ComputerSystem.Reset"
        self._below.send(machine, system.id, "POST", rest, document)
        return DONE


def _list(machine: Machine, _request: Request, _names: Mapping[str, str]) -> Answer:
    names = [system.id for system in machine.model.systems]
    return collection(SYSTEMS, "ComputerSystem", "Computer System Collection", names)


def _boot(machine: Machine) -> dict[str, Any]:
    boot, override = machine.model.boot, machine.host.override
    return {
        "BootSourceOverrideEnabled": override.enabled,
        "BootSourceOverrideEnabled@Redfish.AllowableValues": ["Disabled", "Once", "Continuous"],
        "BootSourceOverrideTarget": override.target,
        "BootSourceOverrideTarget@Redfish.AllowableValues": list(boot.targets),
        "BootSourceOverrideMode": override.mode,
        "BootSourceOverrideMode@Redfish.AllowableValues": list(boot.modes),
        "HttpBootUri": override.http_uri,
        "BootOrder": list(machine.host.boot_order),
        "BootOptions": link(f"{SYSTEMS}/{machine.model.host.id}/BootOptions"),
    }


def _actions(path: str) -> dict[str, Any]:
    return {
        "#ComputerSystem.Reset": {
            "target": f"{path}/Actions/ComputerSystem.Reset",
            "ResetType@Redfish.AllowableValues": list(power.RESET_TYPES),
        }
    }


_PROGRESS = {
    "off": "None",
    "post": "SystemHardwareInitializationComplete",
    "booting": "OSBootStarted",
    "os": "OSRunning",
    "installer": "OSBootStarted",
    "no-boot-device": "SetupEntered",
}


def _progress(machine: Machine) -> dict[str, Any]:
    if not machine.model.boot.progress:
        return {}
    told: dict[str, Any] = {"BootProgress": {"LastState": _PROGRESS[machine.host.stage]}}
    if machine.host.last_reset is not None:
        told["LastResetTime"] = stamp(machine.host.last_reset)
    return told


def stamp(clock: float) -> str:
    """A time on the agenda's clock, as Redfish writes times."""
    return datetime.fromtimestamp(clock, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
