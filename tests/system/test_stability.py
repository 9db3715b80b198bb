"""Identity by name, never by position; growth appends; the machine it runs on changes nothing."""

from __future__ import annotations

import copy
import random
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from aifactory_iac.api import design, load, plan
from aifactory_iac.library import volumes

SMALL = [volume for volume in volumes() if volume.name != "colossus-100k"]


def shuffled(value: Any, dice: random.Random) -> Any:
    """Every mapping and every list of named items in another order."""
    if isinstance(value, dict):
        items = [(key, shuffled(each, dice)) for key, each in value.items()]
        dice.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        items = [shuffled(each, dice) for each in value]
        if items and all(isinstance(each, dict) and "name" in each for each in items):
            dice.shuffle(items)
        return items
    return value


def written(document: Any, folder: Path) -> Path:
    text = StringIO()
    YAML(typ="safe").dump(document, text)
    file = folder / "blueprint.yaml"
    file.write_text(text.getvalue())
    return file


@pytest.mark.parametrize("volume", SMALL, ids=lambda volume: volume.name)
@pytest.mark.parametrize("seed", range(3))
def test_permuting_every_list_changes_no_byte_of_the_plan(volume, seed, tmp_path):
    document = YAML(typ="safe").load(volume.document.read_text())
    permuted = shuffled(copy.deepcopy(document), random.Random(seed))
    assert permuted == document or permuted != document
    before = plan(load(str(volume.document))).document()
    after = plan(load(str(written(permuted, tmp_path)))).document()
    assert after == before


@pytest.mark.parametrize("units", [1, 2, 3])
def test_growing_appends_nodes_racks_and_switches(units):
    small, large = (
        design(load("superpod-h100", parameters={"scalable_units": str(count)}))
        for count in (units, units + 1)
    )
    assert large.nodes.name[: len(small.nodes)] == small.nodes.name
    assert list(large.nodes.in_band[: len(small.nodes)]) == list(small.nodes.in_band)
    placed = {name: (int(rack), int(unit)) for name, rack, unit in zip(
        small.nodes.name, small.nodes.rack, small.nodes.unit, strict=True)}  # fmt: skip
    for name, (rack, unit) in placed.items():
        row = large.nodes.name.index(name)
        assert large.racks.name[int(large.nodes.rack[row])] == small.racks.name[rack]
        assert int(large.nodes.unit[row]) == unit
    for name, network in small.networks.items():
        assert set(network.switch_names) <= set(large.networks[name].switch_names)


@pytest.mark.parametrize("units", [1, 2, 3])
def test_the_plan_of_n_is_a_part_of_the_plan_of_n_and_one(units):
    small, large = (
        plan(load("superpod-h100", parameters={"scalable_units": str(count)}))
        for count in (units, units + 1)
    )
    assert {each.urn for each in small.resources} <= {each.urn for each in large.resources}


@pytest.mark.parametrize("name", ["startup-cloud", "regulated-hybrid"])
def test_the_environment_cannot_leak_in(name, monkeypatch):
    before = plan(load(name)).document()
    for variable, value in {
        "AWS_REGION": "eu-north-1",
        "AWS_DEFAULT_REGION": "eu-north-1",
        "AWS_PROFILE": "somebody",
        "AWS_ACCOUNT_ID": "999999999999",
        "KUBECONFIG": "/nowhere/kubeconfig",
        "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY": "false",
        "PULUMI_CONFIG": '{"aws:region": "eu-north-1"}',
        "TZ": "Asia/Kolkata",
        "LANG": "tr_TR.UTF-8",
    }.items():
        monkeypatch.setenv(variable, value)
    assert plan(load(name)).document() == before


def test_a_copy_in_another_folder_gives_the_same_plan(tmp_path):
    source = next(volume for volume in SMALL if volume.name == "startup-cloud")
    copied = tmp_path / "elsewhere" / "blueprint.yaml"
    copied.parent.mkdir()
    copied.write_text(source.document.read_text())
    assert plan(load(str(copied))).document() == plan(load("startup-cloud")).document()
