"""One model in service: GPUs for its promise, fit of its weights, tokens per joule."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model.workloads import Serving, Training
from aifactory_iac.design.capacity_rules import said
from aifactory_iac.design.estimate import Estimate, Range
from aifactory_iac.design.known import (
    Known,
    borrowed,
    constant,
    estimate,
    fact,
    from_estimate,
    number,
    reckoned,
    rounded_up,
    told,
)
from aifactory_iac.design.model import PoolDesign, WorkloadDesign
from aifactory_iac.design.workloads.memory import (
    gpus_for_weights,
    visible_field,
    visible_gb,
    weights_gb,
)
from aifactory_iac.design.workloads.placement import Group
from aifactory_iac.design.workloads.serving import (
    peak_tokens_per_second,
    serving_gpus,
    tokens_per_joule,
)
from aifactory_iac.findings import Finding, Path

if TYPE_CHECKING:
    from aifactory_iac.blueprint.model.document import Blueprint
    from aifactory_iac.catalog import Catalog

PUBLISHED = "serving.tokens_per_gpu."
"""Constants with a published rate end in the accelerator's id; their note names the model."""

Estimates = dict[str, Estimate]


def design_serving(
    workload: Serving, group: Group, blueprint: Blueprint, catalog: Catalog
) -> tuple[WorkloadDesign, tuple[Finding, ...]]:
    """What a service takes on the group it was placed on."""
    weights, each, findings = _weights(workload, group, blueprint)
    fewest = each * (workload.replicas or 1)
    rate, about_rate = _rate(workload, group, catalog)
    demand, about_demand = _demand(workload)
    estimates = weights | demand
    if rate is not None:
        estimates |= _efficiency(rate, group)
    if rate is not None and demand:
        estimates["gpus_needed"] = _gpus(workload, demand["tokens_per_s"], rate, fewest)
    needed = estimates.get("gpus_needed")
    gpus = fewest if needed is None else math.ceil(needed.value.mid)
    short = _short(workload, group, gpus, needed) if each <= group.gpus else ()
    design = WorkloadDesign(
        workload.name,
        workload.kind,
        workload.clusters,
        min(gpus, group.gpus),
        dict(sorted(estimates.items())),
    )
    return design, (*findings, *about_rate, *about_demand, *short)


def _path(workload: Serving, *rest: str) -> Path:
    return ("orchestration", "workloads", workload.name, *rest)


def parameters_of(workload: Serving, blueprint: Blueprint) -> float | None:
    """Parameters of the model: stated, or those of the training it names."""
    if workload.parameters is not None:
        return workload.parameters
    trainings = (item for item in blueprint.orchestration.workloads if isinstance(item, Training))
    return next((item.parameters for item in trainings if item.name == workload.model), None)


def _weights(
    workload: Serving, group: Group, blueprint: Blueprint
) -> tuple[Estimates, int, tuple[Finding, ...]]:
    """Size of the weights, and the GPUs that hold one replica; 1 where the size is not known."""
    parameters = parameters_of(workload, blueprint)
    if parameters is None:
        return {}, 1, ()
    part = group.accelerator
    size, visible = weights_gb(parameters, workload.precision), visible_gb(part)
    fewest = gpus_for_weights(size, visible)
    shown = fact("visible memory", Range.point(visible), "GB", part.provenance, visible_field(part))
    given = told("parameters", Range.point(parameters), "")
    formula = f"parameters x bytes of {workload.precision}; the KV cache comes on top"
    held = estimate(Range.point(size), "GB", formula, (given,))
    per_replica = estimate(
        Range.point(fewest),
        "GPUs",
        "weights / visible memory, rounded up",
        (from_estimate("weights", held), shown),
    )
    found = {"weights_gb": held, "gpus_per_replica": per_replica}
    if fewest <= group.gpus:
        return found, fewest, ()
    finding = said(
        123,
        f"Weights of `{workload.model}` take {number(size)} GB in {workload.precision}, but the "
        f"{group.gpus:,} GPUs of `{group.cluster}` show {number(visible * group.gpus)} GB.",
        _path(workload, "precision"),
        "Use a narrower precision, more GPUs, or accelerators with more memory.",
        related=group.paths,
        verified=per_replica.verified,
    )
    return found, fewest, (finding,)


