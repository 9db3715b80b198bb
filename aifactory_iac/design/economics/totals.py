"""Money, energy and carbon of a factory: by pool, by site and in total."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model.compute import Pool
from aifactory_iac.blueprint.model.sites import AwsSite
from aifactory_iac.design.economics.capex import capex_of, top_down
from aifactory_iac.design.economics.energy import homes
from aifactory_iac.design.economics.footprint import flops_per_watt, mean_usd_per_gpu_hour, water
from aifactory_iac.design.economics.host import Host, hosts_of
from aifactory_iac.design.economics.ownership import ownership_of
from aifactory_iac.design.economics.pool_energy import embodied_of, energy_of
from aifactory_iac.design.economics.rent import rent_of
from aifactory_iac.design.economics.storage_rent import storage_rent
from aifactory_iac.design.estimate import Estimate, Range
from aifactory_iac.design.known import constant, estimate, from_estimate, not_known
from aifactory_iac.design.model import (
    Economics,
    NetworkDesign,
    PoolDesign,
    SitePower,
    TierDesign,
    WorkloadDesign,
)

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

OF_EVERY_PART = frozenset({"opex_usd_year", "energy_mwh_year", "carbon_t_year"})
"""Estimates that every part has, owned or rented; a sum without one of them is not whole."""

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
    hosts = hosts_of(blueprint, catalog, pools, power, storage)
    term = blueprint.governance.term
    by_pool = {
        name: _of_pool(pool, settings[name], hosts[pool.site], networks, term, catalog)
        for name, pool in sorted(pools.items())
        if name in settings and pool.site in hosts
    }
    by_site = {}
    for name, site in sorted(sites.items()):
        local = {pool: by_pool[pool] for pool in by_pool if pools[pool].site == name}
        stored = storage_rent(site, storage, catalog) if isinstance(site, AwsSite) else {}
        mean = mean_usd_per_gpu_hour(local, pools, settings)
        found = _summed(local | stored, expected=frozenset(local))
        by_site[name] = dict(sorted((found | mean).items()))
    total = _total(by_site, power, catalog) | mean_usd_per_gpu_hour(by_pool, pools, settings)
    return Economics(dict(sorted(total.items())), by_pool, by_site)


def _of_pool(
    pool: PoolDesign,
    settings: Pool,
    host: Host,
    networks: Mapping[str, NetworkDesign],
    term: int,
    catalog: Catalog,
) -> dict[str, Estimate]:
    found = energy_of(pool, settings, host) | flops_per_watt(pool)
    energy = found.get("energy_mwh_year")
    if energy is not None and host.terms.pue is not None:
        found |= water(energy, host.terms.pue, catalog)
    found |= embodied_of(pool, term, catalog)
    if host.terms.rented:
        found |= _rented(rent_of(pool, settings, host.region, catalog))
    else:
        found |= capex_of(pool, host, networks, catalog)
        found |= ownership_of(pool, settings, host.terms, found, term, catalog)
    return dict(sorted(found.items()))


def _rented(found: dict[str, Estimate]) -> dict[str, Estimate]:
    """Rent is the running cost of a pool that is not owned."""
    rent = found.get("rent_usd_year")
    return found if rent is None else found | {"opex_usd_year": rent}


def _summed(parts: Mapping[str, Named], *, expected: frozenset[str]) -> dict[str, Estimate]:
    """Sums over parts; an expected part that lacks a figure every part has is named as unknown."""
    found = {}
    for name, unit in sorted(ADDITIVE.items()):
        terms = {part: each[name] for part, each in sorted(parts.items()) if name in each}
        if terms:
            total = sum((term.value for term in terms.values()), Range.point(0.0))
            known = [from_estimate(part, term) for part, term in terms.items()]
            if name in OF_EVERY_PART:
                known += [not_known(part) for part in sorted(expected - set(terms))]
            found[name] = estimate(total, unit, "sum of its parts", known)
    return found


def _total(
    by_site: Mapping[str, Named], power: Mapping[str, SitePower], catalog: Catalog
) -> dict[str, Estimate]:
    populated = frozenset(name for name, each in by_site.items() if each)
    found = _summed(by_site, expected=populated)
    energy = found.get("energy_mwh_year")
    home = constant(catalog, "home.kwh_per_year")
    if energy is not None and home.value.low > 0:
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
