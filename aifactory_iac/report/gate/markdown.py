"""The verdict as Markdown, for a pull request's comment or a job summary."""

from __future__ import annotations

from aifactory_iac.findings import render_path
from aifactory_iac.policy import Judgement, Verdict

_MARK = {"pass": "✅", "fail": "❌", "error": "💥", "unknown": "❔"}


def markdown_text(verdict: Verdict) -> str:
    """A heading with the outcome, then a table of what counts, then what is waived."""
    lines = [
        f"## {_MARK[verdict.outcome]} Policy gate: {verdict.outcome}",
        "",
        f"Profile `{verdict.profile}`, {len(verdict.results)} rules.",
        "",
    ]
    counting = [each for each in verdict.findings if each.waiver is None]
    waived = [each for each in verdict.findings if each.waiver is not None]
    if counting:
        lines += [
            "| rule | severity | blocks | where | what | way out |",
            "|---|---|---|---|---|---|",
        ]
        lines += [_row(each) for each in counting]
        lines.append("")
    if waived:
        lines += ["### Waived", "", "| rule | where | until | by | why |", "|---|---|---|---|---|"]
        lines += [
            f"| {each.rule.id} | {_where(each)} | {each.waiver.expires} "
            f"| {_cell(each.waiver.approver)} | {_cell(each.waiver.reason)} |"
            for each in waived
            if each.waiver is not None
        ]
        lines.append("")
    return "\n".join(lines)


def _row(judged: Judgement) -> str:
    blocks = "yes" if judged.blocking else "no"
    return (
        f"| {judged.rule.id} | {judged.severity.value} | {blocks} | {_where(judged)} "
        f"| {_cell(judged.message)} | {_cell(judged.hint or '')} |"
    )


def _where(judged: Judgement) -> str:
    place = f"`{render_path(judged.path)}`" if judged.path else ""
    return f"{place} {judged.span.file}:{judged.span.line}" if judged.span else place


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
