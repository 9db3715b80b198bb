"""JUnit XML as CI systems read it; `junitparser` is the reader."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml, Skipped

from aifactory_iac.findings import Severity
from aifactory_iac.policy import Judgement, Level, Outcome, Rule, Verdict
from aifactory_iac.report.gate.junit import junit_text


def cases(verdict) -> list:
    (suite,) = JUnitXml.fromstring(junit_text(verdict).encode())
    return list(suite)


def told(case) -> tuple:
    (result,) = case.result or [None]
    return case.name, type(result), getattr(result, "message", None)


def test_every_fate_is_told_apart(every_fate):
    assert [told(case) for case in cases(every_fate)] == [
        ("AIF-FAB-001 fabric.compute ratio", Failure, "It is oversubscribed."),
        ("AIF-FAB-002  ratio", Skipped, "advisory: It is oversubscribed."),
        ("AIF-FAB-003 fabric.storage ratio", Skipped,
         "waived until 2026-06-30: old switches until spring"),
        ("AIF-FAB-004 fabric.compute ratio", Skipped, "soft: Nobody says how many ports it has."),
        ("AIF-FAB-005 fabric.compute ratio", Error, "KeyError: 'ports'"),
        ("AIF-FAB-900 Rule 900 holds", type(None), None),
    ]  # fmt: skip


def test_a_failure_has_severity_hint_and_place(every_fate):
    first = cases(every_fate)[0]
    (failure,) = first.result
    assert (first.classname, failure.type, failure.text) == ("fabric", "high", "Add a spine.")
    assert first._elem.attrib["file"] == "factory/blueprint.yaml"
    assert first._elem.attrib["line"] == "8"


def test_counts_stand_on_the_suite_and_on_the_whole(every_fate):
    whole = JUnitXml.fromstring(junit_text(every_fate).encode())
    (suite,) = whole
    for each in (whole, suite):
        assert (each.tests, each.failures, each.errors, each.skipped) == (6, 1, 1, 3)
    assert suite.name == "aifactory.standard"
    suite.update_statistics()
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (6, 1, 1, 3)


def test_the_whole_text(make_judgement, make_verdict):
    verdict = make_verdict(make_judgement(1, blocking=True, hint="Do < & >."), passed=1)
    assert junit_text(verdict) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites tests="2" failures="1" errors="0" skipped="0">\n'
        '  <testsuite name="aifactory.standard" tests="2" failures="1" errors="0" skipped="0">\n'
        '    <testcase classname="fabric" name="AIF-FAB-001 fabric.compute ratio">\n'
        '      <failure message="It is oversubscribed." type="high">Do &lt; &amp; &gt;.</failure>\n'
        "    </testcase>\n"
        '    <testcase classname="fabric" name="AIF-FAB-900 Rule 900 holds" />\n'
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def test_nothing_found_is_an_empty_suite(make_verdict):
    assert cases(make_verdict(outcome="pass")) == []


def test_hostile_text_stays_text(hostile):
    first, second = cases(hostile)
    assert first.result[0].message == (
        "a|b `c` <img src=x> [l](u) {0} 100% é ␛[2J ::error::x  ::warning::y"
    )
    assert "waived until 2026-06-30: a|b `c` <img src=x>" in second.result[0].message


def _saying(text: str) -> Verdict:
    """A verdict with the text in every place."""
    rule = Rule("AIF-FAB-001", "Holds", Severity.HIGH, lambda _: (), (), ("design",))
    judged = Judgement(
        rule, Outcome.FAIL, Level.SOFT, Severity.HIGH, ("a", text), text, text, text, blocking=True
    )
    return Verdict("fail", text, (), (judged,), ())


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=())))
def test_any_text_gives_xml_that_can_be_read(text):
    (case,) = cases(_saying(f"x{text}x"))
    assert len(case.result[0].message) == len(text) + 2
