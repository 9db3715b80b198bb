"""What a site charges: PUE, price of electricity, carbon of its grid, contracts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model.governance import Exchange
from aifactory_iac.blueprint.model.sites import AwsSite, EdgeSite, OnPremSite
from aifactory_iac.design.economics.money import in_usd
from aifactory_iac.design.estimate import Range
from aifactory_iac.design.known import Known, constant, fact, told
from aifactory_iac.design.model import SitePower

if TYPE_CHECKING:
    from aifactory_iac.blueprint.model.document import Blueprint
    from aifactory_iac.blueprint.model.sites import Site
    from aifactory_iac.catalog import Catalog

CONSTRUCTION = "construction.usd_per_w"
FALLBACK = "default"
"""Id of the electricity price for places without one of their own."""


@dataclass(frozen=True, slots=True)
class SiteTerms:
    """Terms of one site; `None` is not known. Electricity is part of the rent in a cloud."""

    site: str
    rented: bool
    pue: Known | None
    usd_per_kwh: Known | None
    g_per_kwh: Known | None
    renewable_share: Known | None


def rates_of(blueprint: Blueprint) -> dict[str, Exchange]:
    """Exchange rates that the blueprint states, by currency."""
    return {str(code): rate for code, rate in blueprint.governance.exchange.items()}


def region_of(site: Site) -> str:
    """The AWS region of a site; empty for a site of one's own."""
    return site.region if isinstance(site, AwsSite) else ""


def construction_of(site: Site, catalog: Catalog) -> Known:
    """Cost of building per watt of IT power: the city's where it is surveyed."""
    city = None if isinstance(site, AwsSite) else site.location.city
    surveyed = f"{CONSTRUCTION}.{city.lower().replace(' ', '-')}" if city else CONSTRUCTION
    return constant(catalog, surveyed if surveyed in catalog.constants else CONSTRUCTION)


def terms_of(
    site: Site, power: SitePower | None, blueprint: Blueprint, catalog: Catalog
) -> SiteTerms:
    """The terms of a site, the blueprint's own before the catalog's."""
    if isinstance(site, AwsSite):
        return _aws(site, catalog)
    share = Range.point(site.facility.renewable_share)
    return SiteTerms(
        site=site.name,
        rented=False,
        pue=_pue(site, power),
        usd_per_kwh=_electricity(site, blueprint, catalog),
        g_per_kwh=_carbon(site, catalog),
        renewable_share=told("renewable_share", share, ""),
    )


def _aws(site: AwsSite, catalog: Catalog) -> SiteTerms:
    region = catalog.aws_regions.get(site.region)
    grid = None
    if region is not None and region.g_per_kwh is not None:
        value = Range.point(region.g_per_kwh)
        grid = fact(f"grid of {region.grid_zone}", value, "g/kWh", region.provenance, "g_per_kwh")
    return SiteTerms(
        site=site.name,
        rented=True,
        pue=constant(catalog, "pue.aws"),
        usd_per_kwh=None,
        g_per_kwh=grid,
        renewable_share=None,
    )


def _pue(site: OnPremSite | EdgeSite, power: SitePower | None) -> Known | None:
    if site.facility.pue is not None:
        return told("pue.annual", Range.point(site.facility.pue.annual), "")
    if power is None:
        return None
    cooling = ", ".join(site.facility.cooling)
    return told("pue.annual", Range.point(power.pue_annual), "", source=f"catalog for {cooling}")


def _electricity(
    site: OnPremSite | EdgeSite, blueprint: Blueprint, catalog: Catalog
) -> Known | None:
    contract = site.facility.electricity
    if contract is not None:
        usd = in_usd(contract, rates_of(blueprint))
        return None if usd is None else told("electricity", Range.point(usd), "USD/kWh")
    place = site.location
    for identity in (f"{place.country}-{place.state}", place.country, FALLBACK):
        price = catalog.electricity.get(identity)
        if price is not None:
            name = f"electricity in {identity}"
            value = Range(*price.usd_kwh)
            return fact(name, value, "USD/kWh", price.provenance, "usd_kwh", when=price.date)
    return None


def _carbon(site: OnPremSite | EdgeSite, catalog: Catalog) -> Known | None:
    if site.facility.carbon is not None:
        return told("carbon", Range.point(site.facility.carbon.base), "g/kWh")
    grid = catalog.grid_carbon.get(site.location.country)
    if grid is None:
        return None
    name, value = f"grid of {grid.name} in {grid.year}", Range.point(grid.g_per_kwh)
    return fact(name, value, "g/kWh", grid.provenance, "g_per_kwh")
