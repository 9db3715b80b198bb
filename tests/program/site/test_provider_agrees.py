"""The provider finds nothing wrong with what it is told of any blueprint of the library."""

from __future__ import annotations

import copy
import re
from dataclasses import replace

import pytest

from aifactory_iac.blueprint import Request, load
from aifactory_iac.design import design
from aifactory_iac.program import lower
from aifactory_iac.shipped import folder

NAMES = sorted(path.parent.name for path in folder("blueprints").glob("*/blueprint.yaml"))
OWN = [name for name in NAMES if name != "startup-cloud"]
"""Those with machines of one's own."""


@pytest.fixture(scope="module")
def library(catalog, told):
    found = {}

    def of(name):
        if name not in found:
            blueprint = load(Request(name), catalog).blueprint
            found[name] = told(*lower(blueprint, design(blueprint, catalog), catalog).units)
        return found[name]

    return of


@pytest.mark.parametrize(
    "name",
    # Slow: 12,500 machines in one blueprint are 2,500 resources to check.
    [
        pytest.param(name, marks=pytest.mark.slow if name == "colossus-100k" else ())
        for name in NAMES
    ],
)
def test_the_provider_refuses_nothing_of_the_library(library, refused, name):
    assert [each for resource in library(name) for each in refused(resource)] == []


@pytest.mark.parametrize("name", OWN)
def test_every_kind_of_resource_of_a_site_is_among_them(library, name):
    kinds = {resource.type.rpartition(":")[2] for resource in library(name)}
    assert kinds >= {"NodeGroup", "ProvisioningServer", "Cluster"}


@pytest.mark.parametrize("name", ["superpod-h100", "onprem-training"])
def test_every_switch_of_the_reference_designs_is_managed(library, name):
    fabric = [
        resource
        for resource in library(name)
        if resource.type.endswith((":SwitchConfig", ":FabricPartitions"))
    ]
    assert len(fabric) > 20
    assert {resource.inputs["credentials"]["path"] for resource in fabric} == {
        "secrets/switches.age",
        "secrets/ufm.age",
    }


def test_a_mistake_in_what_it_is_told_would_be_seen(library, refused):
    group = next(each for each in library("onprem-training") if each.type.endswith(":NodeGroup"))
    broken = copy.deepcopy(dict(group.inputs))
    broken["rollout"] = {"unavailable": 0, "drain": True}
    broken["cluster"]["kind"] = "nomad"
    said = [(place, reason[:12]) for _, place, reason in refused(replace(group, inputs=broken))]
    assert [place for place, _ in said] == ["cluster.kind", "rollout.unavailable"]


def test_the_installation_that_the_readme_shows_is_right(catalog, told, refused, tmp_path):
    page = (folder("blueprints") / "onprem-training" / "README.md").read_text()
    shown = tmp_path / "blueprint.yaml"
    (block,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    shown.write_text(block)
    loaded = load(Request(str(shown)), catalog)
    assert loaded.findings == ()
    units = lower(loaded.blueprint, design(loaded.blueprint, catalog), catalog).units
    resources = told(*units)
    assert [each for resource in resources for each in refused(resource)] == []
    (group,) = [each for each in resources if each.type.endswith(":NodeGroup")]
    assert list(group.inputs["install"]["config"]) == ["autoinstall"]
