"""What is asked of a storage tier: bytes to hold, and bytes per second in and out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model.storage import Dataset, Tier
from aifactory_iac.blueprint.model.workloads import Training
from aifactory_iac.design.known import constant
from aifactory_iac.design.model import PoolDesign

if TYPE_CHECKING:
    from aifactory_iac.blueprint.model.document import Blueprint
    from aifactory_iac.catalog import Catalog

FED_BY_RULE = frozenset({"parallel", "fsx-lustre"})
"""Kinds that feed accelerators directly; the throughput rule per GPU holds for them alone."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What one tier must hold and give; decimal terabytes and gigabytes per second."""

    capacity_tb: float
    read_gb_s: float
    write_gb_s: float


def demand_on(
    tier: Tier, blueprint: Blueprint, catalog: Catalog, pools: Mapping[str, PoolDesign]
) -> Demand:
    """Demand on one tier: the blueprint's throughput or the rule per GPU, whichever is more."""
    mounting = mounted_by(tier, pools)
    gpus = sum(pool.gpus for pool in mounting)
    nodes = sum(pool.nodes for pool in mounting)
    read, write = asked_throughput(tier, nodes, gpus)
    if tier.kind in FED_BY_RULE:
        rule = constant(catalog, "storage.gb_s_per_gpu").value.mid * gpus
        read, write = max(read, rule), max(write, rule)
    return Demand(needed_capacity_tb(tier.name, blueprint, catalog), read, write)


def mounted_by(tier: Tier, pools: Mapping[str, PoolDesign]) -> tuple[PoolDesign, ...]:
    """Pools that mount a tier, by name: those it serves, or all of its site."""
    return tuple(
        pool
        for name, pool in sorted(pools.items())
        if (name in tier.serves if tier.serves else pool.site == tier.site)
    )


def asked_throughput(tier: Tier, nodes: int, gpus: int) -> tuple[float, float]:
    """Read and write that the blueprint asks for in GB/s, expanded over nodes or GPUs."""
    if tier.throughput is None:
        return 0.0, 0.0
    times = {"node": nodes, "gpu": gpus, "tier": 1}[tier.throughput.per]
    write = tier.throughput.write or tier.throughput.read
    return tier.throughput.read.gb_s * times, write.gb_s * times


def needed_capacity_tb(name: str, blueprint: Blueprint, catalog: Catalog) -> float:
    """Datasets on the tier, their growth in a year, copies from other tiers, checkpoints kept.

    A tier that replicates or backs up to this one puts one copy of its datasets here; versions and
    increments between copies are not counted.
    """
    sources = {name} | _copied_from(name, blueprint)
    datasets = sum(grown_tb(item) for item in _by_name(blueprint) if item.lives_on in sources)
    per_parameter = constant(catalog, "checkpoint.bytes_per_parameter").value.mid
    return datasets + sum(
        checkpoint_tb(workload, per_parameter) * keep for workload, keep in _saving(name, blueprint)
    )


def grown_tb(dataset: Dataset) -> float:
    """Size of a dataset after a year of growth."""
    grows = dataset.growth_per_year
    return dataset.size.tb + (grows.tb if grows else 0.0)


def checkpoint_tb(workload: Training, bytes_per_parameter: float) -> float:
    """Size of one checkpoint in terabytes: the blueprint's, or from the parameters."""
    if workload.checkpoint_size is not None:
        return workload.checkpoint_size.tb
    return workload.parameters * bytes_per_parameter / 1e12


def _copied_from(name: str, blueprint: Blueprint) -> set[str]:
    return {
        tier.name
        for tier in blueprint.storage.tiers
        if name in tier.replicate_to or (tier.backup is not None and tier.backup.to == name)
    }


def _by_name(blueprint: Blueprint) -> list[Dataset]:
    """Datasets in the order of their names, so that sums are the same for every permutation."""
    return sorted(blueprint.storage.datasets, key=lambda item: item.name)


def _saving(name: str, blueprint: Blueprint) -> Iterable[tuple[Training, int]]:
    """Trainings that save to the tier; the checkpoint size of other workloads is not known."""
    for workload in sorted(blueprint.orchestration.workloads, key=lambda item: item.name):
        if not isinstance(workload, Training) or workload.checkpoint is None:
            continue
        if workload.checkpoint.to == name:
            yield workload, workload.checkpoint.keep
