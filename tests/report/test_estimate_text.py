"""Estimates on a terminal: named, in order, as ranges, with what they rest on."""

from __future__ import annotations

from dataclasses import replace

from aifactory_iac.report.estimate_text import estimate_view
from aifactory_iac.report.tables import rendered


def test_totals_parts_pools_and_workloads(tiny_design):
    assert (
        rendered(estimate_view(tiny_design, formulas=False), colour=False, width=80)
        == """
tiny 1.0.0
nodes  4
GPUs   8,032
racks  1
power  ~43.8 kW IT, ~56.94 kW facility

Total
estimate             figure  low to high
capital cost        ~$56.8M  $47.1M to $67.8M
  systems            $29.8M
cost of a GPU-hour    $1.77  $1.47 to $2.24

Pool train
estimate          figure  low to high
energy, a year  11.5 GWh

Workload llm (training on metal)
estimate          figure  low to high
training time  18.2 days  14.5 to 24.4
goodput           99.2 %  98.6 to 99.5

Workload rest (serving on metal)
Nothing can be said of it; `aifactory design -v` says why.

~ stands before a figure that rests on a fact no source proves; -v shows every
input.
"""
    )


def test_formulas_and_inputs_stand_below_each_figure(tiny_design):
    text = rendered(estimate_view(tiny_design, formulas=True), colour=False, width=100)
    assert (
        """
capital cost: ~$56.8M ($47.1M to $67.8M)
  What it costs to build: the sum of its parts; without a price for the systems, the published
all-in band per gigawatt.
  = systems x price
  input               value        source
  ~price of dgx-h100  300,000 USD  reseller-2024

systems: $29.8M
  Servers or racks at prices seen in public, not at a quote.
  = systems x price
  input              value        source
  price of dgx-h100  300,000 USD  reseller-2024
"""
        in text
    )


def test_one_pool_of_one_site_is_the_total_and_not_said_twice(tiny_design):
    economics = replace(tiny_design.economics, by_pool={"train": tiny_design.economics.total})
    text = rendered(
        estimate_view(replace(tiny_design, economics=economics), formulas=False), colour=False
    )
    assert "Pool train" not in text


def test_a_part_without_its_whole_stands_by_itself(tiny_design):
    total = {"capex_systems_usd": tiny_design.economics.total["capex_systems_usd"]}
    economics = replace(tiny_design.economics, total=total)
    text = rendered(
        estimate_view(replace(tiny_design, economics=economics), formulas=False), colour=False
    )
    assert "\nsystems   $29.8M\n" in text


def test_what_is_proven_is_not_marked_and_the_mark_not_explained(tiny_design):
    proven = {key: each for key, each in tiny_design.economics.total.items() if each.verified}
    sure = replace(
        tiny_design, power={}, cooling={},
        economics=replace(tiny_design.economics, total=proven),
    )  # fmt: skip
    assert "~" not in rendered(estimate_view(sure, formulas=True), colour=False)
