"""The power chain and the heat, against published figures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aifactory_iac.blueprint.model.sites import Feeds
from aifactory_iac.blueprint.quantity import Power
from aifactory_iac.design import design
from aifactory_iac.design.facility.cooling import airflow_cfm, liquid_share, water_l_min
from aifactory_iac.design.facility.power import feed_capacity, feeds_left
from aifactory_iac.findings import Severity


def factory(build, catalog, site, *, count=4, system="dgx-h100", pool=None, **facility):
    blueprint = build(
        compute=[{"name": "p", "site": "dc1", "system": system, "count": count, **(pool or {})}],
        sites=[site(**facility)],
    )
    return design(blueprint, catalog)


def said(made, *rules):
    return [(f.rule, f.severity, f.path, f.message) for f in made.findings if f.rule in rules]


def test_120_kilowatts_at_20_fahrenheit_need_18956_cfm(catalog):
    """AI data center guide: CFM = kW x 3412 / (1.08 x rise in F)."""
    assert airflow_cfm(120, catalog.constants) == pytest.approx(18_956, abs=0.5)


def test_142_kilowatts_at_10_celsius_need_203_litres_a_minute(catalog):
    """Research 05, section 2.1: L/min = 60 x kW / (4.186 x rise in C)."""
    assert water_l_min(142, catalog.constants) == pytest.approx(203, abs=0.6)


def test_facility_power_is_machine_power_times_the_design_pue(build, catalog, site):
    power = factory(build, catalog, site, pue={"design": 1.3, "annual": 1.2}).power["dc1"]

    assert power.it_kw == pytest.approx(40.8)
    assert power.facility_kw == pytest.approx(53.04)
    assert (power.pue_design, power.pue_annual, power.verified) == (1.3, 1.2, True)


def test_the_system_counts_not_its_chips(build, catalog, site):
    """Eight H100 of 700 W are 5.6 kW; a DGX H100 draws up to 10.2 kW."""
    power = factory(build, catalog, site, count=1).power["dc1"]
    chips = 8 * catalog.accelerators["nvidia-h100-sxm"].power_w / 1000

    assert chips == pytest.approx(5.6)
    assert power.nodes_kw == pytest.approx(10.2)


def test_without_a_pue_the_cooling_kind_gives_it(build, catalog, site):
    power = factory(build, catalog, site, pue=None, cooling=["rear-door", "air"]).power["dc1"]

    assert power.pue_design == catalog.cooling_limits["rear-door"].pue
    assert power.verified is False


def test_power_above_the_envelope_is_said_with_the_numbers(build, catalog, site):
    made = factory(build, catalog, site, envelope="45 kW", feeds={"capacity": "60 kW"})

    assert said(made, "AIF-DSN-008", "AIF-DSN-009") == [
        (
            "AIF-DSN-008",
            Severity.HIGH,
            ("sites", "dc1", "facility", "envelope"),
            (
                "Site `dc1` draws up to 49.0 kW (40.8 kW of machines at a PUE of 1.2), but its "
                "envelope is 45.0 kW."
            ),
        )
    ]


@pytest.mark.parametrize(
    ("feeds", "capacity", "left"),
    [
        pytest.param({"count": 2, "redundancy": "2N"}, 100, 1, id="2N: each feed carries all"),
        pytest.param({"count": 4, "redundancy": "2N"}, 50, 2, id="2N: two of four are a side"),
        pytest.param({"count": 3, "redundancy": "N+1"}, 50, 2, id="N+1: two of three carry all"),
        pytest.param({"count": 2, "redundancy": "N"}, 50, 1, id="N: all together"),
        pytest.param({"count": 1, "redundancy": "2N"}, 100, 0, id="2N with one feed is none"),
    ],
)
def test_feeds_by_redundancy(feeds, capacity, left):
    made = Feeds.model_validate(feeds)

    assert feed_capacity(made, 100) == capacity
    assert feeds_left(made) == left


def test_a_given_feed_capacity_stands():
    assert feed_capacity(Feeds(count=2, redundancy="N", capacity=Power.parse("75 MW")), 1) == 75_000


def test_a_load_that_does_not_survive_the_loss_of_a_feed(build, catalog, site):
    made = factory(build, catalog, site, feeds={"count": 2, "capacity": "40 kW"})

    assert made.power["dc1"].after_feed_loss_kw == 40
    assert said(made, "AIF-DSN-009") == [
        (
            "AIF-DSN-009",
            Severity.HIGH,
            ("sites", "dc1", "facility", "feeds"),
            "With 2N site `dc1` must live on 1 of 2 feeds, 40.0 kW, but draws up to 49.0 kW.",
        )
    ]


def test_power_that_is_not_published_is_not_counted_and_said(build, catalog, site):
    made = factory(build, catalog, site, system="dell-xe9680")

    assert made.power["dc1"].nodes_kw == 0
    assert made.power["dc1"].verified is False
    assert said(made, "AIF-DSN-010") == [
        (
            "AIF-DSN-010",
            Severity.HIGH,
            ("compute", "p"),
            (
                "The maximum power of `dell-xe9680` is not published: without it neither the racks "
                "of pool `p` nor the feeds of site `dc1` can be checked."
            ),
        )
    ]


def test_a_figure_of_ones_own_takes_the_place_of_one_that_is_not_published(build, catalog, site):
    made = factory(build, catalog, site, system="dell-xe9680", pool={"node_power": "9.6 kW"})

    assert made.power["dc1"].nodes_kw == pytest.approx(38.4)
    assert made.power["dc1"].verified is True


def test_an_unverified_maximum_is_shown(build, catalog, site):
    made = factory(build, catalog, site, system="dgx-h200")

    assert made.power["dc1"].verified is False
    assert said(made, "AIF-DSN-011") == [
        (
            "AIF-DSN-011",
            Severity.LOW,
            ("compute", "p"),
            "The maximum power of `dgx-h200`, 10.2 kW, is not verified.",
        )
    ]


def test_switch_power_is_the_maximum_where_published_and_else_said(superpod, catalog):
    made = design(superpod(1), catalog)

    assert made.networks["compute"].power_kw == pytest.approx(12 * 1.72)
    assert made.networks["compute"].power_verified is True
    assert made.networks["in-band"].power_kw == pytest.approx(2 * 0.466)
    assert made.networks["in-band"].power_verified is False
    assert [each[2] for each in said(made, "AIF-DSN-026")] == [
        ("fabric", "in-band"),
        ("fabric", "out-of-band"),
    ]


def test_heat_leaves_by_air_and_by_liquid(build, catalog, site):
    """GB300 NVL72: 94 % by liquid is an analyst's figure, so the split is not verified."""
    made = factory(build, catalog, site, system="gb300-nvl72", count=1, cooling=["direct-to-chip"])
    cooling = made.cooling["dc1"]

    assert cooling.liquid_kw == pytest.approx(0.94 * 142)
    assert cooling.air_kw == pytest.approx(0.06 * 142)
    assert cooling.water_l_min == pytest.approx(0.94 * 203.5, abs=0.5)
    assert cooling.verified is False
    assert [each[0] for each in said(made, "AIF-DSN-023")] == ["AIF-DSN-023"]


