"""An exported project on bare metal: our plug-in, found by the project's own path, and a lab."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from aifactory_iac.lab.redfish.witness import Witness

COMMAND = [str(Path(sys.executable).with_name("aifactory")), "lab"]
UNITS = ("dev.plant-muc.provisioning", "dev.plant-muc.compute")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab") / "lab"
    arguments = ["edge-inference", "--only", "bmc", "--site", "plant-muc", "--for", "20min"]
    subprocess.run([*COMMAND, "up", *arguments, "--dir", str(folder)], check=True, timeout=120)
    yield folder
    subprocess.run([*COMMAND, "down", "--dir", str(folder)], check=True, timeout=60)


@pytest.mark.slow
def test_the_machines_of_a_plant_are_brought_up_by_an_exported_project(
    engine, export_to, lab, tmp_path
):
    """Slow because it runs the engine seven times."""
    project = export_to(tmp_path / "project", "edge-inference")
    ours = engine(
        PULUMI_DEBUG_PROVIDERS="",
        AIFACTORY_LAB=str(lab / "lab.json"),
        AIFACTORY_PACE="0.01",
        AIFACTORY_STATE_DIR=str(tmp_path / "journal"),
    )
    ours.init(project, UNITS)
    for unit in UNITS:
        assert "pulumi-resource-aifactory from $PATH" not in ours.up(project, unit)
    outputs = json.loads(ours(project, "stack", "output", "--json", "--stack", UNITS[1]))
    assert outputs == {"muc_groups": {"g001": "plant-muc/muc/1"}}
    log = Witness.read(lab / "bmc" / "witness.jsonl")
    assert log.erasures() == []
    found = ours.preview(project, UNITS[1])
    assert set(found.operations().values()) == {"same"}
    assert Witness.read(lab / "bmc" / "witness.jsonl").last == log.last
    state = json.loads(ours(project, "stack", "export", "--stack", UNITS[1]))["deployment"]
    (group,) = [each for each in state["resources"] if each["type"].endswith("NodeGroup")]
    assert group["outputs"]["ready"] == 2
    assert sorted(group["outputs"]["results"]) == ["muc-n0001", "muc-n0002"]
