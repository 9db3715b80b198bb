"""The shipped Pulumi project and the example documents: they load, and they run by themselves."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pulumi
import pytest
from ruamel.yaml import YAML

from aifactory_iac import api, shipped
from aifactory_iac.catalog import Catalog
from aifactory_iac.deploy.construction import Construction, Setting, construct
from aifactory_iac.deploy.offline import Deployment, planned_resources
from aifactory_iac.findings import has_blocking
from aifactory_iac.program import lower
from aifactory_iac.providers.metal import PACKAGE, VERSION

STACKS = shipped.folder("stacks")
PROJECT = STACKS / "factory"
DOCUMENTS = sorted((STACKS / "documents").glob("*.yaml"))
CONFIGS = sorted(path for path in PROJECT.glob("Pulumi.*.*.*.yaml"))


def yaml(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def up(stack: str, config: dict[str, str]) -> Construction:
    """Runs the project's program as Pulumi would, against our own monitor."""

    def program() -> None:
        runpy.run_path(str(PROJECT / "__main__.py"))

    return construct(program, Setting(project="aifactory", stack=stack, config=config))


def refused(stack: str, config: dict[str, str]) -> str:
    """What the program says as it ends; Pulumi prints it whole."""
    said: list[str] = []

    def program() -> None:
        try:
            runpy.run_path(str(PROJECT / "__main__.py"))
        except pulumi.RunError as error:
            said.append(str(error))

    found = construct(program, Setting(project="aifactory", stack=stack, config=config))
    assert found.resources == ()
    return said[0]


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pulumi runs a program in its project's folder."""
    monkeypatch.chdir(PROJECT)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_an_example_document_loads_and_lowers(path: Path, catalog: Catalog) -> None:
    factory = api.load(str(path))
    assert factory.valid, factory.findings
    engineered = api.design(factory)
    lowered = lower(factory.blueprint, engineered, catalog)
    assert not has_blocking((*engineered.findings, *lowered.findings))
    assert lowered.units


def test_there_is_an_example_for_each_target() -> None:
    assert [path.stem for path in DOCUMENTS] == ["aws-dev", "hybrid-prod", "onprem-dev"]
    assert [path.name for path in CONFIGS] == [
        "Pulumi.aws-dev.cloud.keys.yaml",
        "Pulumi.aws-dev.cloud.network.yaml",
        "Pulumi.onprem-dev.fra1.fabric.yaml",
    ]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem.removeprefix("Pulumi."))
def test_a_shipped_stack_registers_what_its_unit_does(path: Path, catalog: Catalog) -> None:
    stack = path.stem.removeprefix("Pulumi.")
    config = yaml(path)["config"]
    found = up(stack, config)
    assert found.findings == ()
    factory = api.load(config["aifactory:blueprint"])
    lowered = lower(factory.blueprint, api.design(factory), catalog)
    unit = lowered.unit("/".join(stack.split(".")[1:]))
    planned, _ = planned_resources([unit], Deployment(project="aifactory", stack="other"))
    assert sorted((item.type, item.name) for item in found.resources) == sorted(
        (item.type, item.name) for item in planned
    )


def test_upstream_stacks_are_those_of_the_same_deployment() -> None:
    config = yaml(PROJECT / "Pulumi.aws-dev.cloud.network.yaml")["config"]
    found = up("aws-dev.cloud.network", config)
    assert [read.urn.rsplit("::", 1)[1] for read in found.reads] == [
        "organization/aifactory/aws-dev.cloud.keys"
    ]


def test_parameters_come_from_config() -> None:
    config = {
        "aifactory:blueprint": "startup-cloud",
        "aifactory:parameters": '{"nodes": 3}',
        "aifactory:unit": "cloud/compute",
    }
    found = up("anything", config)
    assert found.findings == ()
    (group,) = [item for item in found.resources if item.type == "aws:eks/nodeGroup:NodeGroup"]
    assert group.inputs["scalingConfig"]["maxSize"] == 3


def test_a_stack_without_a_unit_lists_them_in_order() -> None:
    assert refused("dev", {"aifactory:blueprint": "startup-cloud"}).endswith(
        ":\n  cloud/keys\n  cloud/network\n  cloud/cluster\n  cloud/storage\n  cloud/compute\n"
        "  cloud/governance\n  cloud/platform"
    )


def test_a_broken_blueprint_ends_the_program_with_its_findings(tmp_path: Path) -> None:
    broken = tmp_path / "blueprint.yaml"
    broken.write_text("apiVersion: aifactory/v1\nkind: Blueprint\nmetadata: {name: x}\nsitse: []\n")
    message = refused("dev.cloud.keys", {"aifactory:blueprint": str(broken)})
    assert message.startswith("the blueprint cannot be built:\n  ")
    assert "blueprint.yaml:4: " in message
    assert "`sitse`" in message


def test_the_example_config_names_only_keys_that_the_program_reads() -> None:
    assert set(yaml(PROJECT / "Pulumi.example.yaml")["config"]) == {
        "aifactory:blueprint",
        "aifactory:parameters",
    }
    assert set(yaml(PROJECT / "Pulumi.yaml")["config"]) == {"blueprint", "unit", "catalog"}


def test_the_project_names_our_plug_in_as_the_sdk_does() -> None:
    (plugin,) = yaml(PROJECT / "Pulumi.yaml")["plugins"]["providers"]
    assert plugin == {"name": PACKAGE, "path": "plugin", "version": VERSION}
