"""SARIF that code scanning services take: the official schema's types, and what 2.1.0 asks beyond.

The oracle is `pydantic-sarif`: models generated from sarif-schema-2.1.0.json, which forbid every
property that it does not know. Its copy of the schema is from before OASIS renamed `state` of a
suppression to `status` (2.1.0, 3.35.3); that one word is turned back for it.
"""

from __future__ import annotations

import json
import re

import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Log

from aifactory_iac.api import Gate, check, load
from aifactory_iac.findings import Span
from aifactory_iac.report.gate.sarif import sarif_text


def run_of(verdict) -> dict:
    text = sarif_text(verdict)
    Log.model_validate_json(text.replace('"status": "accepted"', '"state": "accepted"'))
    (run,) = json.loads(text)["runs"]
    return run


def test_every_fate_is_told_apart(every_fate):
    results = {
        each["ruleId"]: (each["kind"], each["level"], each["properties"], "suppressions" in each)
        for each in run_of(every_fate)["results"]
    }
    assert results == {
        "AIF-FAB-001": ("fail", "error", {"level": "soft", "blocking": True}, False),
        "AIF-FAB-002": ("fail", "warning", {"level": "advisory", "blocking": False}, False),
        "AIF-FAB-003": ("fail", "error", {"level": "soft", "blocking": False}, True),
        "AIF-FAB-004": ("open", "none", {"level": "soft", "blocking": False}, False),
    }


def test_a_crashed_rule_is_no_result_and_makes_the_run_unsuccessful(every_fate):
    (invocation,) = run_of(every_fate)["invocations"]
    assert invocation == {
        "executionSuccessful": False,
        "exitCode": 3,
        "toolExecutionNotifications": [
            {
                "level": "error",
                "message": {"text": "KeyError: 'ports'"},
                "associatedRule": {"id": "AIF-FAB-005", "index": 4},
            }
        ],
    }


def test_a_waiver_is_a_suppression_with_its_reason_and_end(every_fate):
    waived = run_of(every_fate)["results"][2]
    assert waived["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "old switches until spring",
            "properties": {"expiryUtc": "2026-06-30T23:59:59Z"},
        }
    ]


def test_a_finding_names_its_place_in_file_and_document(every_fate):
    first = run_of(every_fate)["results"][0]
    assert first["message"] == {"text": "It is oversubscribed. Add a spine."}
    assert first["locations"] == [
        {
            "logicalLocations": [{"fullyQualifiedName": "fabric.compute"}],
            "physicalLocation": {
                "artifactLocation": {"uri": "factory/blueprint.yaml"},
                "region": {"startLine": 8, "startColumn": 5, "endColumn": 9},
            },
        }
    ]
    assert first["relatedLocations"] == [
        {"id": 0, "logicalLocations": [{"fullyQualifiedName": "fabric.storage"}]}
    ]


def test_columns_count_characters_as_the_loader_does(every_fate):
    assert run_of(every_fate)["columnKind"] == "unicodeCodePoints"


def test_indexes_lead_to_the_rule_and_the_taxonomy_that_they_name(every_fate):
    run = run_of(every_fate)
    rules = run["tool"]["driver"]["rules"]
    assert [rules[each["ruleIndex"]]["id"] for each in run["results"]] == [
        each["ruleId"] for each in run["results"]
    ]
    assert [each["id"] for each in rules] == sorted({each["id"] for each in rules})
    for rule in rules:
        for relation in rule["relationships"]:
            target = relation["target"]
            taxonomy = run["taxonomies"][target["toolComponent"]["index"]]
            assert taxonomy["name"] == target["toolComponent"]["name"]
            assert target["id"] in [each["id"] for each in taxonomy["taxa"]]


def test_it_names_no_page_of_ours_on_the_web(every_fate):
    assert re.findall(r"https?://[^/\"]+", sarif_text(every_fate)) == [
        "https://json.schemastore.org"
    ]


def test_a_fingerprint_holds_no_line(make_judgement, make_verdict):
    here, there = (
        run_of(make_verdict(make_judgement(1, span=Span("f.yaml", line, 1))))["results"][0]
        for line in (3, 300)
    )
    assert here["partialFingerprints"] == there["partialFingerprints"]
    assert list(here["partialFingerprints"]) == ["aifactory/v1"]


def test_braces_and_links_of_a_message_are_not_placeholders_or_links(make_judgement, make_verdict):
    verdict = make_verdict(
        make_judgement(1, message="Set `{every: 20 min}`", hint="see [here](http://example.com)")
    )
    assert run_of(verdict)["results"][0]["message"]["text"] == (
        "Set `{{every: 20 min}}` see [here] (http://example.com)"
    )


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("factory/blueprint.yaml", "factory/blueprint.yaml"),
        ("./factory/../blueprint.yaml", "blueprint.yaml"),
        ("my factory/größe.yaml", "my%20factory/gr%C3%B6%C3%9Fe.yaml"),
        ("a:b.yaml", "a%3Ab.yaml"),
        ("/abs/blueprint.yaml", "file:///abs/blueprint.yaml"),
        ("a#b?c%d.yaml", "a%23b%3Fc%25d.yaml"),
        ("\udcff.yaml", "%3F.yaml"),
    ],
)
def test_a_file_becomes_a_uri_reference(make_judgement, make_verdict, file, uri):
    verdict = make_verdict(make_judgement(1, span=Span(file, 1, 1)))
    (location,) = run_of(verdict)["results"][0]["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_what_the_command_line_says_stands_in_no_file(make_judgement, make_verdict):
    span = Span("<command line>", 1, 19, layer="command line")
    (location,) = run_of(make_verdict(make_judgement(1, span=span)))["results"][0]["locations"]
    assert location == {"logicalLocations": [{"fullyQualifiedName": "fabric.compute"}]}


def test_a_finding_of_the_whole_document_has_a_location_too(every_fate):
    assert run_of(every_fate)["results"][1]["locations"] == [
        {"logicalLocations": [{"fullyQualifiedName": "."}]}
    ]


def test_nothing_found_is_a_successful_run_with_empty_results(make_verdict):
    run = run_of(make_verdict(outcome="pass", passed=2))
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is True
    assert [each["id"] for each in run["tool"]["driver"]["rules"]] == ["AIF-FAB-900", "AIF-FAB-901"]


def test_hostile_text_stays_text(hostile):
    run_of(hostile)


@pytest.mark.parametrize("name", ["superpod-h100", "edge-inference"])
def test_a_real_verdict_is_valid_and_equal_bytes(name):
    verdict = check(load(name), Gate(profile="production", fail_on="low"))
    run_of(verdict)
    assert sarif_text(verdict) == sarif_text(
        check(load(name), Gate(profile="production", fail_on="low"))
    )
