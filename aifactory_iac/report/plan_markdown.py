"""The plan as Markdown, for a pull request's comment."""

from __future__ import annotations

from aifactory_iac.deploy import Plan
from aifactory_iac.deploy.change import Op
from aifactory_iac.design.model import Design
from aifactory_iac.policy import Verdict
from aifactory_iac.report.design_text import summary_rows
from aifactory_iac.report.figures import estimate
from aifactory_iac.report.gate.markdown import markdown_text
from aifactory_iac.report.plan_text import counts_line

_KEYS = ("capex_usd", "opex_usd_year", "usd_per_gpu_hour", "energy_mwh_year", "carbon_t_year")


def plan_markdown(plan: Plan, design: Design, verdict: Verdict) -> str:
    """Figures, units, changes in a fold, and the gate."""
    total = design.economics.total
    lines = [
        f"## Plan of {design.blueprint} {design.version} ({plan.deployment})",
        "",
        f"**{counts_line(plan)}**; worst impact: {plan.impact.value}",
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in summary_rows(design)),
        *(f"| {key.replace('_', ' ')} | {estimate(total[key])} |" for key in _KEYS if key in total),
        "",
        "| unit | " + " | ".join(op.value for op in Op) + " | impact |",
        "|---|" + "--:|" * len(Op) + "---|",
    ]
    for unit in plan.units:
        cells = [str(sum(change.op is op for change in unit.changes)) for op in Op]
        lines.append(f"| {unit.name} | {' | '.join(cells)} | {unit.impact.value} |")
    changes = [change for change in plan.changes if change.op is not Op.SAME]
    lines += ["", f"<details><summary>{len(changes)} changes</summary>", "", "```diff"]
    lines += [_line(change.op, f"{change.unit} {change.type} {change.name}") for change in changes]
    lines += ["```", "", "</details>", "", markdown_text(verdict)]
    return "\n".join(lines)


def _line(op: Op, text: str) -> str:
    sign = {"create": "+", "delete": "-", "replace": "!"}.get(op.value.rstrip("?"), "#")
    return f"{sign} {op.value} {text}"
