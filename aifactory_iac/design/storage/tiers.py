"""Storage tiers: how many appliances or steps, and what they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model.storage import Tier
from aifactory_iac.catalog.facts import StorageSystem
from aifactory_iac.design.known import constant, rounded_up
from aifactory_iac.design.model import PoolDesign, TierDesign
from aifactory_iac.design.storage.demand import Demand, demand_on, mounted_by
from aifactory_iac.design.storage.findings import (
    appliance_unverified,
    not_sized,
    off_step,
    powerless,
    shortfalls,
)
from aifactory_iac.design.storage.fsx import Steps, choose
from aifactory_iac.findings import Finding

if TYPE_CHECKING:
    from aifactory_iac.blueprint.model.document import Blueprint
    from aifactory_iac.catalog import Catalog

MOST_APPLIANCES = 100_000
"""Far above any installation; a demand that takes more is a slip of units."""

Sized = tuple[TierDesign, tuple[Finding, ...]]
Pools = Mapping[str, PoolDesign]


def design_storage(
    blueprint: Blueprint, catalog: Catalog, pools: Pools
) -> tuple[Mapping[str, TierDesign], tuple[Finding, ...]]:
    """Every storage tier by name, and what is wrong with it.

    Parallel and NFS tiers without a count get as many appliances as throughput and capacity need;
    FSx gets the smallest throughput tier and a capacity on sale; object tiers scale, so their
    throughput is `None`, and so is their capacity where the blueprint states none.
    """
    designs: dict[str, TierDesign] = {}
    findings: list[Finding] = []
    for tier in sorted(blueprint.storage.tiers, key=lambda item: item.name):
        demand = demand_on(tier, blueprint, catalog, pools)
        design, said = _SIZERS[tier.kind](tier, demand, catalog, pools)
        designs[tier.name] = design
        findings += (*said, *powerless(tier, design), *shortfalls(tier, design))
    return designs, tuple(findings)


def _blank(tier: Tier, demand: Demand, catalog: Catalog, pools: Pools) -> Sized:
    """A tier as stated: object tiers are no more than this."""
    del catalog, pools
    design = TierDesign(
        name=tier.name,
        site=tier.site,
        kind=tier.kind,
        system=tier.system,
        appliances=tier.appliances or 0,
        capacity_tb=tier.capacity.tb if tier.capacity else None,
        read_gb_s=None,
        write_gb_s=None,
        needed_capacity_tb=demand.capacity_tb,
        needed_read_gb_s=demand.read_gb_s,
        needed_write_gb_s=demand.write_gb_s,
        throughput_tier=None,
        power_kw=None,
        verified=True,
        phase=tier.phase,
    )
    return design, ()


def _local(tier: Tier, demand: Demand, catalog: Catalog, pools: Pools) -> Sized:
    design, _ = _blank(tier, demand, catalog, pools)
    disks = [_local_tb(pool, catalog) for pool in mounted_by(tier, pools)]
    known = [disk for disk in disks if disk is not None]
    if tier.capacity is None and known and len(known) == len(disks):
        design = replace(design, capacity_tb=sum(known))
    return design, ()


def _local_tb(pool: PoolDesign, catalog: Catalog) -> float | None:
    """Local NVMe of all nodes of a pool; `None` where it is not published."""
    instance = catalog.aws_instances.get(pool.system)
    if instance is not None:
        return None if instance.nvme_gb is None else instance.nvme_gb * pool.nodes / 1e3
    system = catalog.systems.get(pool.system)
    if system is None or system.local_nvme_tb is None:
        return None
    # A rack-scale record counts the disks of all its trays; the nodes of a pool are trays.
    return float(system.local_nvme_tb * pool.nodes / system.trays)


def _appliances(tier: Tier, demand: Demand, catalog: Catalog, pools: Pools) -> Sized:
    design, _ = _blank(tier, demand, catalog, pools)
    system = catalog.storage_systems.get(tier.system) if tier.system else None
    count = tier.appliances or (_count_for(tier, demand, system) if system else None)
    if system is None or count is None:
        power = tier.appliance_power
        powered = _times(power.kw if power else None, count)
        return replace(design, power_kw=powered), (not_sized(tier, system),)
    power_kw = tier.appliance_power.kw if tier.appliance_power else system.power_kw
    design = replace(
        design,
        appliances=count,
        capacity_tb=design.capacity_tb or _times(system.capacity_tb, count),
        read_gb_s=_times(system.read_gb_s, count),
        write_gb_s=_times(system.write_gb_s, count),
        power_kw=_times(power_kw, count),
        verified=_verified(system),
    )
    if system.read_gb_s is None:
        return design, (not_sized(tier, system),)
    return design, () if design.verified else (appliance_unverified(tier, system),)


def _verified(system: StorageSystem) -> bool:
    return all(system.provenance.verified(field) for field in ("read_gb_s", "write_gb_s"))


def _times(each: float | None, count: int | None) -> float | None:
    return None if each is None or count is None else each * count


def _count_for(tier: Tier, demand: Demand, system: StorageSystem) -> int | None:
    """Fewest appliances that give reads, writes and capacity.

    `None` when no rate is published, or the demand is beyond any installation.
    """
    if not system.read_gb_s:
        return None
    capacity = max(tier.capacity.tb if tier.capacity else 0.0, demand.capacity_tb)
    shares = [
        demand.read_gb_s / system.read_gb_s,
        demand.write_gb_s / system.write_gb_s if system.write_gb_s else 0.0,
        capacity / system.capacity_tb if system.capacity_tb else 0.0,
    ]
    count = max(1, rounded_up(max(shares)))
    return count if count <= MOST_APPLIANCES else None


def _fsx(tier: Tier, demand: Demand, catalog: Catalog, pools: Pools) -> Sized:
    design, _ = _blank(tier, demand, catalog, pools)
    efa = any(_has_efa(pool, catalog) for pool in mounted_by(tier, pools))
    offered = [
        each
        for _, each in sorted(catalog.fsx_tiers.items())
        if tier.throughput_tier in (None, each.mb_s_per_tib)
    ]
    if not offered:
        return design, (not_sized(tier, None),)
    plain = Steps(
        int(constant(catalog, "fsx.first_capacity_gib").value.mid),
        int(constant(catalog, "fsx.capacity_step_gib").value.mid),
    )
    offers = [(each, Steps(each.efa_step_gib, each.efa_step_gib) if efa else plain)
              for each in offered]  # fmt: skip
    choice = choose(
        offers,
        gib=tier.capacity.gib if tier.capacity else demand.capacity_tb * 1e12 / 2**30,
        gb_s=max(demand.read_gb_s, demand.write_gb_s),
        fixed=tier.capacity is not None,
    )
    design = replace(
        design,
        capacity_tb=choice.tb,
        read_gb_s=choice.gb_s,
        write_gb_s=choice.gb_s,
        throughput_tier=choice.tier.mb_s_per_tib,
        verified=choice.tier.provenance.verified("mb_s_per_tib"),
        efa=efa,
    )
    return design, off_step(tier, choice, {each.id: steps for each, steps in offers})


def _has_efa(pool: PoolDesign, catalog: Catalog) -> bool:
    instance = catalog.aws_instances.get(pool.system)
    return instance is not None and instance.efa > 0


_SIZERS: Mapping[str, Callable[[Tier, Demand, Catalog, Pools], Sized]] = {
    "parallel": _appliances,
    "nfs": _appliances,
    "object": _blank,
    "fsx-lustre": _fsx,
    "local-nvme": _local,
}
