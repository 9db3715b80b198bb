"""Fleets of controllers, and what truly boots behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aifactory_iac.lab.inventory import Inventory, Machine
from aifactory_iac.lab.parts.part import ROOM, Absent, Part, Shared, count
from aifactory_iac.lab.wish import Wish

NO_REFERENCE = "lab:bmc"
"""Credentials of controllers for which the blueprint names none."""
ANY_MACHINE = "generic"


def fleets(wanted: Inventory, wish: Wish, shared: Shared) -> Iterator[Part | Absent]:
    """One fleet for each secret, since all controllers of a fleet have the same account."""
    by_secret: dict[str, list[Machine]] = {}
    for machine in wanted.machines:
        by_secret.setdefault(machine.credentials or NO_REFERENCE, []).append(machine)
    for number, (reference, machines) in enumerate(sorted(by_secret.items()), start=1):
        name = "bmc" if len(by_secret) == 1 else f"bmc-{number}"
        yield _fleet(name, machines, shared.credentials[reference], wish, shared)
        boots = [machine for machine in machines if machine.host in wish.boots]
        if boots:
            yield _booting(name, boots, shared)
    if not wanted.machines:
        yield Absent("bmc", "the target has no machines of one's own")


def model_of(system: str) -> str:
    """The emulator's model of a catalog system: its own, that of its family, or any machine."""
    from aifactory_iac.lab.redfish.model import names

    words = system.split("-")
    families = ("-".join(words[:end]) for end in range(len(words), 0, -1))
    return next((family for family in families if family in names()), ANY_MACHINE)


def _fleet(name: str, machines: list[Machine], account: str, wish: Wish, shared: Shared) -> Part:
    sites = sorted({machine.site for machine in machines})
    return Part(
        name=name,
        kind="bmc",
        module=f"{ROOM}.redfish",
        what=f"{count(len(machines), 'machine')} at {', '.join(sites)}",
        document={
            "schemaVersion": 1,
            "credentials": account,
            "tls": {"cert": str(shared.certificate), "key": str(shared.key)},
            "log": str(shared.folder / name / "witness.jsonl"),
            "faults": str(shared.machine_faults),
            "pace": wish.pace,
            "machines": [_machine(machine) for machine in machines],
        },
    )


def _machine(machine: Machine) -> dict[str, Any]:
    return {
        "name": machine.host,
        "address": machine.bmc,
        "serial": machine.identity.serial,
        "uuid": machine.identity.uuid,
        "macs": list(machine.identity.macs),
        "model": model_of(machine.system),
    }


def _booting(fleet: str, machines: list[Machine], shared: Shared) -> Part:
    name = fleet.replace("bmc", "boot", 1)
    return Part(
        name=name,
        kind="boot",
        module=f"{ROOM}.boot",
        what=f"{count(len(machines), 'machine')} in QEMU",
        document={
            "folder": str(shared.folder / name),
            "log": str(shared.folder / fleet / "witness.jsonl"),
            "ca": str(shared.ca),
            "machines": [
                {
                    "name": machine.host,
                    "uuid": machine.identity.uuid,
                    "serial": machine.identity.serial,
                    "mac": machine.identity.macs[0],
                }
                for machine in machines
            ],
        },
    )
