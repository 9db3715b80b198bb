"""Factories checked by hand against research 03 and 05: what an expert would not accept is gone."""

from __future__ import annotations

import pytest

from aifactory_iac.design import design
from aifactory_iac.design.model import Cables, Switches
from aifactory_iac.findings import Severity


def of_rule(made, *rules):
    return [(f.rule, f.severity, f.path, f.message) for f in made.findings if f.rule in rules]


def test_only_compute_leaves_of_a_rack_scale_system_serve_one_rack_each(build, catalog, site):
    """One scalable unit of GB200 NVL72: 144 trays. Research 03, section 3.1: 18 down and 18 up is
    the compute fabric's leaf; storage and in-band leaves take what their switch has ports for.
    """
    networks = design(
        build(
            compute=[{"name": "nvl", "site": "dc1", "system": "gb200-nvl72", "scalable_units": 1}],
            fabric=[
                {"name": "compute", "serves": ["nvl"], "technology": "infiniband-ndr"},
                {"name": "storage", "serves": ["nvl"], "technology": "ethernet-roce"},
                {
                    "name": "in-band",
                    "serves": ["nvl"],
                    "technology": "ethernet",
                    "oversubscription": {"at_most": 4.0},
                },
            ],
            sites=[site(cooling=["direct-to-chip", "contained-air"])],
        ),
        catalog,
    ).networks

    assert (networks["compute"].leaf_down, networks["compute"].leaf_up) == (18, 18)
    assert networks["compute"].switches == Switches(32, 24, 12)
    # 256 ports of 200 Gb/s: two leaves of 128 down for two ports of 144 trays, twice.
    assert (networks["storage"].leaf_down, networks["storage"].switches.leaf) == (128, 4)
    # 50 down, 3 of them for out-of-band switches of 36 trays each.
    assert (networks["in-band"].leaf_down, networks["in-band"].switches.leaf) == (50, 8)


def test_the_manager_of_a_shared_fabric_sits_in_the_pool_with_scalable_units(build, catalog):
    """`ctl` sorts first, but UFM takes the ports of a slot of the DGX pool, and of no other."""
    made = design(
        build(
            compute=[
                {"name": "ctl", "site": "dc1", "system": "dell-r760xa", "count": 3},
                {"name": "train", "site": "dc1", "system": "dgx-h100", "scalable_units": 1},
                {"name": "wide", "site": "dc1", "system": "dgx-h100", "scalable_units": 1},
            ],
            fabric=[
                {
                    "name": "compute",
                    "serves": ["ctl", "train", "wide"],
                    "technology": "infiniband-ndr",
                    "subnet_manager": "ufm",
                }
            ],
        ),
        catalog,
    )

    assert {name: (pool.nodes, pool.vacated) for name, pool in made.pools.items()} == {
        "ctl": (3, 0),
        "train": (31, 1),
        "wide": (32, 0),
    }
    names = made.networks["compute"].switch_names
    assert [name for name in names if name.startswith("compute-leaf-ctl")] == [
        "compute-leaf-ctl-001"
    ]


def test_an_empty_pool_has_no_cables(superpod, catalog):
    networks = design(superpod(0, count=0), catalog).networks

    assert {name: network.cables for name, network in networks.items()} == dict.fromkeys(
        ("compute", "in-band", "out-of-band", "storage"), Cables(0, 0, 0)
    )


def test_machines_of_unknown_power_are_asked_for_and_never_taken_as_nothing(build, catalog):
    """AMD publishes no system power for eight MI300X."""
    pool = {"name": "amd", "site": "dc1", "system": "hgx-mi300x-8", "count": 16}
    unknown = design(build(compute=[pool]), catalog)
    known = design(build(compute=[{**pool, "node_power": "10 kW"}]), catalog)

    assert of_rule(unknown, "AIF-DSN-010") == [
        (
            "AIF-DSN-010",
            Severity.HIGH,
            ("compute", "amd"),
            (
                "The maximum power of `hgx-mi300x-8` is not published: without it neither the "
                "racks of pool `amd` nor the feeds of site `dc1` can be checked."
            ),
        )
    ]
    assert unknown.pools["amd"].node_power_kw is None
    assert of_rule(known, "AIF-DSN-010") == []
    assert known.power["dc1"].nodes_kw == 160


@pytest.mark.parametrize(
    ("system", "role", "severity", "counted"),
    [
        pytest.param(
            "hgx-h200-supermicro-sys-821ge-tnhr",
            "compute",
            Severity.MEDIUM,
            "one port of 800 Gb/s is counted",
            id="no ports at all",
        ),
        pytest.param(
            "hgx-mi300x-8",
            "storage",
            Severity.LOW,
            "2 ports of 800 Gb/s are counted",
            id="no storage ports",
        ),
    ],
)
def test_ports_that_nobody_publishes_are_said(build, catalog, system, role, severity, counted):
    made = design(
        build(
            compute=[
                {"name": "p", "site": "dc1", "system": system, "count": 2, "node_power": "10 kW"}
            ],
            fabric=[{"name": role, "serves": ["p"], "technology": "ethernet-roce"}],
        ),
        catalog,
    )

    assert of_rule(made, "AIF-DSN-033") == [
        (
            "AIF-DSN-033",
            severity,
            ("fabric", role, "serves"),
            (
                f"The {role} ports of `{system}` are not published: {counted} for each node of "
                "pool `p`."
            ),
        )
    ]


def test_a_rack_that_stands_nowhere_is_called_a_rack(build, catalog, site):
    made = design(
        build(
            compute=[{"name": "nvl", "site": "dc1", "system": "gb200-nvl72", "count": 1}],
            sites=[site(cooling=["direct-to-chip"], racks={"limit": "100 kW"})],
        ),
        catalog,
    )

    assert [message for *_, message in of_rule(made, "AIF-DSN-005")] == [
        (
            "A rack of pool `nvl` stands at no position of site `dc1`: it draws up to 132 kW, but "
            "a rack is limited to 100 kW. This rests on a figure without a good source."
        )
    ]


def test_edge_boxes_of_unknown_height_share_their_rack_with_the_switches(build, catalog, site):
    """Jetson AGX Thor: no source gives a height; per_rack says how many share."""
    edge = {**site(cooling=["in-row"], racks={"limit": "20 kW"}), "kind": "edge"}
    made = design(
        build(
            compute=[
                {"name": "e", "site": "dc1", "system": "jetson-agx-thor", "count": 3, "per_rack": 4}
            ],
            fabric=[{"name": "in-band", "serves": ["e"], "technology": "ethernet"}],
            sites=[edge],
        ),
        catalog,
    )

    assert made.racks.name == ("e-c01-01",)
    assert made.nodes.unit.tolist() == [1, 12, 23]
    assert [device.unit for device in made.each_device()] == [47, 45]
