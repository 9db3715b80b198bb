"""GitHub workflow commands and GitLab code quality: what blocks, where, and no text that acts."""

from __future__ import annotations

import json

import pytest

from aifactory_iac.findings import Severity, Span
from aifactory_iac.report.gate.annotations import github_text, gitlab_text


def test_github_takes_one_command_a_finding(every_fate):
    assert github_text(every_fate).splitlines() == [
        (
            "::error file=factory/blueprint.yaml,line=8,col=5,title=AIF-FAB-001 fabric.compute::"
            "It is oversubscribed.%0AAdd a spine."
        ),
        "::warning title=AIF-FAB-002::It is oversubscribed.",
        "::notice title=AIF-FAB-003 fabric.storage::It is oversubscribed.",
        "::warning title=AIF-FAB-004 fabric.compute::Nobody says how many ports it has.",
        "::error title=AIF-FAB-005 fabric.compute::KeyError: 'ports'",
    ]


@pytest.mark.parametrize(
    ("severity", "blocking", "kind"),
    [
        (Severity.CRITICAL, True, "error"),
        (Severity.CRITICAL, False, "warning"),
        (Severity.MEDIUM, True, "error"),
        (Severity.MEDIUM, False, "warning"),
        (Severity.LOW, True, "error"),
        (Severity.LOW, False, "notice"),
        (Severity.INFO, False, "notice"),
    ],
)
def test_what_blocks_is_an_error_on_github(make_judgement, make_verdict, severity, blocking, kind):
    verdict = make_verdict(make_judgement(1, severity=severity, blocking=blocking))
    assert github_text(verdict).startswith(f"::{kind} ")


def test_github_hostile_text_is_one_line_a_finding_and_ends_no_property(hostile):
    first, second = github_text(hostile).splitlines()
    said = "a|b `c` <img src=x> [l](u) {0} 100%25 é ␛[2J ::error::x%0A%0A::warning::y"
    property_ = said.replace(":", "%3A")
    assert first == (
        f"::error file=dir%2Ca%3Ab/{property_}.yaml,line=1,col=1,"
        f"title=AIF-FAB-001 fabric.{property_}::{said}%0A{said}"
    )
    assert second == f"::notice title=AIF-FAB-002 fabric.compute::{said}"


def test_nothing_found_is_nothing_said(make_verdict):
    assert github_text(make_verdict(outcome="pass")) == ""
    assert gitlab_text(make_verdict(outcome="pass")) == "[]\n"


def test_gitlab_takes_an_issue_a_finding(every_fate):
    issues = json.loads(gitlab_text(every_fate))
    assert issues[0] == {
        "description": "AIF-FAB-001: It is oversubscribed.",
        "check_name": "AIF-FAB-001",
        "fingerprint": every_fate.findings[0].fingerprint,
        "severity": "critical",
        "location": {"path": "factory/blueprint.yaml", "lines": {"begin": 8}},
    }
    assert [each["severity"] for each in issues] == [
        "critical", "major", "info", "critical", "critical",
    ]  # fmt: skip
    assert len({each["fingerprint"] for each in issues}) == 5


def test_gitlab_shows_what_has_no_place_at_the_head_of_the_blueprint(every_fate):
    issues = json.loads(gitlab_text(every_fate))
    assert issues[1]["location"] == {"path": "factory/blueprint.yaml", "lines": {"begin": 1}}


@pytest.mark.parametrize(
    ("severity", "word"),
    [
        (Severity.CRITICAL, "blocker"), (Severity.HIGH, "critical"), (Severity.MEDIUM, "major"),
        (Severity.LOW, "minor"), (Severity.INFO, "info"),
    ],
)  # fmt: skip
def test_gitlab_severities(make_judgement, make_verdict, severity, word):
    (issue,) = json.loads(gitlab_text(make_verdict(make_judgement(1, severity=severity))))
    assert issue["severity"] == word


def test_files_are_named_without_detours_and_the_command_line_is_no_file(
    make_judgement, make_verdict
):
    verdict = make_verdict(
        make_judgement(1, span=Span("./a/../größe.yaml", 3, 2)),
        make_judgement(2, span=Span("<command line>", 1, 19, layer="command line")),
    )
    assert (
        github_text(verdict).splitlines()[0].startswith("::warning file=größe.yaml,line=3,col=2,")
    )
    assert "file=" not in github_text(verdict).splitlines()[1]
    assert [each["location"]["path"] for each in json.loads(gitlab_text(verdict))] == [
        "größe.yaml", "größe.yaml",
    ]  # fmt: skip


def test_gitlab_hostile_text_is_json(hostile):
    first, second = json.loads(gitlab_text(hostile))
    assert first["description"].startswith("AIF-FAB-001: a|b `c` <img src=x>")
    assert "\x1b" not in first["description"] + first["location"]["path"]
    assert second["severity"] == "info"
