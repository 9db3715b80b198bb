"""Racks: what fits, what does not, and where everything stands."""

from __future__ import annotations

import numpy as np
import pytest

from aifactory_iac.design import design
from aifactory_iac.findings import Severity

RACK_RULES = {"AIF-DSN-005", "AIF-DSN-006", "AIF-DSN-007", "AIF-DSN-012", "AIF-DSN-025"}


def racked(build, catalog, site, *, count=8, system="dgx-h100", pool=None, **facility):
    blueprint = build(
        compute=[{"name": "p", "site": "dc1", "system": system, "count": count, **(pool or {})}],
        sites=[site(**facility)],
    )
    made = design(blueprint, catalog)
    return made, [(f.rule, f.severity, f.message) for f in made.findings if f.rule in RACK_RULES]


@pytest.mark.parametrize(
    ("facility", "pool", "per_rack"),
    [
        pytest.param({"racks": {"limit": "44 kW"}}, {}, 4, id="vendor puts four in a rack"),
        pytest.param({"racks": {"limit": "44 kW"}}, {"per_rack": 2}, 2, id="blueprint says two"),
        pytest.param({"racks": {"limit": "44 kW"}}, {"per_rack": 9}, 4, id="power allows four"),
        pytest.param({"racks": {"limit": "25 kW"}}, {}, 2, id="25 kW is two of 10.2"),
        pytest.param({"racks": {"units": 20}}, {}, 2, id="20 units are two of 8"),
        pytest.param({"racks": {"weight": "500 kg"}}, {}, 2, id="floor bears rack and two"),
        pytest.param({"racks": {"limit": "44 kW"}}, {"node_power": "15 kW"}, 2, id="15 kW each"),
    ],
)
def test_what_limits_a_rack(build, catalog, site, facility, pool, per_rack):
    made, _ = racked(build, catalog, site, pool=pool, cooling=["rear-door"], **facility)

    assert made.pools["p"].per_rack == per_rack
    assert made.racks.nodes.tolist() == [per_rack] * (8 // per_rack)


def test_four_dgx_h100_in_a_rack_are_40_8_kilowatts_and_need_review(build, catalog, site):
    """NVIDIA's data-centre design guide: 4 x 10.2 kW; general guides stop air at 30 kW."""
    made, findings = racked(build, catalog, site, cooling=["contained-air"])

    assert made.racks.power_kw.tolist() == pytest.approx([40.8, 40.8])
    assert findings == [
        (
            "AIF-DSN-006",
            Severity.MEDIUM,
            (
                "Racks of pool `p` draw up to 40.8 kW; above 30 kW with contained-air cooling a "
                "design needs review."
            ),
        )
    ]


def test_racks_never_mix_scalable_units(superpod, catalog):
    made = design(superpod(3), catalog)
    units = [set() for _ in range(len(made.racks))]
    for rack, unit in zip(made.nodes.rack, made.nodes.scalable_unit, strict=True):
        units[rack].add(int(unit))

    assert {len(each) for each in units} == {0, 1}
    assert made.racks.name[:2] == ("dgx-c01-01", "dgx-c01-02")
    assert made.racks.kind.count("compute") == 24


def test_no_two_nodes_share_rack_units_and_none_stands_above_the_rack(superpod, catalog):
    made = design(superpod(2), catalog)
    height = catalog.systems["dgx-h100"].rack_units
    taken = set()
    for rack, unit in zip(made.nodes.rack.tolist(), made.nodes.unit.tolist(), strict=True):
        here = {(rack, each) for each in range(unit, unit + height)}
        assert not here & taken
        assert unit >= 1 and unit + height - 1 <= int(made.racks.units[rack])
        taken |= here
    assert np.all(made.racks.used_units <= made.racks.units)
    assert np.all(made.racks.power_kw <= made.racks.limit_kw)


@pytest.mark.parametrize(
    ("system", "facility", "rule", "severity", "message"),
    [
        pytest.param(
            "dgx-h100",
            {"racks": {"limit": "9 kW"}},
            "AIF-DSN-005",
            Severity.HIGH,
            "A node of pool `p` fits in no rack of site `dc1`: it draws up to 10.2 kW, but a rack "
            "is limited to 9 kW.",
            id="power",
        ),
        pytest.param(
            "dgx-h100",
            {"racks": {"units": 6}},
            "AIF-DSN-005",
            Severity.HIGH,
            "A node of pool `p` fits in no rack of site `dc1`: it is 8 units high, but a rack has "
            "6.",
            id="height",
        ),
        pytest.param(
            "dgx-h100",
            {"racks": {"weight": "300 kg"}},
            "AIF-DSN-005",
            Severity.MEDIUM,
            "A node of pool `p` fits in no rack of site `dc1`: it weighs 130.45 kg, but a rack "
            "position takes 114.6 kg. This rests on a figure without a good source.",
            id="an unverified weight does not gate",
        ),
        pytest.param(
            "dgx-h100",
            {"racks": {"model": "standard-99u", "limit": "11 kW"}},
            "AIF-DSN-025",
            Severity.HIGH,
            "Rack model `standard-99u` of site `dc1` is not in the catalog.",
            id="rack model",
        ),
    ],
)
def test_a_node_that_fits_nowhere_is_said_with_the_number(
    build, catalog, site, system, facility, rule, severity, message
):
    made, findings = racked(build, catalog, site, system=system, count=1, **facility)

    assert findings == [(rule, severity, message)]
    assert len(made.nodes) == 1


def test_a_liquid_cooled_system_needs_liquid_at_the_site(build, catalog, site):
    _, findings = racked(
        build, catalog, site, system="gb200-nvl72", count=1, cooling=["air", "rear-door"]
    )

    assert findings == [
        (
            "AIF-DSN-012",
            Severity.HIGH,
            (
                "`gb200-nvl72` of pool `p` is hybrid-cooled and needs liquid cooling, but site "
                "`dc1` offers only air, rear-door."
            ),
        )
    ]


def test_a_rack_scale_system_is_a_rack_of_its_own(build, catalog, site):
    made, findings = racked(
        build, catalog, site, system="gb200-nvl72", count=3, cooling=["direct-to-chip"]
    )

    assert made.racks.name == ("p-c01-01", "p-c01-02", "p-c01-03")
    assert made.racks.nodes.tolist() == [18, 18, 18]
    assert made.racks.power_kw.tolist() == pytest.approx([132.0] * 3)
    assert made.nodes.unit[:18].tolist() == list(range(1, 19))
    assert findings == []


def test_more_racks_than_positions(build, catalog, site):
    _, findings = racked(build, catalog, site, count=12, cooling=["rear-door"], racks={"count": 2})

    assert findings == [
        ("AIF-DSN-007", Severity.HIGH, "Site `dc1` needs 3 racks, but has 2 positions.")
    ]


def test_switches_and_appliances_have_racks_of_their_own(superpod, catalog):
    made = design(superpod(1), catalog)
    network = [row for row, kind in enumerate(made.racks.kind) if kind == "network"]

    heights = sum(
        design_.switches.total * catalog.switches[design_.switch].rack_units
        for design_ in made.networks.values()
    )
    assert int(made.racks.used_units[network].sum()) == heights
    assert [made.racks.name[row] for row in network] == ["dgx-n01-01", "dc1-m01-01"]


def test_at_an_edge_site_switches_stand_above_the_nodes(build, catalog, site):
    edge = {**site(cooling=["in-row"]), "kind": "edge"}
    blueprint = build(
        compute=[{"name": "p", "site": "dc1", "system": "dgx-h100", "count": 1}],
        fabric=[{"name": "in-band", "serves": ["p"], "technology": "ethernet"}],
        sites=[edge],
    )
    made = design(blueprint, catalog)

    assert made.racks.name == ("p-c01-01",)
    assert made.racks.used_units.tolist() == [8 + 2 * 2]


def test_machines_of_unknown_height_share_a_rack_equally(build, catalog, site):
    """MI355X 8-GPU boxes: no source gives a height."""
    made, _ = racked(
        build,
        catalog,
        site,
        system="mi355x-8-dlc",
        count=3,
        pool={"per_rack": 2, "node_power": "14 kW"},
        cooling=["direct-to-chip"],
    )

    assert made.nodes.unit.tolist() == [1, 25, 1]
    assert [f.message for f in made.findings if f.rule == "AIF-DSN-029"] == [
        "The height of `mi355x-8-dlc` is not published; rack units are not checked."
    ]


def test_a_limit_that_rests_on_an_unverified_cooling_figure_does_not_gate(build, catalog, site):
    """Immersion: 600 kW is the densest rack announced, no limit of the kind."""
    _, findings = racked(
        build,
        catalog,
        site,
        system="gb200-nvl72",
        count=1,
        pool={"node_power": "700 kW"},
        cooling=["immersion"],
    )

    assert [(rule, severity) for rule, severity, _ in findings] == [
        ("AIF-DSN-005", Severity.MEDIUM)
    ]
