"""Estimates on a terminal: what it costs, draws, emits and delivers, as ranges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rich.console import RenderableType
from rich.text import Text

from aifactory_iac.design.estimate import Estimate
from aifactory_iac.design.model import Design
from aifactory_iac.report.design_text import summary_rows
from aifactory_iac.report.estimate_names import Name, ordered
from aifactory_iac.report.figures import UNVERIFIED, UNVERIFIED_MEANS, amount
from aifactory_iac.report.tables import Fitted, heading, pairs, table

ESTIMATES = ("estimate", "figure", "low to high")


def estimate_view(design: Design, *, formulas: bool) -> Iterator[RenderableType]:
    """Totals, then by site and pool, then workloads; `formulas` adds how each figure came about."""
    yield heading(f"{design.blueprint} {design.version}")
    yield pairs(summary_rows(design))
    yield heading("Total")
    yield from _block(design.economics.total, formulas=formulas)
    for title, groups in (
        ("Site", design.economics.by_site),
        ("Pool", design.economics.by_pool),
    ):
        for name, estimates in sorted(groups.items()):
            if estimates and (formulas or len(groups) > 1):
                yield heading(f"{title} {name}")
                yield from _block(estimates, formulas=formulas)
    for name, workload in sorted(design.workloads.items()):
        yield heading(f"Workload {name} ({workload.kind} on {', '.join(workload.clusters)})")
        if workload.estimates:
            yield from _block(workload.estimates, formulas=formulas)
        else:
            yield Text("Nothing can be said of it; `aifactory design -v` says why.")
    if not _all_verified(design):
        yield Text(f"\n{UNVERIFIED_MEANS}; -v shows every input.", style="dim")


def estimate_rows(estimates: Iterable[tuple[Name, Estimate]]) -> list[tuple[str, str, str]]:
    """Label, middle and range of each; a part is set in under the whole where that is shown."""
    named = list(estimates)
    there = {name.key for name, _ in named}
    return [(_label(name, there), *_figures(name, each)) for name, each in named]


def _block(estimates: Mapping[str, Estimate], *, formulas: bool) -> Iterator[RenderableType]:
    named = ordered(estimates)
    if not formulas:
        yield table(ESTIMATES, estimate_rows(named), right=("figure",), wrapped=("low to high",))
        return
    for name, each in named:
        middle, between = _figures(name, each)
        yield Text(f"\n{name.label}: {middle}" + (f" ({between})" if between else ""), style="bold")
        if name.meaning:
            yield Text(f"  {name.meaning}")
        yield Text(f"  = {each.formula}", style="italic")
        if each.inputs:
            yield _inputs(each)


def _inputs(estimate: Estimate) -> Fitted:
    return table(
        ("  input", "value", "source"),
        [
            (
                f"  {'' if item.verified else UNVERIFIED}{item.name}",
                item.value,
                item.source,
            )
            for item in estimate.inputs
        ],
        wrapped=("  input", "value", "source"),
    )


def _label(name: Name, there: set[str]) -> str:
    return f"  {name.label}" if name.part_of in there else name.label


def _figures(name: Name, estimate: Estimate) -> tuple[str, str]:
    unit = estimate.unit if name.unit is None else name.unit
    middle, between = amount(estimate.value, unit)
    return f"{'' if estimate.verified else UNVERIFIED}{middle}", between


def _all_verified(design: Design) -> bool:
    groups = [
        design.economics.total,
        *design.economics.by_site.values(),
        *design.economics.by_pool.values(),
        *(workload.estimates for workload in design.workloads.values()),
    ]
    return all(each.verified for group in groups for each in group.values())
