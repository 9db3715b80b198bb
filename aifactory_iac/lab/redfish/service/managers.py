"""Managers: the controllers themselves, and how they are reached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from aifactory_iac.lab.redfish.model import ManagerModel
from aifactory_iac.lab.redfish.plant import controller
from aifactory_iac.lab.redfish.plant.refusal import not_found, not_in_list, wrong_type
from aifactory_iac.lab.redfish.plant.state import Machine
from aifactory_iac.lab.redfish.service import media
from aifactory_iac.lab.redfish.service.bodies import only, parameter
from aifactory_iac.lab.redfish.service.exchange import (
    DONE,
    Answer,
    Request,
    collection,
    link,
    resource,
)
from aifactory_iac.lab.redfish.service.paths import CHASSIS, MANAGERS, SYSTEMS, manager_of
from aifactory_iac.lab.redfish.service.router import Route


def _list(machine: Machine, _request: Request, _names: Mapping[str, str]) -> Answer:
    members = [manager.id for manager in machine.model.managers]
    return collection(MANAGERS, "Manager", "Manager Collection", members)


def _get(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    manager = manager_of(machine, names)
    path = f"{MANAGERS}/{manager.id}"
    answer = resource(
        path,
        "Manager.v1_19_1",
        "Manager",
        ManagerType=manager.type,
        UUID=machine.controller_uuid(manager.id),
        Model=machine.model.product,
        PowerState="On",
        Status={"State": "Enabled", "Health": "OK"},
        **_firmware(machine, manager),
        **_own(machine, manager, path),
        Links={
            "ManagerForServers": [
                link(f"{SYSTEMS}/{system.id}")
                for system in machine.model.systems
                if manager.id in system.managers
            ],
            "ManagerForChassis": [
                link(f"{CHASSIS}/{name}")
                for system in machine.model.systems
                if manager.id in system.managers
                for name in system.chassis
            ],
        },
        Actions={
            "#Manager.Reset": {
                "target": f"{path}/Actions/Manager.Reset",
                "ResetType@Redfish.AllowableValues": list(controller.RESET_TYPES),
            }
        },
    )
    now = datetime.fromtimestamp(machine.now(), UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    return Answer(body=answer.body, volatile={"DateTime": now, "DateTimeLocalOffset": "+00:00"})


def _firmware(machine: Machine, manager: ManagerModel) -> dict[str, object]:
    if manager.firmware is None:
        return {}
    return {"FirmwareVersion": machine.firmware[manager.firmware].running}


def _own(machine: Machine, manager: ManagerModel, path: str) -> dict[str, object]:
    """What only the controller that answers has."""
    if manager is not machine.model.managers[0]:
        return {}
    own: dict[str, object] = {"NetworkProtocol": link(f"{path}/NetworkProtocol")}
    if media.path_of(machine).startswith(path):
        own["VirtualMedia"] = link(media.path_of(machine))
    reset = datetime.fromtimestamp(machine.last_manager_reset, UTC)
    own["LastResetTime"] = reset.strftime("%Y-%m-%dT%H:%M:%SZ")
    return own


def _reset(machine: Machine, request: Request, names: Mapping[str, str]) -> Answer:
    manager = manager_of(machine, names)
    controller.reset(machine, manager.id, parameter(request, "ResetType"))
    return DONE


_PORTS = {"HTTP": 80, "HTTPS": 443, "SSH": 22, "IPMI": 623}


def _protocol_path(machine: Machine, names: Mapping[str, str]) -> str:
    manager = manager_of(machine, names)
    if manager is not machine.model.managers[0]:
        raise not_found("ManagerNetworkProtocol", manager.id)
    return f"{MANAGERS}/{manager.id}/NetworkProtocol"


def _protocol(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    path = _protocol_path(machine, names)
    told: dict[str, dict[str, object]] = {
        name: {"ProtocolEnabled": machine.protocols[name], "Port": port}
        for name, port in _PORTS.items()
    }
    told["HTTPS"]["Certificates"] = link(f"{path}/HTTPS/Certificates")
    return resource(
        path,
        "ManagerNetworkProtocol.v1_10_0",
        "Manager Network Protocol",
        HostName=f"{machine.spec.name}-bmc",
        **told,
    )


def _set_protocol(machine: Machine, request: Request, names: Mapping[str, str]) -> Answer:
    """Switches protocols on and off; nobody can switch off the one that is being spoken."""
    _protocol_path(machine, names)
    document = request.document()
    only(document, _PORTS)
    wanted = {name: _switch(name, value) for name, value in document.items() if name in _PORTS}
    machine.protocols |= wanted
    machine.effect("protocols-set", protocols=wanted)
    return DONE


def _switch(name: str, value: object) -> bool:
    on = value.get("ProtocolEnabled") if isinstance(value, dict) else None
    if not isinstance(on, bool):
        raise wrong_type(on, f"{name}/ProtocolEnabled")
    if name == "HTTPS" and not on:
        raise not_in_list(on, "HTTPS/ProtocolEnabled")
    return on


_ONE = f"{MANAGERS}/{{manager}}"
ROUTES = (
    Route("GET", MANAGERS, _list),
    Route("GET", _ONE, _get, volatile=True),
    Route("POST", f"{_ONE}/Actions/Manager.Reset", _reset),
    Route("GET", f"{_ONE}/NetworkProtocol", _protocol),
    Route("PATCH", f"{_ONE}/NetworkProtocol", _set_protocol),
)
