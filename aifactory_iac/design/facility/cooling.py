"""How a site's heat leaves: by air and by liquid, with the flow that carries it.

All electrical power becomes heat. Liquid carries a system's liquid share where liquid-cooled
systems stand; switches and storage give their heat to air.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aifactory_iac.catalog import Catalog
from aifactory_iac.catalog.facts import Constant, System
from aifactory_iac.design.model import PoolDesign, SiteCooling, SitePower
from aifactory_iac.design.rules import found
from aifactory_iac.findings import Finding


def airflow_cfm(kilowatts: float, constants: Mapping[str, Constant]) -> float:
    """Cubic feet per minute: `kW x 3412 / (1.08 x rise in F)`; 120 kW at 20 F is 18,956."""
    heat = kilowatts * constants["cooling.air_btu_h_per_kw"].value
    rise = constants["cooling.air_delta_f"].value
    return heat / (constants["cooling.air_factor"].value * rise)


def water_l_min(kilowatts: float, constants: Mapping[str, Constant]) -> float:
    """Litres of pure water per minute: `60 x kW / (4.186 x rise in C)`; 142 kW at 10 C is 203."""
    capacity = constants["cooling.water_heat_kj_per_kg_k"].value
    return 60 * kilowatts / (capacity * constants["cooling.water_delta_c"].value)


def site_cooling(
    power: SitePower, pools: Sequence[PoolDesign], catalog: Catalog
) -> tuple[SiteCooling, tuple[Finding, ...]]:
    """The split of a site's IT heat, with findings where a system's liquid share is not known."""
    liquid, verified, findings = 0.0, True, []
    for pool in pools:
        system = catalog.systems[pool.system]
        share, known = liquid_share(system)
        liquid += pool.nodes * (pool.node_power_kw or 0.0) * share
        if pool.nodes and not known:
            verified = False
            text = (
                f"The liquid share of `{system.id}` has no good source; {share:.0%} of the heat of "
                f"pool `{pool.name}` is taken to leave by liquid."
            )
            findings.append(found("AIF-DSN-023", text, ("compute", pool.name)))
    air = power.it_kw - liquid
    return SiteCooling(
        site=power.site,
        air_kw=air,
        liquid_kw=liquid,
        airflow_cfm=airflow_cfm(air, catalog.constants),
        water_l_min=water_l_min(liquid, catalog.constants),
        verified=verified and power.verified,
    ), tuple(findings)


def liquid_share(system: System) -> tuple[float, bool]:
    """Share of heat that leaves by liquid, and whether a good source says so.

    A liquid-cooled system without a published share is taken as all liquid, so that the water
    loop is never too small.
    """
    if system.cooling not in ("hybrid", "direct-liquid"):
        return 0.0, system.cooling == "air" and system.provenance.verified("cooling")
    if system.liquid_share is None:
        return 1.0, False
    return system.liquid_share, system.provenance.verified("liquid_share")
