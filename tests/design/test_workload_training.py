"""Trainings placed on a factory: time, memory, checkpoints, and what stands in the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.catalog import Catalog
from aifactory_iac.design import Design, design
from aifactory_iac.design.workloads.training import training_days
from aifactory_iac.findings import Finding, Severity

OF_WORKLOADS = {f"AIF-DSN-{number}" for number in range(105, 130)} - {"AIF-DSN-108"}
HERE = ("orchestration", "workloads", "model")
MFU = {"low": 0.3, "mid": 0.4, "high": 0.5}


@pytest.fixture(scope="session")
def made(build: Callable[..., Blueprint], catalog: Catalog) -> Callable[..., Design]:
    """A training `model` on pools of one on-prem cluster."""

    def make(
        *,
        pools: dict[str, tuple[str, int]] | None = None,
        storage: dict[str, Any] | None = None,
        **training: Any,
    ) -> Design:
        owned = pools or {"dgx": ("dgx-h100", 128)}
        workload = {
            "name": "model",
            "kind": "training",
            "on": "metal",
            "parameters": 70e9,
            "tokens": 1.4e12,
            **training,
        }
        return design(
            build(
                compute=[
                    {"name": name, "site": "dc1", "system": system, "count": count}
                    for name, (system, count) in owned.items()
                ],
                storage=storage or {},
                orchestration={
                    "clusters": [{"name": "metal", "site": "dc1", "pools": list(owned)}],
                    "workloads": [workload],
                },
            ),
            catalog,
        )

    return make


def of_workloads(made: Design) -> list[Finding]:
    return [finding for finding in made.findings if finding.rule in OF_WORKLOADS]


def saving(every: str, appliances: int = 4) -> dict[str, Any]:
    tier = {
        "name": "scratch",
        "site": "dc1",
        "kind": "parallel",
        "system": "ddn-ai400x2",
        "appliances": appliances,
        "capacity": "9 PB",
        "appliance_power": "2.5 kW",
    }
    return {
        "storage": {"tiers": [tier]},
        "checkpoint": {"every": every, "to": "scratch"},
    }


NOT_SAVED = Finding(
    "AIF-DSN-106",
    Severity.LOW,
    "Training `model` saves no checkpoints: one failure loses all of it.",
    HERE,
    "Add `checkpoint: {every: 20 min, to: <tier>}`.",
)


def test_llama_3_405b_on_its_own_cluster_takes_73_days(made: Callable[..., Design]) -> None:
    # arXiv 2407.21783: 2,048 nodes, 41% MFU, 90% goodput (published, for want of a write time).
    factory = made(
        pools={"dgx": ("dgx-h100", 2048)},
        parameters=4.05e11,
        tokens=1.56e13,
        mfu={"low": 0.38, "mid": 0.41, "high": 0.43},
    )
    found = factory.workloads["model"].estimates
    assert factory.workloads["model"].gpus == 16_384
    assert found["flops"].value.mid == pytest.approx(3.79e25, rel=1e-3)
    assert found["training_days"].value.mid == pytest.approx(73, abs=0.5)
    assert found["mttf_h"].value.mid == pytest.approx(3.09, abs=0.01)
    assert found["failures_per_day"].value.mid == pytest.approx(7.76, abs=0.01)
    assert of_workloads(factory) == [NOT_SAVED]


def test_time_says_its_formula_and_everything_that_went_in(
    made: Callable[..., Design], catalog: Catalog
) -> None:
    part = catalog.accelerators["nvidia-h100-sxm"].provenance
    days = made().workloads["model"].estimates["training_days"]
    assert (days.unit, days.formula) == (
        "days",
        "flops / (GPUs x dense peak x MFU) / goodput",
    )
    assert [(item.name, item.value, item.source) for item in days.inputs] == [
        ("flops", "5.88e+23 FLOP", "design"),
        ("gpus", "1,024", "design"),
        (
            "dense bf16 peak of nvidia-h100-sxm",
            "989.4 TFLOPS",
            ", ".join(each.key for each in part.sources),
        ),
        ("mfu.training", "0.3 / 0.4 / 0.5 share of dense peak", "llama3"),
        ("training.goodput", "0.9 share of time", "llama3"),
    ]


def test_checkpoints_of_a_known_tier_give_goodput_and_interval(
    made: Callable[..., Design],
) -> None:
    # 0.91 TB at 260 GB/s: 3.5 s; 128 nodes fail every 49 h.
    found = made(**saving("20 min")).workloads["model"].estimates
    assert found["checkpoint_tb"].value.mid == pytest.approx(0.91)
    assert found["checkpoint_gb_s"].value.mid == 260.0
    assert found["checkpoint_write_s"].value.mid == pytest.approx(3.5)
    assert found["checkpoint_interval_min"].value.mid == pytest.approx(18.6, abs=0.05)
    assert found["goodput"].value.mid == pytest.approx(0.990, abs=0.001)
    peak = training_days(5.88e23, 1024, 989.4, 0.4, found["goodput"].value.mid)
    assert found["training_days"].value.mid == pytest.approx(peak)


def test_an_interval_near_youngs_says_nothing(made: Callable[..., Design]) -> None:
    assert of_workloads(made(**saving("20 min"))) == []


def test_an_interval_that_loses_more_than_a_hundredth_is_named(
    made: Callable[..., Design],
) -> None:
    assert of_workloads(made(**saving("4 h"))) == [
        Finding(
            "AIF-DSN-107",
            Severity.INFO,
            "`model` keeps 95.6% of its time with a checkpoint every 4 h, and 99.0% with one "
            "every 19 min.",
            (*HERE, "checkpoint", "every"),
            "Write `19 min`.",
        )
    ]


def test_a_checkpoint_slower_than_its_interval_is_named(made: Callable[..., Design]) -> None:
    factory = made(
        parameters=1e13, gpus=1024, precision="fp8", checkpoint_size="40 TB", **saving("5 min", 1)
    )
    slow = [finding for finding in factory.findings if finding.rule == "AIF-DSN-105"]
    assert slow == [
        Finding(
            "AIF-DSN-105",
            Severity.MEDIUM,
            "A checkpoint of `model` takes 10.26 min to write, longer than the 5 min between two.",
            (*HERE, "checkpoint", "every"),
            "Save less often, or give tier `scratch` more write throughput.",
            (("storage", "tiers", "scratch"),),
        )
    ]


def test_a_training_that_fails_faster_than_it_recovers_has_no_time(
    made: Callable[..., Design],
) -> None:
    factory = made(pools={"dgx": ("dgx-h100", 12_500)}, **saving("30 min", 40))
    assert "training_days" not in factory.workloads["model"].estimates
    never = [finding for finding in factory.findings if finding.rule == "AIF-DSN-115"]
    assert [(f.severity, f.path) for f in never] == [(Severity.MEDIUM, (*HERE, "checkpoint"))]


def test_mfu_above_what_hardware_reaches_blocks(made: Callable[..., Design]) -> None:
    factory = made(mfu={"low": 0.5, "mid": 0.7, "high": 0.9})
    assert of_workloads(factory) == [
        NOT_SAVED,
        Finding(
            "AIF-DSN-111",
            Severity.HIGH,
            "MFU 0.9 of `model` is above 0.803, the most that matrix products reach on a H100 SXM5 "
            "80GB in bf16 when measured.",
            (*HERE, "mfu", "high"),
            "Stay at or below 0.8; large trainings reach 0.3 to 0.5.",
        ),
    ]


@pytest.mark.parametrize(
    "mfu", [{"low": 0.5, "mid": 0.4, "high": 0.3}, {"low": 0.0, "mid": 0.4, "high": 0.5}]
)
def test_an_mfu_that_does_not_rise_blocks(made: Callable[..., Design], mfu: dict[str, Any]) -> None:
    factory = made(mfu=mfu)
    assert [(f.rule, f.severity) for f in of_workloads(factory)] == [
        ("AIF-DSN-106", Severity.LOW),
        ("AIF-DSN-112", Severity.HIGH),
    ]
    assert "training_days" not in factory.workloads["model"].estimates


def test_the_default_mfu_stays_below_the_ceiling_of_the_accelerator(
    made: Callable[..., Design], catalog: Catalog
) -> None:
    # TF32 on an H100 has no measured ceiling, BF16 on an MI300X has one of 51%.
    factory = made(pools={"amd": ("hgx-mi300x-8", 16)}, gpus=128)
    found = factory.workloads["model"].estimates["training_days"].value
    part = catalog.accelerators["amd-mi300x"]
    assert part.mamf_tflops["bf16"] / part.tflops_dense["bf16"] > 0.5
    assert found.low == pytest.approx(
        training_days(5.88e23, 128, part.tflops_dense["bf16"], 0.5, 0.9)
    )


def test_a_precision_that_nobody_publishes_blocks(made: Callable[..., Design]) -> None:
    assert of_workloads(made(precision="fp4"))[1:] == [
        Finding(
            "AIF-DSN-110",
            Severity.HIGH,
            "No dense fp4 figure is published for a H100 SXM5 80GB, so `model` has no training "
            "time.",
            (*HERE, "precision"),
            "Published: bf16, fp8, int8, tf32.",
        )
    ]


def test_a_model_that_does_not_fit_blocks(made: Callable[..., Design]) -> None:
    # 18 B per parameter (Machine Learning Engineering) over 8 GPUs of 81,920 MiB.
    assert of_workloads(made(gpus=8))[1:] == [
        Finding(
            "AIF-DSN-113",
            Severity.HIGH,
            "Training `model` takes 157.5 GB on each of 8 GPUs, but a H100 SXM5 80GB shows "
            "85.9 GB.",
            (*HERE, "gpus"),
            "Use more GPUs, accelerators with more memory, or a smaller model.",
        )
    ]


def test_more_gpus_than_the_cluster_has_block(made: Callable[..., Design]) -> None:
    factory = made(gpus=2048)
    assert factory.workloads["model"].gpus == 1024
    assert of_workloads(factory)[1:] == [
        Finding(
            "AIF-DSN-114",
            Severity.HIGH,
            "`model` asks for 2,048 GPUs, but `metal` has 1,024 H100 SXM5 80GB without spares.",
            (*HERE, "gpus"),
            "Ask for at most 1024, or grow `dgx`.",
            (("compute", "dgx"),),
        )
    ]


def test_a_training_runs_on_like_accelerators_only(made: Callable[..., Design]) -> None:
    pools = {"new": ("dgx-b200", 32), "old": ("dgx-h100", 32)}
    assert made(pools=pools).workloads["model"].gpus == 256
    peak = made(pools=pools).workloads["model"].estimates["training_days"].inputs[2]
    assert peak.name == "dense bf16 peak of nvidia-b200-sxm"


def test_a_cluster_without_accelerators_blocks(made: Callable[..., Design]) -> None:
    factory = made(pools={"dgx": ("dgx-h100", 0)})
    assert factory.workloads["model"].gpus == 0
    assert of_workloads(factory) == [
        Finding(
            "AIF-DSN-116",
            Severity.HIGH,
            "`model` needs accelerators, but `metal` has none at work.",
            (*HERE, "on"),
            "Name a cluster whose pools have accelerators and nodes.",
        )
    ]


@settings(max_examples=25, deadline=None)
@given(nodes=st.integers(2, 400), more=st.integers(1, 400))
def test_a_larger_cluster_is_never_slower(
    made: Callable[..., Design], nodes: int, more: int
) -> None:
    small = made(pools={"dgx": ("dgx-h100", nodes)}).workloads["model"].estimates
    large = made(pools={"dgx": ("dgx-h100", nodes + more)}).workloads["model"].estimates
    assert large["training_days"].value.mid <= small["training_days"].value.mid
    assert large["memory_per_gpu_gb"].value.mid <= small["memory_per_gpu_gb"].value.mid
