"""What single verbs print: validity with warnings, explanations, diagnosis, the library's tests."""

from __future__ import annotations

import importlib.metadata
import json
from pathlib import Path

import pytest

from aifactory_iac import __version__
from aifactory_iac.cli import installation
from aifactory_iac.cli.installation import Part, diagnose, document, view
from aifactory_iac.report.tables import rendered


def test_a_valid_document_is_said_to_be_so(run, tiny):
    result = run("validate", tiny())
    assert (result.code, result.out, result.err) == (0, "tiny 1.0.0 is valid: 1 site, 1 pool\n", "")


def test_warnings_stand_before_the_verdict_and_change_no_exit_code(run, tiny, monkeypatch):
    from aifactory_iac import api
    from aifactory_iac.findings import Finding, Severity, Span

    warning = Finding(
        "AIF-DOC-099", Severity.MEDIUM, "It is odd.", ("compute", "train"), "Make it even.",
        span=Span("blueprint.yaml", 9, 5, 4, "  - {name: train}"),
    )  # fmt: skip
    monkeypatch.setattr(api.Factory, "findings", (warning,))
    file = tiny()
    result = run("validate", file)
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        "warning AIF-DOC-099 compute.train: It is odd.\n"
        "  --> blueprint.yaml:9:5\n"
        "  |\n"
        "9 |   - {name: train}\n"
        "  |     ^^^^\n"
        "  = hint: Make it even.\n"
        "\n"
        "1 warning\n"
        "tiny 1.0.0 is valid: 1 site, 1 pool\n"
    )
    told = run("validate", file, "--format", "json").json
    assert (told["valid"], [each["rule"] for each in told["findings"]]) == (True, ["AIF-DOC-099"])


def test_an_invalid_document_is_json_on_standard_output_when_json_is_asked_for(run, tiny):
    result = run("validate", tiny("1 MW", "1 MB"), "--format", "json")
    assert (result.code, result.err, result.json["valid"]) == (2, "", False)


def test_an_invalid_document_goes_to_the_file_asked_for(run, tiny, tmp_path):
    file = tmp_path / "findings.json"
    result = run("validate", tiny("1 MW", "1 MB"), "--format", "json", "--output", file)
    assert (result.code, result.out) == (2, "")
    assert json.loads(file.read_text())["valid"] is False


def test_a_parameter_is_explained_by_its_declaration_and_its_layers(run):
    shown = run("explain", "superpod-h100", "parameters.scalable_units", "-p", "scalable_units=2")
    lines = shown.out.splitlines()
    assert lines[0] == "parameters.scalable_units = 2"
    assert lines[2] == "  Scalable units of 32 nodes"
    assert "  allowed         1 or more, 4 or less" in lines
    assert [line.split()[0] for line in lines[-2:]] == ["blueprint", "command"]
    told = run("explain", "superpod-h100", "parameters.scalable_units", "--format", "json").json
    assert (told["path"], told["value"], told["default"]) == ("parameters.scalable_units", 4, 4)


def test_a_value_that_refers_to_a_parameter_names_the_whole_chain(run):
    shown = run("explain", "superpod-h100", "compute.dgx.scalable_units", "-p", "scalable_units=2")
    chain = shown.out.partition("the last one wins:\n")[2].splitlines()
    assert [line.split()[:2] for line in chain] == [
        ["default", "not"],
        ["blueprint", "${scalable_units}"],
        ["blueprint", "4"],
        ["command", "line"],
    ]


def test_a_path_that_leads_nowhere_is_told_where_it_ends(run):
    result = run("explain", "superpod-h100", "compute.dgx.coun")
    assert (result.code, result.out) == (2, "")
    assert "did you mean `count`?" in result.err


def test_doctor_names_what_planning_needs_first(run):
    parts = run("doctor", "--format", "json").json["parts"]
    needed = [each["needed"] for each in parts]
    assert needed == sorted(needed, reverse=True)
    assert [each["name"] for each in parts][:3] == ["aifactory", "python", "pulumi"]
    assert all(each["gives"] for each in parts)
    assert all(each["get"] for each in parts if not each["found"])
    assert next(each["found"] for each in parts if each["name"] == "aifactory") == __version__


def test_doctor_on_a_whole_installation(run):
    result = run("doctor")
    assert result.code == 0
    assert "\nEverything that planning needs is here.\n" in result.out


def test_doctor_on_a_broken_installation(run, monkeypatch):
    real = importlib.metadata.version

    def version(package: str) -> str:
        if package in ("numpy", "rustworkx"):
            raise importlib.metadata.PackageNotFoundError(package)
        return real(package)

    monkeypatch.setattr(importlib.metadata, "version", version)
    result = run("doctor")
    assert result.code == 1
    assert "!!  numpy" in result.out
    words = " ".join(result.out.split())
    assert "what it is built on: rustworkx" in words
    assert "numpy pip install --force-reinstall aifactory-iac" in words
    assert "Broken: planning needs numpy, packages." in result.out


