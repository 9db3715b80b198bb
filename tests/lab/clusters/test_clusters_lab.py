"""Clusters of a lab: their specification, what they say of what is not there, and how they end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from aifactory_iac.lab.clusters.daemon import Daemon, DaemonError, free_port
from aifactory_iac.lab.clusters.programs import KUBERNETES, SLURM, absence, find, found
from aifactory_iac.lab.clusters.slurm import SlurmLab
from aifactory_iac.lab.clusters.spec import LabCluster, LabNode, SpecError, read_spec


def spec(folder: Path, *clusters: dict[str, Any]) -> Path:
    path = folder / "spec.json"
    path.write_text(json.dumps({"folder": str(folder / "run"), "clusters": list(clusters)}))
    return path


def lab(path: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "aifactory_iac.lab.clusters", str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
        text=True,
    )


def test_a_specification_becomes_values(tmp_path):
    read = read_spec(
        spec(
            tmp_path,
            {"id": "fra1/metal", "kind": "kubernetes", "nodes": {"n2": {}, "n1": {"gpus": 0}}},
            {"id": "fra1/hpc", "kind": "slurm", "running": 2, "nodes": {}},
        )
    )
    assert read.folder == tmp_path / "run"
    assert read.clusters == (
        LabCluster("fra1/metal", "kubernetes", {"n1": LabNode(gpus=0), "n2": LabNode()}),
        LabCluster("fra1/hpc", "slurm", {}, running=2),
    )


def test_everything_wrong_with_a_specification_is_said_at_once(tmp_path):
    path = spec(
        tmp_path,
        {"kind": "slurm"},
        {"id": "a", "kind": "nomad"},
        {"id": "b", "kind": "slurm"},
        {"id": "c", "kind": "slurm", "nodes": {"n": {"gpu": 1}}},
        {"id": "d", "kind": "slurm", "nodes": {}, "size": 1},
        {"id": "e", "kind": "slurm", "nodes": {}},
        {"id": "e", "kind": "slurm", "nodes": {}},
    )
    with pytest.raises(SpecError) as error:
        read_spec(path)
    assert str(error.value).splitlines() == [
        f"{path}: clusters.0.id: a text is needed",
        f"{path}: clusters.1.kind: is neither `kubernetes` nor `slurm`",
        f"{path}: clusters.2.nodes: nodes by name are needed",
        f"{path}: clusters.3: got an unexpected keyword argument 'gpu'",
        f"{path}: clusters.4: got an unexpected keyword argument 'size'",
        f"{path}: clusters: e stands twice",
    ]
    path.write_text('{"folder": "here"}')
    with pytest.raises(SpecError) as error:
        read_spec(path)
    assert str(error.value).splitlines() == [
        f"{path}: clusters: a list is needed",
        f"{path}: folder: an absolute path is needed",
    ]
    path.write_text("{")
    with pytest.raises(SpecError, match="Expecting property name"):
        read_spec(path)


def test_a_wrong_call_says_how_and_a_wrong_file_says_what(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "aifactory_iac.lab.clusters"], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (
        2,
        "usage: python -m aifactory_iac.lab.clusters SPEC.json\n",
    )
    with lab(tmp_path / "nothing.json") as process:
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "No such file or directory" in errors


def test_what_is_not_installed_is_named_with_the_way_to_get_it(tmp_path):
    path = spec(tmp_path, {"id": "a/b", "kind": "kubernetes", "nodes": {}})
    with lab(path, PATH=str(tmp_path), AIFACTORY_LAB_BIN=str(tmp_path)) as process:
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (
        1,
        (
            "a/b: etcd is not installed (put a build of it on PATH or in the folder "
            "AIFACTORY_LAB_BIN); kube-apiserver is not installed (put a build of it on PATH or in "
            "the folder AIFACTORY_LAB_BIN)\n"
        ),
    )


def test_slurm_that_is_not_installed_is_a_debian_package_away(tmp_path, monkeypatch):
    there = {name: f"/usr/bin/{name}" for name in SLURM if name != "munged"}
    monkeypatch.setattr("aifactory_iac.lab.clusters.slurm.found", lambda _names: there)
    with pytest.raises(DaemonError) as error:
        asyncio.run(SlurmLab.start(LabCluster("a/b", "slurm", {}), tmp_path))
    assert str(error.value) == (
        "a/b: munged is not installed (install the Debian packages slurm-wlm and munge)"
    )


def test_a_folder_of_ones_own_comes_before_the_path(tmp_path, monkeypatch):
    program = tmp_path / "etcd"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("AIFACTORY_LAB_BIN", str(tmp_path))
    assert find("etcd") == str(program)
    assert found(["etcd", "surely-not-there"]) == {"etcd": str(program)}
    assert absence("kube-scheduler") == (
        "kube-scheduler is not installed (put a build of it on PATH or in the folder "
        "AIFACTORY_LAB_BIN); pods stay where they are put"
    )


def test_a_program_that_ends_or_is_late_is_told_with_the_end_of_its_log(tmp_path):
    async def never() -> bool:
        return False

    async def run(command: str, seconds: float) -> str:
        daemon = await Daemon.start("x", ("/bin/sh", "-c", command), tmp_path / "log")
        with pytest.raises(DaemonError) as error:
            await daemon.wait_until(never, seconds)
        await daemon.stop()
        return str(error.value)

    assert asyncio.run(run("echo no port; exit 3", 10)) == (
        "x ended with status 3; its log ends:\n  no port"
    )
    assert asyncio.run(run("exec sleep 60", 0.1)).startswith("x is not ready after 0.1 s")


def test_a_program_that_does_not_listen_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr("aifactory_iac.lab.clusters.daemon.GRACE", 0.2)

    async def run() -> int | None:
        deaf = ("/bin/sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.05; done")
        daemon = await Daemon.start("deaf", deaf, tmp_path / "log")

        async def up() -> bool:
            return (tmp_path / "log").read_text() == "up\n"

        await daemon.wait_until(up, 5)
        await daemon.stop()
        await daemon.stop()
        return daemon._process.returncode

    assert asyncio.run(run()) == -signal.SIGKILL


def test_ports_are_free():
    ports = {free_port() for _ in range(20)}
    assert all(1024 < port < 65536 for port in ports)


NO_SLURM = [absence(each) for each in SLURM if each not in found(SLURM)]
NO_API = [absence(each) for each in KUBERNETES if each not in found(KUBERNETES)]


def children(pid: int) -> list[int]:
    return [
        int(each)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for each in (task / "children").read_text().split()
    ]


def gone(pids: list[int]) -> bool:
    until = time.monotonic() + 15
    while time.monotonic() < until:
        if not any(alive(pid) for pid in pids):
            return True
        time.sleep(0.1)
    return False


def alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@pytest.mark.slurm
@pytest.mark.skipif(bool(NO_SLURM), reason="; ".join(NO_SLURM))
@pytest.mark.parametrize("how", ["its input closes", "SIGTERM", "SIGKILL"])
def test_nothing_outlives_a_lab_however_it_ends(tmp_path, how):
    nodes = {"g1": {}, "g2": {"leaf": "leaf2", "gpus": 0}}
    cluster = {"id": "fra1/hpc", "kind": "slurm", "running": 1, "nodes": nodes}
    with lab(spec(tmp_path, cluster)) as process:
        assert process.stdout is not None and process.stdin is not None
        ready = json.loads(process.stdout.readline())
        conf = tmp_path / "run/fra1/hpc/slurm.conf"
        assert ready["credentials"] == {"cluster:fra1/hpc": str(conf.with_name("access.json"))}
        assert json.loads(conf.with_name("access.json").read_text()) == {"conf": str(conf)}
        said = subprocess.run(
            [str(find("sinfo")), "-h", "-N", "-o", "%N %t %G"],
            env={**os.environ, "SLURM_CONF": str(conf)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split("\n")
        assert said[0] == ("g1 idle gpu:8" if os.geteuid() == 0 else "g1 idle (null)")
        started = children(process.pid)
        assert len(started) == 3
        if how == "its input closes":
            process.stdin.close()
        else:
            process.send_signal(getattr(signal, how))
        assert process.wait(30) == (-signal.SIGKILL if how == "SIGKILL" else 0)
    assert gone(started)


@pytest.mark.apiserver
@pytest.mark.slow  # an API server takes ten seconds to come up
@pytest.mark.skipif(bool(NO_API), reason="; ".join(NO_API))
@pytest.mark.parametrize("alone", [True, False])
def test_nodes_of_a_real_api_server_are_ready_and_stay_so(tmp_path, alone):
    """With nothing but etcd and the API server too, where the lab keeps its nodes alive itself."""
    from aifactory_iac.providers.membership.kubernetes.api import KubernetesApi
    from aifactory_iac.providers.membership.kubernetes.kubeconfig import read_kubeconfig
    from aifactory_iac.providers.membership.kubernetes.standing import all_nodes, look
    from aifactory_iac.providers.surroundings import WallClock

    environment = {}
    if alone:
        (tmp_path / "bin").mkdir()
        for name, path in found(KUBERNETES).items():
            (tmp_path / "bin" / name).symlink_to(path)
        environment = {"AIFACTORY_LAB_BIN": str(tmp_path / "bin"), "PATH": "/usr/bin:/bin"}
    nodes = {"n1": {"labels": {"a/b": "c"}}, "n2": {"gpus": 0}}
    with lab(
        spec(tmp_path, {"id": "fra1/metal", "kind": "kubernetes", "nodes": nodes}), **environment
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        ready = json.loads(line)
        assert ready["kubeconfigs"] == {"fra1/metal": ready["kubeconfig"]}
        assert list(ready["endpoints"]) == ["api.metal"]
        assert Path(ready["kubeconfig"]).stat().st_mode & 0o077 == 0
        if alone:
            assert [each.split()[0] for each in ready["absent"]] == [
                "kube-controller-manager",
                "kube-scheduler",
                "kwok",
            ]

        async def ask() -> Any:
            text = Path(ready["kubeconfig"]).read_text()
            async with KubernetesApi(read_kubeconfig(text), WallClock()) as api:
                return await look(api, "x"), await all_nodes(api)

        standing, every = asyncio.run(ask())
        assert standing.ready == ("n1", "n2")
        assert standing.encryption == "not seen"
        assert every["n1"]["metadata"]["labels"]["a/b"] == "c"
        assert every["n1"]["status"]["allocatable"]["nvidia.com/gpu"] == "8"
        assert "nvidia.com/gpu" not in every["n2"]["status"]["allocatable"]
        started = children(process.pid)
        process.stdin.close()
        assert process.wait(30) == 0
    assert gone(started)
