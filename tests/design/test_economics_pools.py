"""Money, energy and carbon of pools, sites and the whole, each number with what went in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.catalog import Catalog
from aifactory_iac.design import Design, design
from aifactory_iac.design.economics.money import owned_usd_per_gpu_hour
from aifactory_iac.design.estimate import Estimate

AWS = {"name": "cloud", "kind": "aws", "region": "us-east-1", "account": "1"}
OWNED = {"name": "dgx", "site": "dc1", "system": "dgx-h100", "count": 4, "load": 0.7}
RENTED = {"name": "burst", "site": "cloud", "instance": "p5.48xlarge", "count": 8}

Made = Callable[..., Design]


@pytest.fixture
def made(
    build: Callable[..., Blueprint], site: Callable[..., dict[str, Any]], catalog: Catalog
) -> Made:
    """Pools at `dc1` (PUE 1.3, 323 g/kWh, 0.08 USD/kWh) and in us-east-1."""

    def make(
        *pools: Mapping[str, Any],
        facts: Catalog = catalog,
        region: str = "us-east-1",
        facility: Mapping[str, Any] | None = None,
        city: str | None = None,
        **layers: Any,
    ) -> Design:
        terms = {
            "pue": {"design": 1.4, "annual": 1.3},
            "carbon": "323 g/kWh",
            "electricity": "0.08 USD/kWh",
            **(facility or {}),
        }
        terms = {key: value for key, value in terms.items() if value is not None}
        owned = {**site(**terms), "location": {"country": "DE", "city": city}}
        sites = [owned, {**AWS, "region": region}]
        return design(build(sites=sites, compute=list(pools), **layers), facts)

    return make


@pytest.fixture
def priced(tmp_path: Path) -> Callable[[str], Catalog]:
    """The shipped catalog with an overlay over it."""

    def lay(text: str) -> Catalog:
        file = tmp_path / "mine.yaml"
        header = (
            "apiVersion: aifactory/v1\nkind: Catalog\nsources:\n"
            "  quote: {title: Quote 4711, document: quote.pdf, date: 2026-10-01}\n"
        )
        file.write_text(header + text, encoding="utf-8")
        catalog = Catalog.shipped([file])
        assert catalog.findings == ()
        return catalog

    return lay


def figures(estimates: Mapping[str, Estimate]) -> dict[str, float]:
    return {name: each.value.mid for name, each in estimates.items()}


def inputs(estimate: Estimate) -> list[tuple[str, str, str]]:
    return [(item.name, item.value, item.source) for item in estimate.inputs]


def test_a_dgx_h100_takes_81_megawatt_hours_and_26_tonnes_a_year(made: Made) -> None:
    # 10.2 kW, 70% load, PUE 1.3, 323 g/kWh (research 05, section 2.1).
    found = figures(made({**OWNED, "count": 1}).economics.by_pool["dgx"])
    assert found["energy_mwh_year"] == pytest.approx(81.3, abs=0.05)
    assert found["carbon_t_year"] == pytest.approx(26.3, abs=0.05)


def test_energy_says_its_formula_and_inputs(made: Made) -> None:
    energy = made(OWNED).economics.by_pool["dgx"]["energy_mwh_year"]
    assert (energy.unit, energy.verified) == ("MWh", True)
    assert energy.formula == (
        "(nodes x node kW x load + share of switches and storage) x 8760 h x annual PUE"
    )
    assert inputs(energy) == [
        ("nodes", "4", "design"),
        ("maximum node power", "10.2 kW", "design"),
        ("load", "0.7", "blueprint"),
        ("share of switches and storage", "0 kW", "design"),
        ("pue.annual", "1.3", "blueprint"),
    ]


def test_contracts_lower_market_based_carbon_only(made: Made) -> None:
    found = figures(made(OWNED, facility={"renewable_share": 0.6}).economics.by_pool["dgx"])
    assert found["carbon_market_t_year"] == pytest.approx(0.4 * found["carbon_t_year"])


def test_the_catalogs_grid_and_price_stand_in_for_the_places_own(made: Made) -> None:
    factory = made(OWNED, facility={"carbon": None, "electricity": None})
    found = factory.economics.by_pool["dgx"]
    assert inputs(found["carbon_t_year"])[1] == (
        "grid of Germany in 2023",
        "380.9 g/kWh",
        "owid-ember",
    )
    price = found["energy_usd_year"].inputs[1]
    assert (price.name, price.value, price.source, price.verified) == (
        "electricity in DE",
        "0.107 / 0.204 / 0.266 USD/kWh",
        "gpp (2025-06)",
        False,
    )


def test_capital_is_systems_network_by_share_and_building_by_watt(made: Made) -> None:
    # Prices seen: 199 to 270 kUSD; Bernstein: network 13%, accelerators and processors 42%.
    found = made(OWNED).economics.by_pool["dgx"]
    systems, network, building = (
        found[f"capex_{part}_usd"].value for part in ("systems", "network", "facility")
    )
    assert (systems.low, systems.mid, systems.high) == (796_000, 938_000, 1_080_000)
    assert network.mid == pytest.approx(938_000 * 0.13 / 0.42)
    assert (building.low, building.mid, building.high) == pytest.approx(
        (40_800 * 9.3, 40_800 * 11.7, 40_800 * 15.0)
    )
    total = found["capex_usd"].value
    assert total.mid == pytest.approx(systems.mid + network.mid + building.mid)
    assert found["capex_network_usd"].formula == (
        "systems x networking share / (gpu + cpu share), top-down"
    )
    assert (found["capex_systems_usd"].verified, found["capex_network_usd"].verified) == (
        True,
        False,
    )


def test_storage_of_ones_own_adds_its_share(made: Made) -> None:
    tier = {"name": "lake", "site": "dc1", "kind": "object", "capacity": "1 PB"}
    found = made(OWNED, storage={"tiers": [tier]}).economics.by_pool["dgx"]
    assert found["capex_storage_usd"].value.mid == pytest.approx(938_000 * 0.0125 / 0.42)


def test_building_costs_what_its_city_pays(made: Made) -> None:
    # Turner & Townsend 2025-2026: Frankfurt 11.6 USD/W.
    building = made(OWNED, city="Frankfurt").economics.by_pool["dgx"]["capex_facility_usd"]
    assert building.value.mid == pytest.approx(40_800 * 11.6)
    assert building.inputs[0].source == "tt"


def test_a_rack_scale_price_is_for_the_whole_rack(made: Made, catalog: Catalog) -> None:
    racks = {"name": "nvl", "site": "dc1", "system": "gb200-nvl72", "count": 2}
    factory = made(racks, facility={"cooling": ["direct-to-chip", "air"]})
    price = catalog.systems["gb200-nvl72"].price_usd
    assert price is not None
    systems = factory.economics.by_pool["nvl"]["capex_systems_usd"].value
    assert factory.pools["nvl"].gpus == 144
    assert (systems.low, systems.high) == pytest.approx((2 * price[0], 2 * price[1]))


def test_without_a_price_the_band_per_gigawatt_stands_in(made: Made) -> None:
    # Epoch 29, NVIDIA 2025 50, NVIDIA 2026 100 billion USD per GW.
    factory = made({**OWNED, "system": "dgx-b300"})
    capex = factory.economics.by_pool["dgx"]["capex_usd"]
    assert capex.formula == "power x USD per GW, top-down, all-in"
    power = 4 * (factory.pools["dgx"].node_power_kw or 0)
    assert (capex.value.low, capex.value.mid, capex.value.high) == pytest.approx(
        (power * 29_000, power * 50_000, power * 100_000)
    )
    assert "capex_systems_usd" not in factory.economics.by_pool["dgx"]


def test_an_overlay_price_is_obeyed(made: Made, priced: Callable[[str], Catalog]) -> None:
    # 400 kUSD for eight H100 all-in at 3 years and 20% opex is 2.28 USD an hour at full use.
    facts = priced(
        "systems:\n  dgx-h100: {price_usd: [400000, 400000], sources: [quote]}\n"
        "constants:\n"
        "  capex.share.networking: {value: 0, unit: share of capex, sources: [quote]}\n"
        "  construction.usd_per_w: {value: 0, unit: USD per W, sources: [quote]}\n"
    )
    factory = made(
        {**OWNED, "utilisation": 1.0},
        facts=facts,
        facility={"electricity": "0 USD/kWh"},
        governance={"term": 3},
    )
    found = factory.economics.by_pool["dgx"]
    assert found["usd_per_gpu_hour"].value.mid == pytest.approx(2.28, abs=0.005)
    assert found["break_even_utilisation"].value.mid == pytest.approx(0.33, abs=0.005)
    assert found["rented_usd_per_gpu_hour"].value.mid == pytest.approx(6.88)


def test_switches_with_a_price_are_counted_one_by_one(
    made: Made, priced: Callable[[str], Catalog], catalog: Catalog
) -> None:
    # Bernstein: of the network's 13%, switches are 3 points; the rest stays a share.
    fabric = [{"name": "compute", "serves": ["dgx"], "technology": "infiniband-ndr"}]
    network = made(OWNED, fabric=fabric).networks["compute"]
    assert network.switches.total > 0
    assert catalog.switches[str(network.switch)].price_usd is None
    facts = priced(
        f"switches:\n  {network.switch}: {{price_usd: [20000, 30000], sources: [quote]}}\n"
    )
    found = made(OWNED, facts=facts, fabric=fabric).economics.by_pool["dgx"]["capex_network_usd"]
    assert found.value.mid == pytest.approx(
        network.switches.total * 25_000 + 938_000 * (0.13 - 0.03) / 0.42
    )
    assert found.inputs[0].value == "20,000 / 25,000 / 30,000 USD"
    assert found.inputs[0].source.startswith("mine.yaml:quote")


def test_a_state_of_the_us_has_its_own_price_of_electricity(
    build: Callable[..., Blueprint], site: Callable[..., dict[str, Any]], catalog: Catalog
) -> None:
    # EIA Electric Power Annual 2023: Texas 6.60 cents.
    texas = {**site(), "location": {"country": "US", "state": "TX"}}
    made = design(build(sites=[texas], compute=[OWNED]), catalog)
    price = made.economics.by_pool["dgx"]["energy_usd_year"].inputs[1]
    assert (price.name, price.value, price.source) == (
        "electricity in US-TX",
        "0.066 USD/kWh",
        "eia-annual (2023)",
    )


def test_a_site_without_a_pue_takes_that_of_its_cooling(
    build: Callable[..., Blueprint], site: Callable[..., dict[str, Any]], catalog: Catalog
) -> None:
    cooled = site(pue=None, cooling=["rear-door"])
    energy = design(build(sites=[cooled], compute=[OWNED]), catalog).economics.by_pool["dgx"][
        "energy_mwh_year"
    ]
    assert energy.value.mid == pytest.approx(
        40.8 * 0.7 * 8.76 * catalog.cooling_limits["rear-door"].pue
    )
    assert energy.inputs[-1].source == "catalog for rear-door"


def test_dollars_per_gpu_hour_are_the_year_over_the_hours_that_pay(made: Made) -> None:
    factory = made({**OWNED, "utilisation": 0.5}, governance={"term": 4})
    found = figures(factory.economics.by_pool["dgx"])
    hours = 32 * 8760 * 0.5
    yearly = found["capital_usd_year"] + found["opex_usd_year"]
    assert found["usd_per_gpu_hour"] == pytest.approx(yearly / hours)
    # The same by the published formula, the building over 15 years beside.
    equipment = found["capex_systems_usd"] + found["capex_network_usd"]
    formula = owned_usd_per_gpu_hour(
        equipment / 32,
        4,
        0.2,
        utilisation=0.5,
        kw_per_gpu=10.2 / 8 * 0.7 / 0.5,
        pue=1.3,
        usd_per_kwh=0.08,
    ) + owned_usd_per_gpu_hour(found["capex_facility_usd"] / 32, 15, 0.2, utilisation=0.5)
    assert found["usd_per_gpu_hour"] == pytest.approx(formula)


def test_spares_cost_but_sell_nothing(made: Made) -> None:
    whole = made(OWNED).economics.by_pool["dgx"]["usd_per_gpu_hour"].value.mid
    spared = made({**OWNED, "spares": {"count": 1}})
    assert spared.pools["dgx"].spares == 1
    assert spared.economics.by_pool["dgx"]["usd_per_gpu_hour"].value.mid == pytest.approx(
        whole * 4 / 3
    )


def test_rent_on_demand_is_all_hours_of_the_year(made: Made) -> None:
    found = made(RENTED).economics.by_pool["burst"]
    assert figures(found)["rent_usd_year"] == pytest.approx(8 * 55.04 * 8760)
    assert figures(found)["rented_usd_per_gpu_hour"] == pytest.approx(6.88)
    assert figures(found)["usd_per_gpu_hour"] == pytest.approx(6.88 / 0.8)
    assert inputs(found["rent_usd_year"]) == [
        ("instances", "8", "design"),
        (
            "p5.48xlarge On-Demand, Linux, us-east-1",
            "55.04 USD/h",
            "karpenter-types, karpenter-prices, karpenter-bw, quotas (2026-07-20)",
        ),
        ("hours paid for", "8,760 h", "blueprint"),
    ]
    assert found["rent_usd_year"].verified


def test_nodes_that_scale_to_zero_are_paid_for_when_used(made: Made) -> None:
    found = figures(made({**RENTED, "autoscale": True}).economics.by_pool["burst"])
    assert found["rent_usd_year"] == pytest.approx(8 * 55.04 * 8760 * 0.8)
    assert found["usd_per_gpu_hour"] == pytest.approx(6.88)


def test_a_capacity_block_is_paid_for_its_duration(made: Made) -> None:
    block = {"start": "2027-02-01T11:30:00Z", "duration": "14 d"}
    pool = {**RENTED, "instance": "p5en.48xlarge", "purchase": {"capacity_block": block}}
    found = made(pool).economics.by_pool["burst"]
    assert figures(found)["rent_usd_year"] == pytest.approx(8 * 41.61 * 14 * 24)
    assert found["rent_usd_year"].inputs[1].source.endswith("(2026-01)")


def test_cloud_energy_is_absent_not_zero(made: Made) -> None:
    factory = made(OWNED, RENTED)
    assert "energy_mwh_year" not in factory.economics.by_pool["burst"]
    assert "energy_mwh_year" not in factory.economics.by_site["cloud"]
    energy = factory.economics.total["energy_mwh_year"]
    assert inputs(energy)[1] == ("cloud", "not known", "design")
    assert not energy.verified


def test_cloud_storage_is_rented_by_the_gigabyte_month(made: Made) -> None:
    # FSx 125: 0.145 USD; S3 Standard: 0.023 USD per GB-month, us-east-1.
    storage = {
        "tiers": [
            {"name": "lake", "site": "cloud", "kind": "object"},
            {"name": "fast", "site": "cloud", "kind": "fsx-lustre", "throughput_tier": 125,
             "capacity": "38400 GiB"},
        ],
        "datasets": [{"name": "d", "class": "public", "lives_on": "lake", "size": "200 TB"}],
    }  # fmt: skip
    factory = made({**RENTED, "count": 0}, storage=storage)
    rent = factory.economics.by_site["cloud"]["storage_rent_usd_year"]
    fast = 38_400 * 2**30 / 1e9 * 0.145 * 12
    assert rent.value.mid == pytest.approx(200_000 * 0.023 * 12 + fast)


def test_sites_and_the_total_are_sums_of_their_pools(made: Made) -> None:
    factory = made(OWNED, {**OWNED, "name": "more", "count": 2}, RENTED)
    money = factory.economics
    for name in ("capex_usd", "energy_mwh_year", "carbon_t_year", "embodied_t_year"):
        pools = [each[name].value.mid for each in money.by_pool.values() if name in each]
        sites = [each[name].value.mid for each in money.by_site.values() if name in each]
        assert money.total[name].value.mid == pytest.approx(sum(pools))
        assert money.total[name].value.mid == pytest.approx(sum(sites))


def test_the_energy_of_a_site_is_that_of_its_power_chain(made: Made) -> None:
    # Switches and storage are shared out over the pools, so that nothing is lost.
    fabric = [{"name": "in-band", "serves": ["dgx", "more"], "technology": "ethernet"}]
    tier = {
        "name": "scratch",
        "site": "dc1",
        "kind": "parallel",
        "system": "ddn-ai400x2",
        "appliances": 2,
        "appliance_power": "2 kW",
    }
    factory = made(
        {**OWNED, "load": 1.0},
        {**OWNED, "name": "more", "load": 1.0},
        fabric=fabric,
        storage={"tiers": [tier]},
    )
    energy = factory.economics.by_site["dc1"]["energy_mwh_year"].value.mid
    assert energy == pytest.approx(factory.power["dc1"].it_kw * 8.76 * 1.3)


def test_homes_flops_per_watt_and_water(made: Made) -> None:
    factory = made(OWNED)
    money = factory.economics
    energy = money.total["energy_mwh_year"].value.mid
    assert money.total["homes_equivalent"].value.mid == pytest.approx(energy * 1e3 / 10_791)
    assert money.by_pool["dgx"]["flops_per_watt"].value.mid == pytest.approx(8 * 989.4e12 / 10_200)
    water = money.by_pool["dgx"]["water_m3_year"]
    assert water.value.mid == pytest.approx(energy / 1.3 * 0.21)
    assert not water.verified


def test_every_number_has_a_unit_a_formula_and_inputs(made: Made) -> None:
    money = made(OWNED, RENTED).economics
    groups = [money.total, *money.by_pool.values(), *money.by_site.values()]
    for estimates in groups:
        assert list(estimates) == sorted(estimates)
        for name, each in estimates.items():
            assert each.formula, name
            assert each.inputs, name
            assert each.value.low <= each.value.mid <= each.value.high
            assert all(item.source for item in each.inputs)
