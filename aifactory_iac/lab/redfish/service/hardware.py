"""What is inside a system: processors, memory, storage, network ports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aifactory_iac.lab.redfish.model import Part
from aifactory_iac.lab.redfish.plant import erasing
from aifactory_iac.lab.redfish.plant.refusal import not_found
from aifactory_iac.lab.redfish.plant.state import Machine
from aifactory_iac.lab.redfish.service.exchange import Answer, Request, collection, resource
from aifactory_iac.lab.redfish.service.paths import SYSTEMS, system_of
from aifactory_iac.lab.redfish.service.router import Route
from aifactory_iac.lab.redfish.service.tasks import accepted
from aifactory_iac.lab.redfish.sushy.application import Below

_ERASE = "Actions/Drive.SecureErase"
_HEALTHY = {"State": "Enabled", "Health": "OK"}


class Hardware:
    """Handlers that show sushy-tools' resources with the facts of the model in them."""

    def __init__(self, below: Below) -> None:
        self._below = below

    def routes(self) -> tuple[Route, ...]:
        """Everything below a system that only can be read."""
        one = f"{SYSTEMS}/{{system}}"
        return (
            Route("GET", f"{one}/Processors", _processors),
            Route("GET", f"{one}/Processors/{{part}}", self._processor),
            Route("GET", f"{one}/Memory", _modules),
            Route("GET", f"{one}/Memory/{{part}}", _module),
            Route("GET", f"{one}/Storage", self._as_below),
            Route("GET", f"{one}/Storage/{{storage}}", self._storage),
            Route("GET", f"{one}/Storage/{{storage}}/Drives/{{part}}", self._drive),
            Route("POST", f"{one}/Storage/{{storage}}/Drives/{{part}}/{_ERASE}", self._erase),
            Route("GET", f"{one}/EthernetInterfaces", self._as_below),
            Route("GET", f"{one}/EthernetInterfaces/{{part}}", self._port),
        )

    def _as_below(self, machine: Machine, request: Request, names: Mapping[str, str]) -> Answer:
        system = system_of(machine, names)
        rest = request.path.removeprefix(f"{SYSTEMS}/{system.id}")
        return Answer(body=self._below.get(machine, system.id, rest))

    def _processor(self, machine: Machine, request: Request, names: Mapping[str, str]) -> Answer:
        system = system_of(machine, names)
        part = _part(system.processors, names["part"], "Processor")
        if part.detail.get("ProcessorType") != "CPU":
            return _told(request.path, "Processor.v1_20_0", machine, part, names["part"])
        body = dict(self._as_below(machine, request, names).body or {})
        return Answer(body=body | {"Manufacturer": part.manufacturer, **part.detail})

    def _storage(self, machine: Machine, request: Request, names: Mapping[str, str]) -> Answer:
        body = dict(self._as_below(machine, request, names).body or {})
        # Volumes are sushy-tools' libvirt pools; our machines have none.
        body.pop("Volumes", None)
        return Answer(body=body | {"@odata.type": "#Storage.v1_17_0.Storage"})

    def _drive(self, machine: Machine, request: Request, names: Mapping[str, str]) -> Answer:
        part = _part(system_of(machine, names).drives, names["part"], "Drive")
        body = dict(self._as_below(machine, request, names).body or {})
        for invented in ("RotationSpeedRPM", "HotspareType", "Revision"):
            body.pop(invented, None)
        return Answer(
            body=body
            | {
                "Manufacturer": part.manufacturer,
                "Model": part.model,
                "PartNumber": part.model,
                "SerialNumber": _serial(machine, names["part"]),
                "Actions": {"#Drive.SecureErase": {"target": f"{request.path}/{_ERASE}"}},
                **part.detail,
            }
        )

    def _erase(self, machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
        _part(system_of(machine, names).drives, names["part"], "Drive")
        return accepted(erasing.erase(machine, names["part"]))

    def _port(self, machine: Machine, request: Request, names: Mapping[str, str]) -> Answer:
        body = dict(self._as_below(machine, request, names).body or {})
        up = machine.host.power == "On"
        return Answer(
            body=body
            | {
                "Name": names["part"],
                "InterfaceEnabled": True,
                "LinkStatus": "LinkUp" if up else "LinkDown",
            }
        )


def _processors(machine: Machine, request: Request, names: Mapping[str, str]) -> Answer:
    members = _ids(system_of(machine, names).processors)
    return collection(request.path, "Processor", "Processors Collection", members)


def _modules(machine: Machine, request: Request, names: Mapping[str, str]) -> Answer:
    members = _ids(system_of(machine, names).memory)
    return collection(request.path, "Memory", "Memory Module Collection", members)


def _module(machine: Machine, request: Request, names: Mapping[str, str]) -> Answer:
    part = _part(system_of(machine, names).memory, names["part"], "Memory")
    return _told(request.path, "Memory.v1_20_0", machine, part, names["part"])


def _ids(parts: tuple[Part, ...]) -> list[str]:
    return [name for part in parts for name in part.ids()]


def _part(parts: tuple[Part, ...], name: str, kind: str) -> Part:
    for part in parts:
        if name in part.ids():
            return part
    raise not_found(kind, name)


def _told(path: str, kind: str, machine: Machine, part: Part, name: str) -> Answer:
    facts: dict[str, Any] = {
        "Manufacturer": part.manufacturer,
        "Model": part.model,
        "SerialNumber": _serial(machine, name),
        "Status": _HEALTHY,
        **part.detail,
    }
    return resource(path, kind, name, **facts)


def _serial(machine: Machine, name: str) -> str:
    return f"{machine.spec.serial}-{name}"
