"""The verdict on a terminal."""

from __future__ import annotations

import click
import pytest

from aifactory_iac.report.gate.text import verdict_line, verdict_text


def test_what_counts_is_shown_with_its_level_and_its_controls(every_fate):
    assert click.unstyle(verdict_text(every_fate)) == (
        "error AIF-FAB-001 fabric.compute: It is oversubscribed.\n"
        "  --> factory/blueprint.yaml:8:5\n"
        "  |\n"
        "8 |     1 MB\n"
        "  |     ^^^^\n"
        "  = see also fabric.storage\n"
        "  = hint: Add a spine.\n"
        "  = soft: Rule 1 holds (blocks)\n"
        "  = controls: iso27001:A.8.1, soc2:CC6.1\n"
        "\n"
        "warning AIF-FAB-002 It is oversubscribed.\n"
        "  = advisory: Rule 2 holds\n"
        "  = controls: iso27001:A.8.1, soc2:CC6.1\n"
        "\n"
        "error AIF-FAB-004 fabric.compute: [unknown] Nobody says how many ports it has.\n"
        "  = soft: Rule 4 holds\n"
        "  = controls: iso27001:A.8.1, soc2:CC6.1\n"
        "\n"
        "error AIF-FAB-005 fabric.compute: [error] KeyError: 'ports'\n"
        "  = soft: Rule 5 holds (blocks)\n"
        "  = controls: iso27001:A.8.1, soc2:CC6.1\n"
        "\n"
        "FAIL under profile standard: 6 rules, 2 blocking, 2 advisory, 1 waived\n"
    )


def test_what_is_waived_is_shown_when_asked_for(every_fate):
    text = click.unstyle(verdict_text(every_fate, verbose=True))
    assert (
        "error AIF-FAB-003 fabric.storage: It is oversubscribed.\n"
        "  = soft: Rule 3 holds\n"
        "  = waived until 2026-06-30 by cto@example.com: old switches until spring\n"
    ) in text


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        ("pass", "PASS under profile standard: 1 rule"),
        ("fail", "FAIL under profile standard: 1 rule"),
        ("unknown", "UNKNOWN under profile standard: 1 rule"),
        ("error", "ERROR under profile standard: 1 rule"),
    ],
)
def test_the_last_line_is_the_outcome(make_verdict, outcome, line):
    assert click.unstyle(verdict_line(make_verdict(outcome=outcome, passed=1))) == line


def test_hostile_text_cannot_act_on_the_terminal(hostile):
    text = click.unstyle(verdict_text(hostile, verbose=True))
    assert "\x1b" not in text
    assert not [line for line in text.splitlines() if line.startswith("::")]
