"""Every verb's result as JSON and in a file; what is refused writes nothing."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from aifactory_iac.report.schemas import NAMES, schema

JSON = {
    "blueprint list": "Library",
    "blueprint show superpod-h100": "BlueprintSummary",
    "check edge-inference": "Verdict",
    "design edge-inference": "Design",
    "estimate edge-inference": "Estimate",
    "plan edge-inference": "Plan",
    "policy list": "Policies",
    "policy show AIF-FAB-001": "Policy",
    "explain edge-inference sites": "Explanation",
    "validate edge-inference": "Findings",
    "doctor": "Doctor",
}


@pytest.mark.parametrize("words", JSON)
def test_a_result_as_json_says_what_it_is(run, words):
    told = run(*words.split(), "--format", "json").json
    assert (told["kind"], told["schemaVersion"]) == (JSON[words], 1)


@pytest.mark.parametrize("words", JSON)
def test_a_result_goes_to_the_file_asked_for_and_nowhere_else(run, words, tmp_path):
    file = tmp_path / "result.json"
    shown = run(*words.split(), "--format", "json")
    written = run(*words.split(), "--format", "json", "--output", file)
    assert (written.code, written.out, written.err) == (shown.code, "", f"Wrote {file}\n")
    assert file.read_text() == shown.out


@pytest.mark.parametrize("words", ["blueprint list", "blueprint show edge-inference",
                                   "policy list", "doctor"])  # fmt: skip
def test_a_result_as_text_is_a_table_for_people(run, words):
    result = run(*words.split())
    assert result.code == 0
    assert len(result.out.splitlines()) > 4


def test_the_gates_answer_as_text_is_its_last_line(run):
    result = run("check", "edge-inference")
    assert result.out.splitlines()[-1].startswith("PASS under profile ")
    assert len(run("check", "edge-inference", "-v").out) >= len(result.out)


def test_a_plan_that_would_change_something_says_so_by_its_code_when_asked(run):
    assert run("plan", "edge-inference", "--detailed-exitcode").code == 5


def test_a_sealed_plan_is_written_beside_the_result(run, tmp_path):
    file = tmp_path / "plan.json"
    result = run("plan", "edge-inference", "--out", file)
    document = json.loads(file.read_text())
    assert result.err == f"Wrote {file}, sealed as {document['digests']['plan'][:12]}\n"
    assert "edge-inference 1.0.0, deployment dev" in result.out


def test_a_picture_is_written_and_said_so(run, tmp_path):
    file = tmp_path / "factory.svg"
    result = run("graph", "edge-inference", "--output", file)
    assert (result.code, result.out, result.err) == (0, "", f"Wrote {file}\n")
    assert file.read_text().startswith("<svg ")


def test_a_design_as_files_says_how_many(run, tmp_path):
    result = run("design", "edge-inference", "--out", tmp_path / "d", "--format", "json")
    files = sorted(each.name for each in (tmp_path / "d").iterdir())
    assert result.err == f"Wrote {len(files)} files to {tmp_path / 'd'}\n"
    assert json.loads((tmp_path / "d" / "design.json").read_text()) == result.json


def test_a_design_says_what_is_worth_saying_and_more_when_asked(run, tiny, monkeypatch):
    file = tiny("system: dgx-h100, count: 4", "system: hgx-b200-air, count: 4")
    quiet, loud = run("design", file), run("design", file, "-v")
    assert quiet.code == loud.code
    assert len(loud.out) >= len(quiet.out)


def test_schemas_are_listed_and_printed(run):
    assert run("schema").out.split() == list(NAMES)
    for name in NAMES:
        assert run("schema", name).json == schema(name)
    with pytest.raises(KeyError):
        schema("nonsense")


def test_what_cannot_be_built_is_refused_by_every_verb(run, tiny, tmp_path):
    file = tiny("count: 4", "count: 400")
    verbs = [("design",), ("estimate",), ("check",), ("plan",)]
    verbs += [("export", "--out", tmp_path / "x"), ("graph", "-o", tmp_path / "x.svg")]
    for words in verbs:
        result = run(words[0], file, *words[1:])
        assert (result.code, result.out) == (2, ""), words
        assert "error AIF-DSN-" in result.err or "critical AIF-DSN-" in result.err
    assert [each.name for each in tmp_path.iterdir()] == ["tiny"]


def test_an_export_into_a_folder_with_other_things_is_refused(run, tmp_path):
    (tmp_path / "precious.txt").write_text("mine")
    result = run("export", "startup-cloud", "--out", tmp_path)
    assert result.code == 2
    assert "--force" in result.err


def test_an_export_that_the_disk_refuses_is_no_bug_of_ours(run, tmp_path, monkeypatch):
    from aifactory_iac.program import export

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export, "write_project", full)
    result = run("export", "startup-cloud", "--out", tmp_path / "x")
    assert (result.code, result.out) == (1, "")
    assert result.err == f"Error: cannot write {tmp_path / 'x'}: No space left on device\n"


class Typing(io.StringIO):
    """Standard input of a person."""

    def isatty(self) -> bool:
        return True


def test_a_person_answers_in_this_process_too(run, tmp_path, monkeypatch):
    shelf = tmp_path / "shelf" / "needy"
    shelf.mkdir(parents=True)
    (shelf / "blueprint.yaml").write_text(
        "apiVersion: aifactory/v1\nkind: Blueprint\nmetadata: {name: needy, version: 1.0.0}\n"
        "parameters:\n  nodes: {type: integer, maximum: 8}\n"
        "sites:\n  - {name: hall, kind: on-prem, location: {country: DE}, "
        "facility: {envelope: 1 MW}}\n"
        "compute:\n  - {name: train, site: hall, system: dgx-h100, count: '${nodes}'}\n"
    )
    monkeypatch.setattr("sys.stdin", Typing("9\n3\n"))
    result = run("init", tmp_path / "f", "--from", "needy", "--library", tmp_path / "shelf")
    assert result.code == 0
    assert "above the maximum 8" in result.err
    assert "\n  nodes: 3\n" in (tmp_path / "f" / "stack.yaml").read_text()


def test_the_reference_page_has_every_verb(tmp_path: Path):
    from aifactory_iac.cli.main import VERBS
    from aifactory_iac.cli.reference import reference_page

    page = reference_page()
    assert [verb for verb in VERBS if f"\n## aifactory {verb}\n" not in page] == []
    assert "--debug" not in page
