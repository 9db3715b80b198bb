"""Budgets in US dollars, the only currency that AWS bills and compares in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aifactory_iac.blueprint.model.governance import Exchange
from aifactory_iac.blueprint.quantity import MoneyRate
from aifactory_iac.findings import Finding, Path
from aifactory_iac.program.lower.aws.site import SiteView
from aifactory_iac.program.rules import found


@dataclass(frozen=True, slots=True)
class MonthlyBudget:
    """Most that some resources may cost in a month, and the tag that tells which."""

    name: str
    usd: float
    tag: str
    value: str
    origin: Path


def budgets(view: SiteView) -> tuple[MonthlyBudget, ...]:
    """Budgets of the factory and of the tenants at this site, in dollars; others are left out."""
    return tuple(
        MonthlyBudget(name, usd, tag, value, origin)
        for name, rate, tag, value, origin in _stated(view)
        if (usd := _usd(rate, view.blueprint.governance.exchange)) is not None
    )


def without_rate(view: SiteView) -> tuple[Finding, ...]:
    """Budgets in a currency that the blueprint gives no exchange rate for."""
    return tuple(
        found(
            "AIF-PRG-032",
            f"The budget of `{name}` is in {rate.currency}, and AWS compares budgets in USD only; "
            f"no alert is set up at `{view.name}`.",
            origin,
            hint="state it in USD, or give a dated rate under "
            f"`governance.exchange.{rate.currency}`",
        )
        for name, rate, _, _, origin in _stated(view)
        if _usd(rate, view.blueprint.governance.exchange) is None
    )


def _stated(view: SiteView) -> list[tuple[str, MoneyRate, str, str, Path]]:
    """Name, amount, tag key, tag value and origin of every budget that reaches this site."""
    governance = view.blueprint.governance
    stated: list[tuple[str, MoneyRate, str, str, Path]] = []
    if not view.occupied:
        return stated
    if governance.budget is not None and governance.budget.opex is not None:
        name = view.blueprint.metadata.name
        path: Path = ("governance", "budget", "opex")
        stated.append(("factory", governance.budget.opex, "blueprint", name, path))
    here = {cluster.name for cluster in view.clusters}
    for tenant in sorted(governance.tenants, key=lambda item: item.name):
        if tenant.budget is not None and (not tenant.on or here & set(tenant.on)):
            path = ("governance", "tenants", tenant.name, "budget")
            stated.append((f"tenant-{tenant.name}", tenant.budget, "tenant", tenant.name, path))
    return stated


def _usd(rate: MoneyRate, exchange: Mapping[Any, Exchange]) -> float | None:
    """Dollars per month, at the blueprint's own rate where the currency is another."""
    if rate.currency == "USD":
        return rate.base
    held = exchange.get(rate.currency)
    return rate.base * held.usd if held is not None else None
