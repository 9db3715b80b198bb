"""Every switch and appliance in a rack and unit: no overlap, no limit passed, nothing moves."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aifactory_iac.design import design, document
from aifactory_iac.design.facility.mounting import Boxes, mount
from aifactory_iac.design.facility.rack_fit import Fit
from aifactory_iac.findings import Severity


def rack_of(limit_kw=44.0, units=48):
    return Fit(0, 1, float("nan"), units, limit_kw, "contained-air")


def mounted(runs, fit):
    return mount(runs, "network", fit, lambda position: tuple(map(str, position.tolist())))


runs = st.lists(
    st.builds(
        lambda count, units, power, each: Boxes(("x",) * count, units, power, 10.0, each),
        st.integers(0, 90),
        st.integers(1, 6),
        st.floats(0, 8),
        st.integers(1, 2),
    ),
    max_size=12,
)


@given(runs, st.integers(6, 60), st.floats(8, 60))
def test_no_rack_is_asked_for_more_units_or_power_than_it_has(boxes, units, limit):
    racks = mounted(boxes, rack_of(limit, units))

    assert np.all(racks.used_units <= units)
    assert np.all(racks.power_kw <= limit + 1e-6)
    assert int(racks.used_units.sum()) == sum(each.count * each.units for each in boxes)
    assert float(racks.power_kw.sum()) == pytest.approx(
        sum(each.count * each.power_kw for each in boxes)
    )


@given(runs, runs)
def test_what_comes_later_moves_nothing_that_stands(first, more):
    before, after = mounted(first, rack_of()), mounted([*first, *more], rack_of())

    assert after.rack[: len(before.rack)].tolist() == before.rack.tolist()
    assert after.unit[: len(before.unit)].tolist() == before.unit.tolist()


def test_boxes_stand_one_above_the_other_from_the_bottom():
    racks = mounted([Boxes(("a", "b"), 2, 1.0, 5.0), Boxes(("c",), 1, 1.0, 5.0)], rack_of())

    assert (racks.rack.tolist(), racks.unit.tolist()) == ([0, 0, 0], [1, 3, 5])
    assert (racks.used_units.tolist(), racks.weight_kg.tolist()) == ([5], [15.0])


def test_two_switches_of_a_chassis_stand_in_it_together():
    """Q3200-RA: two independent switches in two units."""
    racks = mounted([Boxes(("a", "b", "c"), 2, 1.0, 5.0, each=2)], rack_of())

    assert racks.unit.tolist() == [1, 1, 3]
    assert racks.used_units.tolist() == [4]


def heights(made, catalog):
    """Lowest and highest unit of all that stands, by rack."""
    taken: dict[str, list[tuple[int, int, str]]] = {}
    for node in made.each_node():
        system = catalog.systems[node.system]
        height = 1 if system.trays > 1 else system.rack_units
        taken.setdefault(node.rack, []).append((node.unit, node.unit + height - 1, node.name))
    for device in made.each_device():
        if device.rack is not None:
            table = catalog.switches if device.kind == "switch" else catalog.storage_systems
            top = device.unit + table[device.model].rack_units - 1
            taken.setdefault(device.rack, []).append((device.unit, top, device.name))
    return taken


@st.composite
def plants(draw):
    kind = draw(st.sampled_from(["on-prem", "edge"]))
    zones = st.sampled_from(["compute", "management"])
    systems = st.sampled_from(["dgx-h100", "dgx-b200", "supermicro-sys-322gb-nr"])
    pools = [
        {
            "name": name,
            "site": "dc1",
            "system": draw(systems),
            "count": draw(st.integers(0, 90)),
            "zone": draw(zones),
            "phase": draw(st.integers(1, 2)),
        }
        for name in "ab"
    ]
    technologies = st.sampled_from(["infiniband-ndr", "ethernet-roce"])
    fabric = [
        {
            "name": role,
            "serves": ["a", "b"],
            "technology": draw(technologies) if role in ("compute", "storage") else "ethernet",
            "phase": draw(st.integers(1, 2)),
        }
        for role in draw(st.sets(st.sampled_from(["compute", "storage", "in-band", "out-of-band"])))
    ]
    limit = draw(st.sampled_from(["15 kW", "30 kW", "60 kW"]))
    return kind, pools, fabric, limit


@given(plants())
@settings(max_examples=80, deadline=None)
def test_nothing_overlaps_in_any_rack_and_no_limit_is_passed(build, catalog, site, plant):
    kind, pools, fabric, limit = plant
    where = {**site(cooling=["rear-door"], racks={"limit": limit}), "kind": kind}
    tier = {
        "name": "scratch",
        "site": "dc1",
        "kind": "parallel",
        "system": "ddn-ai400x2",
        "appliances": 5,
        "appliance_power": "2.5 kW",
    }
    made = design(
        build(compute=pools, fabric=fabric, sites=[where], storage={"tiers": [tier]}), catalog
    )

    units = dict(zip(made.racks.name, made.racks.units.tolist(), strict=True))
    used = dict.fromkeys(made.racks.name, 0)
    for rack, spans in heights(made, catalog).items():
        ordered = sorted(spans)
        assert ordered[0][0] >= 1 and max(top for _, top, _ in ordered) <= units[rack]
        for (_, top, below), (low, _, above) in pairwise(ordered):
            assert top < low, (rack, below, above)
        used[rack] = sum(top - low + 1 for low, top, _ in ordered)
    assert list(used.values()) == made.racks.used_units.tolist()
    assert np.all(made.racks.power_kw <= made.racks.limit_kw + 1e-6)
    assert len(set(made.devices.name)) == len(made.devices)
    switches = sum(network.switches.total for network in made.networks.values())
    assert made.devices.kind.count("switch") == switches
    assert made.devices.kind.count("appliance") == 5


def test_leaves_stand_beside_their_pool_and_spines_in_the_main_distribution(superpod, catalog):
    made = design(superpod(1), catalog)
    where = {device.name: (device.rack, device.unit) for device in made.each_device()}

    assert where["compute-leaf-dgx-001-r1"] == ("dgx-n01-01", 1)
    assert where["compute-leaf-dgx-001-r8"] == ("dgx-n01-01", 8)
    assert where["compute-spine-001"] == ("dc1-m01-01", 1)
    assert {rack for rack, _ in where.values()} == {"dgx-n01-01", "dc1-m01-01"}


def test_a_growing_pool_appends_switches_to_its_rows(superpod, catalog):
    growth = {"scalable_units": 4}
    small, large = (
        {
            d.name: (d.rack, d.unit)
            for d in design(superpod(n, grows_to=growth), catalog).each_device()
        }
        for n in (1, 4)
    )

    assert small.items() <= large.items()
    assert len(large) > 3 * len(small) / 2


def test_management_servers_share_leaves_in_the_main_distribution(build, catalog):
    pools = [
        {"name": name, "site": "dc1", "system": "dgx-h100", "count": 2, "zone": zone}
        for name, zone in (("login", "access"), ("control", "management"), ("train", "compute"))
    ]
    fabric = [{"name": "in-band", "serves": [p["name"] for p in pools], "technology": "ethernet"}]
    made = design(build(compute=pools, fabric=fabric), catalog)

    assert [(d.name, d.rack) for d in made.each_device() if d.tier == "leaf"] == [
        ("in-band-leaf-train-001-r1", "train-n01-01"),
        ("in-band-leaf-train-001-r2", "train-n01-01"),
        ("in-band-leaf-001", "dc1-m01-01"),
        ("in-band-leaf-002", "dc1-m01-01"),
    ]


def test_an_edge_rack_has_switches_at_the_top_and_room_below(build, catalog, site):
    """Four servers of 4.5 kW would take all 18 kW; beside two switches there are three."""
    edge = {**site(cooling=["in-row"], racks={"limit": "18 kW"}), "kind": "edge"}
    made = design(
        build(
            compute=[
                {
                    "name": "p",
                    "site": "dc1",
                    "system": "pcie-8x-l40s",
                    "count": 5,
                    "node_power": "4.5 kW",
                }
            ],
            fabric=[{"name": "in-band", "serves": ["p"], "technology": "ethernet"}],
            sites=[edge],
        ),
        catalog,
    )

    assert [(d.rack, d.unit) for d in made.each_device()] == [("p-c01-01", 47), ("p-c01-01", 45)]
    assert made.racks.name == ("p-c01-01", "p-c01-02")
    assert made.racks.nodes.tolist() == [3, 2]
    assert np.all(made.racks.power_kw <= 18)


def test_an_appliance_of_unknown_height_is_listed_without_a_place(build, catalog):
    tier = {
        "name": "scratch",
        "site": "dc1",
        "kind": "parallel",
        "system": "vast",
        "appliances": 2,
        "appliance_power": "2 kW",
    }
    made = design(
        build(
            compute=[{"name": "p", "site": "dc1", "system": "dgx-h100", "count": 1}],
            storage={"tiers": [tier]},
        ),
        catalog,
    )

    assert document(made)["devices"] == [
        {
            "name": f"scratch-a00{number}",
            "site": "dc1",
            "kind": "appliance",
            "owner": "scratch",
            "tier": "storage",
            "model": "vast",
            "rack": None,
            "unit": None,
        }
        for number in (1, 2)
    ]
    assert made.racks.name == ("p-c01-01",)


def test_a_switch_that_no_rack_takes_is_said(build, catalog, site):
    """Q3400-RA: four units, 7 kW."""
    made = design(
        build(
            compute=[{"name": "p", "site": "dc1", "system": "dgx-b300", "count": 1}],
            fabric=[{"name": "compute", "serves": ["p"], "technology": "infiniband-xdr"}],
            sites=[site(cooling=["air"], racks={"limit": "5 kW"})],
        ),
        catalog,
    )

    assert [(f.severity, f.path, f.message) for f in made.findings if f.rule == "AIF-DSN-032"] == [
        (
            Severity.MEDIUM,
            ("fabric", "compute"),
            (
                "A `Q3400-RA` of `compute` fits in no rack of site `dc1`: it draws 7 kW, but a "
                "rack is limited to 5 kW. This rests on a figure without a good source."
            ),
        )
    ]
