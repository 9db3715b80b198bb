"""Spare nodes by the Poisson rule, and which nodes they are."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aifactory_iac.design.inventory.nodes import take_inventory
from aifactory_iac.design.inventory.pools import design_pools
from aifactory_iac.design.inventory.spares import spare_rows, spares_needed

RATE = 3.79e-3


def test_256_nodes_with_a_week_of_repair_need_14_spares():
    """Research 05, section 2.4: N=256, r_f=3.79e-3 per node-day, 7 days, 99 %: 14 nodes."""
    assert spares_needed(256, RATE, 7, 0.99) == 14


@pytest.mark.parametrize(
    ("nodes", "spares"),
    [(0, 0), (1, 1), (31, 3), (127, 8), (12_500, 375), (100_000, 2774)],
)
def test_spares_needed(nodes, spares):
    assert spares_needed(nodes, RATE, 7, 0.99) == spares
    assert len(spare_rows(nodes, RATE, 7, 0.99)) == spares


@given(st.integers(1, 600), st.floats(0.0, 30.0), st.floats(0.5, 0.9999))
@settings(max_examples=60, deadline=None)
def test_it_is_the_smallest_number_that_is_enough(nodes, days, confidence):
    spares = spares_needed(nodes, RATE, days, confidence)
    mean = nodes * RATE * days

    assert _cdf(spares, mean) >= confidence - 1e-9 or spares == nodes
    assert spares == 0 or _cdf(spares - 1, mean) < confidence + 1e-9


@given(st.integers(1, 500), st.integers(0, 500), st.floats(0.1, 20.0))
@settings(max_examples=60, deadline=None)
def test_growing_a_pool_changes_no_old_node_from_spare_to_not_or_back(nodes, more, days):
    before = spare_rows(nodes, RATE, days, 0.99).tolist()
    after = spare_rows(nodes + more, RATE, days, 0.99).tolist()

    assert before == [row for row in after if row < nodes]


def test_repair_that_never_ends_leaves_no_node_at_work():
    assert spare_rows(50, RATE, 3650, 0.99).tolist() == list(range(50))


def test_spares_are_among_the_nodes_not_added(superpod, catalog):
    blueprint = superpod(4, spares={"confidence": 0.99, "repair": "7 d"})
    pools, findings = design_pools(blueprint, catalog)
    inventory = take_inventory(blueprint, catalog, pools)

    assert (pools["dgx"].nodes, pools["dgx"].spares) == (127, 8)
    assert int(inventory.spare.sum()) == 8
    assert findings == ()


def test_a_number_fixed_by_contract_takes_the_first_nodes(superpod, catalog):
    blueprint = superpod(1, spares={"count": 2})
    pools, _ = design_pools(blueprint, catalog)
    inventory = take_inventory(blueprint, catalog, pools)

    assert [inventory.name[row] for row in inventory.spare.nonzero()[0]] == [
        "dgx-su001-n01",
        "dgx-su001-n02",
    ]


def test_spares_that_leave_no_node_at_work_are_a_finding(superpod, catalog):
    _, findings = design_pools(superpod(0, count=2, spares={"count": 3}), catalog)

    assert [(each.rule, each.path, each.message) for each in findings] == [
        (
            "AIF-DSN-004",
            ("compute", "dgx", "spares"),
            "Pool `dgx` of 2 nodes needs 3 spares, which leaves no node at work.",
        )
    ]


def _cdf(count: int, mean: float) -> float:
    return math.fsum(
        math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) if mean else float(k == 0)
        for k in range(count + 1)
    )
