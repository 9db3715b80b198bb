"""Switches, each speaking what its own operating system speaks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from aifactory_iac.lab.inventory import Inventory, Switch
from aifactory_iac.lab.parts.part import ROOM, Absent, Part, Shared, count
from aifactory_iac.lab.wish import Wish

NO_REFERENCE = "lab:switches"
"""Credentials of switches for which the blueprint names none."""


def switches(wanted: Inventory, wish: Wish, shared: Shared) -> Iterator[Part | Absent]:
    """One process for each secret, since all switches of a process have the same account."""
    by_secret: dict[str, list[Switch]] = {}
    for switch in wanted.switches:
        by_secret.setdefault(switch.credentials or NO_REFERENCE, []).append(switch)
    for number, (reference, those) in enumerate(sorted(by_secret.items()), start=1):
        name = "switches" if len(by_secret) == 1 else f"switches-{number}"
        yield _part(name, those, shared.credentials[reference], wish, shared)
    if not wanted.switches:
        yield Absent("switches", "the target has no switches of one's own")


def _part(name: str, those: list[Switch], account: str, wish: Wish, shared: Shared) -> Part:
    systems = Counter(switch.os for switch in those)
    spread = ", ".join(f"{number:,} {system}" for system, number in sorted(systems.items()))
    folder = shared.folder / name
    return Part(
        name=name,
        kind="switches",
        module=f"{ROOM}.switches",
        what=f"{count(len(those), 'switch', 'switches')} ({spread})",
        document={
            "schemaVersion": 1,
            "credentials": account,
            "tls": {"cert": str(shared.certificate), "key": str(shared.key)},
            "known_hosts": str(folder / "known_hosts"),
            "log": str(folder / "witness.jsonl"),
            "faults": str(shared.switch_faults),
            "pace": wish.pace,
            "switches": [_switch(switch, shared) for switch in those],
        },
    )


def _switch(switch: Switch, shared: Shared) -> dict[str, Any]:
    document: dict[str, Any] = {
        "hostname": switch.hostname,
        "os": switch.os,
        "model": switch.model,
    }
    if switch.address:
        document["address"] = switch.address
    fact = shared.catalog.switches.get(switch.model)
    if fact is not None:
        document["ports"] = fact.cages
        if fact.asic == "Quantum-2":
            document["per_cage"] = fact.ports_per_cage
    return document
