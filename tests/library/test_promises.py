"""Promises: exact values, bounds, floats within a thousandth, and what is not there."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aifactory_iac.library import NOTHING, Case, Promise, Unkept, keep, read_cases

RESULTS = {
    "design": {
        "summary": {"nodes": 127, "power": {"it_kw": 1442.9}, "name": "superpod", "ok": True},
        "nodes": [{"name": "a"}, {"name": "b"}],
        "nothing": None,
    },
    "check": {"outcome": "pass"},
}


def unkept(path: str, expected: object) -> list[object]:
    """What was found instead, empty where the promise is kept."""
    case = Case("case", {}, (Promise(path, expected),))
    return [each.found for each in keep(case, RESULTS.__getitem__)]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("design.summary.nodes", 127),
        ("design.summary.nodes", 127.0),
        ("design.summary.name", "superpod"),
        ("design.summary.ok", True),
        ("design.summary.power.it_kw", 1443.0),
        ("design.summary.power.it_kw", {"at_least": 1442.9, "at_most": 1442.9}),
        ("design.summary.nodes", {"at_least": 100}),
        ("design.summary.nodes", {"at_most": 127}),
        ("design.nodes.length", 2),
        ("design.nothing", None),
        ("design.nodes", [{"name": "a"}, {"name": "b"}]),
        ("check.outcome", "pass"),
    ],
)
def test_promises_that_are_kept(path, expected):
    assert unkept(path, expected) == []


@pytest.mark.parametrize(
    ("path", "expected", "found"),
    [
        ("design.summary.nodes", 128, 127),
        ("design.summary.nodes", "127", 127),
        ("design.summary.power.it_kw", 1440.0, 1442.9),
        ("design.summary.power.it_kw", 1443, 1442.9),
        ("design.summary.nodes", {"at_least": 128}, 127),
        ("design.summary.nodes", {"at_most": 126.9}, 127),
        ("design.summary.name", {"at_least": 1}, "superpod"),
        ("design.summary.ok", {"at_least": 0}, True),
        ("design.summary.ok", 1, True),
        ("design.summary.ok", 1.0, True),
        ("design.summary.nodez", 127, NOTHING),
        ("design.summary.nodez", None, NOTHING),
        ("design.summary.nodez", {"at_least": 0}, NOTHING),
        ("design.summary.nodes.more", 1, NOTHING),
        ("design.nodes.0.name", "a", NOTHING),
        ("check", "pass", {"outcome": "pass"}),
    ],
)
def test_promises_that_are_broken_say_what_was_found(path, expected, found):
    assert unkept(path, expected) == [found]


def test_each_verb_is_asked_once_and_only_when_it_is_needed():
    asked = []

    def results(verb):
        asked.append(verb)
        return RESULTS[verb]

    case = Case("c", {}, (Promise("design.summary.nodes", 127), Promise("design.nothing", None)))
    assert keep(case, results) == ()
    assert asked == ["design"]


def test_unkept_promises_keep_their_order():
    case = Case("c", {}, (Promise("design.b", 1), Promise("check.outcome", "pass"),
                          Promise("design.a", 2)))  # fmt: skip
    assert keep(case, RESULTS.__getitem__) == (
        Unkept(Promise("design.b", 1), NOTHING), Unkept(Promise("design.a", 2), NOTHING),
    )  # fmt: skip


@settings(deadline=None)
@given(
    low=st.floats(-1e9, 1e9), width=st.floats(0, 1e9), value=st.floats(-2e9, 2e9),
)  # fmt: skip
def test_bounds_hold_exactly_what_lies_between_them(low, width, value):
    bounds = {"at_least": low, "at_most": low + width}
    case = Case("c", {}, (Promise("design.x", bounds),))
    kept = not keep(case, lambda _: {"x": value})
    assert kept == (low <= value <= low + width)


@settings(deadline=None)
@given(st.floats(1e-6, 1e12), st.floats(-0.01, 0.01))
def test_floats_are_kept_within_a_thousandth(expected, error):
    found = expected * (1 + error)
    case = Case("c", {}, (Promise("design.x", expected),))
    kept = not keep(case, lambda _: {"x": found})
    assert kept == math.isclose(expected, found, rel_tol=1e-3)


def test_nothing_is_called_so():
    assert f"found {NOTHING}" == "found nothing"


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "facts.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_cases_have_names_parameters_and_promises(tmp_path):
    cases = read_cases(written(tmp_path, """
cases:
  - expect: {design.summary.nodes: 127}
  - name: one unit
    parameters: {scalable_units: 1, wide: true, envelope: 1 MW}
    expect: {design.summary.nodes: 31, check.outcome: pass}
  - parameters: {scalable_units: 2}
    expect: {}
"""))  # fmt: skip
    assert cases == (
        Case("defaults", {}, (Promise("design.summary.nodes", 127),)),
        Case(
            "one unit",
            {"scalable_units": "1", "wide": "true", "envelope": "1 MW"},
            (Promise("design.summary.nodes", 31), Promise("check.outcome", "pass")),
        ),
        Case("scalable_units=2", {"scalable_units": "2"}, ()),
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "facts.yaml has no list of `cases`"),
        ("- a\n", "facts.yaml has no list of `cases`"),
        ("cases: []\n", "facts.yaml has no list of `cases`"),
        ("cases: {a: 1}\n", "facts.yaml has no list of `cases`"),
        ("cases: [a]\n", "facts.yaml: every case needs `expect`"),
        ("cases: [{expect: [a]}]\n", "facts.yaml: every case needs `expect`"),
        ("cases: [{expect: {}, parameters: [a]}]\n", "facts.yaml: `parameters` maps names"),
        ("cases: [{expect: {design.x: {at_least: a}}}]\n", "facts.yaml: `design.x` has a bound"),
        ("cases: [{expect: {design.x: {least: 1}}}]\n", "facts.yaml: `design.x` has a bound"),
        ("cases: [\n", "facts.yaml: "),
        (b"\xff\xfe", "facts.yaml: "),
    ],
)
def test_what_is_no_file_of_facts_is_said_to_be_none(tmp_path, text, reason):
    with pytest.raises(ValueError) as error:
        read_cases(written(tmp_path, text))
    assert str(error.value).startswith(reason)


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(ValueError, match=r"facts\.yaml: "):
        read_cases(tmp_path / "facts.yaml")
