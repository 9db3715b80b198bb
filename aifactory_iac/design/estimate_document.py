"""Estimates as JSON: every figure a range, with formula and sourced inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aifactory_iac.design.estimate import Estimate
from aifactory_iac.design.model import Design

SCHEMA_VERSION = 1


def estimate_document(design: Design) -> dict[str, Any]:
    """What `estimate --format json` prints; names in sorted order."""
    economics = design.economics
    return {
        "schemaVersion": SCHEMA_VERSION,
        "kind": "Estimate",
        "blueprint": design.blueprint,
        "version": design.version,
        "total": _estimates(economics.total),
        "sites": {name: _estimates(each) for name, each in sorted(economics.by_site.items())},
        "pools": {name: _estimates(each) for name, each in sorted(economics.by_pool.items())},
        "workloads": {
            name: {"kind": workload.kind, "gpus": workload.gpus, **_estimates(workload.estimates)}
            for name, workload in sorted(design.workloads.items())
        },
    }


def _estimates(estimates: Mapping[str, Estimate]) -> dict[str, Any]:
    return {name: _estimate(each) for name, each in sorted(estimates.items())}


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {
        "low": _figure(estimate.value.low),
        "mid": _figure(estimate.value.mid),
        "high": _figure(estimate.value.high),
        "unit": estimate.unit,
        "verified": estimate.verified,
        "formula": estimate.formula,
        "inputs": [
            {
                "name": item.name,
                "value": item.value,
                "source": item.source,
                "verified": item.verified,
            }
            for item in estimate.inputs
        ],
    }


def _figure(value: float) -> float:
    """Ten significant digits: enough for any use, and equal on every machine."""
    return float(f"{value:.10g}")
