"""A brownfield fleet, adopted without a write: who each machine is, as it says itself.

What comes out goes into the `machines` of a node group, where it is checked before every write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from aifactory_iac.providers.inventory.drift import paired
from aifactory_iac.providers.inventory.values import Intended, Inventory
from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.intent import Controller, MachineIntent
from aifactory_iac.providers.machine.provisioner import Provisioner


@dataclass(frozen=True, slots=True)
class Adopted:
    """Identities by machine, and why others have none."""

    machines: Mapping[str, Identity] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)

    def entries(self) -> dict[str, dict[str, Any]]:
        """What is merged into the `machines` of a node group; what is not known is left out."""
        return {
            name: {
                **({"serial": each.serial} if each.serial else {}),
                **({"uuid": each.uuid} if each.uuid else {}),
                **({"macs": list(each.macs)} if each.macs else {}),
            }
            for name, each in sorted(self.machines.items())
        }


async def asked(
    machines: Sequence[Intended],
    reached: Controller,
    provisioner: Provisioner,
    parallel: int = 32,
) -> Adopted:
    """What the machines' own controllers say, `parallel` at a time; only `observe` is called.

    `reached` says how all of them are reached; the address is each machine's own.
    """
    turns = asyncio.Semaphore(parallel)

    async def ask(machine: Intended) -> tuple[str, Identity | None, str]:
        if not machine.controller:
            return machine.name, None, "has no controller's address"
        intent = MachineIntent(
            name=machine.name,
            controller=replace(reached, address=machine.controller),
            identity=machine.declared,
            owner="observed",
        )
        async with turns:
            result = await provisioner.observe(intent, None)
        return machine.name, None if result.error else result.identity, result.error

    answers = await asyncio.gather(*(ask(machine) for machine in machines))
    found = {name: identity for name, identity, _error in answers if identity is not None}
    twice = _shared(found)
    return Adopted(
        {name: identity for name, identity in found.items() if name not in twice},
        {name: error for name, _identity, error in answers if error} | twice,
    )


def recorded(inventory: Inventory, machines: Sequence[Intended]) -> Adopted:
    """What the inventory says of who each machine is; a record is a claim, not a look."""
    pairs = paired(inventory.devices, machines)
    found = {name: device.identity for name, device in pairs.items() if device.identity.known}
    missing = {
        machine.name: "is not in the inventory, or without serial number and MAC addresses there"
        for machine in machines
        if machine.name not in found
    }
    twice = _shared(found)
    return Adopted(
        {name: identity for name, identity in found.items() if name not in twice}, missing | twice
    )


def with_seen(machines: Iterable[Intended], adopted: Adopted) -> tuple[Intended, ...]:
    """The machines with what their controllers said, for the drift report."""
    return tuple(replace(each, seen=adopted.machines.get(each.name)) for each in machines)


def _shared(found: Mapping[str, Identity]) -> dict[str, str]:
    """Machines that share a serial number, UUID or MAC address: none of them is adopted."""
    owners: dict[tuple[str, str], list[str]] = {}
    for name, identity in sorted(found.items()):
        for what, value in (
            ("serial number", identity.serial),
            ("UUID", identity.uuid),
            *(("MAC address", mac) for mac in identity.macs),
        ):
            if value:
                owners.setdefault((what, value), []).append(name)
    return {
        name: f"has the {what} {value} of {', '.join(each for each in names if each != name)}"
        for (what, value), names in owners.items()
        if len(names) > 1
        for name in names
    }
