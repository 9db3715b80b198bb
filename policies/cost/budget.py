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
    is unknown. So it is where a price in the sum has no source.
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
            yield _compared(path, given, limit, estimate, divisor)


def _compared(
    path: Path, given: Money | MoneyRate, limit: float, estimate: Estimate, divisor: float
) -> Check:
    low, mid, high = (
        bound / divisor for bound in (estimate.value.low, estimate.value.mid, estimate.value.high)
    )
    hint = "a smaller factory, another way to buy, or a larger budget"
    message = (
        f"expected to cost {mid:,.0f} USD ({low:,.0f} to {high:,.0f}); the budget is {given} "
        f"({limit:,.0f} USD)"
    )
    if mid > limit and not estimate.verified:
        return unknown(path, "over", f"{message}; a price in the sum has no source", hint=hint)
    if mid > limit:
        return failed(path, "over", message, hint=hint)
    if high > limit:
        return failed(path, "may-exceed", message, hint=hint, severity=Severity.LOW)
    return passed(path)


def _usd(factory: Context, given: Money | MoneyRate) -> float | None:
    if given.currency == "USD":
        return given.base
    rate = factory.blueprint.governance.exchange.get(given.currency)  # type: ignore[call-overload]
    return given.base * rate.usd if rate is not None else None
