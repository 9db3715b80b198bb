"""The verdict as Markdown, for a pull request's comment or a job summary."""

from __future__ import annotations

from aifactory_iac.findings import render_path
from aifactory_iac.policy import Judgement, Outcome, Verdict
from aifactory_iac.report.markdown import cell, code

_MARK = {"pass": "✅", "fail": "❌", "error": "💥", "unknown": "❔"}


def markdown_text(verdict: Verdict) -> str:
    """A heading with the outcome, then a table of what counts, then what is waived."""
    lines = [
        f"## {_MARK[verdict.outcome]} Policy gate: {verdict.outcome}",
        "",
        f"Profile {code(verdict.profile)}, {len(verdict.results)} rules.",
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
            f"| {cell(each.waiver.approver)} | {cell(each.waiver.reason)} |"
            for each in waived
            if each.waiver is not None
        ]
        lines.append("")
    return "\n".join(lines)


def _row(judged: Judgement) -> str:
    blocks = "yes" if judged.blocking else "no"
    # A crash and an unknown are not failures, and must not read like one.
    said = "" if judged.outcome is Outcome.FAIL else f"{judged.outcome.value}: "
    return (
        f"| {judged.rule.id} | {judged.severity.value} | {blocks} | {_where(judged)} "
        f"| {said}{cell(judged.message)} | {cell(judged.hint or '')} |"
    )


def _where(judged: Judgement) -> str:
    place = code(render_path(judged.path))
    if judged.span is None:
        return place
    return f"{place} {cell(judged.span.file)}:{judged.span.line}".strip()
