"""How a tenant's guaranteed GPUs are spread over clusters and pools, and what a GPU counts as.

A blueprint gives one number a tenant. Each cluster and pool gets its part in proportion to the GPUs
it has in service, in whole nodes where the number allows it, and the parts add up to the number.
Pools of a later build-out phase get only what earlier ones cannot hold, so that a pool that joins a
cluster moves nobody's guarantee.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.model.compute import Pool
from aifactory_iac.blueprint.model.governance import Tenant
from aifactory_iac.blueprint.model.orchestration import Cluster
from aifactory_iac.design.model import Design, PoolDesign
from aifactory_iac.program.lower.labels import RESOURCES

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog

TIME_SLICES = 4
"""Pods that share an accelerator under time slicing or MPS; the GPU operator's own example."""


@dataclass(frozen=True, slots=True)
class Share:
    """A tenant's part of one pool of one cluster."""

    cluster: str
    pool: str
    tenant: str
    gpus: int


@dataclass(frozen=True, slots=True)
class Shares:
    """All parts, by cluster and tenant."""

    parts: Mapping[tuple[str, str], tuple[Share, ...]]

    def of(self, cluster: str, tenant: str) -> tuple[Share, ...]:
        """The tenant's parts of a cluster, by pool; empty when it has none there."""
        return self.parts.get((cluster, tenant), ())


def shares(blueprint: Blueprint, design: Design) -> Shares:
    """Every tenant's part of every pool."""
    parts: dict[tuple[str, str], list[Share]] = {}
    for tenant in sorted(blueprint.governance.tenants, key=lambda tenant: tenant.name):
        for share in _parts(tenant, _places(tenant, blueprint, design), blueprint):
            parts.setdefault((share.cluster, share.tenant), []).append(share)
    return Shares({key: tuple(found) for key, found in sorted(parts.items())})


def in_service(pool: PoolDesign) -> int:
    """GPUs of the nodes that do not stand by."""
    return (pool.nodes - pool.spares) * pool.gpus_per_node


def slices(pool: Pool, design: PoolDesign, catalog: Catalog) -> int:
    """How many schedulable units one GPU is advertised as: MIG instances, time slices, or 1."""
    if pool.mig is not None and design.accelerator is not None:
        return catalog.accelerators[design.accelerator].mig_profiles.get(pool.mig, 1)
    return 1 if pool.sharing == "none" else TIME_SLICES


def resource_of(design: PoolDesign, catalog: Catalog) -> str | None:
    """Extended resource of the pool's accelerators; `None` for a pool without."""
    if design.accelerator is None:
        return None
    return RESOURCES.get(catalog.accelerators[design.accelerator].vendor)


def tenants_of(blueprint: Blueprint, cluster: Cluster) -> tuple[Tenant, ...]:
    """Tenants that use a cluster, by name."""
    return tuple(
        sorted(
            (
                tenant
                for tenant in blueprint.governance.tenants
                if not tenant.on or cluster.name in tenant.on
            ),
            key=lambda tenant: tenant.name,
        )
    )


_Place = tuple[str, PoolDesign]
"""A cluster's name and a pool of it."""


def _places(tenant: Tenant, blueprint: Blueprint, design: Design) -> list[_Place]:
    """Where a tenant's GPUs can be: by phase, then cluster and pool."""
    found = [
        (cluster.name, design.pools[pool])
        for cluster in blueprint.orchestration.clusters
        if not tenant.on or cluster.name in tenant.on
        for pool in cluster.pools
        if pool in design.pools and in_service(design.pools[pool])
    ]
    return sorted(found, key=lambda place: (place[1].phase, place[0], place[1].name))


def _parts(tenant: Tenant, places: list[_Place], blueprint: Blueprint) -> list[Share]:
    """A tenant's part of every place.

    Where a phase cannot hold what is guaranteed to all, each tenant has the same part of its number
    there, in whole nodes, and the rest in the next phase; the last phase takes what is left.
    """
    left, guaranteed = tenant.quota.gpus, _guaranteed_with(tenant, blueprint)
    parts: list[Share] = []
    by_phase = [list(each) for _, each in groupby(places, key=lambda place: place[1].phase)]
    for number, here in enumerate(by_phase, start=1):
        capacity = sum(in_service(pool) for _, pool in here)
        nodes = [pool.gpus_per_node for _, pool in here]
        wanted = left
        if number < len(by_phase) and guaranteed > capacity:
            wanted = left * capacity // guaranteed
            wanted -= wanted % math.gcd(*nodes)
        step = math.gcd(wanted, *nodes) or 1
        counts = apportion(wanted // step, [in_service(pool) for _, pool in here])
        parts += [
            Share(cluster, pool.name, tenant.name, count * step)
            for (cluster, pool), count in zip(here, counts, strict=True)
        ]
        left, guaranteed = left - wanted, max(0, guaranteed - capacity)
    return parts


def _guaranteed_with(tenant: Tenant, blueprint: Blueprint) -> int:
    """GPUs guaranteed to all tenants that share a cluster with this one, itself included."""
    return sum(
        other.quota.gpus
        for other in blueprint.governance.tenants
        if not other.on or not tenant.on or set(other.on) & set(tenant.on)
    )


def apportion(total: int, weights: list[int]) -> list[int]:
    """`total` in proportion to `weights` by largest remainder, earlier ones first among equals."""
    if not sum(weights):
        return [0] * len(weights)
    exact = [total * weight for weight in weights]
    counts = [value // sum(weights) for value in exact]
    by_remainder = sorted(
        range(len(weights)), key=lambda index: (-(exact[index] % sum(weights)), index)
    )
    for index in by_remainder[: total - sum(counts)]:
        counts[index] += 1
    return counts
