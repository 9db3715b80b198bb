"""What it costs to build: systems at prices seen in public, the rest by published shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aifactory_iac.design.economics.host import Host
from aifactory_iac.design.estimate import Estimate, Range
from aifactory_iac.design.known import (
    Known,
    borrowed,
    constant,
    estimate,
    fact,
    from_estimate,
    reckoned,
)
from aifactory_iac.design.model import NetworkDesign, PoolDesign

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog

KW_PER_GW = 1e6


def price_range(price: tuple[float, float]) -> Range:
    """Low and high of prices seen, with their mean between."""
    low, high = sorted(price)
    return Range(low, (low + high) / 2, high)


def capex_of(
    pool: PoolDesign, host: Host, networks: Mapping[str, NetworkDesign], catalog: Catalog
) -> dict[str, Estimate]:
    """Capital of an owned pool by class and in sum; empty when neither price nor power is known.

    The building is sized for the pool's maximum IT power. Without a price for the system, the
    all-in band per gigawatt stands in.
    """
    systems, it_kw = _systems(pool, catalog), host.it_kw(pool)
    if systems is None:
        return {} if it_kw is None else {"capex_usd": top_down(it_kw, catalog)}
    parts = {"capex_systems_usd": systems}
    if _splits(catalog):
        parts["capex_network_usd"] = _network(systems, pool, networks, catalog)
    if host.stores and _splits(catalog):
        parts["capex_storage_usd"] = _share(systems, "storage", catalog)
    if it_kw is not None:
        parts["capex_facility_usd"] = _facility(it_kw, host.construction)
    total = sum((part.value for part in parts.values()), Range.point(0.0))
    known = (from_estimate(name, part) for name, part in sorted(parts.items()))
    return parts | {"capex_usd": estimate(total, "USD", "sum of its parts", known)}


def top_down(kw: float, catalog: Catalog) -> Estimate:
    """Capital by the published band of billions per gigawatt: everything, building included."""
    band = borrowed(constant(catalog, "capex.usd_bn_per_gw"), "top-down, of other sites")
    value = band.value.scaled(1e9 * kw / KW_PER_GW)
    known = (band, reckoned("power", Range.point(kw), "kW"))
    return estimate(value, "USD", "power x USD per GW, top-down, all-in", known)


def _systems(pool: PoolDesign, catalog: Catalog) -> Estimate | None:
    system = catalog.systems.get(pool.system)
    if system is None or system.price_usd is None:
        return None
    price = price_range(system.price_usd)
    # A rack-scale price is for all its trays, and a node of the pool is one tray.
    value = price.scaled(pool.nodes / system.trays)
    known = (
        fact(f"price of {system.id}", price, "USD", system.provenance, "price_usd"),
        reckoned("systems", Range.point(pool.nodes / system.trays), ""),
    )
    return estimate(value, "USD", "systems x price seen in public, no quote", known)


def _splits(catalog: Catalog) -> bool:
    """Whether the published split says what systems are of the whole."""
    gpu, cpu = (constant(catalog, f"capex.share.{name}") for name in ("gpu", "cpu"))
    return (gpu.value + cpu.value).low > 0


def _ratio(
    part: str, catalog: Catalog, *, less: str | None = None
) -> tuple[Range, tuple[Known, ...]]:
    """A class of capital over that of systems (accelerators and processors), with its inputs."""
    share, gpu, cpu = (constant(catalog, f"capex.share.{name}") for name in (part, "gpu", "cpu"))
    known = [borrowed(share, "top-down, of another site"), gpu, cpu]
    value = share.value
    if less is not None:
        within = constant(catalog, f"capex.share.{less}")
        known.append(within)
        value = value.map(lambda each: each - within.value.mid)
    return value.over(gpu.value + cpu.value), tuple(known)


def _share(systems: Estimate, part: str, catalog: Catalog) -> Estimate:
    ratio, known = _ratio(part, catalog)
    return estimate(
        systems.value.times(ratio),
        "USD",
        f"systems x {part} share / (gpu + cpu share), top-down",
        (from_estimate("systems", systems), *known),
    )


def _network(
    systems: Estimate,
    pool: PoolDesign,
    networks: Mapping[str, NetworkDesign],
    catalog: Catalog,
) -> Estimate:
    """Network by its published share; switches at their price where every one has a price."""
    serving = [each for _, each in sorted(networks.items()) if pool.name in each.pools]
    switches = _switches(serving, catalog)
    if switches is None:
        return _share(systems, "networking", catalog)
    value, known = switches
    rest, shares = _ratio("networking", catalog, less="switches")
    return estimate(
        value + systems.value.times(rest),
        "USD",
        "switches at list price / pools served + systems x share of optics, cables and adapters",
        (*known, from_estimate("systems", systems), *shares),
    )


def _switches(
    networks: list[NetworkDesign], catalog: Catalog
) -> tuple[Range, tuple[Known, ...]] | None:
    total, known = Range.point(0.0), []
    for network in networks:
        switch = catalog.switches.get(network.switch) if network.switch else None
        if switch is None or switch.price_usd is None:
            return None
        price = price_range(switch.price_usd)
        total = total + price.scaled(network.switches.total / max(1, len(network.pools)))
        known.append(fact(f"price of {switch.id}", price, "USD", switch.provenance, "price_usd"))
    return (total, tuple(known)) if known else None


def _facility(it_kw: float, each: Known) -> Estimate:
    known = (each, reckoned("IT power", Range.point(it_kw), "kW"))
    return estimate(
        each.value.scaled(it_kw * 1e3), "USD", "IT power x construction cost per watt", known
    )
