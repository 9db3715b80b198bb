"""The shipped project `stacks/factory` under the engine: the same as an export of its document.

A run of it loads a blueprint and engineers the factory, three seconds or so; there are three stacks
that ship with a configuration, and each is previewed from both projects.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from aifactory_iac import shipped

pytestmark = [pytest.mark.engine, pytest.mark.slow]

STACKS = [
    path.stem.removeprefix("Pulumi.")
    for path in sorted((shipped.folder("stacks") / "factory").glob("Pulumi.*.*.*.yaml"))
]


@pytest.fixture(scope="module")
def factory(tmp_path_factory):
    """A copy of the project beside its documents, since Pulumi writes into a project's folder."""
    folder = tmp_path_factory.mktemp("stacks") / "stacks"
    shutil.copytree(shipped.folder("stacks"), folder)
    return folder / "factory"


def document_of(factory: Path, stack: str) -> str:
    config = YAML(typ="safe").load((factory / f"Pulumi.{stack}.yaml").read_text())["config"]
    return str((factory / config["aifactory:blueprint"]).resolve())


def of_project(value, name):
    """The same with another name of the project in all URNs."""
    if isinstance(value, dict):
        return {of_project(key, name): of_project(item, name) for key, item in value.items()}
    if isinstance(value, list):
        return [of_project(item, name) for item in value]
    if isinstance(value, str) and value.startswith("urn:pulumi:"):
        stack, _, rest = value.split("::", 2)
        return f"{stack}::{name}::{rest}"
    return value


def registered(preview):
    """What matters of every resource: identity, inputs and options."""
    kept = ("type", "custom", "protect", "provider", "deletedWith")
    return {
        urn: {
            "inputs": preview.sent[urn],
            "parent": state["parent"].partition("pulumi:pulumi:Stack::")[0],
            **{key: state[key] for key in kept if key in state},
            "dependencies": sorted(
                each for each in state.get("dependencies", ()) if "StackReference" not in each
            ),
        }
        for urn, state in preview.resources().items()
    }


@pytest.mark.parametrize("stack", STACKS)
def test_a_shipped_stack_previews_as_its_export_does(stack, factory, engine, export_to, tmp_path):
    pulumi = engine(AWS_ACCOUNT_ID="123456789012")
    project = export_to(tmp_path / "project", document_of(factory, stack))
    givers = ["aws-dev.cloud.keys"] if stack == "aws-dev.cloud.network" else []
    seen = []
    for folder in (factory, project):
        pulumi.init(folder, [*givers, stack])
        preview = pulumi.preview(folder, stack)
        assert preview.diagnostics == ()
        seen.append(of_project(registered(preview), "p"))
    assert seen[0] == seen[1]
    assert seen[0]


def test_a_stack_without_a_unit_is_told_the_order(factory, engine):
    pulumi = engine()
    pulumi(factory, "stack", "init", "odd")
    pulumi(factory, "config", "set", "aifactory:blueprint", "startup-cloud", "--stack", "odd")
    said = pulumi(factory, "preview", "--stack", "odd", ok=False)
    assert "to one of these, which go up in this order:" in said
    assert said.index("cloud/keys") < said.index("cloud/network") < said.index("cloud/platform")
    assert "Traceback" not in said


def test_parameters_of_the_config_reach_the_factory(factory, engine):
    pulumi = engine(AWS_ACCOUNT_ID="123456789012")
    givers = ["big.cloud.keys", "big.cloud.network", "big.cloud.cluster"]
    pulumi.init(factory, [*givers, "big.cloud.compute"])
    set_to = ("--path", "--stack", "big.cloud.compute")
    pulumi(factory, "config", "set", "aifactory:blueprint", "startup-cloud", *set_to[1:])
    pulumi(factory, "config", "set", "aifactory:parameters.nodes", "3", *set_to)
    sent = pulumi.preview(factory, "big.cloud.compute").sent
    (group,) = [inputs for urn, inputs in sent.items() if "eks/nodeGroup" in urn]
    assert group["scalingConfig"]["maxSize"] == 3
