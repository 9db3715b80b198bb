"""Every library blueprint goes the whole way, keeps its promises, and is stable."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from aifactory_iac.api import load, plan
from aifactory_iac.library import read_cases, volumes
from aifactory_iac.shipped import folder

VOLUMES = {volume.name: volume for volume in volumes()}


EDITOR = "# yaml-language-server: $schema="


def schema_beside(document: Path) -> Path:
    """The file that the document's first line leads editors to."""
    first = document.read_text().splitlines()[0]
    assert first.startswith(EDITOR)
    return document.parent / first.removeprefix(EDITOR)


def plain(value):
    """What YAML read, as JSON has it: dates are text."""
    return json.loads(json.dumps(value, default=str))


@pytest.fixture(params=VOLUMES, scope="module")
def name(request) -> str:
    return request.param


def test_the_library_is_what_was_promised():
    assert set(VOLUMES) >= {
        "superpod-h100",
        "startup-cloud",
        "regulated-hybrid",
        "edge-inference",
        "colossus-100k",
    }


def test_it_has_a_document_a_readme_and_promised_facts(name):
    volume = VOLUMES[name]
    assert volume.document.is_file()
    assert volume.readme.read_text().startswith(f"# {name}\n")
    assert read_cases(volume.promises)


def test_its_document_names_the_schema_for_editors(name):
    """By a path in the checkout, at a schema that accepts the document and no other."""
    document = VOLUMES[name].document
    schema = json.loads(schema_beside(document).read_text())
    content = YAML(typ="safe").load(document.read_text())
    validator = jsonschema.Draft202012Validator(schema)
    assert list(validator.iter_errors(plain(content))) == []
    assert list(validator.iter_errors({**plain(content), "compute": "all"})) != []


@pytest.mark.parametrize(
    "document", sorted((folder("stacks") / "documents").glob("*.yaml")), ids=lambda file: file.stem
)
def test_a_stack_document_names_the_schema_for_editors(document):
    schema = json.loads(schema_beside(document).read_text())
    content = plain(YAML(typ="safe").load(document.read_text()))
    validator = jsonschema.Draft202012Validator(schema)
    assert list(validator.iter_errors(content)) == []
    assert list(validator.iter_errors({**content, "blueprint": 7})) != []


def test_it_is_valid_without_a_finding(run, name):
    result = run("validate", name, "--format", "json")
    assert (result.code, result.json["findings"]) == (0, [])


def test_it_is_fit_for_the_library(run, name):
    assert run("blueprint", "lint", name).out == f"{name}: ok\n"


def test_it_keeps_its_promises(run, name):
    result = run("blueprint", "test", name)
    assert "BROKEN" not in result.out
    assert result.code == 0


def test_it_designs_into_files_that_agree_with_each_other(run, name, tmp_path):
    assert run("design", name, "--out", tmp_path).code == 0
    design = json.loads((tmp_path / "design.json").read_text())
    inventory = list(csv.DictReader((tmp_path / "inventory.csv").open()))
    racks = list(csv.DictReader((tmp_path / "racks.csv").open()))
    assert len(inventory) == design["summary"]["nodes"]
    assert len(racks) == design["summary"]["racks"]
    assert {row["rack"] for row in inventory} - {""} <= {row["name"] for row in racks}


def test_it_exports(run, name, tmp_path):
    target = tmp_path / "project"
    assert run("export", name, "--out", target).code == 0
    assert (target / "Pulumi.yaml").is_file()
    assert (target / "README.md").is_file()


def test_it_draws(run, name, tmp_path):
    picture = tmp_path / "factory.svg"
    assert run("graph", name, "-o", picture).code == 0
    assert picture.read_text().startswith("<svg ")


def test_the_export_refuses_a_folder_with_other_things(run, tmp_path):
    (tmp_path / "precious.txt").write_text("mine")
    result = run("export", "startup-cloud", "--out", tmp_path)
    assert result.code == 2
    assert [each.name for each in tmp_path.iterdir()] == ["precious.txt"]


def test_the_python_api_gives_the_same_as_the_command(run):
    printed = run("plan", "superpod-h100", "-p", "scalable_units=2", "--format", "json").json
    factory = load("superpod-h100", parameters={"scalable_units": "2"})
    assert plan(factory).document() == printed


def test_a_blueprint_of_ones_own_is_found_and_hides_none(run, tmp_path):
    own = tmp_path / "tiny-pod"
    own.mkdir()
    (own / "blueprint.yaml").write_text(
        "apiVersion: aifactory/v1\nkind: Blueprint\n"
        "metadata: {name: tiny-pod, version: 0.1.0, title: One unit}\n"
        "extends: superpod-h100@^1\nparameters:\n  scalable_units: {default: 1}\n"
    )
    listed = run("blueprint", "list", "--library", tmp_path, "--format", "json").json
    names = [each["name"] for each in listed["blueprints"]]
    assert names == sorted([*VOLUMES, "tiny-pod"])
    design = run("design", "tiny-pod", "--library", tmp_path, "--format", "json").json
    assert design["summary"]["nodes"] == 31


@pytest.mark.parametrize("flag", [(), ("--blueprint",)], ids=["a stack", "a blueprint"])
@pytest.mark.parametrize("source", ["superpod-h100", "startup-cloud", "regulated-hybrid"])
def test_what_init_writes_is_valid_and_plans(run, tmp_path, source, flag):
    folder = tmp_path / "factory"
    assert run("init", folder, "--from", source, "--yes", *flag).code == 0
    assert run("validate", folder).code == 0
    assert run("check", folder, "--profile", "development").code == 0


def test_init_does_not_overwrite(run, tmp_path):
    folder = tmp_path / "factory"
    assert run("init", folder, "--yes").code == 0
    (folder / "stack.yaml").write_text("mine")
    assert run("init", folder, "--yes").code == 2
    assert (folder / "stack.yaml").read_text() == "mine"


def test_a_stack_lays_its_parameters_and_overlay_over_the_blueprint(run, tmp_path):
    stack = tmp_path / "prod.yaml"
    stack.write_text(
        "apiVersion: aifactory/v1\nkind: Stack\nmetadata: {name: prod}\n"
        "blueprint: superpod-h100@^1\nparameters: {scalable_units: 2}\n"
        "overlay:\n  governance:\n    tenants:\n      - {name: research, quota: {gpus: 100}}\n"
    )
    assert run("design", stack, "--format", "json").json["summary"]["nodes"] == 63
    quota = run("explain", stack, "governance.tenants.research.quota.gpus", "--format", "json").json
    assert quota["value"] == 100
    assert [step["layer"] for step in quota["chain"]][-2:] == ["blueprint", "stack"]
    plan_document = run("plan", stack, "--format", "json").json
    assert plan_document["deployment"] == "prod"
    assert all(
        "::prod.dc1." in f"::{change['urn'].split('::')[0].split(':')[-1]}."
        or "urn:pulumi:prod.dc1." in change["urn"]
        for change in plan_document["changes"]
    )


def test_blueprints_are_where_the_package_says(name):
    assert VOLUMES[name].directory == Path(VOLUMES[name].document).parent
