"""FSx for Lustre: capacity steps, and the throughput that comes with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.catalog import Catalog
from aifactory_iac.design import design
from aifactory_iac.design.known import constant
from aifactory_iac.design.model import TierDesign
from aifactory_iac.design.storage.fsx import FsxChoice, Steps, choose
from aifactory_iac.findings import Finding, Severity

Made = tuple[TierDesign, list[Finding]]


@pytest.fixture
def made(build: Callable[..., Blueprint], catalog: Catalog) -> Callable[..., Made]:
    """The tier `scratch` on AWS in front of `count` instances, with its findings."""

    def make(count: int = 8, instance: str = "p5.48xlarge", data: str = "", **tier: Any) -> Made:
        scratch = {"name": "scratch", "site": "cloud", "kind": "fsx-lustre", **tier}
        datasets = (
            [{"name": "corpus", "class": "public", "lives_on": "scratch", "size": data}]
            if data
            else []
        )
        blueprint = build(
            sites=[{"name": "cloud", "kind": "aws", "region": "us-east-1", "account": "1"}],
            compute=[{"name": "gpu", "site": "cloud", "instance": instance, "count": count}],
            storage={"tiers": [scratch], "datasets": datasets},
        )
        made = design(blueprint, catalog)
        path = ("storage", "tiers", "scratch")
        return made.storage["scratch"], [f for f in made.findings if f.path[:3] == path]

    return make


def test_every_step_with_efa_gives_4687_5_mb_s(catalog: Catalog) -> None:
    # FSx for Lustre User Guide: 38,400 / 19,200 / 9,600 / 4,800 GiB.
    steps = {tier.mb_s_per_tib: tier.efa_step_gib for tier in catalog.fsx_tiers.values()}
    assert steps == {125: 38_400, 250: 19_200, 500: 9_600, 1000: 4_800}
    each = constant(catalog, "fsx.step_mb_s").value.mid
    for tier in catalog.fsx_tiers.values():
        assert FsxChoice(tier, tier.efa_step_gib).gb_s == pytest.approx(each / 1e3)


@pytest.mark.parametrize(
    ("asked", "sold"),
    [(0, 1_200), (1_200, 1_200), (1_201, 2_400), (2_400, 2_400), (2_401, 4_800), (7_200, 7_200)],
)
def test_capacities_on_sale_without_efa(asked: float, sold: int) -> None:
    assert Steps(1_200, 2_400).at_least(asked) == sold


def test_64_gpus_and_little_data_take_the_highest_tier(made: Callable[..., Made]) -> None:
    # 64 GB/s at 1,000 MB/s per TiB is 64 TiB: 14 steps of 4,800 GiB.
    tier, findings = made(8)
    assert (tier.throughput_tier, tier.capacity_tb) == (1000, pytest.approx(67_200 * 2**30 / 1e12))
    assert tier.read_gb_s == pytest.approx(65.625)
    assert (tier.needed_read_gb_s, tier.needed_write_gb_s) == (64.0, 64.0)
    assert findings == []


def test_much_data_takes_the_smallest_tier_that_is_fast_enough(made: Callable[..., Made]) -> None:
    # 600 TB is 558,794 GiB: 15 steps of 38,400 give 70.3 GB/s at 125 MB/s per TiB already.
    tier, findings = made(8, data="600 TB")
    assert (tier.throughput_tier, tier.read_gb_s) == (125, pytest.approx(70.3125))
    assert findings == []


def test_a_stated_tier_is_kept_and_capacity_grows(made: Callable[..., Made]) -> None:
    tier, findings = made(8, throughput_tier=250)
    assert tier.throughput_tier == 250
    assert tier.capacity_tb == pytest.approx(14 * 19_200 * 2**30 / 1e12)
    assert findings == []


def test_a_stated_capacity_that_is_sold_is_kept(made: Callable[..., Made]) -> None:
    tier, findings = made(8, capacity="75 TiB")
    assert (tier.throughput_tier, tier.read_gb_s) == (1000, 75.0)
    assert findings == []


def test_a_stated_capacity_between_steps_is_named_with_the_next_step(
    made: Callable[..., Made],
) -> None:
    tier, findings = made(8, capacity="76.8 TiB", throughput_tier=1000)
    assert tier.capacity_tb == pytest.approx(81_600 * 2**30 / 1e12)
    assert findings == [
        Finding(
            "AIF-DSN-104",
            Severity.MEDIUM,
            "FSx sells no 76.8 TiB at 1000 MB/s per TiB: capacity starts at 4,800 GiB and comes in "
            "steps of 4,800 GiB, so 81,600 GiB will be provisioned.",
            ("storage", "tiers", "scratch", "capacity"),
            "Write `81600 GiB`.",
        )
    ]


def test_a_capacity_too_small_for_the_rule_is_too_slow(made: Callable[..., Made]) -> None:
    tier, findings = made(8, capacity="9600 GiB")
    assert (tier.throughput_tier, tier.read_gb_s) == (1000, 9.375)
    assert [(f.rule, f.severity, f.message) for f in findings] == [
        (
            "AIF-DSN-100",
            Severity.MEDIUM,
            f"Tier `scratch` gives 9.375 GB/s of {way}, but 64 GB/s are needed.",
        )
        for way in ("reads", "writes")
    ]


def test_data_beyond_a_stated_capacity_is_over_capacity(made: Callable[..., Made]) -> None:
    _, findings = made(1, capacity="38400 GiB", data="100 TB")
    assert [(f.rule, f.severity, f.hint) for f in findings] == [
        (
            "AIF-DSN-101",
            Severity.HIGH,
            "Give it at least 100 TB, or keep data or checkpoints elsewhere.",
        )
    ]


def test_instances_without_efa_take_the_smaller_steps(made: Callable[..., Made]) -> None:
    tier, findings = made(2, "g6e.4xlarge")
    assert (tier.efa, tier.throughput_tier) == (False, 1000)
    assert tier.capacity_tb == pytest.approx(2_400 * 2**30 / 1e12)
    assert tier.read_gb_s == pytest.approx(2.34375)
    assert findings == []


@given(gib=st.floats(0, 1e6), gb_s=st.floats(0, 1e3))
def test_what_is_not_fixed_satisfies_both_demands(
    catalog: Catalog, gib: float, gb_s: float
) -> None:
    offers = [
        (tier, Steps(tier.efa_step_gib, tier.efa_step_gib)) for tier in catalog.fsx_tiers.values()
    ]
    choice = choose(offers, gib=gib, gb_s=gb_s, fixed=False)
    assert choice.gib >= gib * (1 - 1e-9)
    assert choice.gb_s >= gb_s * (1 - 1e-6)
    assert choice.gib % choice.tier.efa_step_gib == 0
    assert choice == choose(offers[::-1], gib=gib, gb_s=gb_s, fixed=False)
