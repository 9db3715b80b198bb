"""The plan on a terminal: what it amounts to, what changes unit by unit, and what the gate says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from aifactory_iac.blueprint.spec import Impact
from aifactory_iac.deploy import Plan
from aifactory_iac.deploy.change import Change, Op
from aifactory_iac.deploy.model import UnitPlan
from aifactory_iac.design.model import Design
from aifactory_iac.report.design_text import summary_rows
from aifactory_iac.report.figures import estimate
from aifactory_iac.report.tables import heading, pairs, table

_SIGN = {
    Op.CREATE: ("+", "green"), Op.UPDATE: ("~", "yellow"), Op.REPLACE: ("±", "red"),
    Op.DELETE: ("-", "red"), Op.SAME: (" ", "dim"), Op.IMPORT: ("=", "cyan"),
    Op.UPDATE_MAYBE: ("~?", "yellow"), Op.REPLACE_MAYBE: ("±?", "red"), Op.OPAQUE: ("*", "magenta"),
}  # fmt: skip
_MOST_NAMES = 3
_GRAVE = (Impact.REPLACE, Impact.DATA_LOSS, Impact.DRAIN)
_MONEY = (
    ("capital cost", "capex_usd"),
    ("running cost, a year", "opex_usd_year"),
    ("a GPU-hour", "usd_per_gpu_hour"),
    ("energy, a year", "energy_mwh_year"),
    ("carbon, a year", "carbon_t_year"),
)


def plan_view(plan: Plan, design: Design, *, verbose: bool) -> Iterator[RenderableType]:
    """Figures, then units with their changes; `verbose` names every resource and property."""
    yield heading(f"{design.blueprint} {design.version}, deployment {plan.deployment}")
    yield pairs([*summary_rows(design), *_money(design)])
    for unit in plan.units:
        yield from _unit(unit, verbose=verbose)
    yield heading("Units")
    yield table(
        ("unit", "create", "update", "replace", "delete", "same", "uncertain", "impact"),
        [_unit_row(unit) for unit in plan.units],
        right=("create", "update", "replace", "delete", "same", "uncertain"),
    )
    yield Text(f"\n{counts_line(plan)}", style="bold")
    grave = [change for change in plan.changes if change.op is not Op.CREATE and _grave(change)]
    if grave:
        yield heading("Look twice at")
        yield table(
            ("", "resource", "impact", "why"),
            [
                (_SIGN[change.op][0], f"{change.unit} {change.name}", change.impact.value,
                 " ".join(change.reasons) or change.type)
                for change in grave
            ],
        )  # fmt: skip


def counts_line(plan: Plan) -> str:
    """`147 to create, 2 to update, 0 to replace, 0 to delete, 13 unchanged`."""
    counts = plan.counts
    words = {"create": "to create", "update": "to update", "replace": "to replace",
             "delete": "to delete", "same": "unchanged", "import": "to import"}  # fmt: skip
    parts = [
        f"{counts[op]} {word}"
        for op, word in words.items()
        if counts[op] or op in ("create", "update", "replace", "delete")
    ]
    maybe = sum(plan.uncertain.values())
    if maybe:
        parts.append(f"{maybe} that only a provider can tell")
    return ", ".join(parts)


def _money(design: Design) -> list[tuple[str, str]]:
    total = design.economics.total
    return [(name, estimate(total[key])) for name, key in _MONEY if key in total]


def _unit(unit: UnitPlan, *, verbose: bool) -> Iterator[RenderableType]:
    changes = [change for change in unit.changes if change.op is not Op.SAME]
    if not changes:
        return
    yield heading(f"{unit.name}")
    for op, kind, members in _groups(changes):
        sign, style = _SIGN[op]
        if verbose:
            for change in members:
                yield Text(f"  {sign} {kind}  {change.name}", style=style)
                for each in change.properties:
                    yield Text(f"      {each.kind.value} {_path(each.path)}", style="dim")
            continue
        count = f"{len(members)} x " if len(members) > 1 else ""
        line = Text(f"  {sign} {count}{kind}", style=style)
        line.append(f"  {_names(members)}", style="dim")
        yield line


def _path(path: Sequence[object]) -> str:
    return ".".join(str(each) for each in path)


def _groups(changes: Iterable[Change]) -> list[tuple[Op, str, list[Change]]]:
    groups: dict[tuple[Op, str], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.op, change.type), []).append(change)
    order = list(Op)
    return [
        (op, kind, members)
        for (op, kind), members in sorted(
            groups.items(), key=lambda item: (order.index(item[0][0]), item[0][1])
        )
    ]


def _names(members: list[Change]) -> str:
    shown = [change.name for change in members[:_MOST_NAMES]]
    more = len(members) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _unit_row(unit: UnitPlan) -> tuple[str, ...]:
    counts = dict.fromkeys(Op, 0)
    for change in unit.changes:
        counts[change.op] += 1
    certain = (Op.CREATE, Op.UPDATE, Op.REPLACE, Op.DELETE, Op.SAME)
    uncertain = counts[Op.UPDATE_MAYBE] + counts[Op.REPLACE_MAYBE] + counts[Op.OPAQUE]
    return (
        unit.name,
        *(str(counts[op]) for op in certain),
        str(uncertain),
        unit.impact.value,
    )


def _grave(change: Change) -> bool:
    return change.impact in _GRAVE or change.op is Op.DELETE
