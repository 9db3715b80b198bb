"""The verdict as annotations on a pull request: GitHub workflow commands, GitLab code quality."""

from __future__ import annotations

import json
import posixpath

from aifactory_iac.findings import Severity, render_path
from aifactory_iac.policy import Judgement, Verdict

_GITHUB = {
    Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning",
    Severity.LOW: "notice", Severity.INFO: "notice",
}  # fmt: skip
_GITLAB = {
    Severity.CRITICAL: "blocker", Severity.HIGH: "critical", Severity.MEDIUM: "major",
    Severity.LOW: "minor", Severity.INFO: "info",
}  # fmt: skip


def github_text(verdict: Verdict) -> str:
    """One workflow command a finding; waived ones are notices."""
    return "".join(f"{_command(each)}\n" for each in verdict.findings)


def gitlab_text(verdict: Verdict) -> str:
    """A Code Quality report: what GitLab shows in a merge request."""
    issues = [
        {
            "description": f"{each.rule.id}: {each.message}",
            "check_name": each.rule.id,
            "fingerprint": each.fingerprint,
            "severity": _GITLAB[each.severity] if each.waiver is None else "info",
            "location": {
                "path": _path(each),
                "lines": {"begin": each.span.line if each.span else 1},
            },
        }
        for each in verdict.findings
    ]
    return json.dumps(issues, indent=2, ensure_ascii=False) + "\n"


def _command(judged: Judgement) -> str:
    kind = _GITHUB[judged.severity] if judged.waiver is None else "notice"
    if kind == "error" and not judged.blocking:
        kind = "warning"
    place = ""
    if judged.span is not None:
        place = f"file={_property(_path(judged))},line={judged.span.line},col={judged.span.column},"
    title = _property(f"{judged.rule.id} {render_path(judged.path)}")
    hint = f"\n{judged.hint}" if judged.hint else ""
    return f"::{kind} {place}title={title}::{_data(judged.message + hint)}"


def _path(judged: Judgement) -> str:
    return (
        posixpath.normpath(judged.span.file.replace("\\", "/")) if judged.span else "blueprint.yaml"
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
