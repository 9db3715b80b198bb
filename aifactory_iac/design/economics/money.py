"""Money arithmetic: a GPU-hour owned and rented, break-even, and currencies. All in US dollars."""

from __future__ import annotations

from collections.abc import Mapping

from aifactory_iac.blueprint.model.governance import Exchange
from aifactory_iac.blueprint.quantity import EnergyPrice, Money, MoneyRate
from aifactory_iac.design.economics.energy import HOURS_PER_YEAR
from aifactory_iac.design.estimate import Range

USD = "USD"


def owned_usd_per_gpu_hour(  # the terms of the published formula, all visible
    capex_per_gpu: float,
    life_years: float,
    opex_rate: float,
    *,
    utilisation: float = 1.0,
    kw_per_gpu: float = 0.0,
    pue: float = 1.0,
    usd_per_kwh: float = 0.0,
) -> float:
    """`[capex / (life x 8760) x (1 + opex rate)] / utilisation + kW x PUE x $/kWh`.

    `kw_per_gpu` is the draw per GPU-hour that is paid for.
    """
    hourly = capex_per_gpu / (life_years * HOURS_PER_YEAR) * (1.0 + opex_rate)
    return hourly / utilisation + kw_per_gpu * pue * usd_per_kwh


def break_even_utilisation(owned_at_full_use: float, rented: float) -> float:
    """Utilisation above which owning is cheaper than renting by the hour; may exceed one."""
    return owned_at_full_use / rented


def rent_usd(instances: int, usd_per_hour: float, hours: float) -> float:
    """Price of instances over a time."""
    return instances * usd_per_hour * hours


def rented_hours(*, block_hours: float | None, autoscale: bool, utilisation: float) -> float:
    """Hours in a year that are paid for: a block's own, the used ones, or all of them."""
    if block_hours is not None:
        return block_hours
    return HOURS_PER_YEAR * utilisation if autoscale else HOURS_PER_YEAR


def straight_line(value: Range, life_years: float) -> Range:
    """What a year takes of a capital sum."""
    return value.scaled(1.0 / life_years)


def in_usd(
    amount: Money | MoneyRate | EnergyPrice, exchange: Mapping[str, Exchange]
) -> float | None:
    """The amount in US dollars; `None` where the blueprint states no rate for its currency."""
    if amount.currency == USD:
        return amount.base
    rate = exchange.get(amount.currency)
    return None if rate is None else amount.base * rate.usd
