"""Chassis: serial numbers, watts, and the plug."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aifactory_iac.lab.redfish.model import ChassisModel
from aifactory_iac.lab.redfish.plant import controller, power
from aifactory_iac.lab.redfish.plant.refusal import not_found, not_in_list
from aifactory_iac.lab.redfish.plant.state import Machine
from aifactory_iac.lab.redfish.service.bodies import parameter
from aifactory_iac.lab.redfish.service.exchange import (
    DONE,
    Answer,
    Request,
    collection,
    link,
    resource,
)
from aifactory_iac.lab.redfish.service.paths import CHASSIS, MANAGERS, SYSTEMS, chassis_of
from aifactory_iac.lab.redfish.service.router import Route

_RESETS = ("PowerCycle",)


def _list(machine: Machine, _request: Request, _names: Mapping[str, str]) -> Answer:
    members = [name for chassis in machine.model.chassis for name in chassis.ids()]
    return collection(CHASSIS, "Chassis", "Chassis Collection", members)


def _get(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    chassis, name = chassis_of(machine, names), names["chassis"]
    path = f"{CHASSIS}/{name}"
    systems = [system for system in machine.model.systems if name in system.chassis]
    managers = dict.fromkeys(manager for system in systems for manager in system.managers)
    return resource(
        path,
        "Chassis.v1_25_1",
        name,
        ChassisType=chassis.type,
        Manufacturer=chassis.manufacturer,
        Model=chassis.model,
        PartNumber=chassis.part_number,
        SerialNumber=serial(machine, chassis, name),
        PowerState="On" if machine.host.power == "On" else "Off",
        Status={"State": "Enabled", "Health": "OK"},
        **_power_links(chassis, path),
        Links={
            "ComputerSystems": [link(f"{SYSTEMS}/{system.id}") for system in systems],
            "ManagedBy": [link(f"{MANAGERS}/{manager}") for manager in managers],
        },
        Actions=_actions(chassis, path),
    )


def serial(machine: Machine, chassis: ChassisModel, name: str) -> str:
    """Whose serial number a chassis carries is the model's word; parts have their own."""
    spec = machine.spec
    told = machine.conditions.serial
    if chassis.serial == "system":
        return told or spec.serial
    if chassis.serial == "chassis":
        return told or spec.chassis_serial or spec.serial
    return f"{spec.serial}-{name}"


def _power_links(chassis: ChassisModel, path: str) -> dict[str, Any]:
    if not chassis.power:
        return {}
    return {
        "PowerSubsystem": link(f"{path}/PowerSubsystem"),
        "EnvironmentMetrics": link(f"{path}/EnvironmentMetrics"),
        "Power": link(f"{path}/Power"),
    }


def _actions(chassis: ChassisModel, path: str) -> dict[str, Any]:
    actions: dict[str, Any] = {}
    if chassis.power:
        actions["#Chassis.Reset"] = {
            "target": f"{path}/Actions/Chassis.Reset",
            "ResetType@Redfish.AllowableValues": list(_RESETS),
        }
    if chassis.aux_power_reset:
        actions["Oem"] = {
            "#NvidiaChassis.AuxPowerReset": {
                "target": f"{path}/Actions/Oem/NvidiaChassis.AuxPowerReset",
                "ResetType@Redfish.AllowableValues": list(controller.AUX_RESET_TYPES),
            }
        }
    return actions


def watts(machine: Machine) -> int:
    """What the machine draws now: POST and installers work hard, an idle system does not."""
    draw, host = machine.model.watts, machine.host
    if host.power in ("Off", "PoweringOn"):
        return draw.off
    return draw.busy if host.stage in ("post", "installer") else draw.idle


def _powered(machine: Machine, names: Mapping[str, str]) -> str:
    chassis = chassis_of(machine, names)
    if not chassis.power:
        raise not_found("PowerSubsystem", names["chassis"])
    return f"{CHASSIS}/{names['chassis']}"


def _subsystem(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    path = f"{_powered(machine, names)}/PowerSubsystem"
    return resource(
        path,
        "PowerSubsystem.v1_1_2",
        "Power Subsystem",
        CapacityWatts=machine.model.watts.busy,
        Allocation={"AllocatedWatts": watts(machine)},
        Status={"State": "Enabled", "Health": "OK"},
    )


def _metrics(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    path = f"{_powered(machine, names)}/EnvironmentMetrics"
    return resource(
        path,
        "EnvironmentMetrics.v1_3_1",
        "Environment Metrics",
        PowerWatts={"Reading": watts(machine)},
    )


def _power(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    path = f"{_powered(machine, names)}/Power"
    control = {
        "@odata.id": f"{path}#/PowerControl/0",
        "MemberId": "0",
        "Name": "System Power Control",
        "PowerConsumedWatts": watts(machine),
        "PowerCapacityWatts": machine.model.watts.busy,
    }
    return resource(path, "Power.v1_7_2", "Power", PowerControl=[control])


def _reset(machine: Machine, request: Request, names: Mapping[str, str]) -> Answer:
    _powered(machine, names)
    reset_type = parameter(request, "ResetType")
    if reset_type not in _RESETS:
        raise not_in_list(reset_type, "ResetType")
    power.check(machine, reset_type)
    power.reset(machine, reset_type)
    return DONE


def _take_mains(machine: Machine, request: Request, names: Mapping[str, str]) -> Answer:
    chassis = chassis_of(machine, names)
    if not chassis.aux_power_reset:
        raise not_found("Action", "NvidiaChassis.AuxPowerReset")
    controller.take_mains(machine, parameter(request, "ResetType"))
    return DONE


_ONE = f"{CHASSIS}/{{chassis}}"
ROUTES = (
    Route("GET", CHASSIS, _list),
    Route("GET", _ONE, _get),
    Route("GET", f"{_ONE}/PowerSubsystem", _subsystem),
    Route("GET", f"{_ONE}/EnvironmentMetrics", _metrics),
    Route("GET", f"{_ONE}/Power", _power),
    Route("POST", f"{_ONE}/Actions/Chassis.Reset", _reset),
    Route("POST", f"{_ONE}/Actions/Oem/NvidiaChassis.AuxPowerReset", _take_mains),
)
