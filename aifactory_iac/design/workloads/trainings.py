"""One training workload: time, memory, checkpoints and what failures take from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model.workloads import Training
from aifactory_iac.design.capacity_rules import said
from aifactory_iac.design.estimate import Estimate, Range
from aifactory_iac.design.known import Known, constant, estimate, fact, number, reckoned, told
from aifactory_iac.design.model import TierDesign, WorkloadDesign
from aifactory_iac.design.workloads.checkpoints import Saving, saving_of
from aifactory_iac.design.workloads.memory import training_gb_per_gpu, visible_field, visible_gb
from aifactory_iac.design.workloads.placement import Group
from aifactory_iac.design.workloads.training import days_range, mfu_ceiling, training_flops
from aifactory_iac.findings import Finding, Path

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog


LEAST_MFU = 0.01
"""Below this a range of training times says nothing."""


@dataclass(frozen=True, slots=True)
class Run:
    """A training on the GPUs that it gets."""

    workload: Training
    group: Group
    gpus: int

    @property
    def nodes(self) -> int:
        """Nodes of the job."""
        return self.group.nodes_for(self.gpus)

    def path(self, *rest: str) -> Path:
        """A place in the workload's document."""
        return ("orchestration", "workloads", self.workload.name, *rest)


def design_training(
    workload: Training, group: Group, catalog: Catalog, storage: Mapping[str, TierDesign]
) -> tuple[WorkloadDesign, tuple[Finding, ...]]:
    """What a training takes on the group it was placed on."""
    run = Run(workload, group, min(workload.gpus or group.gpus, group.gpus))
    saving, findings = saving_of(run.workload, run.nodes, catalog, storage)
    flops = _flops(workload)
    memory, too_large = _memory(run, catalog)
    days, said = _days(run, flops, saving, catalog)
    estimates: dict[str, Estimate] = {"flops": flops, "memory_per_gpu_gb": memory}
    estimates |= saving.estimates | days
    design = WorkloadDesign(
        workload.name, workload.kind, workload.clusters, run.gpus, dict(sorted(estimates.items()))
    )
    return design, (*findings, *too_large, *said, *_short(run))


def _flops(workload: Training) -> Estimate:
    value = Range.point(training_flops(workload.parameters, workload.tokens))
    known = (
        told("parameters", Range.point(workload.parameters), ""),
        told("tokens", Range.point(workload.tokens), ""),
    )
    return estimate(value, "FLOP", "6 x parameters x tokens (Kaplan 2020, Hoffmann 2022)", known)


def _memory(run: Run, catalog: Catalog) -> tuple[Estimate, tuple[Finding, ...]]:
    each = constant(catalog, "training.bytes_per_parameter")
    value = each.value.map(
        lambda size: training_gb_per_gpu(run.workload.parameters, size, run.gpus)
    )
    visible = visible_gb(run.group.accelerator)
    known = (
        told("parameters", Range.point(run.workload.parameters), ""),
        each,
        reckoned("gpus", Range.point(run.gpus), ""),
        _visible(run.group),
    )
    found = estimate(
        value,
        "GB",
        "parameters x bytes per parameter / GPUs, fully sharded; activations come on top",
        known,
    )
    if value.mid <= visible:
        return found, ()
    finding = said(
        113,
        f"Training `{run.workload.name}` takes {number(value.mid)} GB on each of "
        f"{run.gpus:,} GPUs, but a {run.group.accelerator.name} shows {number(visible)} GB.",
        run.path("gpus" if run.workload.gpus else "parameters"),
        "Use more GPUs, accelerators with more memory, or a smaller model.",
        verified=found.verified,
    )
    return found, (finding,)


def _visible(group: Group) -> Known:
    part = group.accelerator
    shown = Range.point(visible_gb(part))
    return fact("visible memory", shown, "GB", part.provenance, visible_field(part))


