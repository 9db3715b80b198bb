"""Computer systems: sushy-tools' resource, with what it lacks laid over it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aifactory_iac.lab.redfish.plant import boot_settings, power
from aifactory_iac.lab.redfish.plant.refusal import wrong_type
from aifactory_iac.lab.redfish.plant.state import Machine
from aifactory_iac.lab.redfish.service import boot, media
from aifactory_iac.lab.redfish.service.bodies import only, parameter
from aifactory_iac.lab.redfish.service.exchange import DONE, Answer, Request, collection, link
from aifactory_iac.lab.redfish.service.paths import CHASSIS, MANAGERS, SYSTEMS, host_of, system_of
from aifactory_iac.lab.redfish.service.router import Route
from aifactory_iac.lab.redfish.sushy.application import Below

_HOST_ONLY = ("Boot", "Bios", "SecureBoot", "VirtualMedia", "Actions", "BiosVersion", "Storage")


class Systems:
    """Handlers that need sushy-tools below them."""

    def __init__(self, below: Below) -> None:
        self._below = below

    def routes(self) -> tuple[Route, ...]:
        """The systems themselves, and secure boot."""
        one = f"{SYSTEMS}/{{system}}"
        return (
            Route("GET", SYSTEMS, _list),
            Route("GET", one, self._get),
            Route("PATCH", one, self._patch),
            Route("POST", f"{one}/Actions/ComputerSystem.Reset", self._reset),
            Route("GET", f"{one}/SecureBoot", self._secure_boot),
            Route("PATCH", f"{one}/SecureBoot", self._set_secure_boot),
        )

    def _get(self, machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
        system = system_of(machine, names)
        path = f"{SYSTEMS}/{system.id}"
        body = self._below.get(machine, system.id)
        body |= {
            "@odata.type": "#ComputerSystem.v1_22_0.ComputerSystem",
            "Name": system.id,
            "UUID": machine.controller_uuid(system.id),
            "Manufacturer": system.manufacturer,
            "Model": system.model,
            "SystemType": "Physical",
            "Links": {
                "Chassis": [link(f"{CHASSIS}/{name}") for name in system.chassis],
                "ManagedBy": [link(f"{MANAGERS}/{name}") for name in system.managers],
            },
        }
        if system.kind == "host":
            body |= _host(machine, path)
            if not media.path_of(machine).startswith(path):
                body.pop("VirtualMedia")
        else:
            for name in _HOST_ONLY:
                body.pop(name, None)
        return Answer(body=body)

    def _patch(self, machine: Machine, request: Request, names: Mapping[str, str]) -> Answer:
        system = host_of(machine, names)
        document = request.document()
        only(document, {"Boot", "IndicatorLED"})
        if "Boot" in document:
            boot_settings.write(machine, document["Boot"])
        if "IndicatorLED" in document:
            wish = {"IndicatorLED": document["IndicatorLED"]}
            self._below.send(machine, system.id, "PATCH", "", wish)
        return DONE

    def _reset(self, machine: Machine, request: Request, names: Mapping[str, str]) -> Answer:
        system = host_of(machine, names)
        reset_type = parameter(request, "ResetType")
        power.check(machine, reset_type)
        rest = "/Actions/ComputerSystem.Reset"
        self._below.send(machine, system.id, "POST", rest, {"ResetType": reset_type})
        return DONE

    def _secure_boot(self, machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
        system = host_of(machine, names)
        body = self._below.get(machine, system.id, "/SecureBoot")
        return Answer(
            body=body
            | {
                "SecureBootCurrentBoot": "Enabled" if machine.host.secure_boot else "Disabled",
                "SecureBootMode": "DeployedMode" if machine.host.secure_boot else "UserMode",
            }
        )

    def _set_secure_boot(
        self, machine: Machine, request: Request, names: Mapping[str, str]
    ) -> Answer:
        system = host_of(machine, names)
        document = request.document()
        only(document, {"SecureBootEnable"})
        wanted = document.get("SecureBootEnable")
        if not isinstance(wanted, bool):
            raise wrong_type(wanted, "SecureBootEnable")
        self._below.send(machine, system.id, "PATCH", "/SecureBoot", document)
        machine.effect("secure-boot-set", enabled=wanted)
        return DONE


def _list(machine: Machine, _request: Request, _names: Mapping[str, str]) -> Answer:
    names = [system.id for system in machine.model.systems]
    return collection(SYSTEMS, "ComputerSystem", "Computer System Collection", names)


def _host(machine: Machine, path: str) -> dict[str, Any]:
    spec, conditions = machine.spec, machine.conditions
    return {
        "UUID": conditions.uuid or spec.uuid,
        "SerialNumber": conditions.serial or spec.serial,
        "HostName": spec.name,
        "Boot": boot.told(machine),
        "Bios": link(f"{path}/Bios"),
        "Actions": {
            "#ComputerSystem.Reset": {
                "target": f"{path}/Actions/ComputerSystem.Reset",
                "ResetType@Redfish.AllowableValues": list(power.RESET_TYPES),
            }
        },
        **boot.settings_of(machine),
        **_progress(machine),
    }


_PROGRESS = {
    "off": "None",
    "post": "SystemHardwareInitializationComplete",
    "booting": "OSBootStarted",
    "os": "OSRunning",
    "loading": "OSBootStarted",
    "installer": "OSBootStarted",
    "installer-waits": "OSBootStarted",
    "no-boot-device": "SetupEntered",
}


def _progress(machine: Machine) -> dict[str, Any]:
    if not machine.model.boot.progress:
        return {}
    told: dict[str, Any] = {"BootProgress": {"LastState": _PROGRESS[machine.host.stage]}}
    if machine.host.last_reset is not None:
        reset = datetime.fromtimestamp(machine.host.last_reset, UTC)
        told["LastResetTime"] = reset.strftime("%Y-%m-%dT%H:%M:%SZ")
    return told
