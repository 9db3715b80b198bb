"""Hostile text shows itself instead of acting on the terminal or page that shows it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aifactory_iac.report.legible import legible, one_line, scalar_values

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("plain text", "plain text"),
        ("größer, 大きい, 👍", "größer, 大きい, 👍"),
        ("\x1b[2Jgone", "␛[2Jgone"),
        ("a\x07\x08\x7f", "a␇␈␡"),
        ("carriage\rreturn", "carriage␍return"),
        ("\x9b31m", "�31m"),
        ("user\u202eexe.txt", "user�exe.txt"),
        ("\u2066hidden\u2069", "�hidden�"),
        ("line\u2028break", "line�break"),
        ("\udcff", "�"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
    ],
)
def test_what_acts_is_replaced_by_what_shows(written, shown):
    assert legible(written) == shown


def test_one_line_has_neither_tabs_nor_newlines():
    assert one_line("two\nlines\tand \x1b") == "two lines and ␛"


@settings(deadline=None)
@given(ANY_TEXT)
def test_one_line_keeps_every_column_and_holds_no_control_character(text):
    shown = one_line(text)
    assert len(shown) == len(text)
    assert not [each for each in shown if unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp")]
    assert not [each for each in shown if unicodedata.bidirectional(each) in
                ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")]  # fmt: skip


@settings(deadline=None)
@given(ANY_TEXT)
def test_being_legible_twice_changes_nothing(text):
    assert legible(legible(text)) == legible(text)


@settings(deadline=None)
@given(ANY_TEXT)
def test_scalar_values_can_be_written_as_utf_8_and_changes_nothing_else(text):
    written = scalar_values(text)
    assert len(written) == len(text)
    written.encode("utf-8")
    if not any("\ud800" <= each <= "\udfff" for each in text):
        assert written == text
