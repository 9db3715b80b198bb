"""The verdict as SARIF 2.1.0, for code scanning services.

Fingerprints are our own (rule, path and key, no line), so a finding keeps its identity when the
file around it changes. Control ids are taxonomies. A crashed rule is a tool notification and makes
the invocation unsuccessful: a crash can never look like a clean run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aifactory_iac import __version__
from aifactory_iac.findings import Severity, render_path
from aifactory_iac.policy import Judgement, Outcome, Rule, Verdict
from aifactory_iac.report.canonical import to_json
from aifactory_iac.report.gate.places import file_of, place_of

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVEL = {
    Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning",
    Severity.LOW: "note", Severity.INFO: "note",
}  # fmt: skip
_SECURITY_SEVERITY = {
    Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0", Severity.INFO: "0.0",
}  # fmt: skip
_KIND = {Outcome.FAIL: "fail", Outcome.UNKNOWN: "open", Outcome.NOT_APPLICABLE: "notApplicable"}


def sarif_text(verdict: Verdict) -> str:
    """A SARIF log with one run; equal verdicts give equal bytes."""
    rules = _rules(verdict)
    index = {rule.id: place for place, rule in enumerate(rules)}
    crashed = [each for each in verdict.findings if each.outcome is Outcome.ERROR]
    judged = [each for each in verdict.findings if each.outcome is not Outcome.ERROR]
    taxonomies = sorted({control.partition(":")[0] for rule in rules for control in rule.controls})
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "aifactory",
                "semanticVersion": __version__,
                "rules": [_rule(rule, taxonomies) for rule in rules],
                "supportedTaxonomies": [
                    {"name": name, "index": place} for place, name in enumerate(taxonomies)
                ],
            }
        },
        "columnKind": "unicodeCodePoints",
        "automationDetails": {"id": f"aifactory/{verdict.profile}/"},
        "invocations": [
            {
                "executionSuccessful": not crashed,
                "exitCode": verdict.exit_code,
                "toolExecutionNotifications": [
                    {
                        "level": "error",
                        "message": {"text": _message(each)},
                        "associatedRule": {"id": each.rule.id, "index": index[each.rule.id]},
                    }
                    for each in crashed
                ],
            }
        ],
        "taxonomies": [_taxonomy(name, rules) for name in taxonomies],
        "results": [_result(each, index) for each in judged],
    }
    return to_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rules(verdict: Verdict) -> Sequence[Rule]:
    known = {result.rule.id: result.rule for result in verdict.results}
    known |= {each.rule.id: each.rule for each in verdict.findings}
    return [known[each] for each in sorted(known)]


def _rule(rule: Rule, taxonomies: Sequence[str]) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": "".join(
            word.capitalize()
            for word in rule.file.rpartition("/")[2].removesuffix(".py").split("_")
        )
        or rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.description or rule.title},
        "help": {
            "text": rule.description or rule.title,
            "markdown": rule.description or rule.title,
        },
        "defaultConfiguration": {"level": _LEVEL[rule.severity]},
        "properties": {
            "tags": [rule.layer or "gate", *rule.controls][:20],
            "security-severity": _SECURITY_SEVERITY[rule.severity],
            "precision": "very-high",
        },
        "relationships": [
            {
                "target": {
                    "id": control.partition(":")[2],
                    "toolComponent": {
                        "name": control.partition(":")[0],
                        "index": taxonomies.index(control.partition(":")[0]),
                    },
                },
                "kinds": ["relevant"],
            }
            for control in rule.controls
        ],
    }


def _taxonomy(name: str, rules: Sequence[Rule]) -> dict[str, Any]:
    ids = sorted(
        {
            control.partition(":")[2]
            for rule in rules
            for control in rule.controls
            if control.partition(":")[0] == name
        }
    )
    return {"name": name, "taxa": [{"id": each} for each in ids]}


def _result(judged: Judgement, index: dict[str, int]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": judged.rule.id,
        "ruleIndex": index[judged.rule.id],
        "kind": _KIND.get(judged.outcome, "fail"),
        "level": _LEVEL[judged.severity] if judged.outcome is Outcome.FAIL else "none",
        "message": {"text": _message(judged)},
        "locations": [_location(judged)],
        "partialFingerprints": {"aifactory/v1": judged.fingerprint},
        "properties": {"level": judged.level.value, "blocking": judged.blocking},
    }
    if judged.related:
        result["relatedLocations"] = [
            {"id": place, "logicalLocations": [{"fullyQualifiedName": render_path(path)}]}
            for place, path in enumerate(judged.related)
        ]
    if judged.waiver is not None:
        result["suppressions"] = [
            {
                "kind": "external",
                "status": "accepted",
                "justification": judged.waiver.reason,
                "properties": {"expiryUtc": f"{judged.waiver.expires}T23:59:59Z"},
            }
        ]
    return result


def _location(judged: Judgement) -> dict[str, Any]:
    location: dict[str, Any] = {
        "logicalLocations": [{"fullyQualifiedName": render_path(judged.path) or "."}]
    }
    span = place_of(judged)
    if span is not None:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": _uri(file_of(span))},
            "region": {
                "startLine": max(1, span.line),
                "startColumn": max(1, span.column),
                "endColumn": max(1, span.column) + max(1, span.length),
            },
        }
    return location


def _message(judged: Judgement) -> str:
    """Message and hint as SARIF writes plain text (2.1.0, 3.11.5 and 3.11.6).

    Braces are doubled, as single ones are placeholders, and what would read as an embedded link is
    taken apart.
    """
    text = f"{judged.message} {judged.hint}" if judged.hint else judged.message
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _uri(file: str) -> str:
    """A URI reference: relative paths as they are, absolute ones with their scheme."""
    from urllib.parse import quote

    quoted = quote(file.encode("utf-8", "replace"), safe="/-._~")
    return f"file://{quoted}" if file.startswith("/") else quoted
