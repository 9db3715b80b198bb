"""Managers: the controllers themselves, and how they are reached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from aifactory_iac.lab.redfish.model import ManagerModel
from aifactory_iac.lab.redfish.plant import controller
from aifactory_iac.lab.redfish.plant.refusal import not_found
from aifactory_iac.lab.redfish.plant.state import Machine
from aifactory_iac.lab.redfish.service import media
from aifactory_iac.lab.redfish.service.bodies import parameter
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
    if machine.last_manager_reset is not None:
        reset = datetime.fromtimestamp(machine.last_manager_reset, UTC)
        own["LastResetTime"] = reset.strftime("%Y-%m-%dT%H:%M:%SZ")
    return own


def _reset(machine: Machine, request: Request, names: Mapping[str, str]) -> Answer:
    manager = manager_of(machine, names)
    controller.reset(machine, manager.id, parameter(request, "ResetType"))
    return DONE


def _protocol(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    manager = manager_of(machine, names)
    if manager is not machine.model.managers[0]:
        raise not_found("ManagerNetworkProtocol", manager.id)
    path = f"{MANAGERS}/{manager.id}/NetworkProtocol"
    return resource(
        path,
        "ManagerNetworkProtocol.v1_10_0",
        "Manager Network Protocol",
        HostName=f"{machine.spec.name}-bmc",
        HTTP={"ProtocolEnabled": False, "Port": 80},
        HTTPS={
            "ProtocolEnabled": True,
            "Port": 443,
            "Certificates": link(f"{path}/HTTPS/Certificates"),
        },
        SSH={"ProtocolEnabled": True, "Port": 22},
        IPMI={"ProtocolEnabled": False, "Port": 623},
    )


_ONE = f"{MANAGERS}/{{manager}}"
ROUTES = (
    Route("GET", MANAGERS, _list),
    Route("GET", _ONE, _get, volatile=True),
    Route("POST", f"{_ONE}/Actions/Manager.Reset", _reset),
    Route("GET", f"{_ONE}/NetworkProtocol", _protocol),
)
