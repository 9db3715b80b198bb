"""Money, energy and carbon arithmetic against figures that others have published."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aifactory_iac.blueprint.model.governance import Exchange
from aifactory_iac.blueprint.quantity import EnergyPrice, Money, MoneyRate
from aifactory_iac.catalog import Catalog
from aifactory_iac.design.economics.energy import (
    carbon_t,
    embodied_t_per_year,
    energy_mwh,
    homes,
    market_intensity,
)
from aifactory_iac.design.economics.money import (
    break_even_utilisation,
    in_usd,
    owned_usd_per_gpu_hour,
    rent_usd,
    rented_hours,
)
from aifactory_iac.design.estimate import Range
from aifactory_iac.design.known import constant

EURO = {"EUR": Exchange(usd=1.16, date="2026-11-20", source="ECB")}


@pytest.mark.parametrize(("capex", "hourly"), [(50_000, 2.28), (70_000, 3.20)])
def test_owned_gpu_hours_of_an_h100_and_a_gb200(capex: float, hourly: float) -> None:
    # Public estimate (greaterwrong.com, user no77e): all-in capital, 3 years, 20% opex.
    assert owned_usd_per_gpu_hour(capex, 3, 0.20) == pytest.approx(hourly, abs=0.005)


def test_power_comes_on_top_and_idle_hours_are_paid_for() -> None:
    full = owned_usd_per_gpu_hour(50_000, 3, 0.20)
    half = owned_usd_per_gpu_hour(
        50_000, 3, 0.20, utilisation=0.5, kw_per_gpu=1.275, pue=1.3, usd_per_kwh=0.08
    )
    assert half == pytest.approx(2 * full + 1.275 * 1.3 * 0.08)


def test_an_owned_h100_breaks_even_with_p5_at_a_third(catalog: Catalog) -> None:
    # p5.48xlarge On-Demand, us-east-1, 2026-07-20.
    instance = catalog.aws_instances["p5.48xlarge"]
    assert (instance.usd_h, instance.price_date) == (55.04, "2026-07-20")
    rented = instance.usd_h / instance.accelerators
    assert rented == pytest.approx(6.88)
    owned = owned_usd_per_gpu_hour(50_000, 3, 0.20)
    assert break_even_utilisation(owned, rented) == pytest.approx(0.33, abs=0.005)


def test_a_dgx_h100_takes_81_megawatt_hours_and_26_tonnes_a_year() -> None:
    # 10.2 kW, 70% load, PUE 1.3, PJM 323 g/kWh (research 05, section 2.1).
    energy = energy_mwh(10.2, 0.7, 1.3)
    assert energy == pytest.approx(81.3, abs=0.05)
    assert carbon_t(energy, 323) == pytest.approx(26.3, abs=0.05)


def test_a_gigawatt_at_full_load_is_811788_us_homes(catalog: Catalog) -> None:
    home = constant(catalog, "home.kwh_per_year").value
    assert homes(energy_mwh(1e6, 1.0, 1.0), home).mid == pytest.approx(811_788, abs=1)


def test_contracts_lower_the_market_based_intensity() -> None:
    assert market_intensity(400, 0.0) == 400
    assert market_intensity(400, 0.6) == pytest.approx(160)
    assert market_intensity(400, 0.5, 26) == pytest.approx(213)


def test_embodied_carbon_is_spread_over_the_term() -> None:
    # 318 kg for one GPU's share of an A100 server (HotCarbon 2023).
    assert embodied_t_per_year(318, 1000, 5) == pytest.approx(63.6)


def test_rent_is_instances_times_price_times_hours() -> None:
    assert rent_usd(8, 55.04, 24 * 14) == pytest.approx(147_947.52)


@pytest.mark.parametrize(
    ("block", "autoscale", "hours"),
    [(336.0, False, 336.0), (336.0, True, 336.0), (None, False, 8760.0), (None, True, 4380.0)],
)
def test_hours_paid_for(block: float | None, autoscale: bool, hours: float) -> None:
    assert rented_hours(block_hours=block, autoscale=autoscale, utilisation=0.5) == hours


def test_dollars_need_no_rate() -> None:
    assert in_usd(Money.parse("50 MUSD"), {}) == 50e6


def test_other_currencies_take_the_stated_rate() -> None:
    assert in_usd(MoneyRate.parse("900 kEUR/month"), EURO) == pytest.approx(1.044e6)
    assert in_usd(EnergyPrice.parse("100 EUR/MWh"), EURO) == pytest.approx(0.116)


def test_no_rate_is_ever_assumed() -> None:
    assert in_usd(Money.parse("1 MGBP"), EURO) is None


@given(
    kw=st.floats(0, 1e7),
    load=st.floats(0, 1),
    pue=st.floats(1, 3),
    grid=st.floats(0, 1500),
    share=st.floats(0, 1),
)
def test_market_based_carbon_is_never_above_location_based(
    kw: float, load: float, pue: float, grid: float, share: float
) -> None:
    energy = energy_mwh(kw, load, pue)
    assert carbon_t(energy, market_intensity(grid, share)) <= carbon_t(energy, grid) * (1 + 1e-12)


@given(
    low=st.floats(0.01, 1e6),
    mid=st.floats(0.01, 1e6),
    high=st.floats(0.01, 1e6),
    other=st.tuples(*[st.floats(0.01, 1e6)] * 3).map(sorted),
)
def test_arithmetic_keeps_ranges_in_order(
    low: float, mid: float, high: float, other: list[float]
) -> None:
    one, two = Range(*sorted((low, mid, high))), Range(*other)
    for result in (one + two, one.times(two), one.over(two), one.scaled(3.0)):
        assert result.low <= result.mid <= result.high
