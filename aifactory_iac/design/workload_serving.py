"""One model in service: GPUs for its promise, fit of its weights, tokens per joule."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model.workloads import Serving, Training
from aifactory_iac.design.estimate import Estimate, Range
from aifactory_iac.design.known import Known, constant, estimate, fact, number, reckoned, told
from aifactory_iac.design.memory import gpus_for_weights, visible_gb, weights_gb
from aifactory_iac.design.model import WorkloadDesign
from aifactory_iac.design.placement import Group
from aifactory_iac.design.serving import peak_tokens_per_second, serving_gpus, tokens_per_joule
from aifactory_iac.findings import Finding, Severity

if TYPE_CHECKING:
    from aifactory_iac.blueprint.model.document import Blueprint
    from aifactory_iac.catalog import Catalog

NO_DEMAND = "AIF-DSN-120"
RATE_UNKNOWN = "AIF-DSN-121"
SERVING_SHORT = "AIF-DSN-122"
WEIGHTS_TOO_LARGE = "AIF-DSN-123"
RATE_UNSOURCED = "AIF-DSN-124"
RATE_OF_OTHER_MODEL = "AIF-DSN-125"

Estimates = dict[str, Estimate]


def design_serving(
    workload: Serving, group: Group, blueprint: Blueprint, catalog: Catalog
) -> tuple[WorkloadDesign, tuple[Finding, ...]]:
    """What a service takes on the group it was placed on."""
    weights, fewest, said = _weights(workload, group, blueprint)
    rate, about_rate = _rate(workload, group, catalog)
    demand, about_demand = _demand(workload)
    estimates = weights | (_efficiency(rate, group) if rate else {})
    gpus = fewest * (workload.replicas or 1)
    short: tuple[Finding, ...] = ()
    if demand:
        estimates["tokens_per_s"] = demand
    if demand and rate:
        needed = _gpus(workload, demand, rate, gpus)
        estimates["gpus_needed"] = needed
        gpus = math.ceil(needed.value.mid)
        short = _short(workload, group, gpus)
    design = WorkloadDesign(
        workload.name,
        workload.kind,
        workload.clusters,
        min(gpus, group.gpus),
        dict(sorted(estimates.items())),
    )
    return design, (*said, *about_rate, *about_demand, *short)


def parameters_of(workload: Serving, blueprint: Blueprint) -> float | None:
    """Parameters of the model: stated, or those of the training it names."""
    if workload.parameters is not None:
        return workload.parameters
    return next(
        (
            item.parameters
            for item in blueprint.orchestration.workloads
            if isinstance(item, Training) and item.name == workload.model
        ),
        None,
    )


def _weights(
    workload: Serving, group: Group, blueprint: Blueprint
) -> tuple[Estimates, int, tuple[Finding, ...]]:
    parameters = parameters_of(workload, blueprint)
    if parameters is None:
        return {}, 1, ()
    size = weights_gb(parameters, workload.precision)
    visible = visible_gb(group.accelerator)
    fewest = gpus_for_weights(size, visible)
    part = group.accelerator
    field = "memory_gb" if part.memory_visible_mib is None else "memory_visible_mib"
    known = (
        told("parameters", Range.point(parameters), ""),
        fact("visible memory", Range.point(visible), "GB", part.provenance, field),
    )
    found = {
        "weights_gb": estimate(
            Range.point(size),
            "GB",
            f"parameters x bytes of {workload.precision}; KV cache on top",
            known[:1],
        ),
        "gpus_per_replica": estimate(
            Range.point(fewest), "GPUs", "weights / visible memory, rounded up", known
        ),
    }
    if fewest <= group.gpus:
        return found, fewest, ()
    finding = Finding(
        WEIGHTS_TOO_LARGE,
        Severity.HIGH,
        f"weights of `{workload.model}` take {number(size)} GB in {workload.precision}, but the "
        f"{group.gpus:,} GPUs of `{group.cluster}` show {number(visible * group.gpus)} GB",
        ("orchestration", "workloads", workload.name, "precision"),
        "use a narrower precision, more GPUs, or accelerators with more memory",
    )
    return found, fewest, (finding,)


def _rate(
    workload: Serving, group: Group, catalog: Catalog
) -> tuple[Known | None, tuple[Finding, ...]]:
    """Tokens per second of one GPU: measured, else the catalog's for the accelerator, else none."""
    path = ("orchestration", "workloads", workload.name, "tokens_per_gpu")
    if workload.tokens_per_gpu is not None:
        value = Range.point(workload.tokens_per_gpu.base)
        source = workload.tokens_per_gpu_source
        known = told("tokens per GPU", value, "token/s", source=source or "blueprint")
        if source is not None:
            return known, ()
        return unverified(known), (
            Finding(
                RATE_UNSOURCED,
                Severity.LOW,
                f"`tokens_per_gpu` of `{workload.name}` does not say where it was measured",
                path,
                "name the measurement under `tokens_per_gpu_source`",
            ),
        )
    identity = f"serving.tokens_per_gpu.{group.accelerator.id}"
    if identity not in catalog.constants:
        return None, (
            Finding(
                RATE_UNKNOWN,
                Severity.MEDIUM,
                f"nobody says how many tokens per second a {group.accelerator.name} gives for "
                f"`{workload.model}`, so the GPUs of `{workload.name}` are not known",
                path,
                "measure it, and write `tokens_per_gpu` with `tokens_per_gpu_source`",
            ),
        )
    model = catalog.constants[identity].provenance.note or "another model"
    return unverified(constant(catalog, identity)), (
        Finding(
            RATE_OF_OTHER_MODEL,
            Severity.LOW,
            f"`{workload.name}` is sized with a rate published for another case: {model}",
            path,
            "measure your model, and write `tokens_per_gpu` with `tokens_per_gpu_source`",
        ),
    )


