"""An exported project registers what the toolkit itself registers, resource by resource."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from aifactory_iac.deploy import Setting, construct
from aifactory_iac.deploy.naming import project_name, stack_name
from aifactory_iac.program.export import export_project, write_project
from aifactory_iac.program.run import run_unit, upstream_from_stacks
from aifactory_iac.program.values import Ambient

ISOLATED = Path(__file__).with_name("isolated.py")
ENVIRONMENT = {"AWS_ACCOUNT_ID": "123456789012", "AIFACTORY_CAPACITY_BLOCK_BURST": "cr-1"}


def plain(value):
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return {field.name: getattr(value, field.name) for field in fields}
    return repr(value)


def ours(lowered, project):
    """Every unit through `run_unit`, with stack references and the environment."""
    found = {}
    by_name = {unit.name: unit for unit in lowered.units}
    for unit in lowered.units:
        stack = stack_name(unit)

        def program(unit=unit):
            upstream = upstream_from_stacks(
                unit, lambda name: f"organization/{project}/{stack_name(by_name[name])}"
            )
            run_unit(unit, upstream, Ambient(ENVIRONMENT))

        found[stack] = construct(program, Setting(project=project, stack=stack))
    return json.loads(json.dumps(found, default=plain, sort_keys=True))


def theirs(stacks, project, directory):
    environment = {
        **os.environ,
        **{f"FACTORY_{name}": value for name, value in ENVIRONMENT.items()},
    }
    done = subprocess.run(
        [sys.executable, str(ISOLATED), str(directory), project],
        input="\n".join(stacks),
        env=environment,
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def exported(lowered, engineer, changed, tmp_path_factory):
    document = changed(
        compute__1__purchase={
            "capacity_block": {"start": "2027-02-01T11:30:00Z", "duration": "14 d"}
        },
        storage={
            "tiers": [
                {"name": "lake", "site": "aws-fra", "kind": "object"},
                {"name": "fast", "site": "aws-fra", "kind": "fsx-lustre", "capacity": "9.6 TiB"},
            ]
        },
    )
    blueprint, _ = engineer(document)
    found = lowered(document)
    directory = tmp_path_factory.mktemp("export") / "project"
    assert write_project(export_project(found, blueprint), directory) == ()
    project = project_name(blueprint.metadata.name)
    stacks = [stack_name(unit) for unit in found.units]
    return ours(found, project), theirs(stacks, project, directory), directory


def test_every_unit_of_every_site_is_there(exported):
    own, other, _ = exported
    assert sorted(own) == sorted(other)
    layers = {stack.removeprefix("dev.") for stack in own}
    assert layers >= {
        "fra1.provisioning",
        "fra1.fabric",
        "fra1.compute",
        "fra1.cluster",
        "fra1.platform",
        "aws-fra.network",
        "aws-fra.storage",
        "aws-fra.cluster",
        "aws-fra.compute",
        "aws-fra.platform",
    }


def test_no_program_fails(exported):
    own, other, _ = exported
    for construction in (*own.values(), *other.values()):
        assert construction["findings"] == []


def test_the_same_resources_with_the_same_inputs_parents_and_options(exported):
    own, other, _ = exported
    for stack in own:
        mine = {item["urn"]: item for item in own[stack]["resources"]}
        other_side = {item["urn"]: item for item in other[stack]["resources"]}
        assert sorted(mine) == sorted(other_side)
        for urn, resource in mine.items():
            assert resource == other_side[urn]


def test_the_same_outputs_and_lookups(exported):
    own, other, _ = exported
    for stack in own:
        for part in ("outputs", "component_outputs", "reads", "invoked"):
            assert own[stack][part] == other[stack][part]


def test_deferred_values_come_from_the_environment(exported):
    _, other, _ = exported
    (provider,) = (
        item
        for item in other["dev.aws-fra.network"]["resources"]
        if item["type"] == "pulumi:providers:aws"
    )
    assert json.loads(provider["inputs"]["allowedAccountIds"]) == ["123456789012"]


@pytest.mark.parametrize("check", [["check"], ["format", "--check"]])
def test_the_project_is_clean_and_formatted(exported, check):
    *_, directory = exported
    command = [sys.executable, "-m", "ruff", *check, "--no-cache", str(directory)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_comparison_sees_a_change_of_the_program(exported, tmp_path):
    own, _, directory = exported
    copied = shutil.copytree(directory, tmp_path / "copy")
    unit = copied / "units" / "fra1_compute.py"
    unit.write_text(unit.read_text().replace('"drain": True', '"drain": False'))
    changed = theirs(["dev.fra1.compute"], "hybrid", copied)["dev.fra1.compute"]
    assert changed["findings"] == []
    assert changed["resources"] != own["dev.fra1.compute"]["resources"]


def test_a_program_that_needs_the_toolkit_would_fail(exported, tmp_path):
    *_, directory = exported
    copied = shutil.copytree(directory, tmp_path / "copy")
    unit = copied / "units" / "fra1_compute.py"
    unit.write_text("import aifactory_iac.providers.metal\n" + unit.read_text())
    (finding,) = theirs(["dev.fra1.compute"], "hybrid", copied)["dev.fra1.compute"]["findings"]
    assert "not part of an exported project" in finding["message"]


def test_a_stack_that_names_no_unit_is_told_which_there_are(exported):
    *_, directory = exported
    (finding,) = theirs(["dev.fra1.nothing"], "hybrid", directory)["dev.fra1.nothing"]["findings"]
    assert "names no unit; there are: " in finding["message"]
