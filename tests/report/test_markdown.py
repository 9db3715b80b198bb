"""Markdown that says what was said, whatever that was."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from aifactory_iac.report.gate.markdown import markdown_text
from aifactory_iac.report.markdown import cell, code


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("plain", "plain"),
        ("a `name` stays code", "a `name` stays code"),
        ("a|b", "a\\|b"),
        ("`a|b`", "`a\\|b`"),
        ("two\nlines", "two lines"),
        ("<img src=x onerror=y>", "&lt;img src=x onerror=y&gt;"),
        ("AT&T &lt;", "AT&amp;T &amp;lt;"),
        ("*bold* _it_ ~~no~~", "\\*bold\\* \\_it\\_ \\~\\~no\\~\\~"),
        ("[click](http://example.com)", "\\[click\\](http://example.com)"),
        ("an odd ` backtick", "an odd \\` backtick"),
        ("a ``b`` c", "a \\``b`\\` c"),
        ("back\\slash", "back\\\\slash"),
        ("größe 大", "größe 大"),
        ("\x1b[2J", "␛\\[2J"),
    ],
)
def test_a_cell_shows_its_text_and_formats_nothing(said, written):
    assert cell(said) == written


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("fabric.compute", "`fabric.compute`"),
        ("a`b", "``a`b``"),
        ("`a", "`` `a ``"),
        ("a```b`", "```` a```b` ````"),
        ("a|b", "`a\\|b`"),
        ("<b>", "`<b>`"),
        ("", ""),
        ("\n", ""),
    ],
)
def test_code_has_a_fence_that_its_text_cannot_close(said, written):
    assert code(said) == written


class Reader(HTMLParser):
    """Tags and text of a rendered page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.cells: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "td":
            self.cells.append("")

    def handle_data(self, data):
        if self.cells:
            self.cells[-1] += data


RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
MARKS = st.text(st.sampled_from("`*_[]()<>|\\~&#!-+.:;'\"0abé大 \n"), max_size=30)


@settings(deadline=None)
@given(MARKS, MARKS)
def test_a_renderer_shows_both_cells_as_they_were_said(one, other):
    shown = Reader(RENDERER.render(f"| a | b |\n|---|---|\n| x{cell(one)} | {cell(other)}y |\n"))
    assert shown.tags <= {"table", "thead", "tbody", "tr", "th", "td", "code"}
    assert [_bare(text) for text in shown.cells[:2]] == [_bare(f"x{one}"), _bare(f"{other}y")]


@settings(deadline=None)
@given(MARKS)
def test_a_renderer_shows_code_as_it_was_said(text):
    shown = Reader(RENDERER.render(f"| a | b |\n|---|---|\n| {code(text)} | y |\n"))
    assert shown.tags <= {"table", "thead", "tbody", "tr", "th", "td", "code"}
    assert [_bare(each) for each in shown.cells] == [_bare(text), "y"]


def _bare(text: str) -> str:
    """Without spaces, which Markdown folds, and without backticks, which make code."""
    return re.sub(r"[\s`]", "", text)


def test_the_verdict_is_a_heading_and_a_table_and_what_is_waived(every_fate):
    assert markdown_text(every_fate) == (
        "## ❌ Policy gate: fail\n"
        "\n"
        "Profile `standard`, 6 rules.\n"
        "\n"
        "| rule | severity | blocks | where | what | way out |\n"
        "|---|---|---|---|---|---|\n"
        "| AIF-FAB-001 | high | yes | `fabric.compute` factory/blueprint.yaml:8 "
        "| It is oversubscribed. | Add a spine. |\n"
        "| AIF-FAB-002 | medium | no |  | It is oversubscribed. |  |\n"
        "| AIF-FAB-004 | high | no | `fabric.compute` "
        "| unknown: Nobody says how many ports it has. |  |\n"
        "| AIF-FAB-005 | high | yes | `fabric.compute` | error: KeyError: 'ports' |  |\n"
        "\n"
        "### Waived\n"
        "\n"
        "| rule | where | until | by | why |\n"
        "|---|---|---|---|---|\n"
        "| AIF-FAB-003 | `fabric.storage` | 2026-06-30 | cto@example.com "
        "| old switches until spring |\n"
    )


@pytest.mark.parametrize(
    ("outcome", "mark"), [("pass", "✅"), ("fail", "❌"), ("unknown", "❔"), ("error", "💥")]
)
def test_the_heading_says_the_outcome(make_verdict, outcome, mark):
    text = markdown_text(make_verdict(outcome=outcome, passed=2))
    assert text == f"## {mark} Policy gate: {outcome}\n\nProfile `standard`, 2 rules.\n"


def test_hostile_text_keeps_its_columns(hostile):
    rows = [line for line in markdown_text(hostile).splitlines() if line.startswith("| AIF-")]
    assert [len(row.replace("\\|", "").split("|")) for row in rows] == [8, 7]
    assert Reader(RENDERER.render(markdown_text(hostile))).tags == {
        "h2", "h3", "p", "code", "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
