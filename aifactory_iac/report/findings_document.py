"""Findings as JSON, for `validate --format json` and inside other results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aifactory_iac.findings import Finding, render_path

SCHEMA_VERSION = 1


def finding_document(finding: Finding) -> dict[str, Any]:
    """One finding; positions are absent where there is no source line."""
    document: dict[str, Any] = {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "path": render_path(finding.path),
        "message": finding.message,
        "hint": finding.hint,
        "related": [render_path(path) for path in finding.related],
    }
    if finding.span is not None:
        span = finding.span
        document |= {
            "file": span.file,
            "line": span.line,
            "column": span.column,
            "layer": span.layer,
        }
    return document


def findings_document(target: str, findings: Sequence[Finding], *, valid: bool) -> dict[str, Any]:
    """What `validate --format json` prints."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "kind": "Findings",
        "target": target,
        "valid": valid,
        "findings": [finding_document(finding) for finding in findings],
    }
