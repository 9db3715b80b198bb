"""The verdict as JUnit XML, in the subset that CI systems agree on.

One test case for each finding and one for each rule that passed; a waived finding is skipped, one
that does not block too, a crashed rule is an error and never a failure.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from aifactory_iac.findings import render_path
from aifactory_iac.policy import Judgement, Outcome, Verdict
from aifactory_iac.report.legible import one_line, xml_text


def junit_text(verdict: Verdict) -> str:
    """An XML document; equal verdicts give equal bytes."""
    suites = ET.Element("testsuites")
    suite = ET.SubElement(suites, "testsuite", {"name": _line(f"aifactory.{verdict.profile}")})
    counts = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for judged in verdict.findings:
        counts["tests"] += 1
        counts[_add(suite, judged)] += 1
    failing = {each.rule.id for each in verdict.findings}
    for result in verdict.results:
        if result.rule.id not in failing and result.outcome is Outcome.PASS:
            counts["tests"] += 1
            ET.SubElement(
                suite, "testcase",
                {"classname": result.rule.layer or "gate",
                 "name": _line(f"{result.rule.id} {result.rule.title}")},
            )  # fmt: skip
    for name, count in counts.items():
        suites.set(name, str(count))
        suite.set(name, str(count))
    ET.indent(suites)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"
    )


def _add(suite: ET.Element, judged: Judgement) -> str:
    attributes = {
        "classname": judged.rule.layer or "gate",
        "name": _line(f"{judged.rule.id} {render_path(judged.path)} {judged.key}".strip()),
    }
    if judged.span is not None:
        attributes |= {"file": _line(judged.span.file), "line": str(judged.span.line)}
    case = ET.SubElement(suite, "testcase", attributes)
    message = _line(judged.message)
    if judged.waiver is not None:
        waived = f"waived until {judged.waiver.expires}: {judged.waiver.reason}"
        ET.SubElement(case, "skipped", {"message": _line(waived)})
        return "skipped"
    if judged.outcome is Outcome.ERROR:
        ET.SubElement(case, "error", {"message": message, "type": judged.rule.id})
        return "errors"
    if not judged.blocking:
        ET.SubElement(case, "skipped", {"message": f"{judged.level.value}: {message}"})
        return "skipped"
    failure = ET.SubElement(case, "failure", {"message": message, "type": judged.severity.value})
    failure.text = xml_text(judged.hint or "")
    return "failures"


def _line(text: str) -> str:
    """One line for an attribute, without the characters that XML 1.0 cannot hold."""
    return xml_text(one_line(text))
