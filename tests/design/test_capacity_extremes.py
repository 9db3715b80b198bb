"""Values that no factory has but a document may hold: a finding or a figure, never an error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.catalog import Catalog
from aifactory_iac.design import Design, design

TRAINING = {"name": "w", "kind": "training", "on": "metal", "parameters": 7e10, "tokens": 1e12}
SERVING = {
    "name": "w",
    "kind": "serving",
    "on": "metal",
    "model": "m",
    "parameters": 7e10,
    "slo": {"throughput": "1000 token/s"},
    "tokens_per_gpu": "100 token/s",
    "tokens_per_gpu_source": "test",
}
SCRATCH = {"name": "scratch", "site": "dc1", "kind": "parallel", "system": "ddn-ai400x2"}
CLOUD = {"name": "cloud", "kind": "aws", "region": "us-east-1", "account": "1"}
SAVED = {"every": "0 s", "to": "scratch"}


@pytest.fixture
def made(build: Callable[..., Blueprint], site: Callable[..., dict[str, Any]]) -> Any:
    def make(
        *workloads: dict[str, Any],
        tier: dict[str, Any] | None = None,
        pool: dict[str, Any] | None = None,
        overlay: Path | None = None,
    ) -> Design:
        catalog = Catalog.shipped([overlay] if overlay else [])
        assert catalog.findings == ()
        tiers = [SCRATCH if tier is None else {**SCRATCH, **tier}]
        owned = {"name": "dgx", "site": "dc1", "system": "dgx-h100", "count": 4, **(pool or {})}
        blueprint = build(
            sites=[site(), CLOUD],
            compute=[
                owned,
                {"name": "p5", "site": "cloud", "instance": "p5.48xlarge", "count": 1},
            ],
            storage={"tiers": tiers},
            orchestration={
                "clusters": [{"name": "metal", "site": "dc1", "pools": ["dgx"]}],
                "workloads": list(workloads),
            },
        )
        return design(blueprint, catalog)

    return make


@pytest.mark.parametrize(
    "more",
    [
        {"parameters": 1e15, "tokens": 1e18},
        {"parameters": 1e-300, "tokens": 1e-300},
        {"mfu": {"low": 1e-300, "mid": 0.5, "high": 0.5}},
        {"checkpoint": SAVED},
        {"checkpoint": SAVED, "checkpoint_size": "0 B"},
        {"checkpoint": {"every": "1e300 s", "to": "scratch", "keep": 10_000_000}},
        {"checkpoint": {"every": "20 min", "to": "nowhere"}},
        {"checkpoint": SAVED, "checkpoint_size": "1e280 PB"},
        {"gpus": 10_000_000},
        {"on": ["nowhere", "metal"]},
    ],
)
def test_trainings(made: Callable[..., Design], more: dict[str, Any]) -> None:
    assert "w" in made({**TRAINING, **more}).workloads


@pytest.mark.parametrize(
    "more",
    [
        {"target_utilisation": 1e-300},
        {"slo": {"throughput": "0 token/s"}},
        {"slo": {"throughput": "1e300 token/s"}, "target_utilisation": 1e-10},
        {"slo": {"requests_per_week": 1e308, "tokens_per_request": 1e308}},
        {"tokens_per_gpu": "0 token/s"},
        {"tokens_per_gpu": "1e-300 token/s"},
        {"parameters": 1e15, "replicas": 10_000_000},
        {"model": "nobody"},
    ],
)
def test_services(made: Callable[..., Design], more: dict[str, Any]) -> None:
    assert "w" in made({**SERVING, **more}).workloads


@pytest.mark.parametrize(
    "tier",
    [
        {"throughput": {"read": "1e298 GB/s", "per": "gpu"}},
        {"throughput": {"read": "0 GB/s", "write": "0 GB/s"}},
        {"capacity": "0 B"},
        {"capacity": "1e290 PB"},
        {"serves": ["nobody"]},
        {"system": None},
        {"kind": "fsx-lustre", "site": "cloud", "system": None, "capacity": "1e280 PB"},
        {
            "kind": "fsx-lustre",
            "site": "cloud",
            "system": None,
            "throughput": {"read": "1e298 GB/s", "per": "gpu"},
        },
        {"kind": "nfs", "site": "cloud", "system": None},
        {"kind": "local-nvme", "system": None},
    ],
)
def test_tiers(made: Callable[..., Design], tier: dict[str, Any]) -> None:
    assert "scratch" in made(tier=tier).storage


@pytest.mark.parametrize(
    "pool",
    [
        {"utilisation": 0.0},
        {"utilisation": 1e-300},
        {"load": 0.0},
        {"count": 0},
        {"node_power": "0 W"},
        {"node_power": "1e290 GW"},
        {"spares": {"count": 4}},
    ],
)
def test_pools(made: Callable[..., Design], pool: dict[str, Any]) -> None:
    assert "dgx" in made(TRAINING, pool=pool).economics.by_pool


@pytest.mark.parametrize(
    "constant",
    [
        "capex.share.gpu: {value: 0, low: 0, high: 0",
        "failures.per_1000_node_days: {value: 0, low: 0, high: 0",
        "home.kwh_per_year: {value: 0, low: 0, high: 0",
        "economics.mechanical_life_years: {value: 0, low: 0, high: 0",
        "mfu.training: {value: 0, low: 0, high: 0",
        "training.goodput: {value: 0, low: 0, high: 0",
        "recovery.restart_minutes: {value: 0, low: 0, high: 0",
    ],
)
def test_constants_of_an_overlay(
    made: Callable[..., Design], tmp_path: Path, constant: str
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "apiVersion: aifactory/v1\nkind: Catalog\nsources:\n"
        "  quote: {title: Quote, document: quote.pdf, date: 2026-10-01}\n"
        f"constants:\n  capex.share.cpu: {{value: 0, unit: x, sources: [quote]}}\n"
        f"  {constant}, unit: x, sources: [quote]}}\n",
        encoding="utf-8",
    )
    saved = {**TRAINING, "checkpoint": {"every": "20 min", "to": "scratch"}}
    assert "w" in made(saved, overlay=file).workloads
