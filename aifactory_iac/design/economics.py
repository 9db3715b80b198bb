"""Money, energy and carbon of a factory: by pool, by site and in total."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model.compute import Pool
from aifactory_iac.blueprint.model.sites import AwsSite
from aifactory_iac.design.capex import capex_of, top_down
from aifactory_iac.design.energy import homes
from aifactory_iac.design.estimate import Estimate, Range
from aifactory_iac.design.footprint import flops_per_watt, mean_usd_per_gpu_hour, water
from aifactory_iac.design.known import constant, estimate, from_estimate
from aifactory_iac.design.model import (
    Economics,
    NetworkDesign,
    PoolDesign,
    SitePower,
    TierDesign,
    WorkloadDesign,
)
from aifactory_iac.design.ownership import ownership_of
from aifactory_iac.design.pool_energy import embodied_of, energy_of, shared_kw
from aifactory_iac.design.rent import rent_of
from aifactory_iac.design.site_terms import SiteTerms, construction_of, region_of, terms_of
from aifactory_iac.design.storage_rent import storage_rent

if TYPE_CHECKING:
    from aifactory_iac.blueprint.model.document import Blueprint
    from aifactory_iac.catalog import Catalog

ADDITIVE = {
    "capex_usd": "USD",
    "capex_systems_usd": "USD",
    "capex_network_usd": "USD",
    "capex_storage_usd": "USD",
    "capex_facility_usd": "USD",
    "capital_usd_year": "USD",
    "opex_usd_year": "USD",
    "energy_usd_year": "USD",
    "rent_usd_year": "USD",
    "storage_rent_usd_year": "USD",
    "energy_mwh_year": "MWh",
    "carbon_t_year": "t",
    "carbon_market_t_year": "t",
    "embodied_t_year": "t",
    "water_m3_year": "m3",
}
"""Estimates that add up over pools and sites, with their units."""

Named = Mapping[str, Estimate]


def economics(
    blueprint: Blueprint,
    catalog: Catalog,
    pools: Mapping[str, PoolDesign],
    networks: Mapping[str, NetworkDesign],
    power: Mapping[str, SitePower],
    storage: Mapping[str, TierDesign],
    workloads: Mapping[str, WorkloadDesign],
) -> Economics:
    """Estimates by pool, by site and in total; what is not known is absent, never zero.

    Sums say in their inputs which pools went in; a site without power figures is not among them.
    """
    del workloads
    settings = {pool.name: pool for pool in blueprint.compute}
    sites = {site.name: site for site in blueprint.sites}
    by_pool: dict[str, dict[str, Estimate]] = {}
    for name, pool in sorted(pools.items()):
        if name in settings and pool.site in sites:
            site, here = sites[pool.site], power.get(pool.site)
            terms = terms_of(site, here, blueprint, catalog)
            found = _alike(pool, settings[name], terms, here, pools, catalog)
            found |= embodied_of(pool, blueprint.governance.term, catalog)
            if terms.rented:
                found |= _rented(rent_of(pool, settings[name], region_of(site), catalog))
            else:
                building = construction_of(site, catalog)
                found |= capex_of(
                    pool,
                    _it_kw(pool, here, pools),
                    networks=networks,
                    stores=_stores(pool.site, storage),
                    construction=building,
                    catalog=catalog,
                )
                term = blueprint.governance.term
                found |= ownership_of(pool, settings[name], terms, found, term, catalog)
            by_pool[name] = dict(sorted(found.items()))
    by_site = {}
    for name, site in sorted(sites.items()):
        local = {pool: by_pool[pool] for pool in by_pool if pools[pool].site == name}
        stored = storage_rent(name, storage, catalog) if isinstance(site, AwsSite) else {}
        mean = mean_usd_per_gpu_hour(local, pools, settings)
        by_site[name] = dict(sorted((_summed(local | stored) | mean).items()))
    total = _total(by_site, power, catalog) | mean_usd_per_gpu_hour(by_pool, pools, settings)
    return Economics(dict(sorted(total.items())), by_pool, by_site)


def _alike(
    pool: PoolDesign,
    settings: Pool,
    terms: SiteTerms,
    power: SitePower | None,
    pools: Mapping[str, PoolDesign],
    catalog: Catalog,
) -> dict[str, Estimate]:
    """What owned and rented pools have alike: energy, carbon, water, FLOPS per watt."""
    found = energy_of(pool, settings, terms, power, pools) | flops_per_watt(pool)
    energy = found.get("energy_mwh_year")
    if energy is not None and terms.pue is not None:
        found |= water(energy, terms.pue, catalog)
    return found


def _it_kw(
    pool: PoolDesign, power: SitePower | None, pools: Mapping[str, PoolDesign]
) -> float | None:
    if pool.node_power_kw is None:
        return None
    return pool.nodes * pool.node_power_kw + shared_kw(pool, power, pools)


def _stores(site: str, storage: Mapping[str, TierDesign]) -> bool:
    return any(tier.site == site and tier.kind != "local-nvme" for tier in storage.values())


def _rented(found: dict[str, Estimate]) -> dict[str, Estimate]:
    """Rent is the running cost of a pool that is not owned."""
    rent = found.get("rent_usd_year")
    return found if rent is None else found | {"opex_usd_year": rent}


def _summed(parts: Mapping[str, Named]) -> dict[str, Estimate]:
    found = {}
    for name, unit in sorted(ADDITIVE.items()):
        terms = {part: each[name] for part, each in sorted(parts.items()) if name in each}
        if terms:
            total = sum((term.value for term in terms.values()), Range.point(0.0))
            known = (from_estimate(part, term) for part, term in terms.items())
            found[name] = estimate(total, unit, "sum of its parts", known)
    return found


def _total(
    by_site: Mapping[str, Named], power: Mapping[str, SitePower], catalog: Catalog
) -> dict[str, Estimate]:
    found = _summed(by_site)
    energy = found.get("energy_mwh_year")
    if energy is not None:
        home = constant(catalog, "home.kwh_per_year")
        low, mid, high = (
            homes(mwh, home.value).mid
            for mwh in (energy.value.low, energy.value.mid, energy.value.high)
        )
        found["homes_equivalent"] = estimate(
            Range(low, mid, high),
            "homes",
            "energy / energy of one US home",
            (from_estimate("energy", energy), home),
        )
    facility_kw = sum(site.facility_kw for site in power.values())
    if facility_kw > 0:
        found["capex_top_down_usd"] = top_down(facility_kw, catalog)
    return dict(sorted(found.items()))
