"""AIF-CST-001."""

from __future__ import annotations

from aifactory_iac.blueprint.quantity import Money, MoneyRate
from aifactory_iac.design.estimate import Estimate
from aifactory_iac.policy import (
    Check,
    Checks,
    Context,
    Path,
    Severity,
    failed,
    passed,
    rule,
    unknown,
)

_KEYS = {"capex": ("capex_usd", 1.0), "opex": ("opex_usd_year", 12.0)}
"""The design's estimate, and what it is divided by to be in the budget's terms (opex: a month)."""


_PARTS = {
    "capex": (
        "capex_systems_usd",
        "capex_network_usd",
        "capex_storage_usd",
        "capex_facility_usd",
    ),
    "opex": ("energy_usd_year", "rent_usd_year", "storage_rent_usd_year"),
}
"""Disjoint parts of each sum, of which some may have sound prices when the sum has not."""


@rule(
    id="AIF-CST-001",
    title="Expected cost stays within the budget",
    severity=Severity.HIGH,
    controls=("soc2:A1.1", "iso27001:A.8.6", "nist800-53:SA-2"),
    needs=("blueprint", "design"),
)
def budget(factory: Context) -> Checks:
    """The middle of the cost estimate is at most the budget; its upper end above it is a warning.

    Budgets are compared in US dollars, at the blueprint's own dated rates; without one the answer
    is unknown. Where a price in the sum has no source, the parts that have one are compared: if
    they exceed the budget alone the rule fails, else the answer is unknown.
    """
    stated = factory.blueprint.governance.budget
    if stated is None:
        return
    for name, given in (("capex", stated.capex), ("opex", stated.opex)):
        if given is None:
            continue
        key, divisor = _KEYS[name]
        estimate = factory.engineered.economics.total.get(key)
        path = ("governance", "budget", name)
        limit = _usd(factory, given)
        if limit is None:
            yield unknown(
                path,
                "currency",
                f"the budget is in {given.currency} and the blueprint gives no rate",
                hint=f"add `governance.exchange.{given.currency}` with date and source",
            )
        elif estimate is None:
            yield unknown(path, "estimate", f"the design could not estimate {name}")
        else:
            sound = _sound(factory, _PARTS[name]) / divisor
            yield _compared(path, given, limit, estimate, sound, divisor)


def _compared(
    path: Path,
    given: Money | MoneyRate,
    limit: float,
    estimate: Estimate,
    sound: float,
    divisor: float,
) -> Check:
    low, mid, high = (
        bound / divisor for bound in (estimate.value.low, estimate.value.mid, estimate.value.high)
    )
    hint = "a smaller factory, another way to buy, or a larger budget"
    message = (
        f"expected to cost {mid:,.0f} USD ({low:,.0f} to {high:,.0f}); the budget is {given} "
        f"({limit:,.0f} USD)"
    )
    if high <= limit:
        return passed(path)
    if not estimate.verified and sound > limit:
        told = f"{message}; what has a sound price alone comes to {sound:,.0f} USD"
        return failed(path, "over", told, hint=hint)
    key, severity = ("over", None) if mid > limit else ("may-exceed", Severity.LOW)
    if not estimate.verified:
        told = f"{message}; a price in the sum has no source good enough to build on"
        return unknown(path, key, told, hint=hint, severity=severity)
    return failed(path, key, message, hint=hint, severity=severity)


def _sound(factory: Context, parts: tuple[str, ...]) -> float:
    """Middle of all parts, site by site, whose figures are verified."""
    return sum(
        site[part].value.mid
        for site in factory.engineered.economics.by_site.values()
        for part in parts
        if part in site and site[part].verified
    )


def _usd(factory: Context, given: Money | MoneyRate) -> float | None:
    if given.currency == "USD":
        return given.base
    rate = factory.blueprint.governance.exchange.get(given.currency)  # type: ignore[call-overload]
    return given.base * rate.usd if rate is not None else None
