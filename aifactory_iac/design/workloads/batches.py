"""Batch workloads: jobs at once, and demand in GPU-hours against what the pools give."""

from __future__ import annotations

from aifactory_iac.blueprint.model.compute import Pool
from aifactory_iac.blueprint.model.document import Blueprint
from aifactory_iac.blueprint.model.workloads import Batch
from aifactory_iac.design.capacity_rules import said
from aifactory_iac.design.estimate import Range
from aifactory_iac.design.known import estimate, number, reckoned, told
from aifactory_iac.design.model import WorkloadDesign
from aifactory_iac.design.workloads.placement import Group, working_gpus
from aifactory_iac.findings import Finding

HOURS_PER_WEEK = 168.0


def design_batch(
    workload: Batch, groups: tuple[Group, ...], blueprint: Blueprint
) -> tuple[WorkloadDesign, tuple[Finding, ...]]:
    """What a batch workload may use on all groups it can run on."""
    settings = {pool.name: pool for pool in blueprint.compute}
    jobs = sum(
        (pool.nodes - pool.spares) // workload.nodes for group in groups for pool in group.pools
    )
    size = max((group.gpus_per_node for group in groups), default=0) * workload.nodes
    hours = sum(
        working_gpus(pool) * HOURS_PER_WEEK * _share(settings.get(pool.name))
        for group in groups
        for pool in group.pools
    )
    known = (
        told("nodes of one job", Range.point(workload.nodes), ""),
        reckoned("GPUs", Range.point(sum(group.gpus for group in groups)), ""),
    )
    estimates = {
        "jobs_at_once": estimate(
            Range.point(jobs), "jobs", "working nodes of each pool / nodes of one job", known
        ),
        "gpu_hours_per_week": estimate(
            Range.point(hours), "GPU-h", "working GPUs x 168 h x utilisation of the pool", known[1:]
        ),
    }
    design = WorkloadDesign(workload.name, workload.kind, workload.clusters, size, estimates)
    return design, (*_too_large(workload, groups, jobs), *_short(workload, hours))


def _share(pool: Pool | None) -> float:
    return 1.0 if pool is None else pool.utilisation


def _too_large(workload: Batch, groups: tuple[Group, ...], jobs: int) -> tuple[Finding, ...]:
    if jobs > 0 or not groups:
        return ()
    largest = max(pool.nodes - pool.spares for group in groups for pool in group.pools)
    finding = said(
        127,
        f"A job of `{workload.name}` takes {workload.nodes:,} nodes, but the largest pool it can "
        f"run on has {largest:,} without spares.",
        ("orchestration", "workloads", workload.name, "nodes"),
        f"Ask for at most {largest}." if largest else "Grow the pools.",
        related=tuple(path for group in groups for path in group.paths),
    )
    return (finding,)


def _short(workload: Batch, hours: float) -> tuple[Finding, ...]:
    asked = workload.gpu_hours_per_week
    if asked is None or asked <= hours:
        return ()
    finding = said(
        126,
        f"`{workload.name}` asks for {number(asked)} GPU-hours a week, but its pools give "
        f"{number(hours)} even when nothing else runs.",
        ("orchestration", "workloads", workload.name, "gpu_hours_per_week"),
        "Ask for less, or grow the pools.",
    )
    return (finding,)
