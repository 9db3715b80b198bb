"""Canonical JSON: its own order, readable, always UTF-8, never a word that JSON lacks."""

from __future__ import annotations

import json
import math

import pytest

from aifactory_iac.report.canonical import to_json


def test_order_is_the_documents_own_and_the_last_line_ends():
    assert to_json({"b": 1, "a": ["größe"]}) == '{\n  "b": 1,\n  "a": [\n    "größe"\n  ]\n}\n'


def test_a_list_may_stand_at_the_top():
    assert to_json([]) == "[]\n"


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_json_has_no_word_for_is_an_error(value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json({"value": value})


def test_bytes_of_a_command_line_that_are_not_text_become_replacement_characters():
    text = to_json({"target": "\udcff"})
    assert json.loads(text.encode()) == {"target": "�"}
