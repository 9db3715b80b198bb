"""The verdict on a terminal: what blocks first, with the source line, then what is waived."""

from __future__ import annotations

import dataclasses

import click

from aifactory_iac.policy import Judgement, Outcome, Verdict
from aifactory_iac.report.findings_text import finding_text
from aifactory_iac.report.legible import one_line
from aifactory_iac.report.words import counted

_WORD = {"pass": ("green", "PASS"), "fail": ("red", "FAIL"), "error": ("red", "ERROR"),
         "unknown": ("yellow", "UNKNOWN")}  # fmt: skip


def verdict_text(verdict: Verdict, *, verbose: bool = False, width: int | None = None) -> str:
    """All findings that count; waived ones too with `verbose`; then one line of outcome."""
    shown = [each for each in verdict.findings if verbose or _counts(each)]
    blocks = [_judgement(each, width) for each in shown]
    return "\n".join([*blocks, verdict_line(verdict)]) + "\n"


def verdict_line(verdict: Verdict) -> str:
    """`PASS under profile standard: 34 rules, 2 advisory findings, 1 waived`."""
    colour, word = _WORD[verdict.outcome]
    blocking = sum(each.blocking for each in verdict.findings)
    waived = sum(each.waiver is not None for each in verdict.findings)
    rest = len(verdict.findings) - blocking - waived
    parts = [counted(len(verdict.results), "rule")]
    if blocking:
        parts.append(f"{blocking} blocking")
    if rest:
        parts.append(f"{rest} advisory")
    if waived:
        parts.append(f"{waived} waived")
    return (
        f"{click.style(word, fg=colour, bold=True)} under profile {one_line(verdict.profile)}: "
        + ", ".join(parts)
    )


def _judgement(judged: Judgement, width: int | None) -> str:
    finding = judged.finding
    if judged.outcome in (Outcome.UNKNOWN, Outcome.ERROR):
        finding = dataclasses.replace(
            finding, message=f"[{judged.outcome.value}] {finding.message}"
        )
    notes = [f"  = {judged.level.value}: {one_line(judged.rule.title)}"]
    if judged.blocking:
        notes[0] += click.style(" (blocks)", fg="red")
    if judged.waiver is not None:
        waiver = judged.waiver
        notes.append(
            f"  = waived until {waiver.expires} by {one_line(waiver.approver)}: "
            f"{one_line(waiver.reason)}"
        )
    if judged.rule.controls:
        notes.append(click.style(f"  = controls: {', '.join(judged.rule.controls)}", dim=True))
    return finding_text(finding, width=width) + "\n".join(notes) + "\n"


def _counts(judged: Judgement) -> bool:
    return judged.blocking or judged.waiver is None
