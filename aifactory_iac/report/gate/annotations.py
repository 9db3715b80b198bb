"""The verdict as annotations on a pull request: GitHub workflow commands, GitLab code quality."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aifactory_iac.findings import Severity, render_path
from aifactory_iac.policy import Judgement, Verdict
from aifactory_iac.report.canonical import to_json
from aifactory_iac.report.gate.places import file_of, place_of
from aifactory_iac.report.legible import legible

_GITHUB = {
    Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning",
    Severity.LOW: "notice", Severity.INFO: "notice",
}  # fmt: skip
_GITLAB = {
    Severity.CRITICAL: "blocker", Severity.HIGH: "critical", Severity.MEDIUM: "major",
    Severity.LOW: "minor", Severity.INFO: "info",
}  # fmt: skip


def github_text(verdict: Verdict) -> str:
    """One workflow command a finding: what blocks is an error, what is waived a notice."""
    return "".join(f"{_command(each)}\n" for each in verdict.findings)


def gitlab_text(verdict: Verdict) -> str:
    """A Code Quality report: what GitLab shows in a merge request."""
    elsewhere = _main_file(verdict.findings)
    return to_json(
        [
            {
                "description": legible(f"{each.rule.id}: {each.message}"),
                "check_name": each.rule.id,
                "fingerprint": each.fingerprint,
                "severity": _GITLAB[each.severity] if each.waiver is None else "info",
                "location": _location(each, elsewhere),
            }
            for each in verdict.findings
        ]
    )


def _command(judged: Judgement) -> str:
    """`::error file=f.yaml,line=8,col=4,title=...::message`, escaped as actions/toolkit does."""
    span, place = place_of(judged), ""
    if span is not None:
        place = f"file={_property(file_of(span))},line={span.line},col={span.column},"
    title = _property(f"{judged.rule.id} {render_path(judged.path)}".strip())
    hint = f"\n{judged.hint}" if judged.hint else ""
    return f"::{_kind(judged)} {place}title={title}::{_data(judged.message + hint)}"


def _kind(judged: Judgement) -> str:
    if judged.waiver is not None:
        return "notice"
    if judged.blocking:
        return "error"
    kind = _GITHUB[judged.severity]
    return "warning" if kind == "error" else kind


def _main_file(findings: Sequence[Judgement]) -> str:
    """Where a finding without a place is shown, since GitLab asks for a file."""
    spans = (place_of(each) for each in findings)
    return next(
        (file_of(span) for span in spans if span is not None and span.layer == "blueprint"),
        "blueprint.yaml",
    )


def _location(judged: Judgement, elsewhere: str) -> dict[str, Any]:
    span = place_of(judged)
    if span is None:
        return {"path": elsewhere, "lines": {"begin": 1}}
    return {"path": legible(file_of(span)), "lines": {"begin": span.line}}


def _data(text: str) -> str:
    return legible(text).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
