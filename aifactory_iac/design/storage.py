"""Storage tiers: how many appliances or steps, what they give, and whether that is enough."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model.storage import Tier
from aifactory_iac.catalog.facts import StorageSystem
from aifactory_iac.design.fsx import FsxChoice, choose, steps_for_capacity
from aifactory_iac.design.known import constant, number
from aifactory_iac.design.model import PoolDesign, TierDesign
from aifactory_iac.design.storage_demand import Demand, demand_on, mounted_by
from aifactory_iac.findings import Finding, Severity
from aifactory_iac.findings.finding import Path

if TYPE_CHECKING:
    from aifactory_iac.blueprint.model.document import Blueprint
    from aifactory_iac.catalog import Catalog

Sized = tuple[TierDesign, tuple[Finding, ...]]

THROUGHPUT_SHORT = "AIF-DSN-100"
OVER_CAPACITY = "AIF-DSN-101"
THROUGHPUT_UNVERIFIED = "AIF-DSN-102"
NOT_SIZED = "AIF-DSN-103"
OFF_STEP = "AIF-DSN-104"
POWER_UNKNOWN = "AIF-DSN-105"


def design_storage(
    blueprint: Blueprint, catalog: Catalog, pools: Mapping[str, PoolDesign]
) -> tuple[Mapping[str, TierDesign], tuple[Finding, ...]]:
    """Every storage tier by name, and what is wrong with it.

    Parallel tiers without a count get as many appliances as throughput and capacity need; FSx gets
    the smallest throughput tier and whole capacity steps; object tiers scale, so their throughput
    and capacity are `None`.
    """
    designs: dict[str, TierDesign] = {}
    findings: list[Finding] = []
    for tier in sorted(blueprint.storage.tiers, key=lambda item: item.name):
        demand = demand_on(tier, blueprint, catalog, pools)
        design, said = _SIZERS[tier.kind](tier, demand, catalog, pools)
        designs[tier.name] = design
        findings += (*said, *_shortfalls(tier, design))
    return designs, tuple(findings)


def _blank(tier: Tier, demand: Demand) -> TierDesign:
    return TierDesign(
        name=tier.name,
        site=tier.site,
        kind=tier.kind,
        system=tier.system,
        appliances=0,
        capacity_tb=tier.capacity.tb if tier.capacity else None,
        read_gb_s=None,
        write_gb_s=None,
        needed_capacity_tb=demand.capacity_tb,
        needed_read_gb_s=demand.read_gb_s,
        needed_write_gb_s=demand.write_gb_s,
        throughput_tier=None,
        power_kw=None,
        verified=True,
    )


def _object(tier: Tier, demand: Demand, catalog: Catalog, pools: Mapping[str, PoolDesign]) -> Sized:
    del catalog, pools
    return replace(_blank(tier, demand), capacity_tb=None), ()


def _local(tier: Tier, demand: Demand, catalog: Catalog, pools: Mapping[str, PoolDesign]) -> Sized:
    design = _blank(tier, demand)
    disks = [_local_tb(pool, catalog) for pool in mounted_by(tier, pools)]
    if tier.capacity is None and disks and all(disk is not None for disk in disks):
        design = replace(design, capacity_tb=sum(disk for disk in disks if disk is not None))
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


def _appliances(
    tier: Tier, demand: Demand, catalog: Catalog, pools: Mapping[str, PoolDesign]
) -> Sized:
    del pools
    design = _blank(tier, demand)
    system = catalog.storage_systems.get(tier.system) if tier.system else None
    count = tier.appliances or (_count_for(tier, demand, system) if system else None)
    if system is None or count is None:
        return replace(design, appliances=tier.appliances or 0), (_not_sized(tier, system),)
    verified = all(system.provenance.verified(name) for name in ("read_gb_s", "write_gb_s"))
    design = replace(
        design,
        appliances=count,
        capacity_tb=design.capacity_tb
        if design.capacity_tb is not None
        else _times(system.capacity_tb, count),
        read_gb_s=_times(system.read_gb_s, count),
        write_gb_s=_times(system.write_gb_s, count),
        power_kw=_times(
            tier.appliance_power.kw if tier.appliance_power else system.power_kw, count
        ),
        verified=verified,
    )
    return design, (*_unverified(tier, system, verified=verified), *_powerless(tier, design))


def _times(each: float | None, count: int) -> float | None:
    return None if each is None else each * count


def _count_for(tier: Tier, demand: Demand, system: StorageSystem) -> int | None:
    """Fewest appliances that give reads, writes and capacity; `None` when no rate is published."""
    if system.read_gb_s is None:
        return None
    capacity = max(tier.capacity.tb if tier.capacity else 0.0, demand.capacity_tb)
    shares = [
        demand.read_gb_s / system.read_gb_s,
        demand.write_gb_s / system.write_gb_s if system.write_gb_s else 0.0,
        capacity / system.capacity_tb if system.capacity_tb else 0.0,
    ]
    return max(1, math.ceil(max(shares) - 1e-9))


def _fsx(tier: Tier, demand: Demand, catalog: Catalog, pools: Mapping[str, PoolDesign]) -> Sized:
    del pools
    offered = [
        each
        for _, each in sorted(catalog.fsx_tiers.items())
        if tier.throughput_tier in (None, each.mb_s_per_tib)
    ]
    if not offered:
        return _blank(tier, demand), (_not_sized(tier, None),)
    choice = choose(
        offered,
        gib=tier.capacity.gib if tier.capacity else demand.capacity_tb * 1e12 / 2**30,
        gb_s=max(demand.read_gb_s, demand.write_gb_s),
        fixed=tier.capacity is not None,
        step_mb_s=constant(catalog, "fsx.step_mb_s").value.mid,
    )
    design = replace(
        _blank(tier, demand),
        capacity_tb=choice.tb,
        read_gb_s=choice.gb_s,
        write_gb_s=choice.gb_s,
        throughput_tier=choice.tier.mb_s_per_tib,
        power_kw=None,
        verified=choice.tier.provenance.verified("mb_s_per_tib"),
    )
    return design, _off_step(tier, choice)


_SIZERS: Mapping[str, Callable[[Tier, Demand, Catalog, Mapping[str, PoolDesign]], Sized]] = {
    "parallel": _appliances,
    "nfs": _appliances,
    "object": _object,
    "fsx-lustre": _fsx,
    "local-nvme": _local,
}


def _path(tier: Tier, *rest: str) -> Path:
    return ("storage", "tiers", tier.name, *rest)


def _shortfalls(tier: Tier, design: TierDesign) -> tuple[Finding, ...]:
    """Too slow (medium) and over capacity (high); unknown supply says nothing here."""
    findings = []
    for way, needed, given in (
        ("reads", design.needed_read_gb_s, design.read_gb_s),
        ("writes", design.needed_write_gb_s, design.write_gb_s),
    ):
        if given is not None and needed > given * (1 + 1e-9):
            findings.append(
                Finding(
                    THROUGHPUT_SHORT,
                    Severity.MEDIUM,
                    f"tier `{tier.name}` gives {number(given)} GB/s of {way}, "
                    f"but {number(needed)} GB/s are needed",
                    _path(tier, "appliances" if tier.appliances else "throughput"),
                    "add appliances or capacity, choose a faster tier, or name fewer pools "
                    "under `serves`",
                )
            )
    if design.capacity_tb is not None and design.needed_capacity_tb > design.capacity_tb * (
        1 + 1e-9
    ):
        findings.append(
            Finding(
                OVER_CAPACITY,
                Severity.HIGH,
                f"tier `{tier.name}` holds {number(design.capacity_tb)} TB, but datasets, a year "
                f"of growth and checkpoints take {number(design.needed_capacity_tb)} TB",
                _path(tier, "capacity"),
                f"give it at least {number(math.ceil(design.needed_capacity_tb))} TB, "
                "or move data or checkpoints to another tier",
            )
        )
    return tuple(findings)


def _not_sized(tier: Tier, system: StorageSystem | None) -> Finding:
    if system is None:
        reason, hint = "names no appliance of the catalog", "name one under `system`"
    else:
        reason = f"cannot be sized: no throughput is published for `{system.id}`"
        hint = "say how many under `appliances`, or add figures in a catalog overlay"
    return Finding(
        NOT_SIZED,
        Severity.INFO if system is None else Severity.MEDIUM,
        f"tier `{tier.name}` {reason}, so its throughput is not checked",
        _path(tier, "system"),
        hint,
    )


def _unverified(tier: Tier, system: StorageSystem, *, verified: bool) -> tuple[Finding, ...]:
    if verified or system.read_gb_s is None:
        return ()
    return (
        Finding(
            THROUGHPUT_UNVERIFIED,
            Severity.INFO,
            f"throughput of `{system.id}` is not verified by a source good enough to build on",
            _path(tier, "system"),
            "confirm it with the vendor, and give the figure in a catalog overlay",
        ),
    )


def _powerless(tier: Tier, design: TierDesign) -> tuple[Finding, ...]:
    if design.power_kw is not None:
        return ()
    return (
        Finding(
            POWER_UNKNOWN,
            Severity.INFO,
            f"no power is published for `{tier.system}`, so tier `{tier.name}` is missing from "
            "power, energy and carbon",
            _path(tier, "appliance_power"),
            "set `appliance_power` to what the vendor quotes",
        ),
    )


def _off_step(tier: Tier, choice: FsxChoice) -> tuple[Finding, ...]:
    if tier.capacity is None:
        return ()
    asked = tier.capacity.gib
    if math.isclose(asked, choice.gib, rel_tol=1e-9):
        return ()
    step = choice.tier.efa_step_gib
    next_step = steps_for_capacity(asked, step) * step
    return (
        Finding(
            OFF_STEP,
            Severity.MEDIUM,
            f"{tier.capacity} is not a capacity that FSx sells at {choice.tier.mb_s_per_tib} "
            f"MB/s per TiB with EFA, where it comes in steps of {step:,} GiB; "
            f"{next_step:,} GiB will be provisioned",
            _path(tier, "capacity"),
            f"write `{next_step} GiB`",
        ),
    )
