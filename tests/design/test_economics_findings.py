"""What money and energy figures lack, and budgets, as findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.catalog import Catalog
from aifactory_iac.design import design
from aifactory_iac.findings import Finding, Severity

OWNED = {"name": "dgx", "site": "dc1", "system": "dgx-h100", "count": 4}
RENTED = {"name": "burst", "site": "cloud", "instance": "p5.48xlarge", "count": 8}
OF_MONEY = {f"AIF-DSN-{number}" for number in range(130, 150)}
ENERGY_UNKNOWN = Finding(
    "AIF-DSN-135",
    Severity.INFO,
    "AWS publishes no power for `p5.48xlarge`: energy and carbon of pool `burst` are not in any "
    "sum.",
    ("compute", "burst", "instance"),
    "Ask for the Customer Carbon Footprint report once the pool runs.",
)
EURO = {"EUR": {"usd": 1.16, "date": "2026-11-20", "source": "ECB"}}

Said = Callable[..., list[Finding]]


@pytest.fixture
def said(
    build: Callable[..., Blueprint], site: Callable[..., dict[str, Any]], catalog: Catalog
) -> Said:
    """Findings on money and energy of pools at `dc1` and in a region."""

    def make(
        *pools: Mapping[str, Any],
        region: str = "us-east-1",
        facility: Mapping[str, Any] | None = None,
        owned: Mapping[str, Any] | None = None,
        facts: Catalog = catalog,
        **layers: Any,
    ) -> list[Finding]:
        terms = {"electricity": "0.08 USD/kWh", **(facility or {})}
        terms = {key: value for key, value in terms.items() if value is not None}
        cloud = {"name": "cloud", "kind": "aws", "region": region, "account": "1"}
        sites = [owned or site(**terms), cloud]
        made = design(build(sites=sites, compute=list(pools), **layers), facts)
        return [finding for finding in made.findings if finding.rule in OF_MONEY]

    return make


def test_a_priced_pool_with_contracted_power_says_nothing(said: Said) -> None:
    assert said(OWNED) == []


def test_a_system_without_a_price_is_named(said: Said) -> None:
    assert said({**OWNED, "system": "dgx-b300"}) == [
        Finding(
            "AIF-DSN-130",
            Severity.MEDIUM,
            "No price has been seen in public for `dgx-b300` of pool `dgx`: the band that others "
            "pay per gigawatt stands in for its capital.",
            ("compute", "dgx", "system"),
            "Give `price_usd` in a catalog overlay.",
        )
    ]


def test_an_instance_without_a_price_is_named(said: Said) -> None:
    found = said({**RENTED, "instance": "p5e.48xlarge"})
    assert [(f.rule, f.severity, f.message) for f in found] == [
        (
            "AIF-DSN-130",
            Severity.MEDIUM,
            (
                "`p5e.48xlarge` of pool `burst` has no price that is published: its rent is not in "
                "any sum."
            ),
        ),
        ("AIF-DSN-135", Severity.INFO, ENERGY_UNKNOWN.message.replace("p5.", "p5e.")),
    ]


def test_a_region_without_prices_is_named(said: Said) -> None:
    assert said(RENTED, region="eu-central-1") == [
        Finding(
            "AIF-DSN-131",
            Severity.INFO,
            "Prices of eu-central-1 are not in the catalog: pool `burst` is shown at that of "
            "us-east-1.",
            ("sites", "cloud", "region"),
            "Give the region's price in a catalog overlay.",
        ),
        ENERGY_UNKNOWN,
    ]


def test_spot_is_shown_at_the_on_demand_price(said: Said) -> None:
    assert said({**RENTED, "purchase": {"spot": True}}) == [
        ENERGY_UNKNOWN,
        Finding(
            "AIF-DSN-139",
            Severity.INFO,
            "The price that pool `burst` will pay is not published: the On-Demand price of "
            "2026-07-20 stands in.",
            ("compute", "burst", "purchase"),
            "Give the price you were quoted in a catalog overlay.",
        ),
    ]


def test_a_block_price_carries_the_date_it_was_seen(said: Said) -> None:
    block = {"start": "2027-02-01T11:30:00Z", "duration": "14 d"}
    found = said({**RENTED, "purchase": {"capacity_block": block}})
    assert found[1:] == [
        Finding(
            "AIF-DSN-139",
            Severity.INFO,
            "The Capacity Block price of `p5.48xlarge` moves: the one in use was seen in 2024-12.",
            ("compute", "burst", "purchase"),
            "Look up the offering before the plan is approved.",
        )
    ]


def test_a_grid_that_is_not_known_is_named(said: Said) -> None:
    assert said(RENTED, region="ca-west-1")[-1] == Finding(
        "AIF-DSN-136",
        Severity.LOW,
        "The carbon intensity of the grid at site `cloud` is not known: its carbon is not in any "
        "sum.",
        ("sites", "cloud", "region"),
        "Choose a region whose grid is in the catalog, or add it in an overlay.",
    )


def test_a_country_without_a_grid_or_a_price_is_named(said: Said, site: Any) -> None:
    nowhere = {**site(), "location": {"country": "AQ"}}
    assert [(f.rule, f.path, f.message) for f in said(OWNED, owned=nowhere)] == [
        (
            "AIF-DSN-136",
            ("sites", "dc1", "facility"),
            (
                "The carbon intensity of the grid at site `dc1` is not known: its carbon is not in "
                "any sum."
            ),
        ),
        (
            "AIF-DSN-137",
            ("sites", "dc1", "facility", "electricity"),
            (
                "The catalog has no price, so `default` stands in for electricity at site `dc1`: "
                "0.0575 / 0.078 / 0.1864 USD/kWh."
            ),
        ),
    ]


def test_capital_far_from_what_others_pay_is_named(said: Said, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "apiVersion: aifactory/v1\nkind: Catalog\n"
        "sources:\n  quote: {title: Quote, document: quote.pdf, date: 2026-10-01}\n"
        "systems:\n  dgx-h100: {price_usd: [9000000, 9000000], sources: [quote]}\n",
        encoding="utf-8",
    )
    found = said(OWNED, facts=Catalog.shipped([file]))
    assert [(f.rule, f.severity, f.path) for f in found] == [
        ("AIF-DSN-134", Severity.INFO, ("compute",))
    ]
    assert " is above what others pay for the same power " in found[0].message


def test_an_electricity_price_of_a_continent_is_named(said: Said) -> None:
    assert said(OWNED, facility={"electricity": None}) == [
        Finding(
            "AIF-DSN-137",
            Severity.INFO,
            "The catalog has no price good enough to build on for electricity at site `dc1`: "
            "0.107 / 0.204 / 0.266 USD/kWh.",
            ("sites", "dc1", "facility", "electricity"),
            "Give the contracted price under `electricity`.",
        )
    ]


def test_money_without_a_rate_is_compared_with_nothing(said: Said) -> None:
    budget = {"capex": "1 MEUR", "opex": "10 kUSD/month"}
    assert said(OWNED, governance={"budget": budget}) == [
        Finding(
            "AIF-DSN-132",
            Severity.MEDIUM,
            "There is no exchange rate for EUR, so 1 MEUR is compared with nothing.",
            ("governance", "budget", "capex"),
            "Add `EUR: {usd: ..., date: ..., source: ...}` under `governance.exchange`.",
            (("governance", "exchange"),),
        ),
    ]


def test_a_stated_rate_lets_a_budget_speak(said: Said) -> None:
    budget = {"capex": "1 MEUR"}
    assert said(OWNED, governance={"budget": budget, "exchange": EURO}) == [
        Finding(
            "AIF-DSN-133",
            Severity.MEDIUM,
            "Building it costs at least 1,421,821 USD, more than the budget of 1 MEUR.",
            ("governance", "budget", "capex"),
            "Raise the budget, or plan for less.",
        )
    ]


def test_electricity_in_another_currency_needs_a_rate_too(said: Said) -> None:
    found = said(OWNED, facility={"electricity": "0.11 EUR/kWh"})
    assert [(f.rule, f.path) for f in found] == [
        ("AIF-DSN-132", ("sites", "dc1", "facility", "electricity"))
    ]
    assert (
        said(OWNED, facility={"electricity": "0.11 EUR/kWh"}, governance={"exchange": EURO}) == []
    )


def test_a_dirty_grid_breaks_the_carbon_budget(said: Said) -> None:
    budget = {"budget": {"carbon": "100 g/kWh"}}
    assert said(OWNED, governance=budget, facility={"renewable_share": 0.7}) == [
        Finding(
            "AIF-DSN-138",
            Severity.MEDIUM,
            "Energy at site `dc1` carries 114.3 g/kWh after contracts, above the budget of "
            "100 g/kWh.",
            ("governance", "budget", "carbon"),
            "Contract more renewable energy, or choose another place.",
            (("sites", "dc1"),),
        )
    ]
    assert said(OWNED, governance=budget, facility={"renewable_share": 0.8}) == []


def test_a_tenant_holds_no_more_gpus_than_its_budget_pays_for(said: Said) -> None:
    layers = {
        "orchestration": {"clusters": [{"name": "eks", "site": "cloud", "pools": ["burst"]}]},
        "governance": {
            "tenants": [{"name": "team", "quota": {"gpus": 16}, "budget": "70 kUSD/month"}]
        },
    }
    # 16 x 6.88 x 730 h = 80,358 USD, used or not.
    assert said(RENTED, **layers) == [
        ENERGY_UNKNOWN,
        Finding(
            "AIF-DSN-140",
            Severity.MEDIUM,
            "Holding the 16 GPUs of tenant `team` for a month costs at least 80,358 USD, more than "
            "the budget of 70 kUSD/month.",
            ("governance", "tenants", "team", "budget"),
            "Raise the budget, or plan for less.",
        ),
    ]
