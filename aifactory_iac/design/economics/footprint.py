"""Means and ratios over a factory: $/GPU-hour, FLOPS per watt, water, homes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model.compute import Pool
from aifactory_iac.design.estimate import Estimate, Range
from aifactory_iac.design.known import Known, borrowed, constant, estimate, from_estimate, reckoned
from aifactory_iac.design.model import PoolDesign
from aifactory_iac.design.workloads.placement import working_gpus

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog

PRECISION = "bf16"
"""The precision that FLOPS per watt are given in; every training accelerator publishes it."""

Estimates = dict[str, Estimate]


def mean_usd_per_gpu_hour(
    by_pool: Mapping[str, Mapping[str, Estimate]],
    pools: Mapping[str, PoolDesign],
    settings: Mapping[str, Pool],
) -> Estimates:
    """$/GPU-hour over pools, by the GPU-hours that do paid work; pools without a price are out."""
    total, hours, known = Range.point(0.0), 0.0, []
    for name, found in sorted(by_pool.items()):
        price = found.get("usd_per_gpu_hour")
        paid = working_gpus(pools[name]) * settings[name].utilisation
        if price is not None and paid > 0:
            total, hours = total + price.value.scaled(paid), hours + paid
            known.append(from_estimate(name, price))
    if hours <= 0:
        return {}
    formula = "mean over pools by paid GPU-hours"
    return {"usd_per_gpu_hour": estimate(total.scaled(1 / hours), "USD/GPU-h", formula, known)}


def flops_per_watt(pool: PoolDesign) -> Estimates:
    """Dense BF16 FLOPS per watt of maximum node power; absent where either is not published."""
    peak = pool.petaflops_dense.get(PRECISION)
    if not peak or not pool.node_power_kw:
        return {}
    watts = pool.nodes * pool.node_power_kw * 1e3
    known = (
        reckoned(f"dense {PRECISION}", Range.point(peak), "PFLOPS"),
        reckoned("nodes", Range.point(watts / 1e3), "kW", verified=pool.node_power_verified),
    )
    value = Range.point(peak * 1e15 / watts)
    formula = f"dense {PRECISION} peak / maximum node power"
    return {"flops_per_watt": estimate(value, "FLOPS/W", formula, known)}


def water(energy: Estimate, pue: Known, catalog: Catalog) -> Estimates:
    """Water of a year: energy of the machines times what operators use per kWh of it."""
    use = constant(catalog, "water.l_per_kwh")
    value = energy.value.over(pue.value).times(use.value)
    known = (from_estimate("energy", energy), pue, borrowed(use, "of other operators"))
    formula = "energy / annual PUE x water per kWh of IT energy"
    return {"water_m3_year": estimate(value, "m3", formula, known)}
