"""Identity by name and position: permuting changes nothing, growing appends only."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.design import design, document


def shuffled(value, order: random.Random):
    """The same document with every list in another order."""
    if isinstance(value, dict):
        return {key: shuffled(item, order) for key, item in value.items()}
    if isinstance(value, list):
        items = [shuffled(item, order) for item in value]
        order.shuffle(items)
        return items
    return value


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_the_order_of_lists_changes_nothing(hybrid, catalog, seed):
    again = Blueprint.model_validate(shuffled(hybrid, random.Random(seed)))
    once = design(Blueprint.model_validate(hybrid), catalog)
    twice = design(again, catalog)

    assert document(twice) == document(once)
    assert twice.findings == once.findings


@pytest.fixture(scope="module")
def hybrid(site):
    pools = [
        {"name": "train", "site": "dc1", "system": "dgx-h100", "scalable_units": 1},
        {"name": "serve", "site": "dc1", "system": "dgx-b200", "count": 3},
        {"name": "far", "site": "dc2", "system": "gb200-nvl72", "count": 2},
        {"name": "burst", "site": "aws", "instance": "p5.48xlarge", "count": 2},
    ]
    return {
        "apiVersion": "aifactory/v1",
        "kind": "Blueprint",
        "metadata": {"name": "hybrid", "version": "1.0.0"},
        "sites": [
            site(cooling=["contained-air", "rear-door"]),
            site("dc2", addresses="10.128.0.0/12", cooling=["direct-to-chip", "contained-air"]),
            {"name": "aws", "kind": "aws", "region": "eu-central-1", "account": "1"},
        ],
        "compute": pools,
        "fabric": [
            {"name": "compute", "serves": ["train", "serve"], "technology": "infiniband-ndr"},
            {"name": "in-band", "serves": ["serve", "train"], "technology": "ethernet"},
            {"name": "out-of-band", "serves": ["serve", "train"], "technology": "ethernet"},
            {"name": "nvl", "serves": ["far"], "technology": "infiniband-ndr"},
            {"name": "efa", "serves": ["burst"]},
        ],
    }


def assert_grows(before, after):
    """Everything that the smaller factory has, the larger has in the same place."""
    size = len(before.nodes)
    assert after.nodes.name[:size] == before.nodes.name
    for column in ("scalable_unit", "slot", "spare", "unit", "in_band", "out_of_band"):
        old, new = getattr(before.nodes, column), getattr(after.nodes, column)
        assert np.array_equal(new[:size], old), column
    assert [after.racks.name[row] for row in after.nodes.rack[:size]] == [
        before.racks.name[row] for row in before.nodes.rack
    ]
    for name, network in before.networks.items():
        assert set(network.switch_names) <= set(after.networks[name].switch_names)
        assert network.subnets == after.networks[name].subnets
    assert set(before.racks.name) <= set(after.racks.name)


@pytest.mark.parametrize("units", [1, 2, 3])
def test_a_scalable_unit_more_moves_nothing(superpod, catalog, units):
    growth = {"scalable_units": 4}
    spares = {"confidence": 0.99}
    before = design(superpod(units, grows_to=growth, spares=spares), catalog)
    after = design(superpod(units + 1, grows_to=growth, spares=spares), catalog)

    assert_grows(before, after)
    old, new = before.networks["compute"], after.networks["compute"]
    assert old.switches.spine == new.switches.spine
    assert new.switch_names[: old.switches.leaf] == old.switch_names[: old.switches.leaf]


@given(count=st.integers(1, 140), more=st.integers(1, 70))
@settings(max_examples=25, deadline=None)
def test_a_node_more_moves_nothing(superpod, catalog, count, more):
    growth = {"nodes": 256}
    spares = {"confidence": 0.99}
    before = design(superpod(0, count=count, grows_to=growth, spares=spares), catalog)
    after = design(superpod(0, count=count + more, grows_to=growth, spares=spares), catalog)

    assert_grows(before, after)


@given(racks=st.integers(1, 20))
@settings(max_examples=10, deadline=None)
def test_a_rack_more_moves_nothing(build, catalog, site, racks):
    def factory(count):
        return design(
            build(
                compute=[{"name": "nvl", "site": "dc1", "system": "gb200-nvl72", "count": count}],
                fabric=[
                    {
                        "name": "compute",
                        "serves": ["nvl"],
                        "technology": "infiniband-ndr",
                        "grows_to": {"scalable_units": 4},
                    }
                ],
                sites=[site(cooling=["direct-to-chip"])],
            ),
            catalog,
        )

    assert_grows(factory(racks), factory(racks + 1))


def test_another_pool_that_grows_moves_no_one(build, catalog):
    def factory(count):
        return design(
            build(
                compute=[
                    {"name": name, "site": "dc1", "system": "dgx-h100", "count": size}
                    for name, size in (("a", count), ("b", 5))
                ],
                fabric=[{"name": "compute", "serves": ["a", "b"], "technology": "infiniband-ndr"}],
            ),
            catalog,
        )

    small, large = factory(5), factory(50)
    for column in ("in_band", "out_of_band", "unit"):
        assert np.array_equal(getattr(small.nodes, column)[-5:], getattr(large.nodes, column)[-5:])
    assert small.nodes.name[-5:] == large.nodes.name[-5:]
    assert [small.racks.name[row] for row in small.nodes.rack[-5:]] == [
        large.racks.name[row] for row in large.nodes.rack[-5:]
    ]


def test_columns_are_of_one_length(hybrid, catalog):
    made = design(Blueprint.model_validate(hybrid), catalog)
    nodes, racks = made.nodes, made.racks

    columns = (
        nodes.pool,
        nodes.scalable_unit,
        nodes.slot,
        nodes.spare,
        nodes.rack,
        nodes.unit,
        nodes.in_band,
        nodes.out_of_band,
    )
    assert {len(column) for column in columns} == {len(nodes)}
    assert {
        len(column)
        for column in (racks.site, racks.kind, racks.nodes, racks.used_units, racks.units)
    } | {len(racks.power_kw), len(racks.limit_kw), len(racks.weight_kg)} == {len(racks)}
    assert len(set(nodes.name)) == len(nodes)
    assert len(set(racks.name)) == len(racks)
    assert int(racks.nodes.sum()) == int((nodes.rack >= 0).sum())
