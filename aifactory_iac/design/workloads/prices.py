"""What workloads cost, once the pools they run on have a price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model.workloads import Batch, Training, Workload
from aifactory_iac.design.estimate import Estimate, Range
from aifactory_iac.design.known import Known, estimate, from_estimate, reckoned
from aifactory_iac.design.model import Economics, PoolDesign, WorkloadDesign
from aifactory_iac.design.workloads.placement import Group, candidates, place, working_gpus
from aifactory_iac.design.workloads.serving import usd_per_million_tokens

if TYPE_CHECKING:
    from aifactory_iac.blueprint.model.document import Blueprint
    from aifactory_iac.catalog import Catalog


def price_workloads(
    blueprint: Blueprint,
    catalog: Catalog,
    pools: Mapping[str, PoolDesign],
    workloads: Mapping[str, WorkloadDesign],
    economics: Economics,
) -> Mapping[str, WorkloadDesign]:
    """The workloads with `run_usd` (a training) or `usd_per_million_tokens` (a service) added.

    A workload whose pools have no $/GPU-hour, or whose rate is not known, stays as it is.
    """
    priced = dict(workloads)
    for workload in blueprint.orchestration.workloads:
        design = workloads.get(workload.name)
        if design is None or isinstance(workload, Batch):
            continue
        group = _group(workload, blueprint, catalog, pools)
        hourly = _hourly(group, economics) if group else None
        if hourly is not None:
            added = _training(design, hourly) | _service(design, hourly)
            estimates = dict(sorted((dict(design.estimates) | added).items()))
            priced[workload.name] = replace(design, estimates=estimates)
    return priced


def _group(
    workload: Workload, blueprint: Blueprint, catalog: Catalog, pools: Mapping[str, PoolDesign]
) -> Group | None:
    asked = workload.gpus if isinstance(workload, Training) else None
    return place(candidates(workload, blueprint, catalog, pools), asked)


def _hourly(group: Group, economics: Economics) -> Known | None:
    """Mean $/GPU-hour of a group's pools by working GPUs; `None` where one has none."""
    prices = [
        (pool, economics.by_pool.get(pool.name, {}).get("usd_per_gpu_hour")) for pool in group.pools
    ]
    known = [(pool, price) for pool, price in prices if price is not None]
    if len(known) < len(prices) or not group.gpus:
        return None
    total = sum((price.value.scaled(working_gpus(pool)) for pool, price in known), Range.point(0.0))
    verified = all(price.verified for _, price in known)
    mean = total.scaled(1.0 / group.gpus)
    return reckoned("usd_per_gpu_hour", mean, "USD/GPU-h", verified=verified)


def _training(design: WorkloadDesign, hourly: Known) -> dict[str, Estimate]:
    hours = design.estimates.get("gpu_hours")
    if hours is None:
        return {}
    known = (from_estimate("gpu_hours", hours), hourly)
    value = hours.value.times(hourly.value)
    return {"run_usd": estimate(value, "USD", "GPU-hours x $/GPU-hour", known)}


def _service(design: WorkloadDesign, hourly: Known) -> dict[str, Estimate]:
    gpus, rate = design.estimates.get("gpus_needed"), design.estimates.get("tokens_per_s")
    if gpus is None or rate is None or rate.value.low <= 0:
        return {}
    spend = hourly.value.times(gpus.value)
    value = spend.map(lambda usd: usd_per_million_tokens(usd, rate.value.mid))
    known = (hourly, from_estimate("gpus_needed", gpus), from_estimate("tokens_per_s", rate))
    formula = "$/GPU-hour x GPUs x 1e6 / (3600 x tokens per second)"
    return {"usd_per_million_tokens": estimate(value, "USD/Mtoken", formula, known)}
