"""What the money, energy and carbon figures lack, and what makes them less sure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model.compute import Pool
from aifactory_iac.blueprint.model.sites import AwsSite, EdgeSite, OnPremSite
from aifactory_iac.design.capacity_rules import said
from aifactory_iac.design.economics.budgets import budget_findings
from aifactory_iac.design.economics.rent import PRICED_REGION, in_block
from aifactory_iac.design.economics.site_terms import FALLBACK, SiteTerms, terms_of
from aifactory_iac.design.known import in_words
from aifactory_iac.design.model import Economics, PoolDesign, SitePower
from aifactory_iac.findings import Finding

if TYPE_CHECKING:
    from aifactory_iac.blueprint.model.document import Blueprint
    from aifactory_iac.blueprint.model.sites import Site
    from aifactory_iac.catalog import Catalog


def economics_findings(
    blueprint: Blueprint,
    catalog: Catalog,
    pools: Mapping[str, PoolDesign],
    power: Mapping[str, SitePower],
    found: Economics,
) -> tuple[Finding, ...]:
    """Findings on an `Economics` of the same blueprint: prices, energy, carbon and budgets."""
    sites = {site.name: site for site in blueprint.sites}
    findings: list[Finding] = []
    for settings in sorted(blueprint.compute, key=lambda item: item.name):
        pool, site = pools.get(settings.name), sites.get(settings.site)
        if pool is None or site is None or not pool.nodes:
            continue
        if isinstance(site, AwsSite):
            findings += _rented(settings, pool, site, found, catalog)
        else:
            findings += _owned(pool, found)
    for name, site in sorted(sites.items()):
        if any(pool.site == name and pool.nodes for pool in pools.values()):
            terms = terms_of(site, power.get(name), blueprint, catalog)
            findings += _grid(site, terms)
            if not isinstance(site, AwsSite):
                findings += _electricity(site, terms, catalog)
    findings += _against_band(blueprint, found)
    return (*findings, *budget_findings(blueprint, catalog, pools, power, found))


def _owned(pool: PoolDesign, found: Economics) -> Iterator[Finding]:
    estimates = found.by_pool.get(pool.name, {})
    if "capex_systems_usd" in estimates:
        return
    stands_in = (
        "the band that others pay per gigawatt stands in for its capital"
        if "capex_usd" in estimates
        else "its capital is not in any sum"
    )
    yield said(
        130,
        f"No price has been seen in public for `{pool.system}` of pool `{pool.name}`: {stands_in}.",
        ("compute", pool.name, "system"),
        "Give `price_usd` in a catalog overlay.",
    )


def _rented(
    settings: Pool, pool: PoolDesign, site: AwsSite, found: Economics, catalog: Catalog
) -> Iterator[Finding]:
    path = ("compute", pool.name, "instance")
    estimates = found.by_pool.get(pool.name, {})
    if "rent_usd_year" not in estimates:
        yield said(
            130,
            f"`{pool.system}` of pool `{pool.name}` has no price that is published: its rent is "
            "not in any sum.",
            path,
            "Give `usd_h` with its date in a catalog overlay.",
        )
    else:
        yield from _price_basis(settings, pool, site, catalog)
    if "energy_mwh_year" not in estimates:
        yield said(
            135,
            f"AWS publishes no power for `{pool.system}`: energy and carbon of pool "
            f"`{pool.name}` are not in any sum.",
            path,
            "Ask for the Customer Carbon Footprint report once the pool runs.",
        )


def _price_basis(
    settings: Pool, pool: PoolDesign, site: AwsSite, catalog: Catalog
) -> Iterator[Finding]:
    instance = catalog.aws_instances[pool.system]
    purchase = settings.purchase
    path = ("compute", pool.name, "purchase")
    if purchase is not None and purchase.capacity_block is not None and in_block(instance):
        yield said(
            139,
            f"The Capacity Block price of `{instance.id}` moves: the one in use was seen in "
            f"{instance.capacity_block_price_date or 'an unknown year'}.",
            path,
            "Look up the offering before the plan is approved.",
        )
    elif purchase is not None and not purchase.on_demand:
        yield said(
            139,
            f"The price that pool `{pool.name}` will pay is not published: the On-Demand price of "
            f"{instance.price_date or 'an unknown date'} stands in.",
            path,
            "Give the price you were quoted in a catalog overlay.",
        )
    elif site.region != PRICED_REGION:
        yield said(
            131,
            f"Prices of {site.region} are not in the catalog: pool `{pool.name}` is shown at that "
            f"of {PRICED_REGION}.",
            ("sites", site.name, "region"),
            "Give the region's price in a catalog overlay.",
        )


def _grid(site: Site, terms: SiteTerms) -> Iterator[Finding]:
    if terms.g_per_kwh is not None:
        return
    rest: tuple[str, ...] = ("region",)
    hint = "Choose a region whose grid is in the catalog, or add it in an overlay."
    if not isinstance(site, AwsSite):
        rest, hint = ("facility",), "Give `carbon` in g/kWh."
    yield said(
        136,
        f"The carbon intensity of the grid at site `{site.name}` is not known: its carbon is not "
        "in any sum.",
        ("sites", site.name, *rest),
        hint,
    )


def _electricity(
    site: OnPremSite | EdgeSite, terms: SiteTerms, catalog: Catalog
) -> Iterator[Finding]:
    price = terms.usd_per_kwh
    if site.facility.electricity is not None or price is None or price.given.verified:
        return
    place = site.location
    exact = f"{place.country}-{place.state}" in catalog.electricity
    known = exact or place.country in catalog.electricity
    what = "no price good enough to build on" if known else f"no price, so `{FALLBACK}` stands in"
    yield said(
        137,
        f"The catalog has {what} for electricity at site `{site.name}`: "
        f"{in_words(price.value, 'USD/kWh')}.",
        ("sites", site.name, "facility", "electricity"),
        "Give the contracted price under `electricity`.",
    )


def _against_band(blueprint: Blueprint, found: Economics) -> Iterator[Finding]:
    """Capital of all owned pools against what others pay for the same power."""
    built, band = found.total.get("capex_usd"), found.total.get("capex_top_down_usd")
    if built is None or band is None:
        return
    if built.value.low <= band.value.high and band.value.low <= built.value.high:
        return
    side = "below" if built.value.high < band.value.low else "above"
    yield said(
        134,
        f"Capital of `{blueprint.metadata.name}` ({in_words(built.value, 'USD')}) is {side} what "
        f"others pay for the same power ({in_words(band.value, 'USD')}).",
        ("compute",),
        "Check the prices that went in; `explain` lists them.",
    )
