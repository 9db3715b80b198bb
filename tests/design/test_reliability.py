"""Failures and what they cost, against the clusters that published theirs."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aifactory_iac.catalog import Catalog
from aifactory_iac.design.estimate import Range
from aifactory_iac.design.workloads.reliability import (
    effective_range,
    effective_share,
    failure_rate,
    failures_per_day,
    mttf_hours,
    young_interval,
)

MINUTE = 1 / 1440


def test_failure_rates_are_those_of_three_published_clusters(catalog: Catalog) -> None:
    # RSC-2, Llama 3 and RSC-1, per node-day (arXiv 2410.21680 and 2407.21783).
    rate = failure_rate(catalog)
    assert (rate.low, rate.mid, rate.high) == pytest.approx((2.34e-3, 3.79e-3, 6.50e-3))


def test_llama_3_saw_419_failures_in_54_days_on_2048_nodes(catalog: Catalog) -> None:
    daily = failures_per_day(2048, failure_rate(catalog)).mid
    assert daily * 54 == pytest.approx(419, rel=2e-3)
    assert mttf_hours(2048, failure_rate(catalog).mid) == pytest.approx(3.09, abs=0.01)


@pytest.mark.parametrize(("gpus", "hours"), [(16_384, 1.8), (131_072, 0.23)])
def test_meta_projects_the_mean_time_to_failure_of_larger_jobs(gpus: int, hours: float) -> None:
    # HPCA 2025 at RSC-1's rate, 8 GPUs a node.
    assert mttf_hours(gpus // 8, 6.50e-3) == pytest.approx(hours, abs=0.02)


def test_youngs_interval_for_one_minute_and_three_hours_is_19_minutes() -> None:
    assert young_interval(1.0, 3.09 * 60) == pytest.approx(19, abs=0.5)


def test_effective_training_time_of_2048_nodes_is_0_84(catalog: Catalog) -> None:
    # Restart 10 min, interval 30 min, write 1 min (arXiv 2410.21680).
    share = effective_share(
        2048,
        failure_rate(catalog).mid,
        restart=10 * MINUTE,
        interval=30 * MINUTE,
        write=MINUTE,
    )
    assert share == pytest.approx(0.84, abs=0.005)


def test_nothing_is_left_when_failures_come_faster_than_recovery() -> None:
    assert effective_share(1_000_000, 6.5e-3, restart=0.01, interval=0.01, write=0.001) == 0.0


def test_nothing_fails_without_a_rate() -> None:
    assert mttf_hours(100, 0.0) == math.inf


@given(
    nodes=st.integers(1, 100_000),
    more=st.integers(0, 100_000),
    rates=st.tuples(*[st.floats(1e-5, 1e-1)] * 3).map(sorted),
    restart=st.floats(0, 1),
    interval=st.floats(1e-4, 10),
    write=st.floats(1e-6, 1),
)
def test_more_nodes_never_keep_more_of_their_time(
    nodes: int, more: int, rates: list[float], restart: float, interval: float, write: float
) -> None:
    few = effective_range(nodes, Range(*rates), restart=restart, interval=interval, write=write)
    many = effective_range(
        nodes + more, Range(*rates), restart=restart, interval=interval, write=write
    )
    assert 0.0 <= few.low <= few.mid <= few.high <= 1.0
    assert many.low <= few.low
    assert many.mid <= few.mid
    assert many.high <= few.high


@given(write=st.floats(0.01, 100), mttf=st.floats(1, 1e5), off=st.floats(0.2, 5))
def test_no_other_interval_loses_less_than_youngs(write: float, mttf: float, off: float) -> None:
    def lost(interval: float) -> float:
        return write / interval + interval / (2 * mttf)

    best = young_interval(write, mttf)
    assert lost(best) <= lost(best * off) * (1 + 1e-12)
