"""What a lab's clusters are started with and what their nodes do, with programs that stand in."""

from __future__ import annotations

import asyncio
import io
import json
import os
import ssl
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from aifactory_iac.lab.clusters import __main__ as process
from aifactory_iac.lab.clusters import kubelets as kubelets_module
from aifactory_iac.lab.clusters.daemon import DaemonError
from aifactory_iac.lab.clusters.kubernetes import KubernetesLab
from aifactory_iac.lab.clusters.slurm import SlurmLab
from aifactory_iac.lab.clusters.spec import LabCluster, LabNode, Spec

NODES = {"n1": LabNode(labels={"a/b": "c"}), "n2": LabNode(gpus=0)}


@asynccontextmanager
async def asking(lab: KubernetesLab, user: str = "admin"):
    """Speaks to a lab's API server as one of its users."""
    text = json.loads(lab.kubeconfig(user).read_text())
    import base64

    authority = base64.b64decode(text["clusters"][0]["cluster"]["certificate-authority-data"])
    token = text["users"][0]["user"]["token"]
    async with aiohttp.ClientSession(
        base_url=text["clusters"][0]["cluster"]["server"],
        headers={"Authorization": f"Bearer {token}"},
        connector=aiohttp.TCPConnector(ssl=ssl.create_default_context(cadata=authority.decode())),
    ) as session:

        async def ask(method: str, path: str, body: Any = None) -> Any:
            async with session.request(method, path, json=body) as answer:
                return await answer.json()

        yield ask


def test_an_api_server_is_started_with_certificates_and_users_of_its_own(tmp_path, stand_ins):
    async def run():
        cluster = LabCluster("fra1/metal", "kubernetes", NODES, encrypt=True, audit="/policy")
        lab = await KubernetesLab.start(cluster, tmp_path / "run")
        try:
            async with asking(lab) as ask, asking(lab, "guest") as guest:
                return (
                    await ask("GET", "/flags"),
                    (await ask("GET", "/api/v1/nodes"))["items"],
                    await guest("GET", "/readyz"),
                    [daemon.name for daemon in lab.daemons],
                    lab.absent,
                )
        finally:
            await lab.stop()

    flags, nodes, guest, started, absent = asyncio.run(run())
    assert flags["bind-address"] == "127.0.0.1"
    assert flags["authorization-mode"] == "RBAC"
    assert flags["audit-policy-file"] == "/policy"
    encryption = json.loads((tmp_path / "run/encryption.json").read_text())
    (secretbox,) = encryption["resources"][0]["providers"][0]["secretbox"]["keys"]
    assert len(secretbox["secret"]) == 44
    assert [node["metadata"]["name"] for node in nodes] == ["n1", "n2"]
    assert nodes[0]["metadata"]["labels"] == {"a/b": "c", "kubernetes.io/hostname": "n1"}
    assert nodes[0]["status"]["allocatable"]["nvidia.com/gpu"] == "8"
    assert nodes[0]["status"]["conditions"][0]["status"] == "True"
    assert "nvidia.com/gpu" not in nodes[1]["status"]["allocatable"]
    assert guest == {}
    assert started == ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"]
    assert [each.split()[0] for each in absent] == ["kwok"]
    for name in ("tokens.csv", "server.key", "admin.kubeconfig", "encryption.json"):
        assert (tmp_path / "run" / name).stat().st_mode & 0o077 == 0


