"""Checkpoints of a training: size, write time, the interval that loses least, and goodput."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model.workloads import Training
from aifactory_iac.design.estimate import Estimate, Range
from aifactory_iac.design.known import Known, constant, estimate, number, reckoned, told
from aifactory_iac.design.model import TierDesign
from aifactory_iac.design.reliability import (
    effective_range,
    failures_per_day,
    mttf_hours,
    young_interval,
)
from aifactory_iac.design.storage_demand import checkpoint_tb
from aifactory_iac.findings import Finding, Severity

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog

NOT_SAVED = "AIF-DSN-115"
SAVES_TOO_SLOW = "AIF-DSN-116"

SECONDS_PER_DAY = 86_400.0
MINUTES_PER_DAY = 1_440.0


@dataclass(frozen=True, slots=True)
class Saving:
    """What a training keeps of its time, with the estimates that lead there."""

    goodput: Known
    estimates: dict[str, Estimate]


def saving_of(
    workload: Training, nodes: int, catalog: Catalog, storage: Mapping[str, TierDesign]
) -> tuple[Saving, tuple[Finding, ...]]:
    """Goodput of a training from its checkpoints; the published one where they say too little.

    Without a stated interval the one after Young is taken, which loses least.
    """
    rate = constant(catalog, "failures.per_1000_node_days")
    estimates = {"checkpoint_tb": _size(workload, catalog)} | _failures(nodes, rate)
    tier = storage.get(workload.checkpoint.to) if workload.checkpoint else None
    if workload.checkpoint is None:
        return Saving(constant(catalog, "training.goodput"), estimates), (_not_saved(workload),)
    if tier is None or not tier.write_gb_s:
        return Saving(constant(catalog, "training.goodput"), estimates), ()
    seconds = estimates["checkpoint_tb"].value.mid * 1e3 / tier.write_gb_s
    written = reckoned("checkpoint write", Range.point(seconds), "s", verified=tier.verified)
    share, said = _goodput(workload, nodes, rate, written, catalog)
    return Saving(
        reckoned("goodput", share.value, "", verified=share.verified),
        estimates
        | _pace(estimates["checkpoint_tb"], tier, written, nodes, rate)
        | {"goodput": share},
    ), said


def _size(workload: Training, catalog: Catalog) -> Estimate:
    each = constant(catalog, "checkpoint.bytes_per_parameter")
    size = checkpoint_tb(workload, each.value.mid)
    if workload.checkpoint_size is not None:
        given = told("checkpoint_size", Range.point(size), "TB")
        return estimate(Range.point(size), "TB", "as stated", (given,))
    known = (told("parameters", Range.point(workload.parameters), ""), each)
    spread = each.value.map(lambda bytes_: workload.parameters * bytes_ / 1e12)
    return estimate(spread, "TB", "parameters x bytes per parameter", known)


def _failures(nodes: int, rate: Known) -> dict[str, Estimate]:
    known = (reckoned("nodes", Range.point(nodes), ""), rate)
    per_node = rate.value.scaled(1e-3)
    daily = failures_per_day(nodes, per_node)
    if per_node.low <= 0:
        return {"failures_per_day": estimate(daily, "1/day", "nodes x failure rate", known)}
    low, mid, high = (
        mttf_hours(nodes, each) for each in (per_node.high, per_node.mid, per_node.low)
    )
    return {
        "failures_per_day": estimate(daily, "1/day", "nodes x failure rate", known),
        "mttf_h": estimate(Range(low, mid, high), "h", "24 / (nodes x failure rate)", known),
    }


def _pace(
    size: Estimate, tier: TierDesign, written: Known, nodes: int, rate: Known
) -> dict[str, Estimate]:
    """Write time, rate, and the interval that loses least."""
    gives = reckoned(
        f"writes of {tier.name}",
        Range.point(tier.write_gb_s or 0.0),
        "GB/s",
        verified=tier.verified,
    )
    sized = reckoned("checkpoint_tb", size.value, "TB", verified=size.verified)
    minutes = written.value.mid / 60.0
    low, mid, high = (
        young_interval(minutes, 60.0 * mttf_hours(nodes, each / 1e3))
        for each in (rate.value.high, rate.value.mid, rate.value.low)
    )
    return {
        "checkpoint_gb_s": estimate(gives.value, "GB/s", "write throughput of the tier", (gives,)),
        "checkpoint_write_s": estimate(written.value, "s", "size / throughput", (sized, gives)),
        "checkpoint_interval_min": estimate(
            Range(low, mid, high),
            "min",
            "sqrt(2 x write x MTTF) (Young 1974)",
            (written, reckoned("nodes", Range.point(nodes), ""), rate),
        ),
    }


def _goodput(
    workload: Training, nodes: int, rate: Known, written: Known, catalog: Catalog
) -> tuple[Estimate, tuple[Finding, ...]]:
    restart = constant(catalog, "recovery.restart_minutes")
    assert workload.checkpoint is not None  # noqa: S101 - the caller looked
    interval = workload.checkpoint.every
    every = told("checkpoint.every", Range.point(interval.base / 60.0), "min")
    write_days = written.value.mid / SECONDS_PER_DAY
    share = effective_range(
        nodes,
        rate.value.scaled(1e-3),
        restart=restart.value.mid / MINUTES_PER_DAY,
        interval=max(interval.days, write_days),
        write=write_days,
    )
    known = (reckoned("nodes", Range.point(nodes), ""), rate, restart, every, written)
    formula = "(1 - N r (u0 + dt/2)) / (1 + w/dt) (arXiv 2410.21680)"
    if written.value.mid <= interval.base:
        return estimate(share, "", formula, known), ()
    finding = Finding(
        SAVES_TOO_SLOW,
        Severity.MEDIUM,
        f"a checkpoint of `{workload.name}` takes {number(written.value.mid / 60)} min to write, "
        f"longer than the {interval} between two",
        ("orchestration", "workloads", workload.name, "checkpoint", "every"),
        f"save less often, or give tier `{workload.checkpoint.to}` more write throughput",
        (("storage", "tiers", workload.checkpoint.to),),
    )
    return estimate(share, "", formula, known), (finding,)


def _not_saved(workload: Training) -> Finding:
    return Finding(
        NOT_SAVED,
        Severity.LOW,
        f"training `{workload.name}` saves no checkpoints: one failure loses all of it",
        ("orchestration", "workloads", workload.name),
        "add `checkpoint: {every: 20 min, to: <tier>}`",
    )
