"""AIF-STO-006."""

from __future__ import annotations

from aifactory_iac.blueprint.model.workloads import Training
from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-STO-006",
    title="Trainings checkpoint; checkpoints are quick to write and fit their tier",
    severity=Severity.MEDIUM,
    zone="data-storage",
    controls=("soc2:A1.2", "iso27001:A.8.13", "nist800-53:CP-9"),
    needs=("blueprint", "design"),
    parameters={
        "longest_share": {
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": 1,
            "default": 0.1,
            "description": "Highest share of the checkpoint interval that writing may take.",
        }
    },
)
def checkpoints(factory: Context, *, longest_share: float) -> Checks:
    """A training saves its state, writing takes a small share of the interval, and all kept fit."""
    for workload in factory.workloads.values():
        if not isinstance(workload, Training) or workload.kind != "training":
            continue
        path = ("orchestration", "workloads", workload.name, "checkpoint")
        if workload.checkpoint is None:
            yield failed(
                path,
                "none",
                f"training `{workload.name}` keeps no checkpoints",
                hint="add `checkpoint: {every: 30 min, to: ...}`",
            )
            continue
        seconds = _seconds(factory, workload.name, workload.checkpoint.to)
        interval = workload.checkpoint.every.base
        if seconds is not None and seconds > longest_share * interval:
            yield failed(
                (*path, "every"),
                "slow",
                f"a checkpoint of `{workload.name}` takes {seconds:,.0f} s of every "
                f"{interval:,.0f} s; at most {longest_share:.0%} is allowed",
                hint="write to a faster tier, or less often",
                related=(("storage", "tiers", workload.checkpoint.to),),
            )
        else:
            yield passed(path)
    yield from _room(factory)


def _room(factory: Context) -> Checks:
    """Datasets, their growth and checkpoints kept fit the tier."""
    for name, tier in sorted(factory.engineered.storage.items()):
        path = ("storage", "tiers", name, "capacity")
        if tier.capacity_tb is None or tier.needed_capacity_tb <= 0:
            continue
        if tier.needed_capacity_tb > tier.capacity_tb:
            yield failed(
                path,
                "full",
                f"tier `{name}` holds {tier.capacity_tb:,.1f} TB; datasets, a year's growth and "
                f"checkpoints need {tier.needed_capacity_tb:,.1f} TB",
                hint="more capacity, fewer checkpoints kept, or another tier for some datasets",
            )
        else:
            yield passed(path)


def _seconds(factory: Context, workload: str, tier: str) -> float | None:
    design = factory.engineered
    size = (
        design.workloads[workload].estimates.get("checkpoint_tb")
        if (workload in design.workloads)
        else None
    )
    speed = design.storage[tier].write_gb_s if tier in design.storage else None
    return size.value.mid * 1000 / speed if size is not None and speed else None
