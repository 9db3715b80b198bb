"""How a finding looks on a terminal, character by character."""

from __future__ import annotations

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from aifactory_iac.findings import Finding, Severity, Span
from aifactory_iac.report.findings_text import findings_text, summary_line


def shown(*findings: Finding, width: int | None = None) -> str:
    return click.unstyle(findings_text(findings, width=width))


def at(span: Span, **others) -> Finding:
    return Finding("AIF-DOC-001", Severity.HIGH, "It is wrong.", ("compute",), span=span, **others)


def test_no_findings_are_no_text():
    assert findings_text([]) == ""


def test_a_finding_names_rule_path_place_line_and_way_out():
    finding = Finding(
        rule="AIF-DOC-031",
        severity=Severity.HIGH,
        message="`1 MB` is a size, not a power",
        path=("sites", "hall", "facility", "envelope"),
        hint="write a power, such as `10 MW`",
        related=(("compute", "train"), ("links", 0)),
        span=Span("factory/blueprint.yaml", 8, 26, 4, "    facility: {envelope: 1 MB}"),
    )
    assert shown(finding) == (
        "error AIF-DOC-031 sites.hall.facility.envelope: `1 MB` is a size, not a power\n"
        "  --> factory/blueprint.yaml:8:26\n"
        "  |\n"
        "8 |     facility: {envelope: 1 MB}\n"
        "  |                          ^^^^\n"
        "  = see also compute.train\n"
        "  = see also links[0]\n"
        "  = hint: write a power, such as `10 MW`\n"
        "\n"
        "1 error\n"
    )


def test_without_a_place_or_a_path_there_is_only_the_sentence():
    finding = Finding("AIF-DOC-002", Severity.MEDIUM, "There is no such file.")
    assert shown(finding) == "warning AIF-DOC-002 There is no such file.\n\n1 warning\n"


def test_a_place_without_a_source_line_is_named_and_not_drawn():
    finding = at(Span("-p", 1, 1, layer="command line"))
    assert shown(finding) == (
        "error AIF-DOC-001 compute: It is wrong.\n  --> -p:1:1 (command line)\n\n1 error\n"
    )


@pytest.mark.parametrize("layer", ["default", "parent", "stack", "values file", "command line"])
def test_a_layer_other_than_the_blueprint_is_named(layer):
    assert f"  --> f.yaml:1:1 ({layer})\n" in shown(at(Span("f.yaml", 1, 1, 1, "a: 1", layer)))


def test_the_gutter_is_as_wide_as_the_line_number():
    text = shown(at(Span("f.yaml", 12345, 4, 1, "a: 1")))
    assert text.splitlines()[2:5] == ["      |", "12345 | a: 1", "      |    ^"]


def test_blocks_are_separated_and_counted_worst_first():
    findings = [
        Finding("R", severity, "Said.")
        for severity in (Severity.LOW, Severity.HIGH, Severity.HIGH, Severity.CRITICAL)
    ]
    assert shown(*findings) == (
        "note R Said.\n\nerror R Said.\n\nerror R Said.\n\ncritical R Said.\n\n"
        "1 critical, 2 errors, 1 note\n"
    )


@pytest.mark.parametrize(
    ("severities", "line"),
    [
        ([], "no findings"),
        ([Severity.CRITICAL] * 2, "2 critical"),
        ([Severity.MEDIUM, Severity.HIGH], "1 error, 1 warning"),
        ([Severity.INFO] * 3 + [Severity.LOW] * 2, "2 notes, 3 info"),
    ],
)
def test_the_count_reads_like_a_sentence(severities, line):
    assert summary_line(Finding("R", each, "Said.") for each in severities) == line


def caret_under(span: Span, width: int = 100) -> str:
    """What stands above the caret, by columns of a terminal rather than by characters."""
    lines = shown(at(span), width=width).splitlines()
    source, caret = lines[3], lines[4]
    left, right = caret.index("^"), len(caret)
    taken, place = "", 0
    for each in source:
        if left <= place < right:
            taken += each
        place += cell_len(each)
    return taken


def test_a_caret_stands_under_what_follows_wide_characters():
    assert caret_under(Span("f.yaml", 1, 10, 2, "title: 工場 MW")) == " M"
    assert caret_under(Span("f.yaml", 1, 11, 2, "title: 工場 MW")) == "MW"