def test_doctor_without_metadata_and_folders(monkeypatch, tmp_path):
    def no_requires(_: str) -> None:
        raise importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(importlib.metadata, "requires", no_requires)
    monkeypatch.setattr(installation, "folder", lambda name: tmp_path / name)
    found = {part.name: part.found for part in diagnose()}
    assert found["packages"] == "0 more"
    assert found["blueprints/"] == ""


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("echo v3.260.0", "3.260.0"),
        ("echo 'Client Version: v1.32.4-dispatcher'; echo more", "1.32.4-dispatcher"),
        ("echo unknown", "unknown"),
        ("exit 1", ""),
        ("printf '\\377\\n'", "�"),
    ],
)
def test_doctor_asks_programs_for_their_version(monkeypatch, tmp_path, script, found):
    program = tmp_path / "pulumi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    parts = {part.name: part.found for part in diagnose()}
    assert parts["pulumi CLI"] == found


def test_doctor_survives_a_program_that_cannot_be_run(monkeypatch, tmp_path):
    (tmp_path / "pulumi").write_bytes(b"\x7fELF not really")
    (tmp_path / "pulumi").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    parts = {part.name: part.found for part in diagnose()}
    assert (parts["pulumi CLI"], parts["kubectl"]) == ("", "")


def test_doctor_shows_marks_and_ways_out():
    parts = (
        Part("a", "1.0", "planning", "get a", needed=True),
        Part("b", "", "planning", "get b", needed=True),
        Part("c", "", "a look", "get c"),
    )
    assert rendered(view(parts), colour=False) == (
        "    part  found    gives\n"
        "ok  a     1.0      planning\n"
        "!!  b     missing  planning\n"
        "--  c     missing  a look\n"
        "\n"
        "To get what is missing\n"
        "b  get b\n"
        "c  get c\n"
        "\n"
        "Broken: planning needs b.\n"
    )
    assert document(parts)["parts"][1] == {
        "name": "b", "found": "", "gives": "planning", "get": "get b", "needed": True,
    }  # fmt: skip


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A library of one good blueprint's broken twin: nothing beside it, another name inside."""
    folder = tmp_path / "shelf" / "twin"
    folder.mkdir(parents=True)
    (folder / "blueprint.yaml").write_text(
        "apiVersion: aifactory/v1\nkind: Blueprint\n"
        "metadata: {name: other, version: 0.1.0, title: One unit}\n"
        "extends: superpod-h100@^1\n"
        "parameters:\n  spare: {type: integer, default: 1}\n"
    )
    return tmp_path / "shelf"


def test_lint_says_everything_that_keeps_a_blueprint_from_a_library(run, shelf):
    result = run("blueprint", "lint", "twin", "--library", shelf)
    assert result.code == 3
    assert result.out.splitlines() == [
        "twin: has no README.md",
        "twin: has no facts.yaml",
        "twin: parameter `spare` has no description",
        "twin: is named `other` inside",
    ]


def test_lint_shows_the_findings_of_an_invalid_blueprint_without_colours(run, shelf):
    file = shelf / "twin" / "blueprint.yaml"
    file.write_text(file.read_text() + "sties: []\n")
    result = run("blueprint", "lint", "twin", "--library", shelf)
    assert result.code == 3
    assert "\x1b" not in result.out
    assert "sties" in result.out


def test_lint_says_what_cannot_be_built_and_what_the_gate_says(run, shelf, tiny, tmp_path):
    tiny("count: 4", "count: 400")
    listed = run("blueprint", "lint", "tiny", "--library", tmp_path)
    assert listed.code == 3
    assert "envelope" in listed.out or "kW" in listed.out


def test_lint_says_when_the_gate_does_not_pass(run, tiny, tmp_path):
    tiny()
    result = run("blueprint", "lint", "tiny", "--library", tmp_path)
    assert result.code == 3
    assert "tiny: its own gate says fail" in result.out


def test_promises_that_are_broken_are_shown_with_what_was_found(run, shelf):
    (shelf / "twin" / "facts.yaml").write_text(
        "cases:\n"
        "  - name: four units\n"
        "    expect: {design.summary.nodes: 127, design.summary.racks: 1}\n"
        "  - parameters: {scalable_units: 9}\n"
        "    expect: {design.summary.nodes: 1}\n"
    )
    result = run("blueprint", "test", "twin", "--library", shelf)
    assert result.code == 3
    assert result.out == (
        "twin [four units]: BROKEN, 2 facts\n"
        "  design.summary.racks: expected 1, found 36\n"
        "twin [scalable_units=9]: BROKEN, 1 facts\n"
        "  design.summary.nodes: expected 1, found nothing\n"
    )


def test_a_blueprint_without_promises_keeps_them_all(run, shelf):
    result = run("blueprint", "test", "twin", "--library", shelf)
    assert (result.code, result.out) == (0, "")


