"""Findings as JSON: places only where there are any, paths as people write them."""

from __future__ import annotations

from aifactory_iac.findings import Finding, Severity, Span
from aifactory_iac.report.findings_document import finding_document, findings_document

PLACED = Finding(
    "AIF-DOC-031", Severity.HIGH, "Wrong.", ("compute", "train", "count"), "Right.",
    (("links", 0),), Span("f.yaml", 3, 9, 2, "  count: 4", "stack"),
)  # fmt: skip


def test_a_finding_with_a_place():
    assert finding_document(PLACED) == {
        "rule": "AIF-DOC-031",
        "severity": "high",
        "path": "compute.train.count",
        "message": "Wrong.",
        "hint": "Right.",
        "related": ["links[0]"],
        "file": "f.yaml",
        "line": 3,
        "column": 9,
        "layer": "stack",
    }


def test_a_finding_without_a_place_names_none():
    document = finding_document(Finding("AIF-DOC-002", Severity.LOW, "Said."))
    assert document == {
        "rule": "AIF-DOC-002",
        "severity": "low",
        "path": "",
        "message": "Said.",
        "hint": None,
        "related": [],
    }


def test_the_result_says_target_and_validity():
    document = findings_document("superpod-h100", [PLACED], valid=False)
    assert {key: document[key] for key in ("schemaVersion", "kind", "target", "valid")} == {
        "schemaVersion": 1,
        "kind": "Findings",
        "target": "superpod-h100",
        "valid": False,
    }
    assert document["findings"] == [finding_document(PLACED)]