def test_nodes_of_the_labs_own_run_pods_and_let_them_go(tmp_path, stand_ins, monkeypatch):
    monkeypatch.setattr(kubelets_module, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(kubelets_module, "BEAT_SECONDS", 0.01)

    def pod(name: str, node: str, **meta: str) -> dict[str, Any]:
        about = {"name": name, "namespace": "default", "uid": name, **meta}
        return {"metadata": about, "spec": {"nodeName": node}, "status": {"phase": "Pending"}}

    async def run():
        lab = await KubernetesLab.start(
            LabCluster("a/b", "kubernetes", {"n1": LabNode()}), tmp_path / "run"
        )
        path = "/api/v1/namespaces/default/pods"
        try:
            async with asking(lab) as ask:
                await ask("POST", path, pod("new", "n1"))
                await ask("POST", path, pod("going", "n1", deletionTimestamp="now"))
                await ask("POST", path, pod("elsewhere", "n9"))
                for _ in range(200):
                    found = (await ask("GET", "/api/v1/pods"))["items"]
                    phases = {each["metadata"]["name"]: each["status"]["phase"] for each in found}
                    if len(phases) == 2 and phases["new"] == "Running":
                        return phases
                    await asyncio.sleep(0.02)
                return phases
        finally:
            await lab.stop()

    assert asyncio.run(run()) == {"new": "Running", "elsewhere": "Pending"}


def test_with_kwok_the_lab_leaves_its_nodes_to_it(tmp_path, stand_ins):
    (stand_ins / "kwok").write_text("#!/bin/sh\nexec sleep 600\n")
    (stand_ins / "kwok").chmod(0o755)

    async def run():
        lab = await KubernetesLab.start(LabCluster("a/b", "kubernetes", NODES), tmp_path / "run")
        try:
            return [daemon.name for daemon in lab.daemons], lab.absent
        finally:
            await lab.stop()

    started, absent = asyncio.run(run())
    assert started[-1] == "kwok"
    assert absent == ()


@pytest.mark.parametrize(
    ("program", "start"),
    [
        ("kube-apiserver", KubernetesLab.start),
        ("munged", SlurmLab.start),
    ],
)
def test_a_program_that_does_not_come_up_leaves_nothing_behind(tmp_path, stand_ins, program, start):
    (stand_ins / program).write_text("#!/bin/sh\necho no luck >&2\nexit 4\n")
    with pytest.raises(DaemonError) as error:
        asyncio.run(start(LabCluster("a/b", "slurm", NODES), tmp_path / "run"))
    assert str(error.value) == f"{program} ended with status 4; its log ends:\n  no luck"


def test_a_slurm_controller_is_told_of_every_node_and_leaf(tmp_path, stand_ins):
    nodes = {
        "g1": LabNode(gpus=2, cores=4, memory=1000),
        "g2": LabNode(gpus=0, leaf="leaf2"),
        "g3": LabNode(leaf="leaf2"),
    }

    async def run():
        lab = await SlurmLab.start(
            LabCluster("fra1/hpc", "slurm", nodes, running=2), tmp_path / "run"
        )
        try:
            return [daemon.name for daemon in lab.daemons], lab.answer, lab.absent
        finally:
            await lab.stop()

    started, answer, absent = asyncio.run(run())
    assert started == ["munged", "slurmctld", "slurmd.g1", "slurmd.g2"]
    assert list(answer["endpoints"]) == ["slurm.hpc"]
    conf = (tmp_path / "run/slurm.conf").read_text()
    assert "ClusterName=hpc\n" in conf
    root = os.geteuid() == 0
    gres = " Gres=gpu:2" if root else ""
    assert f"CPUs=4 RealMemory=1000{gres} State=UNKNOWN" in conf
    assert (tmp_path / "run/topology.conf").read_text() == (
        "SwitchName=leaf1 Nodes=g1\nSwitchName=leaf2 Nodes=g2,g3\n"
        "SwitchName=spine Switches=leaf1,leaf2\n"
    )
    devices = tmp_path / "run/dev"
    assert (tmp_path / "run/gres.conf").read_text() == (
        f"AutoDetect=off\nNodeName=g1 Name=gpu File={devices}/nvidia[0-1]\n"
        f"NodeName=g3 Name=gpu File={devices}/nvidia[0-7]\n"
        if root
        else "AutoDetect=off\n"
    )
    assert absent == (() if root else ("GPUs of Slurm nodes: device files need root",))


def test_without_root_slurm_nodes_have_no_gpus(tmp_path, stand_ins, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    async def run():
        lab = await SlurmLab.start(LabCluster("a/b", "slurm", NODES), tmp_path / "run")
        await lab.stop()
        return lab.absent

    assert asyncio.run(run()) == ("GPUs of Slurm nodes: device files need root",)
    assert (tmp_path / "run/gres.conf").read_text() == "AutoDetect=off\n"
    assert "Gres=" not in (tmp_path / "run/slurm.conf").read_text()


def test_one_process_has_all_clusters_and_ends_with_its_input(
    tmp_path, stand_ins, monkeypatch, capsys
):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    clusters = (
        LabCluster("fra1/metal", "kubernetes", NODES),
        LabCluster("fra1/hpc", "slurm", {"g1": LabNode()}),
    )
    assert asyncio.run(process.serve(Spec(tmp_path, clusters))) == 0
    ready = json.loads(capsys.readouterr().out)
    assert ready["ready"] is True
    assert sorted(ready["endpoints"]) == ["api.metal", "slurm.hpc"]
    assert sorted(ready["credentials"]) == ["cluster:fra1/hpc", "cluster:fra1/metal"]
    assert ready["kubeconfig"] == str(tmp_path / "fra1/metal/admin.kubeconfig")
    assert [each.split()[0] for each in ready["absent"]] == ["kwok"]


def test_one_cluster_that_does_not_come_up_ends_them_all(tmp_path, stand_ins, capsys):
    (stand_ins / "slurmctld").write_text("#!/bin/sh\nexit 1\n")
    (stand_ins / "scontrol").write_text("#!/bin/sh\necho DOWN\n")
    clusters = (
        LabCluster("fra1/metal", "kubernetes", NODES),
        LabCluster("fra1/hpc", "slurm", {"g1": LabNode()}),
    )
    assert asyncio.run(process.serve(Spec(tmp_path, clusters))) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("slurmctld ended with status 1")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "usage: python -m aifactory_iac.lab.clusters SPEC.json\n"),
        (["/nowhere/spec.json"], "/nowhere/spec.json: [Errno 2] No such file or directory"),
    ],
)
def test_a_wrong_call(capsys, arguments, expected):
    assert process.main(arguments) == 2
    assert capsys.readouterr().err.startswith(expected)


def test_a_whole_call(tmp_path, stand_ins, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    spec = {"folder": str(tmp_path), "clusters": []}
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    assert process.main([str(tmp_path / "spec.json")]) == 0
    assert json.loads(capsys.readouterr().out)["absent"] == []
