"""Which nodes belong to which partition: kept from run to run, so that growth moves nobody.

A blueprint says how many nodes of a pool a tenant has; which ones is decided once. A node that is
in stays in until its tenant shrinks, also while nobody knows its port GUIDs: an inventory that
forgets it must not cut a running job off.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aifactory_iac.providers.switches.partitions.declared import DEFAULT, guid, pkey_number


@dataclass(frozen=True, slots=True)
class Member:
    """One node of a partition, and the port GUIDs that it had when it was last known."""

    node: str
    pool: str
    guids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition as a manager is to have it. `guids` is empty for the default one."""

    name: str
    pkey: int
    membership: str
    guids: tuple[str, ...] = ()

    @property
    def is_default(self) -> bool:
        """Whether every port is in it."""
        return self.name == DEFAULT


Members = Mapping[str, Sequence[Member]]
"""By partition, in the order in which they came."""


def assigned(
    partitions: Mapping[str, Any], guids: Mapping[str, Any], before: Members
) -> dict[str, tuple[Member, ...]]:
    """Members of every partition that counts nodes.

    Whoever is in stays in; who shrinks gives up first those that nobody knows any more, then the
    last that came; who grows gets free nodes in the order of their names. Free is who is in no
    partition.
    """
    known = {
        pool: {
            node: tuple(sorted(guid(str(each)) for each in ports)) for node, ports in nodes.items()
        }
        for pool, nodes in guids.items()
    }
    kept = {
        name: tuple(
            member
            for pool, count in sorted((partition.get("nodes") or {}).items())
            for member in _staying(before.get(name, ()), pool, int(count), known.get(pool, {}))
        )
        for name, partition in sorted(partitions.items())
        if partition.get("nodes")
    }
    taken = {member.node for members in kept.values() for member in members}
    found: dict[str, tuple[Member, ...]] = {}
    for name, members in kept.items():
        grown = list(members)
        for pool, count in sorted(partitions[name]["nodes"].items()):
            there = sum(member.pool == pool for member in members)
            free = sorted(known.get(pool, {}).keys() - taken, key=natural)
            for node in free[: max(0, int(count) - there)]:
                grown.append(Member(node, pool, known[pool][node]))
                taken.add(node)
        found[name] = tuple(grown)
    return found


def _staying(
    members: Sequence[Member], pool: str, count: int, known: Mapping[str, tuple[str, ...]]
) -> list[Member]:
    """Members of one pool that stay, with the port GUIDs that they have now."""
    mine = [member for member in members if member.pool == pool]
    leaving = len(mine) - count
    order = sorted(range(len(mine)), key=lambda at: (mine[at].node in known, -at))
    gone = set(order[: max(0, leaving)])
    return [
        Member(member.node, pool, known.get(member.node, member.guids))
        for at, member in enumerate(mine)
        if at not in gone
    ]


def short_of(partitions: Mapping[str, Any], members: Members) -> dict[str, dict[str, int]]:
    """How many nodes each partition still lacks, by pool; without those that lack none."""
    found: dict[str, dict[str, int]] = {}
    for name, partition in sorted(partitions.items()):
        for pool, count in sorted((partition.get("nodes") or {}).items()):
            there = sum(member.pool == pool for member in members.get(name, ()))
            if there < count:
                found.setdefault(name, {})[pool] = int(count) - there
    return found


def wanted(partitions: Mapping[str, Any], members: Members) -> tuple[Partition, ...]:
    """What the manager is to have, by name."""
    return tuple(
        Partition(
            name,
            pkey_number(str(partition["pkey"])),
            str(partition["membership"]),
            tuple(sorted(each for member in members.get(name, ()) for each in member.guids)),
        )
        for name, partition in sorted(partitions.items())
    )


def plain(members: Members) -> dict[str, list[dict[str, Any]]]:
    """Members as they are kept in state."""
    return {
        name: [{"node": each.node, "pool": each.pool, "guids": list(each.guids)} for each in listed]
        for name, listed in members.items()
    }


def read(state: Mapping[str, Any]) -> dict[str, tuple[Member, ...]]:
    """Members as they were kept in state."""
    return {
        name: tuple(Member(each["node"], each["pool"], tuple(each["guids"])) for each in listed)
        for name, listed in (state or {}).items()
    }


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key by which `node-9` comes before `node-10`."""
    return tuple(
        (0, int(part), "") if part.isdigit() else (1, 0, part)
        for part in re.split(r"(\d+)", text)
        if part
    )
