"""How a tenant's guaranteed GPUs are spread over clusters and pools, and what a GPU counts as.

A blueprint gives one number a tenant. Each cluster and pool gets its part in proportion to the GPUs
it has in service, in whole nodes where the number allows it, and the parts add up to the number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
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
        for share in _parts(tenant, blueprint, design):
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


def _parts(tenant: Tenant, blueprint: Blueprint, design: Design) -> list[Share]:
    places = [
        (cluster.name, design.pools[pool])
        for cluster in sorted(blueprint.orchestration.clusters, key=lambda item: item.name)
        if not tenant.on or cluster.name in tenant.on
        for pool in sorted(cluster.pools)
        if pool in design.pools and in_service(design.pools[pool])
    ]
    step = math.gcd(tenant.quota.gpus, *(pool.gpus_per_node for _, pool in places)) or 1
    counts = apportion(tenant.quota.gpus // step, [in_service(pool) for _, pool in places])
    return [
        Share(cluster, pool.name, tenant.name, count * step)
        for (cluster, pool), count in zip(places, counts, strict=True)
    ]


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
