"""What every estimate is called and means, in the order in which people ask for them.

The keys are those of `Economics` and `WorkloadDesign`, and of `estimate --format json`: stable,
and documented in `docs/reference/estimates.md`, which
`python -m aifactory_iac.report.estimate_names` writes anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from aifactory_iac.design.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Name:
    """One estimate: key, group, label, and its meaning in a sentence.

    `unit` stands in for the estimate's own where the label already says it, or a share is better
    read in percent; `part_of` is the key that the figure is a part of.
    """

    key: str
    group: str
    label: str
    meaning: str
    unit: str | None = None
    part_of: str | None = None


_CAPITAL, _RUNNING, _HOURLY = "Capital", "Running cost", "A GPU-hour"
_ENERGY, _CARBON, _WATER = "Energy", "Carbon", "Water"
_TRAINING, _FAILURES, _SERVING, _BATCH = "Training", "Failures and checkpoints", "Serving", "Batch"

NAMES: tuple[Name, ...] = (
    Name("capex_usd", _CAPITAL, "capital cost",
         "What it costs to build: the sum of its parts; without a price for the systems, the "
         "published all-in band per gigawatt."),
    Name("capex_systems_usd", _CAPITAL, "systems",
         "Servers or racks at prices seen in public, not at a quote.", part_of="capex_usd"),
    Name("capex_network_usd", _CAPITAL, "network",
         "Switches, optics, cables and adapters.", part_of="capex_usd"),
    Name("capex_storage_usd", _CAPITAL, "storage",
         "Storage systems of one's own.", part_of="capex_usd"),
    Name("capex_facility_usd", _CAPITAL, "building, power and cooling",
         "Construction by IT power.", part_of="capex_usd"),
    Name("capex_top_down_usd", _CAPITAL, "capital by published $/GW",
         "A check from above: facility power times what others paid per gigawatt."),
    Name("capital_usd_year", _RUNNING, "capital, a year",
         "Capital cost over the term, straight line."),
    Name("opex_usd_year", _RUNNING, "running cost, a year",
         "Upkeep and electricity of what is owned, rent of what is not; capital is not in it."),
    Name("energy_usd_year", _RUNNING, "electricity",
         "Energy of a year at the site's price.", part_of="opex_usd_year"),
    Name("rent_usd_year", _RUNNING, "rent of instances",
         "Hours paid for at the way they are bought.", part_of="opex_usd_year"),
    Name("storage_rent_usd_year", _RUNNING, "rent of storage",
         "What is put on object tiers and what file systems provision.",
         part_of="opex_usd_year"),
    Name("usd_per_gpu_hour", _HOURLY, "cost of a GPU-hour",
         "Capital, upkeep and electricity, or rent, by GPU-hours of paid work.", unit="USD"),
    Name("rented_usd_per_gpu_hour", _HOURLY, "rented elsewhere",
         "The same hour at the cheapest rent in the catalog.", unit="USD",
         part_of="usd_per_gpu_hour"),
    Name("break_even_utilisation", _HOURLY, "break-even utilisation",
         "Share of the hours above which owning is cheaper than renting; may exceed 100 %.",
         unit="%"),
    Name("energy_mwh_year", _ENERGY, "energy, a year",
         "Facility energy at the annual PUE and the load of the pools."),
    Name("homes_equivalent", _ENERGY, "US homes that use as much",
         "Energy of a year over that of an average US home.", unit=""),
    Name("flops_per_watt", _ENERGY, "peak per watt",
         "Dense BF16 peak over the nodes' maximum power."),
    Name("carbon_t_year", _CARBON, "carbon, a year",
         "CO2e of the energy at the grid's intensity (location-based).", unit="t CO2e"),
    Name("carbon_market_t_year", _CARBON, "after renewable contracts",
         "The same with the contracted renewable share at zero (market-based).",
         unit="t CO2e", part_of="carbon_t_year"),
    Name("embodied_t_year", _CARBON, "carbon of making it, a year",
         "CO2e of making the servers, spread over the term.", unit="t CO2e"),
    Name("water_m3_year", _WATER, "water, a year",
         "IT energy times what operators use per kWh.", unit="m³"),
    Name("training_days", _TRAINING, "training time",
         "Wall time on the GPUs it gets, failures included."),
    Name("gpu_hours", _TRAINING, "GPU-hours", "GPUs times the training time.", unit=""),
    Name("run_usd", _TRAINING, "cost of the run", "GPU-hours at what a GPU-hour costs."),
    Name("flops", _TRAINING, "work", "Floating-point operations: 6 x parameters x tokens."),
    Name("goodput", _TRAINING, "goodput",
         "Share of the time that is not lost to failures and checkpoints.", unit="%"),
    Name("memory_per_gpu_gb", _TRAINING, "memory on each GPU",
         "Weights, gradients and optimizer, fully sharded; activations come on top."),
    Name("failures_per_day", _FAILURES, "failures a day", "Of the nodes of the job.", unit=""),
    Name("mttf_h", _FAILURES, "mean time to failure", "Of the whole job."),
    Name("checkpoint_tb", _FAILURES, "size of a checkpoint", "Weights and optimizer state."),
    Name("checkpoint_write_s", _FAILURES, "time to write one",
         "Size over the write throughput of its tier.", part_of="checkpoint_tb"),
    Name("checkpoint_gb_s", _FAILURES, "write throughput", "Of the tier it is written to.",
         part_of="checkpoint_tb"),
    Name("checkpoint_interval_min", _FAILURES, "interval that loses least",
         "Young (1974), from write time and mean time to failure.", part_of="checkpoint_tb"),
    Name("tokens_per_s", _SERVING, "tokens a second, promised",
         "At peak: as stated, or from requests per week.", unit=""),
    Name("gpus_needed", _SERVING, "GPUs needed",
         "For the promise, at the target utilisation.", unit=""),
    Name("gpus_per_replica", _SERVING, "GPUs for one replica",
         "That hold its weights; the KV cache comes on top.", unit=""),
    Name("weights_gb", _SERVING, "weights", "Parameters at the serving precision."),
    Name("tokens_per_joule", _SERVING, "tokens a joule",
         "At the nodes' maximum power.", unit=""),
    Name("usd_per_million_tokens", _SERVING, "cost of a million tokens",
         "GPUs needed at what a GPU-hour costs, over the promise.", unit="USD"),
    Name("jobs_at_once", _BATCH, "jobs at once", "That fit the working nodes.", unit=""),
    Name("gpu_hours_per_week", _BATCH, "GPU-hours a week",
         "That its pools give when nothing else runs.", unit=""),
)  # fmt: skip

_BY_KEY = {name.key: (place, name) for place, name in enumerate(NAMES)}


def name_of(key: str) -> Name:
    """The name of a key; one that nobody has described is called by its own words."""
    if key in _BY_KEY:
        return _BY_KEY[key][1]
    return Name(key, "Other", key.replace("_", " "), "")


def ordered(estimates: Mapping[str, Estimate]) -> list[tuple[Name, Estimate]]:
    """Names with their estimates in the order of the table, what is not in it last."""

    def place(key: str) -> tuple[int, str]:
        return (_BY_KEY[key][0] if key in _BY_KEY else len(NAMES), key)

    return [(name_of(key), estimates[key]) for key in sorted(estimates, key=place)]


def reference_page() -> str:
    """The table as the reference page, in Markdown."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterable[str]:
    yield "# Estimates\n"
    yield "Written by `python -m aifactory_iac.report.estimate_names`; do not edit.\n"
    yield (
        "`aifactory estimate --format json` gives each as `low`, `mid` and `high` with its unit,\n"
        "formula and sourced inputs, under `total`, `sites`, `pools` and `workloads`. What is not\n"
        "known is absent, never zero. A figure that rests on a fact no source proves is marked\n"
        "`~` on a terminal and `verified: false` in JSON.\n"
    )
    for group, names in groupby(NAMES, key=lambda name: name.group):
        yield f"## {group}\n"
        yield "| Key | On a terminal | What it is |\n|---|---|---|"
        yield from (f"| `{name.key}` | {name.label} | {name.meaning} |" for name in names)
        yield ""


if __name__ == "__main__":
    sys.stdout.write(reference_page())