def test_promises_that_cannot_be_read_are_named(run, shelf):
    (shelf / "twin" / "facts.yaml").write_text("cases: none\n")
    result = run("blueprint", "test", "twin", "--library", shelf)
    assert result.code == 1
    assert result.err == "Error: twin: facts.yaml has no list of `cases`\n"


def test_an_invalid_blueprint_is_listed_and_shown_as_such(run, shelf):
    file = shelf / "twin" / "blueprint.yaml"
    file.write_text(file.read_text() + "sties: []\n")
    listed = run("blueprint", "list", "--library", shelf)
    assert listed.code == 0
    assert "twin              -        invalid: " in listed.out
    assert run("blueprint", "show", file, "--library", shelf).code == 2


RULE = '''"""A rule of one's own."""
from aifactory_iac.policy import Severity, failed, rule


@rule(id="{id}", title="Nothing holds", severity=Severity.HIGH, controls=(), needs=("blueprint",))
def judge(context):
    """Nothing ever holds."""
    yield failed(("compute",), "all", "It does not hold.")
'''


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    (folder / "compute").mkdir(parents=True)
    (folder / "compute" / "nothing.py").write_text(RULE.format(id="OUR-CMP-001"))
    return folder


def test_a_rule_without_examples_is_shown_and_not_proven(run, rules):
    shown = run("policy", "show", "our-cmp-001", "--rules", rules)
    assert shown.code == 0
    assert "examples  0 good, 0 bad" in shown.out
    proven = run("policy", "test", "OUR-CMP-001", "--rules", rules)
    assert proven.code == 4
    assert proven.out.startswith("OUR-CMP-001: NOT PROVEN, its examples cannot be read: ")


def test_a_rule_whose_examples_disprove_it_is_told_so(run, rules):
    (rules / "example-base.yaml").write_text(
        "apiVersion: aifactory/v1\nkind: Blueprint\nmetadata: {name: base, version: 1.0.0}\n"
        "sites:\n  - name: hall\n    kind: on-prem\n    location: {country: DE}\n"
        "    facility: {envelope: 1 MW}\n"
        "compute:\n  - {name: train, site: hall, system: dgx-h100, count: 4}\n"
    )
    (rules / "compute" / "nothing.yaml").write_text(
        "good:\n  - case: it holds\nbad:\n  - findings: [{path: compute, key: all}]\n"
    )
    result = run("policy", "test", "OUR-CMP-001", "--rules", rules)
    assert result.code == 4
    assert result.out.splitlines()[0] == "OUR-CMP-001: NOT PROVEN, 2 examples"
    assert "  good example it holds: " in result.out


def test_a_rule_file_that_is_broken_is_named_in_the_list_and_fails_the_proof(run, rules):
    (rules / "compute" / "broken.py").write_text("raise ValueError('no rule in here')\n")
    listed = run("policy", "list", "--rules", rules)
    assert "Cannot be used; the gate will not pass" in listed.out
    assert "compute/broken.py" in listed.out
    proven = run("policy", "test", "AIF-FAB-001", "--rules", rules)
    assert proven.code == 4
    assert "compute/broken.py: cannot be loaded: " in proven.out


def test_policy_show_as_json_is_the_rule(run):
    told = run("policy", "show", "aif-fab-001", "--format", "json").json
    assert (told["kind"], told["id"], told["layer"]) == ("Policy", "AIF-FAB-001", "fabric")


@pytest.mark.parametrize("form", ["sarif", "junit", "github", "gitlab", "markdown"])
def test_the_gate_speaks_the_languages_of_ci(run, form, tmp_path):
    from aifactory_iac.api import check, load
    from aifactory_iac.report.gate import FORMATS

    file = tmp_path / "gate"
    result = run("check", "edge-inference", "--format", form, "--output", file)
    assert result.code == 0
    assert file.read_text() == FORMATS[form](check(load("edge-inference")))


def test_a_plan_as_markdown_for_a_pull_request(run):
    result = run("plan", "startup-cloud", "--format", "markdown")
    assert result.out.startswith("## Plan of startup-cloud 1.0.0 (dev)\n\n**")
    assert "Policy gate: pass" in result.out


def test_more_words_show_more(run):
    for arguments in (("plan", "edge-inference"), ("estimate", "edge-inference"),
                      ("design", "edge-inference")):  # fmt: skip
        assert len(run(*arguments, "-v").out) > len(run(*arguments).out)


def test_an_export_says_how_many_files_and_what_to_read(run, tmp_path):
    target = tmp_path / "project"
    result = run("export", "startup-cloud", "--out", target)
    count = sum(1 for each in target.rglob("*") if each.is_file())  # and the mark of an export
    assert result.out == (
        f"Wrote {count - 1} files to {target}; {target / 'README.md'} says how to run them.\n"
    )


def test_an_export_where_no_folder_can_be_is_refused(run, tmp_path):
    (tmp_path / "file").write_text("")
    result = run("export", "startup-cloud", "--out", tmp_path / "file" / "project")
    assert result.code in (1, 2)
    assert "Internal error" not in result.err
