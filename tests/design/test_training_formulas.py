"""Training arithmetic against figures that others have published."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aifactory_iac.catalog import Catalog
from aifactory_iac.design.estimate import Range
from aifactory_iac.design.known import constant
from aifactory_iac.design.workloads.training import (
    days_range,
    gpus_for,
    mfu_ceiling,
    training_days,
    training_flops,
)

LLAMA_3 = training_flops(4.05e11, 1.56e13)
TRILLION = training_flops(1e12, 20e12)


def test_llama_3_405b_took_3_79e25_floating_point_operations() -> None:
    # The Llama 3 Herd of Models, arXiv 2407.21783: "3.8 x 10^25 FLOPs".
    flops = training_flops(4.05e11, 1.56e13)
    assert flops == pytest.approx(3.79e25, rel=1e-3)


def test_llama_3_405b_takes_66_days_at_its_published_utilisation(catalog: Catalog) -> None:
    # 16,384 H100 at 41% MFU (arXiv 2407.21783, table 4).
    peak = catalog.accelerators["nvidia-h100-sxm"].tflops_dense["bf16"]
    assert peak == 989.4
    assert training_days(LLAMA_3, 16_384, peak, 0.41) == pytest.approx(66, abs=0.5)


def test_llama_3_405b_takes_73_days_with_its_published_goodput(catalog: Catalog) -> None:
    goodput = constant(catalog, "training.goodput").value.mid
    assert goodput == 0.90
    assert training_days(LLAMA_3, 16_384, 989.4, 0.41, goodput) == pytest.approx(73, abs=0.5)


@pytest.mark.parametrize(
    ("accelerator", "precision", "gpus"),
    [
        ("nvidia-gb200-gpu", "bf16", 49_600),
        ("nvidia-gb200-gpu", "fp8", 24_800),
        ("nvidia-h100-sxm", "bf16", 125_300),
    ],
)
def test_a_trillion_parameters_in_four_weeks(
    catalog: Catalog, accelerator: str, precision: str, gpus: int
) -> None:
    # Research 05, section 1.2: 20 tokens per parameter, 40% MFU, no failures.
    peak = catalog.accelerators[accelerator].tflops_dense[precision]
    assert gpus_for(TRILLION, 28, peak, 0.40) == pytest.approx(gpus, rel=1e-3)


@pytest.mark.parametrize(
    ("accelerator", "share"),
    [
        ("nvidia-h100-sxm", 0.80),
        ("nvidia-b200-sxm", 0.78),
        ("nvidia-gb200-gpu", 0.73),
        ("amd-mi300x", 0.51),
    ],
)
def test_the_ceiling_of_mfu_is_what_matrix_products_reach_when_measured(
    catalog: Catalog, accelerator: str, share: float
) -> None:
    # Machine Learning Engineering, MAMF tables.
    part = catalog.accelerators[accelerator]
    ceiling = mfu_ceiling(part.mamf_tflops["bf16"], part.tflops_dense["bf16"])
    assert ceiling == pytest.approx(share, abs=0.005)


@given(
    flops=st.floats(1e18, 1e28),
    gpus=st.integers(1, 1_000_000),
    more=st.integers(1, 1_000_000),
    peak=st.floats(10, 1e5),
    mfu=st.floats(0.01, 0.9),
    goodput=st.floats(0.01, 1.0),
)
def test_more_gpus_are_never_slower(
    flops: float, gpus: int, more: int, peak: float, mfu: float, goodput: float
) -> None:
    slow = training_days(flops, gpus, peak, mfu, goodput)
    fast = training_days(flops, gpus + more, peak, mfu, goodput)
    assert fast <= slow


@given(
    flops=st.floats(1e18, 1e28),
    days=st.floats(0.1, 1e4),
    peak=st.floats(10, 1e5),
    mfu=st.floats(0.01, 0.9),
    goodput=st.floats(0.01, 1.0),
)
def test_the_gpus_for_a_deadline_meet_it(
    flops: float, days: float, peak: float, mfu: float, goodput: float
) -> None:
    gpus = gpus_for(flops, days, peak, mfu, goodput)
    assert training_days(flops, gpus, peak, mfu, goodput) == pytest.approx(days, rel=1e-9)


def test_the_best_utilisation_gives_the_shortest_time() -> None:
    mfu, goodput = Range(0.3, 0.4, 0.5), Range(0.8, 0.9, 1.0)
    days = days_range(1e24, 1024, 989.4, mfu, goodput)
    assert days.low == pytest.approx(training_days(1e24, 1024, 989.4, 0.5, 1.0))
    assert days.mid == pytest.approx(training_days(1e24, 1024, 989.4, 0.4, 0.9))
    assert days.high == pytest.approx(training_days(1e24, 1024, 989.4, 0.3, 0.8))
