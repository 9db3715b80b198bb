"""`init` asks only for what has no default, again until it fits, and never in a script."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

BLUEPRINT = """\
apiVersion: aifactory/v1
kind: Blueprint
metadata: {name: needy, version: 1.2.3, title: "Needs: answers"}
parameters:
  nodes: {type: integer, minimum: 1, maximum: 8, description: How many nodes}
  country: {type: string, description: "Where it stands,\\nby two letters"}
  envelope: {type: string, default: 1 MW, description: Facility power}
sites:
  - name: hall
    kind: on-prem
    location: {country: "${country}"}
    facility: {envelope: "${envelope}"}
compute:
  - {name: train, site: hall, system: dgx-h100, count: "${nodes}"}
"""


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    file = tmp_path / "shelf" / "needy" / "blueprint.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(BLUEPRINT)
    return tmp_path / "shelf"


def test_a_person_is_asked_again_until_the_answer_fits(run_at_terminal, shelf, tmp_path):
    result = run_at_terminal(
        "init", "my factory", "--from", "needy", "--library", shelf,
        answers=[("by two letters", "DE"), ("How many nodes", "9"), ("above the maximum 8", "3")],
        cwd=tmp_path, columns=200,
    )  # fmt: skip
    assert "Error: parameter `nodes`: `9` is above the maximum 8" in result.out
    assert result.out.endswith(
        "Wrote my factory/stack.yaml\n"
        "Wrote my factory/stack.schema.json\n"
        "Wrote my factory/.gitignore\n"
        f"Next: aifactory plan 'my factory/stack.yaml' --library {shelf}\n"
    )
    assert result.code == 0
    written = YAML(typ="safe").load((tmp_path / "my factory" / "stack.yaml").read_text())
    assert written["parameters"] == {"nodes": 3, "country": "DE"}


def test_what_is_set_is_not_asked(run_at_terminal, shelf, tmp_path):
    result = run_at_terminal(
        "init", "f", "--from", "needy", "--library", shelf, "-p", "nodes=2", "-p", "country=DE",
        cwd=tmp_path,
    )  # fmt: skip
    assert result.code == 0
    assert "How many" not in result.out


def test_an_interrupt_at_a_question_writes_nothing(run_at_terminal, shelf, tmp_path):
    result = run_at_terminal(
        "init", "f", "--from", "needy", "--library", shelf, answers=[("by two letters", "\x03")],
        cwd=tmp_path,
    )  # fmt: skip
    assert result.code == 130
    assert "Interrupted." in result.out
    assert not (tmp_path / "f").exists()


@pytest.mark.parametrize("flag", [(), ("--yes",)])
def test_a_script_is_told_what_to_set(run, shelf, tmp_path, flag, monkeypatch):
    monkeypatch.setattr("sys.stdin", open("/dev/null"))  # noqa: PTH123, SIM115
    result = run("init", tmp_path / "f", "--from", "needy", "--library", shelf, *flag)
    assert result.code == 2
    assert "parameter `country` of needy has no default; set it with -p" in result.err
    assert not (tmp_path / "f").exists()


def test_yes_asks_nothing_even_of_a_person(run_at_terminal, shelf, tmp_path):
    result = run_at_terminal("init", "f", "--from", "needy", "--library", shelf, "--yes",
                             cwd=tmp_path)  # fmt: skip
    assert result.code == 2
    assert "set it with -p" in result.out


def test_an_unknown_blueprint_names_the_library(run, tmp_path):
    result = run("init", tmp_path / "f", "--from", "superpod-h10", "--yes")
    assert result.code == 2
    assert "`superpod-h100`" in result.err


@pytest.mark.parametrize(("flag", "kind"), [((), "stack"), (("--blueprint",), "blueprint")])
def test_the_document_names_a_schema_that_lies_beside_it_and_accepts_it(
    run, shelf, tmp_path, flag, kind
):
    folder = tmp_path / "f"
    arguments = ("--library", shelf, "-p", "nodes=2", "-p", "country=DE", *flag)
    assert run("init", folder, "--from", "needy", *arguments).code == 0
    text = (folder / f"{kind}.yaml").read_text()
    assert text.splitlines()[0] == f"# yaml-language-server: $schema={kind}.schema.json"
    schema = json.loads((folder / f"{kind}.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(YAML(typ="safe").load(text))
    assert run("validate", folder, "--library", shelf).code == 0


def test_a_gitignore_of_ones_own_is_kept(run, tmp_path):
    (tmp_path / ".gitignore").write_text("mine\n")
    result = run("init", tmp_path, "--from", "startup-cloud", "--yes")
    assert result.code == 0
    assert ".gitignore" not in result.out
    assert (tmp_path / ".gitignore").read_text() == "mine\n"


def test_force_overwrites_what_init_writes(run, tmp_path):
    assert run("init", tmp_path, "--yes").code == 0
    (tmp_path / "stack.yaml").write_text("mine")
    refused = run("init", tmp_path, "--yes")
    assert refused.code == 2
    assert "stack.yaml is there already; choose another directory or add --force" in refused.err
    assert run("init", tmp_path, "--yes", "--force").code == 0
    assert (tmp_path / "stack.yaml").read_text().startswith("# yaml-language-server")


def test_a_parameter_that_does_not_fit_is_refused_and_nothing_written(run, tmp_path):
    result = run("init", tmp_path / "f", "-p", "scalable_units=9", "--yes")
    assert result.code == 2
    assert not (tmp_path / "f").exists()


def test_the_new_stack_plans_as_the_last_line_says(environment, tmp_path):
    import sys

    def aifactory(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "aifactory_iac", *words], capture_output=True, text=True,
            cwd=tmp_path, env=environment(), timeout=60, check=False,
        )  # fmt: skip

    begun = aifactory("init", "factory", "--from", "startup-cloud", "--yes")
    next_step = begun.stdout.splitlines()[-1].removeprefix("Next: aifactory ").split()
    assert next_step == ["plan", "factory/stack.yaml"]
    assert aifactory(*next_step, "--profile", "development").returncode == 0