def _days(
    run: Run, flops: Estimate, saving: Saving, catalog: Catalog
) -> tuple[dict[str, Estimate], tuple[Finding, ...]]:
    peak = run.group.peak_tflops(run.workload.precision)
    if not peak:
        return {}, (_unpublished(run),)
    mfu, findings = _utilisation(run, peak, catalog)
    if saving.goodput.value.low <= 0:
        return {}, (*findings, _never(run, verified=saving.goodput.given.verified))
    if mfu is None:
        return {}, findings
    part = run.group.accelerator
    days = days_range(flops.value.mid, run.gpus, peak, mfu.value, saving.goodput.value)
    known = (
        reckoned("flops", flops.value, "FLOP"),
        reckoned("gpus", Range.point(run.gpus), ""),
        fact(
            f"dense {run.workload.precision} peak of {part.id}",
            Range.point(peak),
            "TFLOPS",
            part.provenance,
            f"tflops_dense.{run.workload.precision}",
        ),
        mfu,
        saving.goodput,
    )
    formula = "flops / (GPUs x dense peak x MFU) / goodput"
    return {
        "training_days": estimate(days, "days", formula, known),
        "gpu_hours": estimate(
            days.scaled(24.0 * run.gpus), "GPU-h", f"GPUs x 24 x {formula}", known
        ),
    }, findings


def _utilisation(
    run: Run, peak: float, catalog: Catalog
) -> tuple[Known | None, tuple[Finding, ...]]:
    """MFU as the blueprint states it, else the catalog's, never above the measured ceiling."""
    achievable = run.group.accelerator.mamf_tflops.get(run.workload.precision)
    ceiling = 1.0 if achievable is None else mfu_ceiling(achievable, peak)
    stated = run.workload.mfu
    if stated is None:
        default = constant(catalog, "mfu.training")
        if default.value.low <= 0:
            return None, ()
        return Known(default.value.map(lambda each: min(each, ceiling)), default.given), ()
    if not LEAST_MFU <= stated.low <= stated.mid <= stated.high:
        text = (
            f"MFU of `{run.workload.name}` must rise from at least {LEAST_MFU:g}: "
            f"low {stated.low:g}, mid {stated.mid:g}, high {stated.high:g}."
        )
        return None, (said(112, text, run.path("mfu"), "Write `{low: 0.3, mid: 0.4, high: 0.5}`."),)
    value = Range(stated.low, stated.mid, stated.high)
    return told("mfu", value, ""), _above_ceiling(run, stated.high, ceiling)


def _above_ceiling(run: Run, high: float, ceiling: float) -> tuple[Finding, ...]:
    if high <= ceiling:
        return ()
    part = run.group.accelerator
    finding = said(
        111,
        f"MFU {high:g} of `{run.workload.name}` is above {number(ceiling)}, the most that matrix "
        f"products reach on a {part.name} in {run.workload.precision} when measured.",
        run.path("mfu", "high"),
        f"Stay at or below {int(ceiling * 100) / 100:g}; large trainings reach 0.3 to 0.5.",
        verified=part.provenance.verified(f"mamf_tflops.{run.workload.precision}"),
    )
    return (finding,)


def _unpublished(run: Run) -> Finding:
    published = ", ".join(sorted(run.group.accelerator.tflops_dense)) or "none"
    return said(
        110,
        f"No dense {run.workload.precision} figure is published for a "
        f"{run.group.accelerator.name}, so `{run.workload.name}` has no training time.",
        run.path("precision"),
        f"Published: {published}.",
    )


def _never(run: Run, *, verified: bool) -> Finding:
    return said(
        115,
        f"At the highest published failure rate `{run.workload.name}` on {run.nodes:,} nodes "
        "loses more time to failures than it wins.",
        run.path("checkpoint"),
        "Save more often, write checkpoints faster, or use fewer nodes.",
        verified=verified,
    )


def _short(run: Run) -> tuple[Finding, ...]:
    asked = run.workload.gpus
    if asked is None or asked <= run.group.gpus:
        return ()
    return (
        said(
            114,
            f"`{run.workload.name}` asks for {asked:,} GPUs, but `{run.group.cluster}` has "
            f"{run.group.gpus:,} {run.group.accelerator.name} without spares.",
            run.path("gpus"),
            f"Ask for at most {run.group.gpus}, or grow {run.group.names}.",
            related=run.group.paths,
        ),
    )
