"""Names in paths, and what they stand for on a machine."""

from __future__ import annotations

from collections.abc import Mapping

from aifactory_iac.lab.redfish.model import ChassisModel, ManagerModel, SystemModel
from aifactory_iac.lab.redfish.plant.refusal import busy, not_found
from aifactory_iac.lab.redfish.plant.state import Machine

SYSTEMS = "/redfish/v1/Systems"
MANAGERS = "/redfish/v1/Managers"
CHASSIS = "/redfish/v1/Chassis"


def system_of(machine: Machine, names: Mapping[str, str]) -> SystemModel:
    """The system that the path names. Raises `RefusalError`."""
    for system in machine.model.systems:
        if system.id == names["system"]:
            _is_there(machine, system.id)
            return system
    raise not_found("ComputerSystem", names["system"])


def host_of(machine: Machine, names: Mapping[str, str]) -> SystemModel:
    """The same, when it is the one with power and boot. Raises `RefusalError`."""
    system = system_of(machine, names)
    if system.kind != "host":
        raise not_found("Resource", f"of {system.id}, which has no power or boot of its own")
    return system


def manager_of(machine: Machine, names: Mapping[str, str]) -> ManagerModel:
    """The manager that the path names. Raises `RefusalError`."""
    for manager in machine.model.managers:
        if manager.id == names["manager"]:
            _is_there(machine, manager.id)
            return manager
    raise not_found("Manager", names["manager"])


def chassis_of(machine: Machine, names: Mapping[str, str]) -> ChassisModel:
    """The chassis that the path names. Raises `RefusalError`."""
    for chassis in machine.model.chassis:
        if names["chassis"] in chassis.ids():
            _is_there(machine, names["chassis"])
            return chassis
    raise not_found("Chassis", names["chassis"])


def _is_there(machine: Machine, name: str) -> None:
    """What the baseboard's controller answers for is away while that one starts."""
    wait = machine.baseboard_hidden_until - machine.now()
    if wait > 0 and name.startswith("HGX_"):
        raise busy(max(1, round(wait)))
