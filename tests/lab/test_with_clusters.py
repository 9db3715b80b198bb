"""A lab with real schedulers, where their programs are installed."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import jsonschema
import pytest

from aifactory_iac.lab.clusters.programs import KUBERNETES, SLURM, find
from aifactory_iac.report.schemas import schema

BATCH = """\
apiVersion: aifactory/v1
kind: Blueprint
metadata: {name: batch, version: 1.0.0, title: A tiny hall}
sites:
  - name: hall
    kind: on-prem
    location: {country: DE}
    facility: {envelope: 1 MW}
compute:
  - {name: train, site: hall, system: dgx-h100, count: 4}
orchestration:
  clusters:
    - {name: slurm, site: hall, kind: slurm, pools: [train]}
"""


def lacking(programs: tuple[str, ...]) -> list[str]:
    return [name for name in programs if find(name) is None]


def running(below: Path, name: str) -> list[int]:
    """Processes of a program that were given a folder of the lab."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0] if words else "Z"
        except OSError:
            continue
        if state != "Z" and Path(words[0].decode()).name == name:
            found += [int(entry.name)] if str(below).encode() in b" ".join(words) else []
    return found


@pytest.mark.apiserver
@pytest.mark.slow  # etcd and an API server: five to twenty seconds
@pytest.mark.skipif(bool(lacking(KUBERNETES)), reason=f"not installed: {lacking(KUBERNETES)}")
def test_an_api_server_has_the_blueprints_nodes_and_ends_with_the_lab(lab, home, until):
    from kubernetes import client, config

    up = lab("up", "edge-inference", "--site", "plant-muc", "--only", "cluster", "--format", "json")
    assert up.code == 0, up.err
    jsonschema.Draft202012Validator(schema("lab")).validate(up.json)
    kubeconfig = up.json["kubeconfigs"]["plant-muc/muc"]
    assert up.json["credentials"]["cluster:plant-muc/muc"] == kubeconfig
    api = client.CoreV1Api(config.new_client_from_config(kubeconfig))
    assert [node.metadata.name for node in api.list_node().items] == ["muc-n0001", "muc-n0002"]
    assert running(home, "etcd") and running(home, "kube-apiserver")

    # Even a supervisor that is killed takes the programs of its parts along.
    os.kill(int((Path(up.json["folder"]) / "alive").read_text()), signal.SIGKILL)
    until(lambda: not running(home, "etcd") and not running(home, "kube-apiserver"))


@pytest.mark.slurm
@pytest.mark.slow  # munge, a controller and three nodes: five seconds on a free core
@pytest.mark.skipif(bool(lacking(SLURM)), reason=f"not installed: {lacking(SLURM)}")
def test_a_slurm_controller_has_the_blueprints_nodes_and_ends_with_the_lab(lab, tmp_path, until):
    import subprocess

    file = tmp_path / "batch" / "blueprint.yaml"
    file.parent.mkdir()
    file.write_text(BATCH)
    up = lab("up", file, "--limit", "3", "--only", "cluster", "--format", "json")
    assert up.code == 0, up.err
    access = json.loads(Path(up.json["credentials"]["cluster:hall/slurm"]).read_text())
    conf = next(Path(up.json["folder"]).rglob("slurm.conf"))
    shown = subprocess.run(
        ["sinfo", "--noheader", "--Node", "--format=%N"], capture_output=True, text=True,
        check=True, env={**os.environ, "SLURM_CONF": str(conf)},
    )  # fmt: skip
    assert shown.stdout.split() == ["train-su001-n01", "train-su001-n02", "train-su001-n03"]
    assert access
    assert lab("down", file).code == 0
    until(lambda: not running(tmp_path, "slurmctld"))


def test_a_cluster_without_its_programs_is_named_and_the_rest_runs(lab, tmp_path):
    up = lab("up", "edge-inference", "--limit", "1", "--only", "bmc,cluster", "--format", "json",
             PATH=str(tmp_path), AIFACTORY_LAB_BIN=str(tmp_path))  # fmt: skip
    if find("etcd") in ("/usr/sbin/etcd", "/usr/bin/etcd"):
        pytest.skip("etcd is installed for the whole system")
    assert up.code == 0, up.err
    assert [each["kind"] for each in up.json["parts"]] == ["bmc"]
    (absent,) = up.json["absent"]
    assert absent["part"] == "cluster"
    assert absent["why"].startswith("plant-lyo/lyo: etcd is not installed")
