"""What scripts hold on to: verbs, exit codes, JSON fields, schemas, and equal bytes."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest

from aifactory_iac.cli.main import VERBS
from aifactory_iac.report.schemas import NAMES, schema

RESULTS = {
    "validate": ("findings", ("validate", "superpod-h100")),
    "design": ("design", ("design", "superpod-h100")),
    "estimate": ("estimate", ("estimate", "superpod-h100")),
    "check": ("check", ("check", "superpod-h100")),
    "plan": ("plan", ("plan", "superpod-h100")),
    "explain": ("explain", ("explain", "superpod-h100", "compute.dgx.scalable_units")),
    "policy list": ("policies", ("policy", "list")),
    "blueprint list": ("library", ("blueprint", "list")),
    "doctor": ("doctor", ("doctor",)),
}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_teaches_by_example(run, verb):
    shown = run(verb, "--help")
    assert shown.code == 0
    assert "Usage: " in shown.out
    assert f"aifactory {verb}" in shown.out.partition("Examples:")[2]


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_is_a_valid_schema_with_an_identity(name):
    document = schema(name)
    jsonschema.Draft202012Validator.check_schema(document)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert document["$id"] == f"urn:aifactory:schema:v1:{name}"


@pytest.mark.parametrize("name", NAMES)
def test_schema_prints_what_is_published(run, name):
    assert run("schema", name).json == schema(name)


def test_schema_without_a_name_lists_them_all(run):
    assert tuple(run("schema").out.split()) == NAMES


@pytest.mark.parametrize("verb", RESULTS)
def test_every_json_result_has_a_published_schema(run, verb):
    name, arguments = RESULTS[verb]
    result = run(*arguments, "--format", "json")
    assert result.json["schemaVersion"] == 1
    jsonschema.Draft202012Validator(schema(name)).validate(result.json)


@pytest.mark.parametrize("verb", [verb for verb in RESULTS if verb != "doctor"])
def test_equal_input_gives_equal_bytes(run, verb):
    arguments = (*RESULTS[verb][1], "--format", "json")
    assert run(*arguments).out == run(*arguments).out


def test_design_json_has_what_scripts_hold_on_to(run):
    design = run("design", "superpod-h100", "--format", "json").json
    assert design["summary"]["nodes"] == 127
    assert design["summary"]["gpus"] == 1016
    assert design["summary"]["racks"] == 36
    assert design["summary"]["power"]["it_kw"] > 127 * 10.2
    assert design["summary"]["power"]["facility_kw"] == pytest.approx(
        design["summary"]["power"]["it_kw"] * 1.3
    )
    compute = design["networks"]["compute"]
    assert compute["switches"] == {"leaf": 32, "spine": 16, "core": 0, "total": 48}
    assert compute["cables"] == {"host": 1020, "leaf_spine": 1024, "spine_core": 0}
    assert compute["oversubscription"] == 1.0
    assert set(design["nodes"][0]) >= {"name", "site", "pool", "system", "rack", "unit", "role"}
    assert len(design["nodes"]) == 127


def test_plan_json_has_what_scripts_hold_on_to(run):
    plan = run("plan", "superpod-h100", "--format", "json").json
    assert [unit["name"] for unit in plan["units"]] == [
        f"{unit['site']}/{unit['layer']}" for unit in plan["units"]
    ]
    assert set(plan["changes"][0]) >= {"unit", "urn", "type", "name", "op", "impact"}
    assert set(plan["counts"]) >= {"create", "update", "replace", "delete", "same"}
    assert plan["counts"]["create"] == len(plan["changes"])
    assert plan["verdict"]["outcome"] == "pass"
    assert [each["rule"] for each in plan["verdict"]["findings"]] == ["AIF-STO-007"]
    assert set(plan["digests"]) >= {"blueprint", "catalog", "policies", "plan"}


def test_check_json_has_what_scripts_hold_on_to(run):
    verdict = run("check", "edge-inference", "--fail-on", "low", "--profile", "production",
                  "--format", "json").json  # fmt: skip
    assert set(verdict) >= {"outcome", "findings", "counts"}
    for finding in verdict["findings"]:
        assert set(finding) >= {
            "rule", "severity", "level", "outcome", "path", "file", "line", "column", "message",
            "hint", "controls", "waiver",
        }  # fmt: skip


def test_results_go_to_standard_output_and_diagnostics_to_standard_error(run, tmp_path):
    file = tmp_path / "plan.json"
    result = run("plan", "superpod-h100", "--out", file, "--format", "json")
    assert json.loads(result.out) == json.loads(file.read_text())
    assert result.err == f"Wrote {file}, sealed as {result.json['digests']['plan'][:12]}\n"


def test_output_writes_the_result_without_colours(run, tmp_path):
    file = tmp_path / "check.txt"
    assert run("check", "superpod-h100", "--output", file).out == ""
    assert file.read_text().splitlines()[-1].startswith("PASS under profile standard")
    assert "\x1b" not in file.read_text()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("validate", "superpod-h100"), 0),
        (("validate", "no-such-blueprint"), 2),
        (("validate",), 2),
        (("no-such-verb",), 2),
        (("validate", "superpod-h100", "-p", "scalable_units"), 2),
        (("check", "superpod-h100", "--profile", "no-such-profile"), 2),
        (("plan", "superpod-h100", "--detailed-exitcode"), 5),
        (("explain", "superpod-h100", "compute.dgx.coun"), 2),
        (("policy", "show", "AIF-XXX-999"), 2),
        (("blueprint", "show", "no-such-blueprint"), 2),
        (("graph", "superpod-h100", "-o", "picture.png"), 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_exit_codes(run, arguments, code):
    assert run(*arguments).code == code


def test_a_verb_that_does_not_exist_names_the_nearest(run):
    assert "Did you mean `validate`?" in run("valdate").err


def test_completion_knows_the_three_shells(run):
    for shell in ("bash", "zsh", "fish"):
        assert "_AIFACTORY_COMPLETE" in run("completion", shell).out


def test_version_is_one_line(run):
    assert re.fullmatch(r"aifactory, version \d+\.\d+\.\d+\n", run("--version").out)
