"""The plan on a terminal: what it amounts to, what changes unit by unit, what to look at twice."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from aifactory_iac.blueprint.spec import Impact
from aifactory_iac.deploy import Plan, property_path
from aifactory_iac.deploy.change import Change, Op
from aifactory_iac.deploy.diff import Kind, PropertyChange
from aifactory_iac.deploy.document import redacted
from aifactory_iac.deploy.model import UnitPlan
from aifactory_iac.design.model import Design
from aifactory_iac.report.design_text import summary_rows
from aifactory_iac.report.estimate_names import name_of
from aifactory_iac.report.figures import UNVERIFIED, UNVERIFIED_MEANS, estimate
from aifactory_iac.report.legible import one_line
from aifactory_iac.report.tables import Cell, Fitted, heading, pairs, table

_SIGN = {
    Op.CREATE: ("+", "green"), Op.UPDATE: ("~", "yellow"), Op.REPLACE: ("±", "red"),
    Op.DELETE: ("-", "red"), Op.SAME: (" ", "dim"), Op.IMPORT: ("=", "cyan"),
    Op.UPDATE_MAYBE: ("~?", "yellow"), Op.REPLACE_MAYBE: ("±?", "red"), Op.OPAQUE: ("*", "magenta"),
}  # fmt: skip
_MOST_NAMES = 12
_LONGEST_VALUE = 60
_GRAVE = (Impact.REPLACE, Impact.DATA_LOSS, Impact.DRAIN)
_ALWAYS = (Op.CREATE, Op.UPDATE, Op.REPLACE, Op.DELETE)
_UNCERTAIN = (Op.UPDATE_MAYBE, Op.REPLACE_MAYBE, Op.OPAQUE)
HEADLINES = (
    "capex_usd", "opex_usd_year", "usd_per_gpu_hour", "energy_mwh_year", "carbon_t_year",
)  # fmt: skip
"""Keys of the estimates that stand at the head of a plan."""


def plan_view(plan: Plan, design: Design, *, verbose: bool) -> Iterator[RenderableType]:
    """Figures, then units with their changes; `verbose` names every resource and property."""
    yield heading(f"{design.blueprint} {design.version}, deployment {plan.deployment}")
    figures = [*summary_rows(design), *headline_rows(design)]
    yield pairs(figures)
    if any(UNVERIFIED in value for _, value in figures):
        yield Text(f"{UNVERIFIED_MEANS}; `aifactory estimate -v` shows which.", style="dim")
    for unit in plan.units:
        changes = [change for change in unit.changes if change.op is not Op.SAME]
        if changes:
            yield heading(unit.name)
            yield from _each(changes) if verbose else (_groups(changes),)
    if plan.units:
        yield heading("Units")
        yield _units(plan)
    yield Text(f"\n{counts_line(plan)}", style="bold")
    grave = [change for change in plan.changes if change.op is not Op.CREATE and _grave(change)]
    if grave:
        yield heading("Look twice at")
        yield _twice(grave)


def headline_rows(design: Design) -> list[tuple[str, str]]:
    """Money, energy and carbon of the whole factory: label and figure."""
    total, rows = design.economics.total, []
    for key in HEADLINES:
        if key in total:
            name = name_of(key)
            rows.append((name.label, estimate(total[key], name.unit)))
    return rows


def counts_line(plan: Plan) -> str:
    """`147 to create, 2 to update, 0 to replace, 0 to delete, 13 unchanged`."""
    counts = plan.counts
    words = {"create": "to create", "update": "to update", "replace": "to replace",
             "delete": "to delete", "same": "unchanged", "import": "to import"}  # fmt: skip
    parts = [
        f"{counts[op]:,} {word}"
        for op, word in words.items()
        if counts[op] or op in ("create", "update", "replace", "delete")
    ]
    maybe = sum(plan.uncertain.values())
    if maybe:
        parts.append(f"{maybe:,} that only a provider can tell")
    return ", ".join(parts)


def short_type(token: str) -> str:
    """`aws:ec2/vpc:Vpc` as `aws:ec2:Vpc`, as Pulumi's own display does; others as they are."""
    parts = token.split(":")
    if len(parts) != 3:
        return token
    package, module, name = parts
    folder, slash, file = module.rpartition("/")
    if not slash or file != name[:1].lower() + name[1:]:
        return token
    return f"{package}:{folder}:{name}"


