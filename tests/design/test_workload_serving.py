"""Services and batch placed on a factory: GPUs, weights, tokens per joule, GPU-hours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.catalog import Catalog
from aifactory_iac.design import Design, design
from aifactory_iac.findings import Finding, Severity

OF_WORKLOADS = {f"AIF-DSN-{number}" for number in range(110, 130)}
HERE = ("orchestration", "workloads", "chat")
MEASURE = "Measure your model, and write `tokens_per_gpu` with `tokens_per_gpu_source`."
MEASURED = {"tokens_per_gpu": "1000 token/s", "tokens_per_gpu_source": "load test of 2026-10-01"}


@pytest.fixture(scope="session")
def made(build: Callable[..., Blueprint], catalog: Catalog) -> Callable[..., Design]:
    """A workload `chat` on a cluster of one pool."""

    def make(system: str = "dgx-h100", nodes: int = 4, **workload: Any) -> Design:
        chat = {
            "name": "chat",
            "kind": "serving",
            "on": "metal",
            "model": "llama-3.3-70b",
            "parameters": 70e9,
            "slo": {"throughput": "20000 token/s"},
            **workload,
        }
        if chat["kind"] != "serving":
            chat = {key: chat[key] for key in ("name", "kind", "on")} | workload
        return design(
            build(
                compute=[{"name": "pool", "site": "dc1", "system": system, "count": nodes}],
                orchestration={
                    "clusters": [{"name": "metal", "site": "dc1", "pools": ["pool"]}],
                    "workloads": [chat],
                },
            ),
            catalog,
        )

    return make


def of_workloads(made: Design) -> list[Finding]:
    return [finding for finding in made.findings if finding.rule in OF_WORKLOADS]


def test_gpus_follow_from_the_promise_and_a_measured_rate(made: Callable[..., Design]) -> None:
    # 20,000 / (1,000 x 0.7) = 28.6
    factory = made(**MEASURED)
    needed = factory.workloads["chat"].estimates["gpus_needed"]
    assert (needed.value.mid, factory.workloads["chat"].gpus) == (29, 29)
    assert [(item.name, item.value, item.source, item.verified) for item in needed.inputs] == [
        ("demand", "20,000 token/s", "design", True),
        ("tokens per GPU", "1,000 token/s", "load test of 2026-10-01", True),
        ("target_utilisation", "0.7", "blueprint", True),
        ("fewest that hold the replicas", "1 GPUs", "design", True),
    ]
    assert of_workloads(factory) == []


def test_a_billion_requests_a_week_at_300_tokens_and_twice_the_mean(
    made: Callable[..., Design],
) -> None:
    slo = {"requests_per_week": 1e9, "tokens_per_request": 300.0, "peak_factor": 2.0}
    factory = made(slo=slo, nodes=200, **MEASURED)
    found = factory.workloads["chat"].estimates
    assert found["tokens_per_s"].value.mid == pytest.approx(1e9 / 604_800 * 300 * 2)
    assert found["gpus_needed"].value.mid == 1418


def test_tokens_per_joule_take_the_machine_not_the_chip(made: Callable[..., Design]) -> None:
    # 1,000 token/s over 10.2 kW / 8.
    found = made(**MEASURED).workloads["chat"].estimates
    assert found["tokens_per_joule"].value.mid == pytest.approx(1000 / 1275)


def test_a_million_tokens_cost_what_their_gpus_do(made: Callable[..., Design]) -> None:
    factory = made(**MEASURED)
    hourly = factory.economics.by_pool["pool"]["usd_per_gpu_hour"].value.mid
    cost = factory.workloads["chat"].estimates["usd_per_million_tokens"].value.mid
    assert cost == pytest.approx(hourly * 29 * 1e6 / (3600 * 20_000))


def test_without_a_rate_nothing_is_assumed(made: Callable[..., Design]) -> None:
    factory = made()
    found = factory.workloads["chat"].estimates
    assert sorted(found) == ["gpus_per_replica", "tokens_per_s", "weights_gb"]
    assert of_workloads(factory) == [
        Finding(
            "AIF-DSN-121",
            Severity.MEDIUM,
            "Nobody says how many tokens per second a H100 SXM5 80GB gives for `llama-3.3-70b`, so "
            "the GPUs of `chat` are not known.",
            (*HERE, "tokens_per_gpu"),
            MEASURE,
        )
    ]


def test_a_published_rate_names_its_model_and_is_marked(made: Callable[..., Design]) -> None:
    # InferenceMAX: above 10,000 token/s per B200 on Llama 3.3 70B.
    factory = made("dgx-b200")
    needed = factory.workloads["chat"].estimates["gpus_needed"]
    assert (needed.value.mid, needed.verified) == (3, False)
    assert of_workloads(factory) == [
        Finding(
            "AIF-DSN-125",
            Severity.LOW,
            "`chat` is sized with a rate published for another case: Llama 3.3 70B.",
            (*HERE, "tokens_per_gpu"),
            MEASURE,
        )
    ]


def test_a_measurement_without_a_source_is_marked(made: Callable[..., Design]) -> None:
    factory = made(tokens_per_gpu="1000 token/s")
    assert not factory.workloads["chat"].estimates["gpus_needed"].verified
    assert [(f.rule, f.severity) for f in of_workloads(factory)] == [("AIF-DSN-124", Severity.LOW)]


def test_a_promise_beyond_the_cluster_blocks(made: Callable[..., Design]) -> None:
    factory = made(nodes=2, **MEASURED)
    assert factory.workloads["chat"].gpus == 16
    assert of_workloads(factory) == [
        Finding(
            "AIF-DSN-122",
            Severity.HIGH,
            "`chat` needs 29 GPUs for what it promises, but `metal` has 16 H100 SXM5 80GB without "
            "spares.",
            (*HERE, "slo"),
            "Promise less, or grow `pool`.",
            (("compute", "pool"),),
        )
    ]


def test_a_promise_beyond_the_cluster_on_an_unsourced_rate_does_not_block(
    made: Callable[..., Design],
) -> None:
    short = [
        finding
        for finding in of_workloads(made(nodes=2, tokens_per_gpu="1000 token/s"))
        if finding.rule == "AIF-DSN-122"
    ]
    assert [finding.severity for finding in short] == [Severity.MEDIUM]


def test_weights_that_do_not_fit_block(made: Callable[..., Design]) -> None:
    factory = made(nodes=1, parameters=1e12, precision="bf16", **MEASURED)
    assert [f for f in of_workloads(factory) if f.rule != "AIF-DSN-122"] == [
        Finding(
            "AIF-DSN-123",
            Severity.HIGH,
            "Weights of `llama-3.3-70b` take 2,000 GB in bf16, but the 8 GPUs of `metal` show "
            "687.2 GB.",
            (*HERE, "precision"),
            "Use a narrower precision, more GPUs, or accelerators with more memory.",
            (("compute", "pool"),),
        )
    ]


def test_replicas_take_the_gpus_that_their_weights_need(made: Callable[..., Design]) -> None:
    # 405e9 parameters in BF16 are 810 GB: 10 GPUs of 85.9 GB a replica.
    slo = {"throughput": "100 token/s"}
    factory = made(nodes=8, parameters=405e9, precision="bf16", replicas=3, slo=slo, **MEASURED)
    found = factory.workloads["chat"].estimates
    assert found["gpus_per_replica"].value.mid == 10
    assert found["gpus_needed"].value.mid == 30


def test_without_a_promise_gpus_are_not_sized(made: Callable[..., Design]) -> None:
    factory = made(slo={}, **MEASURED)
    assert "gpus_needed" not in factory.workloads["chat"].estimates
    assert [(f.rule, f.severity) for f in of_workloads(factory)] == [("AIF-DSN-120", Severity.INFO)]


def test_batch_says_jobs_at_once_and_hours_to_be_had(made: Callable[..., Design]) -> None:
    factory = made(nodes=10, kind="batch")
    found = factory.workloads["chat"].estimates
    assert found["jobs_at_once"].value.mid == 10
    assert found["gpu_hours_per_week"].value.mid == pytest.approx(80 * 168 * 0.8)
    assert of_workloads(factory) == []


def test_batch_demand_beyond_the_pools_is_named(made: Callable[..., Design]) -> None:
    factory = made(nodes=10, kind="batch", gpu_hours_per_week=20_000.0)
    assert of_workloads(factory) == [
        Finding(
            "AIF-DSN-126",
            Severity.MEDIUM,
            "`chat` asks for 20,000 GPU-hours a week, but its pools give 10,752 even when nothing "
            "else runs.",
            (*HERE, "gpu_hours_per_week"),
            "Ask for less, or grow the pools.",
        )
    ]


def test_a_job_larger_than_every_pool_blocks(made: Callable[..., Design]) -> None:
    assert of_workloads(made(nodes=2, kind="batch")) == []
    factory = made(nodes=2, kind="simulation", gpu_hours_per_week=1.0)
    assert of_workloads(factory) == []


@settings(max_examples=25, deadline=None)
@given(demand=st.integers(1, 10**6), rate=st.integers(1, 10**5))
def test_a_higher_promise_never_takes_fewer_gpus(
    made: Callable[..., Design], demand: int, rate: int
) -> None:
    def needed(tokens: int) -> float:
        factory = made(
            slo={"throughput": f"{tokens} token/s"},
            tokens_per_gpu=f"{rate} token/s",
            tokens_per_gpu_source="test",
        )
        return factory.workloads["chat"].estimates["gpus_needed"].value.mid

    assert needed(demand) <= needed(2 * demand)
