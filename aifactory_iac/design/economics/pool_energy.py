"""Energy and carbon of a pool in a year, with its share of the site's switches and storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model.compute import Pool
from aifactory_iac.design.economics.energy import (
    HOURS_PER_YEAR,
    carbon_t,
    embodied_t_per_year,
    energy_mwh,
    market_intensity,
)
from aifactory_iac.design.economics.host import Host
from aifactory_iac.design.estimate import Estimate, Range
from aifactory_iac.design.known import (
    Known,
    borrowed,
    constant,
    estimate,
    from_estimate,
    reckoned,
    told,
)
from aifactory_iac.design.model import PoolDesign

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog


def drawn_kw(
    pool: PoolDesign, settings: Pool, host: Host
) -> tuple[Range, tuple[Known, ...]] | None:
    """Average IT power of a pool: nodes at their load, switches and storage at full power."""
    if pool.node_power_kw is None:
        return None
    overhead = host.shared_kw(pool)
    value = Range.point(pool.nodes * pool.node_power_kw * settings.load + overhead)
    node_kw = Range.point(pool.node_power_kw)
    return value, (
        reckoned("nodes", Range.point(pool.nodes), ""),
        reckoned("maximum node power", node_kw, "kW", verified=pool.node_power_verified),
        told("load", Range.point(settings.load), ""),
        reckoned(
            "share of switches and storage", Range.point(overhead), "kW", verified=host.counted
        ),
    )


def energy_of(pool: PoolDesign, settings: Pool, host: Host) -> dict[str, Estimate]:
    """Energy and operational carbon of a year; empty where power or PUE is not known."""
    terms = host.terms
    drawn = drawn_kw(pool, settings, host)
    if drawn is None or terms.pue is None:
        return {}
    it_kw, known = drawn
    mwh = it_kw.times(terms.pue.value).map(lambda kw: energy_mwh(kw, 1.0, 1.0, HOURS_PER_YEAR))
    formula = "(nodes x node kW x load + share of switches and storage) x 8760 h x annual PUE"
    energy = estimate(mwh, "MWh", formula, (*known, terms.pue))
    found = {"energy_mwh_year": energy}
    if terms.g_per_kwh is None:
        return found
    inputs = (from_estimate("energy", energy), terms.g_per_kwh)
    found["carbon_t_year"] = estimate(
        mwh.times(terms.g_per_kwh.value).map(lambda product: carbon_t(product, 1.0)),
        "t",
        "energy x grid intensity, location-based",
        inputs,
    )
    if terms.renewable_share is not None:
        share = terms.renewable_share.value.mid
        grid = terms.g_per_kwh.value.map(lambda each: market_intensity(each, share))
        found["carbon_market_t_year"] = estimate(
            mwh.times(grid).map(lambda product: carbon_t(product, 1.0)),
            "t",
            "energy x (1 - renewable share) x grid intensity, market-based",
            (*inputs, terms.renewable_share),
        )
    return found


def embodied_of(pool: PoolDesign, term: int, catalog: Catalog) -> dict[str, Estimate]:
    """Carbon of making a pool's servers, a year's share of it; empty without accelerators."""
    if not pool.gpus:
        return {}
    fact = catalog.constants["embodied.kg_per_gpu"]
    each = borrowed(constant(catalog, fact.id), fact.provenance.note or "of another server")
    value = each.value.map(lambda kilograms: embodied_t_per_year(kilograms, pool.gpus, term))
    known = (
        each,
        reckoned("GPUs", Range.point(pool.gpus), ""),
        told("term", Range.point(term), "years"),
    )
    return {"embodied_t_year": estimate(value, "t", "GPUs x embodied share / term", known)}
