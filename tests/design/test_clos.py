"""Clos arithmetic on its own: splits, even spread, tiers and their limits."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aifactory_iac.design.fabric.clos import (
    Clos,
    Demand,
    LeafSplit,
    Segment,
    even_spines,
    size_clos,
    split_leaf,
)


def demand(groups, final, rails, planes, radix, **more):
    """A fabric of one owner."""
    return Demand((Segment(groups, rails),), Segment(final, rails), planes, radix, **more)


def counts(clos):
    return clos.tiers, clos.leaves, clos.spines, clos.cores, clos.leaf_spine, clos.spine_core


@pytest.mark.parametrize(
    ("radix", "at_most", "split"),
    [
        pytest.param(64, 1.0, LeafSplit(32, 32), id="non-blocking is half and half"),
        pytest.param(128, 1.0, LeafSplit(64, 64), id="also at 128 ports"),
        pytest.param(64, 1.34, LeafSplit(36, 28), id="4:3 keeps below its bound: 36/28 is 1.29"),
        pytest.param(64, 3.0, LeafSplit(48, 16), id="3:1"),
        pytest.param(64, 4.0, LeafSplit(50, 14), id="4:1 would be 13 uplinks, which spread badly"),
    ],
)
def test_a_leaf_is_split_within_its_bound(radix, at_most, split):
    assert split_leaf(radix, at_most) == split


@given(st.integers(4, 512), st.floats(1.0, 16.0))
def test_the_split_never_exceeds_its_bound_and_uses_every_port(radix, at_most):
    split = split_leaf(radix, at_most)

    assert split.down + split.up == radix
    assert split.down <= split.up * at_most + 1e-6


@pytest.mark.parametrize(
    ("up", "leaves", "radix", "spines"),
    [
        pytest.param(32, 8, 64, 4, id="8 leaves"),
        pytest.param(32, 24, 64, 16, id="24 leaves need 16, not 12"),
        pytest.param(72, 32, 144, 18, id="XDR, 32 leaves"),
        pytest.param(32, 65, 64, None, id="more leaves than a spine has ports"),
    ],
)
def test_spines_divide_the_uplinks(up, leaves, radix, spines):
    assert even_spines(up, leaves, radix) == spines


@given(
    groups=st.integers(1, 400),
    more=st.integers(0, 400),
    rails=st.integers(1, 16),
    planes=st.integers(1, 4),
    half=st.sampled_from([8, 16, 32, 64, 72, 128]),
    at_most=st.sampled_from([1.0, 1.34, 2.0, 3.0]),
)
def test_every_design_is_even_and_within_the_ports_there_are(
    groups, more, rails, planes, half, at_most
):
    radix = 2 * half
    split = split_leaf(radix, at_most)
    clos = size_clos(demand(groups, groups + more, rails, planes, radix), split)
    if clos is None:
        assert rails * (groups + more) > radix
        return
    assert clos.leaves == groups * rails * planes
    if clos.tiers == 1:
        assert (clos.spines, clos.cores, clos.leaf_spine) == (0, 0, 0)
        return
    assert clos.leaf_spine == clos.leaves * split.up
    if clos.tiers == 2:
        links = Fraction(split.up * planes, clos.spines)
        assert links.denominator == 1
        assert rails * (groups + more) * links <= radix
    else:
        assert clos.spines % (planes * split.up) == 0
        assert clos.spine_core == clos.spines * half
        group = clos.cores // (planes * split.up)
        pods = -(-(groups + more) // (half // rails))
        assert half % group == 0
        assert pods * (half // group) <= radix


def test_two_tiers_end_at_k_squared_over_two_endpoints_and_three_at_k_cubed_over_four():
    """Research 03, section 3.2: 64 ports give 2,048 and 65,536 endpoints for one rail."""
    split, radix = split_leaf(64, 1.0), 64

    assert size_clos(demand(64, 64, 1, 1, radix), split) == Clos(2, 64, 32, 0, 2048, 0)
    three = size_clos(demand(65, 65, 1, 1, radix), split)
    assert three is not None and three.tiers == 3
    largest = size_clos(demand(2048, 2048, 1, 1, radix), split)
    assert counts(largest) == (3, 2048, 2048, 1024, 65536, 65536)
    assert size_clos(demand(2049, 2049, 1, 1, radix), split) is None


def test_cores_spread_evenly_over_a_number_of_pods_that_is_no_power_of_two():
    """12,500 nodes of 8 rails on 128 ports: 25 pods; 800 cores would need half links."""
    clos = size_clos(demand(196, 196, 8, 1, 128), split_leaf(128, 1.0))

    assert counts(clos) == (3, 1568, 1600, 1024, 100352, 102400)


def test_growing_adds_leaves_and_pods_under_spines_or_cores_that_are_there():
    split = split_leaf(64, 1.0)
    two = [size_clos(demand(n, 4, 8, 1, 64), split) for n in range(1, 5)]
    three = [size_clos(demand(n, 16, 8, 1, 64), split) for n in (1, 4, 5, 16)]

    assert [each and each.spines for each in two] == [16, 16, 16, 16]
    assert [each and each.leaves for each in two] == [8, 16, 24, 32]
    assert [each and each.spines for each in three] == [32, 32, 64, 128]
    assert [each and each.cores for each in three] == [64, 64, 64, 64]


def test_one_pair_of_peered_leaves_needs_no_spine():
    assert size_clos(
        demand(1, 1, 2, 1, 64, fewest_spines=2, peered=True), split_leaf(64, 1.0)
    ) == Clos(1, 2, 0, 0, 0, 0)


def test_rack_scale_leaves_go_to_the_spines_of_their_rail_and_unit():
    """NVL72 at 400 Gb/s: 18 up, 8 racks a unit; S = 6 as 8 x 18 / 6 = 24 <= 32."""
    clos = size_clos(demand(8, 8, 4, 1, 64, unit_groups=8), LeafSplit(18, 18))

    assert counts(clos) == (3, 32, 24, 12, 576, 576)


def test_pods_never_join_the_leaves_of_two_owners():
    """Nine groups of four rails on 64 ports, eight to a pod: one owner has two pods; two owners of
    five and four have one pod each, and one that grows to nine adds a pod of its own.
    """
    split = split_leaf(64, 1.0)

    def pods(*groups):
        segments = tuple(Segment(each, 4) for each in groups)
        clos = size_clos(Demand(segments, Segment(24, 4), 1, 64), split)
        assert clos is not None and clos.tiers == 3
        return [spines // split.up for spines in clos.owned_spines]

    assert pods(9) == [2]
    assert pods(5, 4) == [1, 1]
    assert pods(5, 9) == [1, 2]
