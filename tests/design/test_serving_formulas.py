"""Serving arithmetic against figures that others have published."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aifactory_iac.design.workloads.memory import gpus_for_weights, weights_gb
from aifactory_iac.design.workloads.serving import (
    peak_tokens_per_second,
    requests_per_second,
    serving_gpus,
    tokens_per_joule,
    usd_per_million_tokens,
)


def test_a_billion_requests_a_week_are_1653_a_second() -> None:
    # Research 05, R55.
    assert requests_per_second(1e9) == pytest.approx(1653, abs=0.5)


def test_demand_is_mean_rate_times_tokens_times_peak() -> None:
    assert peak_tokens_per_second(604_800, 300, 2.0) == 600.0


def test_gpus_follow_from_demand_rate_and_the_share_planned_with() -> None:
    assert serving_gpus(20_000, 1_000, 0.7) == pytest.approx(28.57, abs=0.01)


def test_a_b200_at_ten_thousand_tokens_gives_five_and_a_half_per_joule() -> None:
    # InferenceMAX: above 10,000 token/s per B200 on Llama 3.3 70B; DGX B200 draws 14.3 kW.
    assert tokens_per_joule(10_000, 14_300 / 8) == pytest.approx(5.59, abs=0.01)


def test_a_million_tokens_at_ten_thousand_a_second_cost_what_100_seconds_of_gpu_do() -> None:
    assert usd_per_million_tokens(3.60, 10_000) == pytest.approx(0.10)
    assert usd_per_million_tokens(3.60, 80_000, gpus=8) == pytest.approx(0.10)


@pytest.mark.parametrize(
    ("precision", "gigabytes"),
    [("fp32", 280.0), ("bf16", 140.0), ("fp8", 70.0), ("fp6", 52.5), ("fp4", 35.0), ("int8", 70.0)],
)
def test_seventy_billion_weights_by_precision(precision: str, gigabytes: float) -> None:
    assert weights_gb(70e9, precision) == gigabytes


@given(weights=st.floats(0, 1e6), memory=st.floats(1, 1e4))
def test_the_gpus_for_weights_hold_them_and_one_fewer_does_not(
    weights: float, memory: float
) -> None:
    gpus = gpus_for_weights(weights, memory)
    assert gpus * memory >= weights
    assert gpus == 1 or (gpus - 1) * memory < weights
