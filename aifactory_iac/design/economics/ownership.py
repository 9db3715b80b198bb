"""What an owned pool costs a year and an hour, and when renting would be cheaper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model.compute import Pool
from aifactory_iac.design.economics.energy import HOURS_PER_YEAR
from aifactory_iac.design.economics.money import straight_line
from aifactory_iac.design.economics.rent import LEAST_USE, cheapest_rent
from aifactory_iac.design.economics.site_terms import SiteTerms
from aifactory_iac.design.estimate import Estimate, Range
from aifactory_iac.design.known import constant, estimate, from_estimate, reckoned, told
from aifactory_iac.design.model import PoolDesign
from aifactory_iac.design.workloads.placement import working_gpus

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog


def ownership_of(
    pool: PoolDesign,
    settings: Pool,
    terms: SiteTerms,
    found: Mapping[str, Estimate],
    term: int,
    catalog: Catalog,
) -> dict[str, Estimate]:
    """Running cost, $/GPU-hour and break-even of an owned pool from its capex and energy."""
    bill = _energy_bill(terms, found)
    capital = _capital(found, term, catalog)
    if capital is None:
        return {} if bill is None else {"energy_usd_year": bill}
    opex_rate = constant(catalog, "economics.opex_rate")
    upkeep = capital.value.times(opex_rate.value)
    running = upkeep + (bill.value if bill else Range.point(0.0))
    known = [from_estimate("capital of a year", capital), opex_rate]
    if bill:
        known.append(from_estimate("energy", bill))
    costs = {
        "capital_usd_year": capital,
        "opex_usd_year": estimate(
            running, "USD", "capital of a year x opex rate + energy bill", known
        ),
    }
    if bill:
        costs["energy_usd_year"] = bill
    yearly = capital.value + running
    return costs | _per_hour(pool, settings, yearly, costs, catalog)


def _energy_bill(terms: SiteTerms, found: Mapping[str, Estimate]) -> Estimate | None:
    energy = found.get("energy_mwh_year")
    if energy is None or terms.usd_per_kwh is None:
        return None
    value = energy.value.times(terms.usd_per_kwh.value).scaled(1e3)
    known = (from_estimate("energy", energy), terms.usd_per_kwh)
    return estimate(value, "USD", "energy x price of electricity", known)


def _capital(found: Mapping[str, Estimate], term: int, catalog: Catalog) -> Estimate | None:
    """Straight line: the building over its own life, all else over the term."""
    total, building = found.get("capex_usd"), found.get("capex_facility_usd")
    if total is None:
        return None
    years = told("term", Range.point(term), "years")
    life = constant(catalog, "economics.mechanical_life_years")
    if building is None or life.value.mid <= 0:
        value = straight_line(total.value, term)
        known = [from_estimate("capex", total), years]
        return estimate(value, "USD", "capex / term", known)
    machines = [
        part
        for name, part in sorted(found.items())
        if name.startswith("capex_") and name not in ("capex_usd", "capex_facility_usd")
    ]
    equipment = sum((part.value for part in machines), Range.point(0.0))
    value = straight_line(equipment, term) + straight_line(building.value, life.value.mid)
    known = [
        reckoned("equipment", equipment, "USD", verified=all(part.verified for part in machines)),
        years,
        from_estimate("building", building),
        life,
    ]
    return estimate(value, "USD", "equipment / term + building / its life", known)


def _per_hour(
    pool: PoolDesign,
    settings: Pool,
    yearly: Range,
    costs: Mapping[str, Estimate],
    catalog: Catalog,
) -> dict[str, Estimate]:
    gpus = working_gpus(pool)
    if not gpus:
        return {}
    full = yearly.scaled(1.0 / (gpus * HOURS_PER_YEAR))
    known = [
        from_estimate("capital of a year", costs["capital_usd_year"]),
        from_estimate("opex of a year", costs["opex_usd_year"]),
        reckoned("working GPUs", Range.point(gpus), ""),
    ]
    found = {}
    if settings.utilisation >= LEAST_USE:
        found["usd_per_gpu_hour"] = estimate(
            full.scaled(1.0 / settings.utilisation),
            "USD/GPU-h",
            "(capital of a year + opex of a year) / (working GPUs x 8760 h x utilisation)",
            (*known, told("utilisation", Range.point(settings.utilisation), "")),
        )
    rented = cheapest_rent(pool.accelerator, catalog)
    if rented is None:
        return found
    instance, price = rented
    each = price.value.scaled(1.0 / instance.accelerators)
    gpus_of = reckoned(f"GPUs of {instance.id}", Range.point(instance.accelerators), "")
    return found | {
        "rented_usd_per_gpu_hour": estimate(
            each, "USD/GPU-h", "price / GPUs of one instance", (price, gpus_of)
        ),
        "break_even_utilisation": estimate(
            full.over(each),
            "",
            "owned $/GPU-h at full use / rented $/GPU-h",
            (*known, price, gpus_of),
        ),
    }