def _rate(
    workload: Serving, group: Group, catalog: Catalog
) -> tuple[Known | None, tuple[Finding, ...]]:
    """Tokens per second of one GPU: measured, else published for the accelerator, else none."""
    path = _path(workload, "tokens_per_gpu")
    measure = "Measure your model, and write `tokens_per_gpu` with `tokens_per_gpu_source`."
    if workload.tokens_per_gpu is not None and workload.tokens_per_gpu.base > 0:
        return _measured(workload, workload.tokens_per_gpu.base)
    published = f"{PUBLISHED}{group.accelerator.id}"
    if published not in catalog.constants:
        text = (
            f"Nobody says how many tokens per second a {group.accelerator.name} gives for "
            f"`{workload.model}`, so the GPUs of `{workload.name}` are not known."
        )
        return None, (said(121, text, path, measure),)
    model = catalog.constants[published].provenance.note or "a model that is not named"
    text = f"`{workload.name}` is sized with a rate published for another case: {model}."
    return borrowed(constant(catalog, published), model), (said(125, text, path, measure),)


def _measured(workload: Serving, rate: float) -> tuple[Known, tuple[Finding, ...]]:
    source = workload.tokens_per_gpu_source
    known = told("tokens per GPU", Range.point(rate), "token/s", source=source or "blueprint")
    if source is not None:
        return known, ()
    text = f"`tokens_per_gpu` of `{workload.name}` does not say where it was measured."
    hint = "Name the measurement under `tokens_per_gpu_source`."
    return borrowed(known, "source not named"), (
        said(124, text, _path(workload, "tokens_per_gpu"), hint),
    )


def _demand(workload: Serving) -> tuple[Estimates, tuple[Finding, ...]]:
    slo = workload.slo
    if slo.throughput is not None:
        value = Range.point(slo.throughput.base)
        promised = (told("slo.throughput", value, "token/s"),)
        return {"tokens_per_s": estimate(value, "token/s", "as promised", promised)}, ()
    if slo.requests_per_week is not None and slo.tokens_per_request is not None:
        rate = peak_tokens_per_second(
            slo.requests_per_week, slo.tokens_per_request, slo.peak_factor
        )
        known = (
            told("requests per week", Range.point(slo.requests_per_week), ""),
            told("tokens per request", Range.point(slo.tokens_per_request), ""),
            told("peak over mean", Range.point(slo.peak_factor), ""),
        )
        formula = "requests per week / 604,800 s x tokens per request x peak over mean"
        return {"tokens_per_s": estimate(Range.point(rate), "token/s", formula, known)}, ()
    text = f"`{workload.name}` promises no rate, so its GPUs are not sized."
    hint = "Add `throughput`, or `requests_per_week` with `tokens_per_request`."
    return {}, (said(120, text, _path(workload, "slo"), hint),)


def _gpus(workload: Serving, demand: Estimate, rate: Known, fewest: int) -> Estimate:
    share = workload.target_utilisation
    needed = (
        rounded_up(serving_gpus(demand.value.mid, each, share))
        for each in (rate.value.high, rate.value.mid, rate.value.low)
    )
    low, mid, high = (float(max(fewest, each)) for each in needed)
    known = (
        from_estimate("demand", demand),
        rate,
        told("target_utilisation", Range.point(share), ""),
        reckoned("fewest that hold the replicas", Range.point(fewest), "GPUs"),
    )
    formula = "demand / (tokens per GPU x target utilisation), rounded up"
    return estimate(Range(low, mid, high), "GPUs", formula, known)


def _efficiency(rate: Known, group: Group) -> Estimates:
    """Tokens per joule at maximum node power; absent where a pool's power is not known."""
    watts = [each for pool in group.pools for each in _watts(pool)]
    if len(watts) < len(group.pools):
        return {}
    best, worst = min(watts), max(watts)
    verified = all(pool.node_power_verified for pool in group.pools)
    power = reckoned(
        "power per GPU", Range(best, (best + worst) / 2, worst), "W", verified=verified
    )
    value = Range(
        tokens_per_joule(rate.value.low, power.value.high),
        tokens_per_joule(rate.value.mid, power.value.mid),
        tokens_per_joule(rate.value.high, power.value.low),
    )
    formula = "tokens per GPU / (node maximum power / GPUs per node), without PUE"
    return {"tokens_per_joule": estimate(value, "token/J", formula, (rate, power))}


def _watts(pool: PoolDesign) -> list[float]:
    return [pool.node_power_kw * 1e3 / pool.gpus_per_node] if pool.node_power_kw else []


def _short(
    workload: Serving, group: Group, gpus: int, needed: Estimate | None
) -> tuple[Finding, ...]:
    if gpus <= group.gpus:
        return ()
    return (
        said(
            122,
            f"`{workload.name}` needs {gpus:,} GPUs for what it promises, but `{group.cluster}` "
            f"has {group.gpus:,} {group.accelerator.name} without spares.",
            _path(workload, "slo" if needed else "replicas"),
            f"Promise less, or grow {group.names}.",
            related=group.paths,
            verified=needed is None or needed.verified,
        ),
    )
