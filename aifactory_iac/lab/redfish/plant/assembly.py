"""A machine as its specification and its model say, in the state in which it starts."""

from __future__ import annotations

from aifactory_iac.lab.redfish.agenda import Agenda
from aifactory_iac.lab.redfish.journal import Journal
from aifactory_iac.lab.redfish.model import Model, load
from aifactory_iac.lab.redfish.plant.state import (
    Account,
    Firmware,
    Host,
    Machine,
    Override,
    Slot,
    Stage,
)
from aifactory_iac.lab.redfish.spec import FleetSpec, Login, MachineSpec


def assemble(fleet: FleetSpec, agenda: Agenda, journal: Journal) -> list[Machine]:
    """All machines of a fleet. Raises `SpecError` when its credentials cannot be read."""
    login = fleet.login
    return [_machine(spec, fleet, login, agenda, journal) for spec in fleet.machines]


def _machine(
    spec: MachineSpec, fleet: FleetSpec, login: Login, agenda: Agenda, journal: Journal
) -> Machine:
    model = load(spec.model)
    return Machine(
        spec=spec,
        model=model,
        agenda=agenda,
        journal=journal,
        images=fleet.images,
        packages=fleet.packages,
        host=_host(spec, model),
        accounts=_accounts(spec, model, login),
        slots={name: Slot(types) for name, types in model.media.slots.items()},
        firmware={
            name: Firmware(component, spec.firmware.get(name, component.version))
            for name, component in model.components().items()
        },
        # A controller has started at some time: when its mains came on.
        last_manager_reset=agenda.clock(),
    )


def _host(spec: MachineSpec, model: Model) -> Host:
    stage: Stage = "off"
    if spec.power == "On":
        stage = "os" if spec.installed else "no-boot-device"
    return Host(
        power=spec.power,
        stage=stage,
        override=Override(mode=model.boot.modes[0]),
        boot_order=list(model.boot.options),
        bios={name: item.default for name, item in model.bios.items()} | dict(spec.bios),
        secure_boot=spec.secure_boot,
        secure_boot_next=spec.secure_boot,
        disk=spec.installed,
    )


def _accounts(spec: MachineSpec, model: Model, login: Login) -> dict[str, Account]:
    """By id. The factory's account has the first id, as controllers have it."""
    username, password = model.factory
    factory = Account(username, password, must_change=spec.factory_credential is True)
    own = Account(login.username, login.password)
    if spec.factory_credential is True:
        return {"1": factory}
    return {"1": factory, "2": own} if spec.factory_credential else {"1": own}
