"""The plan as Markdown, for a pull request's comment."""

from __future__ import annotations

from aifactory_iac.deploy import Plan
from aifactory_iac.deploy.change import Op
from aifactory_iac.design.model import Design
from aifactory_iac.policy import Verdict
from aifactory_iac.report.design_text import summary_rows
from aifactory_iac.report.figures import UNVERIFIED, UNVERIFIED_MEANS
from aifactory_iac.report.gate.markdown import markdown_text
from aifactory_iac.report.legible import one_line
from aifactory_iac.report.markdown import cell, code
from aifactory_iac.report.plan_text import counts_line, headline_rows

MOST_CHANGES = 500
"""A comment on GitHub ends at 65,536 characters; what is left out is counted."""
_SIGN = {"create": "+", "import": "+", "delete": "-", "replace": "!"}


def plan_markdown(plan: Plan, design: Design, verdict: Verdict) -> str:
    """Figures, units, changes in a fold, and the gate."""
    figures = [*summary_rows(design), *headline_rows(design)]
    lines = [
        f"## Plan of {cell(design.blueprint)} {cell(design.version)} ({cell(plan.deployment)})",
        "",
        f"**{counts_line(plan)}**; worst impact: {plan.impact.value}",
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {cell(value)} |" for name, value in figures),
        "",
    ]
    if any(UNVERIFIED in value for _, value in figures):
        lines += [f"{cell(UNVERIFIED_MEANS)}.", ""]
    used = [op for op in Op if op in _ALWAYS or any(change.op is op for change in plan.changes)]
    lines += [
        "| unit | " + " | ".join(op.value for op in used) + " | impact |",
        "|---|" + "--:|" * len(used) + "---|",
    ]
    for unit in plan.units:
        cells = [f"{sum(change.op is op for change in unit.changes):,}" for op in used]
        lines.append(f"| {code(unit.name)} | {' | '.join(cells)} | {unit.impact.value} |")
    lines += ["", *_changes(plan), markdown_text(verdict)]
    return "\n".join(lines)


_ALWAYS = (Op.CREATE, Op.UPDATE, Op.REPLACE, Op.DELETE)


def _changes(plan: Plan) -> list[str]:
    """Every change on a line of a fold, coloured as a diff; empty where nothing changes."""
    changes = [change for change in plan.changes if change.op is not Op.SAME]
    if not changes:
        return []
    noun = "change" if len(changes) == 1 else "changes"
    lines = [f"<details><summary>{len(changes):,} {noun}</summary>", "", "```diff"]
    lines += [
        _line(change.op, f"{change.unit} {change.type} {change.name}")
        for change in changes[:MOST_CHANGES]
    ]
    if len(changes) > MOST_CHANGES:
        lines.append(f"# and {len(changes) - MOST_CHANGES:,} more")
    return [*lines, "```", "", "</details>", ""]


def _line(op: Op, text: str) -> str:
    """A line of a diff; a fence in the text cannot close the block."""
    sign = _SIGN.get(op.value.rstrip("?"), "#")
    return f"{sign} {op.value} {one_line(text)}".replace("```", "'''")
