"""Checkpoints of a training: size, write time, the interval that loses least, and goodput."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model.workloads import Checkpoint, Training
from aifactory_iac.design.capacity_rules import said
from aifactory_iac.design.estimate import Estimate, Range
from aifactory_iac.design.known import (
    Known,
    constant,
    estimate,
    from_estimate,
    number,
    reckoned,
    told,
)
from aifactory_iac.design.model import TierDesign
from aifactory_iac.design.storage.demand import checkpoint_tb
from aifactory_iac.design.workloads.reliability import (
    effective_range,
    effective_share,
    failures_per_day,
    mttf_hours,
    young_interval,
)
from aifactory_iac.findings import Finding, Path

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog

SECONDS_PER_MINUTE = 60.0
SECONDS_PER_DAY = 86_400.0
MINUTES_PER_DAY = 1_440.0
WORTH_SAYING = 0.01
"""Share of time lost to a poor interval from which on it is worth a finding."""

Estimates = dict[str, Estimate]


@dataclass(frozen=True, slots=True)
class Saving:
    """What a training keeps of its time, with the estimates that lead there."""

    goodput: Known
    estimates: Estimates


@dataclass(frozen=True, slots=True)
class _Job:
    """A training on its nodes, with what the catalog says of failures; rates per node-day."""

    workload: Training
    nodes: int
    failures: Known
    restart: Known

    @property
    def rate(self) -> Range:
        return self.failures.value.scaled(1e-3)

    def share(self, rate: float, *, interval: float, write: float) -> float:
        """Effective share of time; interval and write in days."""
        restart = self.restart.value.mid / MINUTES_PER_DAY
        return effective_share(
            self.nodes, rate, restart=restart, interval=max(interval, write), write=write
        )

    def path(self, *rest: str) -> Path:
        return ("orchestration", "workloads", self.workload.name, "checkpoint", *rest)


def saving_of(
    workload: Training, nodes: int, catalog: Catalog, storage: Mapping[str, TierDesign]
) -> tuple[Saving, tuple[Finding, ...]]:
    """Goodput of a training from its checkpoints.

    Where there are none, or their tier's throughput is not known, the published goodput of one
    large training stands in.
    """
    job = _Job(
        workload,
        nodes,
        constant(catalog, "failures.per_1000_node_days"),
        constant(catalog, "recovery.restart_minutes"),
    )
    estimates = {"checkpoint_tb": _size(workload, catalog)} | _failures(job)
    checkpoint = workload.checkpoint
    tier = storage.get(checkpoint.to) if checkpoint else None
    size = estimates["checkpoint_tb"].value.mid
    if checkpoint is None or tier is None or not tier.write_gb_s or size <= 0:
        published = constant(catalog, "training.goodput")
        text = "published for one large training, as the write time is not known"
        estimates["goodput"] = estimate(published.value, "", text, (published,))
        return Saving(published, estimates), _not_saved(workload)
    paced = _pace(job, estimates["checkpoint_tb"], tier, tier.write_gb_s)
    share = _goodput(job, checkpoint, paced["checkpoint_write_s"])
    found = estimates | paced | {"goodput": share}
    findings = _interval(job, checkpoint, paced)
    return Saving(from_estimate("goodput", share), found), findings


def _size(workload: Training, catalog: Catalog) -> Estimate:
    each = constant(catalog, "checkpoint.bytes_per_parameter")
    if workload.checkpoint_size is not None:
        size = Range.point(workload.checkpoint_size.tb)
        return estimate(size, "TB", "as stated", (told("checkpoint_size", size, "TB"),))
    spread = each.value.map(lambda size: checkpoint_tb(workload, size))
    known = (told("parameters", Range.point(workload.parameters), ""), each)
    return estimate(spread, "TB", "parameters x bytes per parameter", known)


def _failures(job: _Job) -> Estimates:
    known = (reckoned("nodes", Range.point(job.nodes), ""), job.failures)
    daily = estimate(
        failures_per_day(job.nodes, job.rate), "1/day", "nodes x failures per node-day", known
    )
    if job.rate.low <= 0:
        return {"failures_per_day": daily}
    mttf = Range(*(mttf_hours(job.nodes, each) for each in _falling(job.rate)))
    return {
        "failures_per_day": daily,
        "mttf_h": estimate(mttf, "h", "24 / (nodes x failures per node-day)", known),
    }


def _falling(value: Range) -> tuple[float, float, float]:
    return value.high, value.mid, value.low


def _pace(job: _Job, size: Estimate, tier: TierDesign, gb_s: float) -> Estimates:
    """Write rate and time, and the interval that loses least."""
    gives = reckoned(f"writes of {tier.name}", Range.point(gb_s), "GB/s", verified=tier.verified)
    seconds = size.value.scaled(1e3 / gb_s)
    minutes = seconds.mid / SECONDS_PER_MINUTE
    written = estimate(
        seconds, "s", "size / write throughput", (from_estimate("checkpoint", size), gives)
    )
    known = (
        from_estimate("write time", written),
        reckoned("nodes", Range.point(job.nodes), ""),
        job.failures,
    )
    paced = {
        "checkpoint_gb_s": estimate(gives.value, "GB/s", "write throughput of the tier", (gives,)),
        "checkpoint_write_s": written,
    }
    if job.rate.low <= 0:
        return paced
    best = (
        young_interval(minutes, SECONDS_PER_MINUTE * mttf_hours(job.nodes, each))
        for each in _falling(job.rate)
    )
    formula = "sqrt(2 x write time x MTTF) (Young 1974)"
    return paced | {"checkpoint_interval_min": estimate(Range(*best), "min", formula, known)}


def _goodput(job: _Job, checkpoint: Checkpoint, written: Estimate) -> Estimate:
    write = written.value.mid / SECONDS_PER_DAY
    share = effective_range(
        job.nodes,
        job.rate,
        restart=job.restart.value.mid / MINUTES_PER_DAY,
        interval=max(checkpoint.every.days, write),
        write=write,
    )
    every = Range.point(checkpoint.every.base / SECONDS_PER_MINUTE)
    known = (
        reckoned("nodes", Range.point(job.nodes), ""),
        job.failures,
        job.restart,
        told("checkpoint.every", every, "min"),
        from_estimate("write time", written),
    )
    formula = "(1 - N r (restart + interval/2)) / (1 + write/interval) (arXiv 2410.21680)"
    return estimate(share, "", formula, known)


def _interval(
    job: _Job, checkpoint: Checkpoint, paced: Mapping[str, Estimate]
) -> tuple[Finding, ...]:
    """Checkpoints that take longer than their interval, or come at a poor one."""
    written = paced["checkpoint_write_s"].value.mid
    if written > checkpoint.every.base:
        text = (
            f"A checkpoint of `{job.workload.name}` takes {number(written / SECONDS_PER_MINUTE)} "
            f"min to write, longer than the {checkpoint.every} between two."
        )
        hint = f"Save less often, or give tier `{checkpoint.to}` more write throughput."
        return (
            said(
                105, text, job.path("every"), hint, related=(("storage", "tiers", checkpoint.to),)
            ),
        )
    if "checkpoint_interval_min" not in paced:
        return ()
    best = paced["checkpoint_interval_min"].value.mid
    write = written / SECONDS_PER_DAY
    now = job.share(job.rate.mid, interval=checkpoint.every.days, write=write)
    better = max(1, round(best))
    then = job.share(job.rate.mid, interval=better / MINUTES_PER_DAY, write=write)
    if then - now < WORTH_SAYING:
        return ()
    text = (
        f"`{job.workload.name}` keeps {now:.1%} of its time with a checkpoint every "
        f"{checkpoint.every}, and {then:.1%} with one every {better} min."
    )
    return (said(107, text, job.path("every"), f"Write `{better} min`."),)


def _not_saved(workload: Training) -> tuple[Finding, ...]:
    if workload.checkpoint is not None:
        return ()
    return (
        said(
            106,
            f"Training `{workload.name}` saves no checkpoints: one failure loses all of it.",
            ("orchestration", "workloads", workload.name),
            "Add `checkpoint: {every: 20 min, to: <tier>}`.",
        ),
    )
