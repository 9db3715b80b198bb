"""Where workloads run: the like accelerators of a cluster, spares taken off."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aifactory_iac.catalog.facts import Accelerator
from aifactory_iac.design.model import PoolDesign
from aifactory_iac.findings import Path

if TYPE_CHECKING:
    from aifactory_iac.blueprint.model.document import Blueprint
    from aifactory_iac.blueprint.model.workloads import WorkloadBase
    from aifactory_iac.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Group:
    """Pools of one cluster with the same accelerator: what one job can spread over."""

    cluster: str
    accelerator: Accelerator
    pools: tuple[PoolDesign, ...]

    @property
    def gpus(self) -> int:
        """GPUs of nodes that are not spares."""
        return sum(working_gpus(pool) for pool in self.pools)

    @property
    def gpus_per_node(self) -> int:
        """Of the smallest node, so that node counts err on the high side."""
        return min(pool.gpus_per_node for pool in self.pools)

    def nodes_for(self, gpus: int) -> int:
        """Nodes that so many GPUs take."""
        return math.ceil(gpus / self.gpus_per_node)

    def peak_tflops(self, precision: str) -> float | None:
        """Dense peak of one GPU; `None` where none is published."""
        return self.accelerator.tflops_dense.get(precision)

    @property
    def names(self) -> str:
        """Its pools, for people."""
        return ", ".join(f"`{pool.name}`" for pool in self.pools)

    @property
    def paths(self) -> tuple[Path, ...]:
        """Its pools in the document."""
        return tuple(("compute", pool.name) for pool in self.pools)

    @property
    def order(self) -> tuple[float, str]:
        """Largest aggregate BF16 first, then by name."""
        return -(self.peak_tflops("bf16") or 0.0) * self.gpus, self.accelerator.id


def working_gpus(pool: PoolDesign) -> int:
    """GPUs of nodes that are not spares."""
    return (pool.nodes - pool.spares) * pool.gpus_per_node


def groups_of(
    cluster: str, blueprint: Blueprint, catalog: Catalog, pools: Mapping[str, PoolDesign]
) -> tuple[Group, ...]:
    """Accelerator groups of a cluster, the most able first; none for an unknown cluster."""
    names = {
        name
        for item in blueprint.orchestration.clusters
        if item.name == cluster
        for name in item.pools
    }
    by_accelerator: dict[str, list[PoolDesign]] = {}
    for name in sorted(names & set(pools)):
        pool = pools[name]
        if pool.accelerator in catalog.accelerators and pool.gpus > 0:
            by_accelerator.setdefault(str(pool.accelerator), []).append(pool)
    found = (
        Group(cluster, catalog.accelerators[identity], tuple(members))
        for identity, members in by_accelerator.items()
    )
    return tuple(sorted(found, key=lambda group: group.order))


def candidates(
    workload: WorkloadBase,
    blueprint: Blueprint,
    catalog: Catalog,
    pools: Mapping[str, PoolDesign],
) -> tuple[Group, ...]:
    """Groups a workload may run on: its clusters in order of preference, the most able first."""
    return tuple(
        group
        for cluster in workload.clusters
        for group in groups_of(cluster, blueprint, catalog, pools)
    )


def place(groups: Iterable[Group], gpus: int | None) -> Group | None:
    """The first group with enough working GPUs, else the largest; `None` when there is none."""
    offered = tuple(group for group in groups if group.gpus > 0)
    if not offered:
        return None
    enough = (group for group in offered if gpus is None or group.gpus >= gpus)
    return next(enough, max(offered, key=lambda group: group.gpus))