def test_liquid_cooled_without_a_share_is_taken_as_all_liquid(catalog):
    gb200, dgx = catalog.systems["gb200-nvl72"], catalog.systems["dgx-h100"]

    assert liquid_share(gb200) == (1.0, False)
    assert liquid_share(dgx) == (0.0, True)
    assert liquid_share(replace(gb200, liquid_share=0.85)) == (0.85, True)


def test_a_gb300_rack_of_trays_as_nvidia_plans_it_is_135_kilowatts(catalog):
    """Mission Control FAQ: 4 x 1.4 + 1.0 managed and 0.9 static are 7.5 kW; 18 trays are 135."""
    value = {key: fact.value for key, fact in catalog.constants.items()}
    tray = 4 * value["power.gb300_gpu_kw"] + value["power.gb300_cpu_kw"]

    assert tray + value["power.gb300_static_kw"] == pytest.approx(7.5)
    assert 18 * value["power.gb300_tray_kw"] == pytest.approx(135)


def test_power_that_is_too_much_by_unverified_figures_alone_does_not_gate(build, catalog, site):
    """DGX H200: its maximum is taken from DGX H100's user guide."""
    made = factory(
        build, catalog, site, system="dgx-h200", envelope="45 kW", feeds={"capacity": "60 kW"}
    )

    assert [each[:2] for each in said(made, "AIF-DSN-008")] == [("AIF-DSN-008", Severity.MEDIUM)]
