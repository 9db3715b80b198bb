"""Budgets of the factory and of its tenants against what things cost; no rate is ever assumed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model.governance import Tenant
from aifactory_iac.blueprint.model.sites import AwsSite
from aifactory_iac.blueprint.quantity import EnergyPrice, Money, MoneyRate
from aifactory_iac.design.capacity_rules import said
from aifactory_iac.design.economics.energy import HOURS_PER_YEAR, market_intensity
from aifactory_iac.design.economics.money import in_usd
from aifactory_iac.design.economics.site_terms import rates_of, terms_of
from aifactory_iac.design.estimate import Range
from aifactory_iac.design.known import number
from aifactory_iac.design.model import Economics, PoolDesign, SitePower
from aifactory_iac.design.workloads.placement import working_gpus
from aifactory_iac.findings import Finding, Path

if TYPE_CHECKING:
    from aifactory_iac.blueprint.model.document import Blueprint
    from aifactory_iac.catalog import Catalog

MONTHS_PER_YEAR = 12.0

Amount = Money | MoneyRate | EnergyPrice


def budget_findings(
    blueprint: Blueprint,
    catalog: Catalog,
    pools: Mapping[str, PoolDesign],
    power: Mapping[str, SitePower],
    found: Economics,
) -> tuple[Finding, ...]:
    """Budgets that cannot be compared or are exceeded at the middle of the range."""
    return (
        *_without_rate(blueprint),
        *_factory(blueprint, found),
        *_carbon(blueprint, catalog, pools, power),
        *_tenants(blueprint, pools, found),
    )


def amounts_of(blueprint: Blueprint) -> Iterator[tuple[Path, Amount]]:
    """Every sum of money in the blueprint that is compared with one in US dollars."""
    governance = blueprint.governance
    if governance.budget is not None:
        for name, amount in (("capex", governance.budget.capex), ("opex", governance.budget.opex)):
            if amount is not None:
                yield ("governance", "budget", name), amount
    for tenant in sorted(governance.tenants, key=lambda item: item.name):
        if tenant.budget is not None:
            yield ("governance", "tenants", tenant.name, "budget"), tenant.budget
    for site in sorted(blueprint.sites, key=lambda item: item.name):
        if not isinstance(site, AwsSite) and site.facility.electricity is not None:
            yield ("sites", site.name, "facility", "electricity"), site.facility.electricity


def _without_rate(blueprint: Blueprint) -> Iterator[Finding]:
    rates = rates_of(blueprint)
    for path, amount in amounts_of(blueprint):
        if in_usd(amount, rates) is None:
            yield said(
                132,
                f"There is no exchange rate for {amount.currency}, so {amount} is compared with "
                "nothing.",
                path,
                f"Add `{amount.currency}: {{usd: ..., date: ..., source: ...}}` under "
                "`governance.exchange`.",
                related=(("governance", "exchange"),),
            )


def _factory(blueprint: Blueprint, found: Economics) -> Iterator[Finding]:
    budget = blueprint.governance.budget
    if budget is None:
        return
    yearly = found.total.get("opex_usd_year")
    capital = found.total.get("capex_usd")
    for name, amount, cost, what in (
        ("capex", budget.capex, capital.value if capital else None, "Building it"),
        (
            "opex",
            budget.opex,
            yearly.value.scaled(1 / MONTHS_PER_YEAR) if yearly else None,
            "Running it for a month",
        ),
    ):
        usd = in_usd(amount, rates_of(blueprint)) if amount is not None else None
        if usd is not None and cost is not None and cost.mid > usd:
            yield _over(133, what, cost, str(amount), usd, ("governance", "budget", name))


def _over(rule: int, what: str, cost: Range, stated: str, usd: float, path: Path) -> Finding:
    sure = "at least " if cost.low > usd else "about "
    shown = cost.low if cost.low > usd else cost.mid
    return said(
        rule,
        f"{what} costs {sure}{number(round(shown))} USD, more than the budget of {stated}.",
        path,
        "Raise the budget, or plan for less.",
    )


def _carbon(
    blueprint: Blueprint,
    catalog: Catalog,
    pools: Mapping[str, PoolDesign],
    power: Mapping[str, SitePower],
) -> Iterator[Finding]:
    """Sites whose energy, after contracts, is dirtier than the carbon budget allows."""
    budget = blueprint.governance.budget
    if budget is None or budget.carbon is None:
        return
    for site in sorted(blueprint.sites, key=lambda item: item.name):
        terms = terms_of(site, power.get(site.name), blueprint, catalog)
        used = any(pool.site == site.name and pool.nodes for pool in pools.values())
        if terms.g_per_kwh is None or not used:
            continue
        share = terms.renewable_share.value.mid if terms.renewable_share else 0.0
        intensity = market_intensity(terms.g_per_kwh.value.mid, share)
        if intensity > budget.carbon.base:
            yield said(
                138,
                f"Energy at site `{site.name}` carries {number(intensity)} g/kWh after contracts, "
                f"above the budget of {budget.carbon}.",
                ("governance", "budget", "carbon"),
                "Contract more renewable energy, or choose another place.",
                related=(("sites", site.name),),
            )


def _tenants(
    blueprint: Blueprint, pools: Mapping[str, PoolDesign], found: Economics
) -> Iterator[Finding]:
    for tenant in sorted(blueprint.governance.tenants, key=lambda item: item.name):
        usd = in_usd(tenant.budget, rates_of(blueprint)) if tenant.budget else None
        hourly = _held_usd_per_gpu_hour(tenant, blueprint, pools, found)
        if usd is None or hourly is None:
            continue
        cost = hourly.scaled(tenant.quota.gpus * HOURS_PER_YEAR / MONTHS_PER_YEAR)
        if cost.mid > usd:
            what = f"Holding the {tenant.quota.gpus:,} GPUs of tenant `{tenant.name}` for a month"
            path = ("governance", "tenants", tenant.name, "budget")
            yield _over(140, what, cost, str(tenant.budget), usd, path)


def _held_usd_per_gpu_hour(
    tenant: Tenant,
    blueprint: Blueprint,
    pools: Mapping[str, PoolDesign],
    found: Economics,
) -> Range | None:
    """What a GPU costs each hour that it is held, used or not; the mean over a tenant's pools."""
    clusters = [
        cluster
        for cluster in blueprint.orchestration.clusters
        if not tenant.on or cluster.name in tenant.on
    ]
    names = {name for cluster in clusters for name in cluster.pools}
    shares = {pool.name: pool.utilisation for pool in blueprint.compute if pool.name in names}
    total, gpus = Range.point(0.0), 0
    for name, share in sorted(shares.items()):
        estimate = found.by_pool.get(name, {}).get("usd_per_gpu_hour")
        count = working_gpus(pools[name]) if name in pools else 0
        if estimate is not None:
            total = total + estimate.value.scaled(share * count)
            gpus += count
    return total.scaled(1.0 / gpus) if gpus else None