def _groups(changes: Iterable[Change]) -> Fitted:
    """Like changes on one line: sign, how many, type, and as many names as there is room for."""
    groups: dict[tuple[Op, str], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.op, change.type), []).append(change)
    order = list(Op)
    rows: list[tuple[Cell, ...]] = []
    for (op, kind), members in sorted(
        groups.items(), key=lambda item: (order.index(item[0][0]), item[0][1])
    ):
        sign, style = _SIGN[op]
        rows.append(
            (
                Text(f"  {sign}", style=style),
                f"{len(members):,}",
                Text(short_type(kind), style=style),
                Text(one_line(", ".join(each.name for each in members[:_MOST_NAMES])), style="dim"),
            )
        )
    return table(
        ("", "count", "type", "names"), rows, right=("count",), tokens=("type",)
    ).without_header()


def _each(changes: Sequence[Change]) -> Iterator[Text]:
    """Every change on a line of its own, with its properties below."""
    order = list(Op)
    for change in sorted(changes, key=lambda each: (order.index(each.op), each.type, each.name)):
        sign, style = _SIGN[change.op]
        yield Text(one_line(f"  {sign} {short_type(change.type)}  {change.name}"), style=style)
        for reason in change.reasons:
            yield Text(one_line(f"      {reason}"), style="dim")
        for each in change.properties:
            yield Text(one_line(f"      {_property(each)}"), style="dim")


def _property(change: PropertyChange) -> str:
    """`change tags.owner: "a" -> "b"`; secrets and what is known only after apply stay unsaid."""
    shown = f"{change.kind.value} {property_path.render(change.path)}"
    if change.secret:
        return f"{shown}: secret"
    old, new = _value(change.old), _value(change.new)
    values = {Kind.ADD: f": {new}", Kind.REMOVE: f": {old}", Kind.CHANGE: f": {old} -> {new}"}
    return shown + values.get(change.kind, "")


def _value(value: Any) -> str:
    text = json.dumps(redacted(value), ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _units(plan: Plan) -> Fitted:
    """Counts by unit; columns that would hold only zeros are left out, the grave ones never."""
    same = any(change.op is Op.SAME for change in plan.changes)
    maybe = any(change.op in _UNCERTAIN for change in plan.changes)
    figures = (*(op.value for op in _ALWAYS), *(["same"] * same), *(["uncertain"] * maybe))
    rows = []
    for unit in plan.units:
        counts = _counts(unit)
        cells = [counts[op] for op in _ALWAYS]
        cells += [counts[Op.SAME]] * same
        cells += [sum(counts[op] for op in _UNCERTAIN)] * maybe
        rows.append((unit.name, *(f"{cell:,}" for cell in cells), unit.impact.value))
    return table(("unit", *figures, "impact"), rows, right=figures)


def _counts(unit: UnitPlan) -> dict[Op, int]:
    counts = dict.fromkeys(Op, 0)
    for change in unit.changes:
        counts[change.op] += 1
    return counts


def _twice(grave: Iterable[Change]) -> Fitted:
    return table(
        ("", "resource", "impact", "why"),
        [
            (
                Text(_SIGN[change.op][0], style=_SIGN[change.op][1]),
                f"{change.unit} {change.name}",
                change.impact.value,
                " ".join(change.reasons) or short_type(change.type),
            )
            for change in grave
        ],
        wrapped=("why",),
    )


def _grave(change: Change) -> bool:
    return change.impact in _GRAVE or change.op is Op.DELETE
