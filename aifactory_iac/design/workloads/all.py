"""All workloads of a blueprint, each placed on the accelerators that it can run on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model.workloads import Batch, Serving, Training, Workload
from aifactory_iac.design.capacity_rules import said
from aifactory_iac.design.model import PoolDesign, TierDesign, WorkloadDesign
from aifactory_iac.design.workloads.batches import design_batch
from aifactory_iac.design.workloads.placement import Group, candidates, place
from aifactory_iac.design.workloads.services import design_serving
from aifactory_iac.design.workloads.trainings import design_training
from aifactory_iac.findings import Finding

if TYPE_CHECKING:
    from aifactory_iac.blueprint.model.document import Blueprint
    from aifactory_iac.catalog import Catalog

Designed = tuple[WorkloadDesign, tuple[Finding, ...]]


def design_workloads(
    blueprint: Blueprint,
    catalog: Catalog,
    pools: Mapping[str, PoolDesign],
    storage: Mapping[str, TierDesign],
) -> tuple[Mapping[str, WorkloadDesign], tuple[Finding, ...]]:
    """Every workload by name, and what stands in its way.

    A training or a service runs on like accelerators of one cluster: the first cluster in order of
    preference with enough of them. Batch may use all its clusters.
    """
    designs: dict[str, WorkloadDesign] = {}
    findings: list[Finding] = []
    for workload in sorted(blueprint.orchestration.workloads, key=lambda item: item.name):
        groups = candidates(workload, blueprint, catalog, pools)
        design, said = _one(workload, groups, blueprint, catalog, storage)
        designs[workload.name] = design
        findings += said
    return designs, tuple(findings)


def _one(
    workload: Workload,
    groups: tuple[Group, ...],
    blueprint: Blueprint,
    catalog: Catalog,
    storage: Mapping[str, TierDesign],
) -> Designed:
    if isinstance(workload, Batch):
        return design_batch(workload, groups, blueprint)
    group = place(groups, workload.gpus if isinstance(workload, Training) else None)
    if group is None:
        return _nowhere(workload)
    if isinstance(workload, Serving):
        return design_serving(workload, group, blueprint, catalog)
    return design_training(workload, group, catalog, storage)


def _nowhere(workload: Training | Serving) -> Designed:
    clusters = ", ".join(f"`{name}`" for name in workload.clusters)
    finding = said(
        116,
        f"`{workload.name}` needs accelerators, but {clusters} has none at work.",
        ("orchestration", "workloads", workload.name, "on"),
        "Name a cluster whose pools have accelerators and nodes.",
    )
    return WorkloadDesign(workload.name, workload.kind, workload.clusters, 0, {}), (finding,)
