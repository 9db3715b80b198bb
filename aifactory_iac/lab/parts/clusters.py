"""Clusters whose control plane is real, where its programs are installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aifactory_iac.lab.inventory import Cluster, Inventory, Machine
from aifactory_iac.lab.parts.part import ROOM, Absent, Part, Shared, count
from aifactory_iac.lab.wish import Wish


def clusters(wanted: Inventory, _wish: Wish, shared: Shared) -> Iterator[Part | Absent]:
    """One process for all clusters; those without their programs are left out, and said so."""
    from aifactory_iac.lab.clusters.programs import KUBERNETES, SLURM, absence, found

    needs = {"kubernetes": KUBERNETES, "slurm": SLURM}
    there = {kind: found(programs) for kind, programs in needs.items()}
    possible = []
    for cluster in wanted.clusters:
        missing = [each for each in needs[cluster.kind] if each not in there[cluster.kind]]
        if missing:
            reasons = "; ".join(absence(each) for each in missing)
            yield Absent("cluster", f"{cluster.site}/{cluster.name}: {reasons}")
        else:
            possible.append(cluster)
    if not wanted.clusters:
        yield Absent("cluster", "the target has no cluster on machines of one's own")
    if possible:
        machines = {machine.host: machine for machine in wanted.machines}
        yield Part(
            name="cluster",
            kind="cluster",
            module=f"{ROOM}.clusters",
            what=", ".join(
                f"{each.name} ({each.kind}, {count(len(each.hosts), 'node')})" for each in possible
            ),
            document={
                "folder": str(shared.folder / "cluster"),
                "clusters": [_cluster(each, machines, shared) for each in possible],
            },
        )


def _cluster(cluster: Cluster, machines: dict[str, Machine], shared: Shared) -> dict[str, Any]:
    return {
        "id": f"{cluster.site}/{cluster.name}",
        "kind": cluster.kind,
        "nodes": {host: _node(machines[host], shared) for host in cluster.hosts},
    }


def _node(machine: Machine, shared: Shared) -> dict[str, Any]:
    """What the catalog publishes of one operating system's share; the emulator knows the rest."""
    node: dict[str, Any] = {"leaf": machine.rack or "leaf"}
    system = shared.catalog.systems.get(machine.system)
    if system is None:
        return node
    node["gpus"] = system.gpus // system.trays
    if system.cpu_cores is not None:
        node["cores"] = system.cpu_cores // system.trays
    if system.memory_gib is not None:
        node["memory"] = system.memory_gib * 1024 // system.trays
    return node