def test_a_caret_is_as_wide_as_what_it_stands_under():
    text = shown(at(Span("f.yaml", 1, 8, 2, "title: 工場 MW")))
    assert text.splitlines()[4] == "  |        ^^^^"


def test_a_caret_stands_right_after_marks_without_a_width():
    text = shown(at(Span("f.yaml", 1, 6, 1, "ae\u0301: bc")))
    assert text.splitlines()[3:5] == ["1 | ae\u0301: bc", "  |     ^"]


def test_a_tab_takes_one_column_so_that_the_caret_is_right_on_every_terminal():
    text = shown(at(Span("f.yaml", 1, 3, 4, "\t\tname: x")))
    assert text.splitlines()[3:5] == ["1 |   name: x", "  |   ^^^^"]


def test_a_caret_beyond_the_text_stands_where_the_column_says():
    text = shown(at(Span("f.yaml", 1, 9, 1, "name:   ")))
    assert text.splitlines()[3:5] == ["1 | name:", "  |         ^"]


def test_a_length_beyond_the_text_ends_with_the_text():
    assert caret_under(Span("f.yaml", 1, 7, 500, "name: value")) == "value"


def test_a_long_line_is_cut_around_the_value_with_ellipses():
    line = "x" * 300 + "VALUE" + "y" * 300
    text = shown(at(Span("f.yaml", 1, 301, 5, line)), width=60)
    assert text.splitlines()[3:5] == [
        "1 | …" + "x" * 27 + "VALUE" + "y" * 22 + "…",
        "  | " + " " * 28 + "^^^^^",
    ]


def test_a_long_line_with_the_value_at_its_beginning_is_cut_at_its_end_only():
    text = shown(at(Span("f.yaml", 1, 1, 3, "abc" + "y" * 300)), width=60)
    assert text.splitlines()[3:5] == ["1 | abc" + "y" * 52 + "…", "  | ^^^"]


def test_a_value_longer_than_the_window_is_cut_and_underlined_as_far_as_it_shows():
    text = shown(at(Span("f.yaml", 1, 4, 300, "a: " + "v" * 300)), width=60)
    assert text.splitlines()[3:5] == ["1 | a: " + "v" * 52 + "…", "  |    " + "^" * 53]


def test_a_line_of_a_megabyte_takes_no_time():
    line = "大" * 1_000_000
    text = shown(at(Span("f.yaml", 1, 500_000, 400_000, line)), width=80)
    assert cell_len(text.splitlines()[3]) <= 80


@settings(deadline=None)
@given(
    line=st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=300),
    column=st.integers(1, 320),
    length=st.integers(1, 400),
    width=st.integers(24, 200),
)
def test_a_source_line_never_exceeds_the_width(line, column, length, width):
    lines = shown(at(Span("f.yaml", 7, column, length, line)), width=width).splitlines()
    if len(lines) > 4 and lines[3].startswith("7 | "):
        assert cell_len(lines[3]) <= width
        assert set(lines[4][4:]) <= {" ", "^"}
        assert "^" in lines[4]


def test_a_name_cannot_write_to_the_terminal_or_pass_for_another_finding():
    finding = Finding(
        "AIF-DOC-010",
        Severity.HIGH,
        "`\x1b[2J` is unknown\n\nPASS under profile standard: 67 rules",
        ("compute", "\x1b]0;title\x07", "a\nb"),
        hint="one\ntwo",
        related=(("\x1b",),),
        span=Span("f\x1b.yaml", 1, 1, 1, '"\x1b[2J": 1'),
    )
    assert shown(finding) == (
        "error AIF-DOC-010 compute.␛]0;title␇.a b: `␛[2J` is unknown\n    \n"
        "    PASS under profile standard: 67 rules\n"
        "  --> f␛.yaml:1:1\n"
        "  |\n"
        '1 | "␛[2J": 1\n'
        "  | ^\n"
        "  = see also ␛\n"
        "  = hint: one\n    two\n"
        "\n"
        "1 error\n"
    )


@pytest.mark.parametrize(
    ("severity", "code"),
    [
        (Severity.CRITICAL, "\x1b[91m"),
        (Severity.HIGH, "\x1b[31m"),
        (Severity.MEDIUM, "\x1b[33m"),
        (Severity.LOW, "\x1b[36m"),
        (Severity.INFO, "\x1b[34m"),
    ],
)
def test_colours_say_how_much_it_matters(severity, code):
    assert findings_text([Finding("R", severity, "Said.")]).startswith(f"{code}\x1b[1m")
