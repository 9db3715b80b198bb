"""Energy and carbon arithmetic of a year."""

from __future__ import annotations

from aifactory_iac.design.estimate import Range

HOURS_PER_YEAR = 8_760.0


def energy_mwh(it_kw: float, load: float, pue: float, hours: float = HOURS_PER_YEAR) -> float:
    """Facility energy in megawatt-hours: `IT kW x load x hours x PUE`; the annual PUE."""
    return it_kw * load * hours * pue / 1e3


def carbon_t(mwh: float, g_per_kwh: float) -> float:
    """Operational carbon in tonnes of CO2e, location-based: `kWh x g/kWh`."""
    return mwh * g_per_kwh / 1e3


def market_intensity(
    g_per_kwh: float, renewable_share: float, contract_g_per_kwh: float = 0.0
) -> float:
    """Intensity after contracts: `(1 - share) x grid + share x contract`."""
    return (1.0 - renewable_share) * g_per_kwh + renewable_share * contract_g_per_kwh


def homes(mwh: float, kwh_per_home: Range) -> Range:
    """Homes that use the same energy in a year."""
    return Range.point(mwh * 1e3).over(kwh_per_home)


def embodied_t_per_year(kg_per_gpu: float, gpus: int, life_years: float) -> float:
    """Carbon of making the hardware, spread over its life, in tonnes a year."""
    return kg_per_gpu * gpus / life_years / 1e3
