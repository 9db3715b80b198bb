"""Estimates on a terminal: what it costs, draws, emits and delivers, as ranges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import RenderableType
from rich.text import Text

from aifactory_iac.design.estimate import Estimate
from aifactory_iac.design.model import Design
from aifactory_iac.report.design_text import summary_rows
from aifactory_iac.report.figures import UNVERIFIED, estimate
from aifactory_iac.report.tables import heading, pairs, table


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
        yield from _block(workload.estimates, formulas=formulas)
    if not _all_verified(design):
        yield Text(
            f"\n{UNVERIFIED} rests on a fact that no source proves; -v shows every input.",
            style="dim",
        )


def _block(estimates: Mapping[str, Estimate], *, formulas: bool) -> Iterator[RenderableType]:
    if not formulas:
        yield pairs((label(name), estimate(each)) for name, each in sorted(estimates.items()))
        return
    for name, each in sorted(estimates.items()):
        yield pairs([(label(name), estimate(each))])
        yield Text(f"  = {each.formula}", style="italic")
        yield table(
            ("  input", "value", "source"),
            [
                (
                    f"  {item.name}",
                    item.value,
                    item.source + ("" if item.verified else " (unverified)"),
                )
                for item in each.inputs
            ],
        )


_UNITS = frozenset({"usd", "mwh", "tb", "gb", "t", "min", "h", "s", "m3"})
_SPELLED = {"gpu": "GPU", "gpus": "GPUs", "usd": "USD", "flops": "FLOPs", "mttf": "MTTF"}


def label(name: str) -> str:
    """`carbon_market_t_year` as `carbon market, a year`: the unit stands with the figure."""
    words = name.split("_")
    yearly = words[-1] == "year"
    kept = words[:-1] if yearly else words
    if len(kept) > 1 and kept[0] != "usd":
        while len(kept) > 1 and kept[-1] in _UNITS:
            kept = kept[:-1]
    text = " ".join(_SPELLED.get(word, word) for word in kept)
    return f"{text}, a year" if yearly else text


def _all_verified(design: Design) -> bool:
    groups = [
        design.economics.total,
        *design.economics.by_site.values(),
        *(workload.estimates for workload in design.workloads.values()),
    ]
    return all(each.verified for group in groups for each in group.values())