def unverified(known: Known) -> Known:
    """The same number, marked as not good enough to build on."""
    given = known.given
    return Known(known.value, type(given)(given.name, given.value, given.source, verified=False))


def _demand(workload: Serving) -> tuple[Estimate | None, tuple[Finding, ...]]:
    slo = workload.slo
    if slo.throughput is not None:
        value = Range.point(slo.throughput.base)
        return estimate(
            value, "token/s", "as promised", (told("slo.throughput", value, "token/s"),)
        ), ()
    if slo.requests_per_week is not None and slo.tokens_per_request is not None:
        value = Range.point(
            peak_tokens_per_second(slo.requests_per_week, slo.tokens_per_request, slo.peak_factor)
        )
        known = (
            told("requests per week", Range.point(slo.requests_per_week), ""),
            told("tokens per request", Range.point(slo.tokens_per_request), ""),
            told("peak over mean", Range.point(slo.peak_factor), ""),
        )
        formula = "requests per week / 604,800 s x tokens per request x peak over mean"
        return estimate(value, "token/s", formula, known), ()
    finding = Finding(
        NO_DEMAND,
        Severity.INFO,
        f"`{workload.name}` promises no rate, so its GPUs are not sized",
        ("orchestration", "workloads", workload.name, "slo"),
        "add `throughput`, or `requests_per_week` with `tokens_per_request`",
    )
    return None, (finding,)


def _gpus(workload: Serving, demand: Estimate, rate: Known, fewest: int) -> Estimate:
    share = workload.target_utilisation
    value = rate.value
    low, mid, high = (
        max(float(fewest), math.ceil(serving_gpus(demand.value.mid, each, share) - 1e-9))
        for each in (value.high, value.mid, value.low)
    )
    known = (
        reckoned("demand", demand.value, demand.unit, verified=demand.verified),
        rate,
        told("target_utilisation", Range.point(share), ""),
        reckoned("fewest that hold the weights", Range.point(fewest), "GPUs"),
    )
    formula = "demand / (tokens per GPU x target utilisation), rounded up"
    return estimate(Range(low, mid, high), "GPUs", formula, known)


def _efficiency(rate: Known, group: Group) -> Estimates:
    """Tokens per joule at maximum node power; absent where a pool's power is not known."""
    watts = [_watts(pool.node_power_kw, pool.gpus_per_node) for pool in group.pools]
    known_watts = [each for each in watts if each is not None]
    if len(known_watts) < len(watts):
        return {}
    worst, best = max(known_watts), min(known_watts)
    verified = all(pool.node_power_verified for pool in group.pools)
    power = reckoned(
        "power per GPU", Range(best, (best + worst) / 2, worst), "W", verified=verified
    )
    value = Range(
        tokens_per_joule(rate.value.low, worst),
        tokens_per_joule(rate.value.mid, power.value.mid),
        tokens_per_joule(rate.value.high, best),
    )
    formula = "tokens per GPU / (node maximum power / GPUs per node)"
    return {"tokens_per_joule": estimate(value, "token/J", formula, (rate, power))}


def _watts(node_kw: float | None, gpus: int) -> float | None:
    return None if not node_kw else node_kw * 1e3 / gpus


def _short(workload: Serving, group: Group, gpus: int) -> tuple[Finding, ...]:
    if gpus <= group.gpus:
        return ()
    return (
        Finding(
            SERVING_SHORT,
            Severity.HIGH,
            f"`{workload.name}` needs {gpus:,} GPUs for what it promises, but `{group.cluster}` "
            f"has {group.gpus:,} {group.accelerator.name} without spares",
            ("orchestration", "workloads", workload.name, "slo"),
            "promise less, or grow " + ", ".join(f"`{pool.name}`" for pool in group.pools),
            tuple(("compute", pool.name) for pool in group.pools),
        ),
    )
