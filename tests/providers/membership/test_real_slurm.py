"""The life of a membership on a real Slurm controller, with jobs that truly run."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aifactory_iac.lab.clusters.programs import SLURM, absence, find, found
from aifactory_iac.providers.membership.connection import drains
from aifactory_iac.providers.membership.drain import (
    AccessRefusedError,
    NodeUnknownError,
    StillRunningError,
    UnreachableError,
)
from aifactory_iac.providers.resource import PartialError, ProviderError
from aifactory_iac.providers.resources.cluster import TYPE as CLUSTER
from aifactory_iac.providers.resources.cluster_membership import TYPE
from aifactory_iac.providers.secrets import SecretReader
from aifactory_iac.providers.surroundings import Settings, Surroundings, WallClock

MISSING = [absence(each) for each in SLURM if each not in found(SLURM)]
pytestmark = [
    pytest.mark.slurm,
    pytest.mark.slow,  # jobs truly run, and Slurm takes its time to end one
    pytest.mark.skipif(bool(MISSING), reason="; ".join(MISSING)),
]


@dataclass
class Cluster:
    """One real controller, asked as a person would."""

    ready: Mapping[str, Any]

    @property
    def access(self) -> str:
        return str(self.ready["credentials"]["cluster:fra1/hpc"])

    def run(self, *command: str) -> str:
        conf = json.loads(Path(self.access).read_text())["conf"]
        path = find(command[0])
        assert path is not None
        done = subprocess.run(
            [path, *command[1:]],
            env={**os.environ, "SLURM_CONF": conf},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def job(self, node: str, seconds: float, folder: Path) -> str:
        """A batch job on one node; gives its number once it runs."""
        script = folder / f"{node}.sh"
        script.write_text(f"#!/bin/sh\nsleep {seconds}\n")
        number = self.run(
            "sbatch", "--parsable", "-w", node, "-o", "/dev/null", "-N1", str(script)
        ).strip()
        until = time.monotonic() + 20
        while "RUNNING" not in self.run("squeue", "-h", "-j", number, "-o", "%T"):
            assert time.monotonic() < until, "the job did not start"
            time.sleep(0.1)
        return number

    def node(self, name: str) -> str:
        return self.run("scontrol", "show", "node", name)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("slurm")
    nodes = {f"g{number}": {"leaf": f"leaf{number // 4}"} for number in range(8)}
    spec = {
        "folder": str(folder),
        "clusters": [{"id": "fra1/hpc", "kind": "slurm", "running": 6, "nodes": nodes}],
    }
    (folder / "spec.json").write_text(json.dumps(spec))
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-m", "aifactory_iac.lab.clusters", str(folder / "spec.json")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as lab,
    ):
        assert lab.stdout is not None and lab.stdin is not None
        line = lab.stdout.readline()
        assert line, (folder / "log").read_text()
        yield Cluster(json.loads(line))
        lab.stdin.close()
        assert lab.wait(30) == 0


@pytest.fixture
def around(cluster: Cluster, tmp_path: Path) -> Surroundings:
    """A fiftieth of every wait: these wait for real."""
    return Surroundings(
        Settings(state_dir=tmp_path, pace=0.02, freeze=tmp_path / "freeze"),
        SecretReader({}, cluster.ready["credentials"]),
        WallClock(),
    )


def inputs(names: list[str], **more: Any) -> dict[str, Any]:
    wanted = {
        "cluster": "fra1/hpc",
        "kind": "slurm",
        "nodeGroup": "fra1/train/su001",
        "labels": {"aifactory/pool": "train"},
        "taints": [],
        "rackLabel": "aifactory/rack",
        "drainSeconds": 30,
        "joinSeconds": 5,
        "nodes": {name: {"rack": "r1"} for name in names},
    } | more
    checked = TYPE.check(None, wanted)
    assert checked.failures == ()
    return dict(checked.inputs)


def create(name, wanted, around):
    return asyncio.run(TYPE.create(name, wanted, around, preview=False))


def using(around, act, **more):
    async def run():
        async with drains("fra1/hpc", "slurm", "fra1/train", around, **more) as found_drains:
            return await act(found_drains)

    return asyncio.run(run())


def test_a_membership_lives_its_life(cluster, around, tmp_path):
    wanted = inputs(["g0", "g1"])
    made = create("a", wanted, around)
    assert made.state["joined"] == 2
    assert made.state["identity"] == "hpc"
    assert "ActiveFeatures=pool_train,rack_r1" in cluster.node("g0")
    assert "Comment=aifactory|fra1/hpc/a|pool_train,rack_r1" in cluster.node("g0")

    cluster.run("scontrol", "update", "NodeName=g0", "AvailableFeatures=pool_train,rack_r1,fast")
    changed = inputs(["g0", "g1"], labels={"aifactory/tier": "gold"})
    state = asyncio.run(TYPE.update(made.id, wanted, made.state, changed, around, preview=False))
    assert "AvailableFeatures=fast,rack_r1,tier_gold" in cluster.node("g0")
    found_now = asyncio.run(TYPE.read(made.id, changed, state, around))
    assert found_now.state == state

    cluster.job("g0", 3, tmp_path)
    asyncio.run(TYPE.delete(made.id, changed, state, around))
    for name in ("g0", "g1"):
        said = cluster.node(name)
        # With ReturnToService=2 a node that is down comes back by itself; the drain keeps it out.
        assert re.search(r"State=(DOWN|IDLE)\+DRAIN", said)
        assert "Reason=aifactory left: fra1/hpc/a" in said
        assert "Comment" not in said

    again = create("b", inputs(["g0"], joinSeconds=60), around)
    assert again.state["results"] == {"g0": {"state": "joined"}}
    assert "DRAIN" not in cluster.node("g0")


def test_a_running_job_is_waited_for_and_never_ended(cluster, around, tmp_path):
    number = cluster.job("g2", 60, tmp_path)
    with pytest.raises(StillRunningError) as error:
        using(around, lambda d: d.drain("g2", around.clock.now() + 1))
    assert str(error.value).startswith(f"node g2 is not drained in time: job {number} of ")
    assert str(error.value).endswith("(it runs until it ends)")
    assert "RUNNING" in cluster.run("squeue", "-h", "-j", number, "-o", "%T")
    assert "State=MIXED+DRAIN" in cluster.node("g2") or "ALLOCATED+DRAIN" in cluster.node("g2")
    cluster.run("scancel", number)
    proof = using(around, lambda d: d.drain("g2", around.clock.now() + 60))
    assert proof.by == "slurm hpc"
    assert proof.observation == "closed by us, nothing runs on it"
    using(around, lambda d: d.resume(proof))
    assert "State=IDLE" in cluster.node("g2")
    assert "DRAIN" not in cluster.node("g2")


@pytest.mark.parametrize(("late", "after"), [("requeue", "PENDING"), ("cancel", "")])
def test_late_jobs_are_ended_only_when_the_policy_says_so(cluster, around, tmp_path, late, after):
    number = cluster.job("g3", 60, tmp_path)
    patient = Surroundings(
        Settings(state_dir=tmp_path, pace=0.2), around.secrets, WallClock()
    )  # Slurm takes its time to end a job
    proof = using(patient, lambda d: d.drain("g3", around.clock.now() + 1), policy={"late": late})
    assert proof.node == "g3"
    assert cluster.run("squeue", "-h", "-j", number, "-o", "%T").strip() == after
    cluster.run("scancel", number)
    using(around, lambda d: d.resume(proof))


def test_a_drain_of_a_person_stays(cluster, around):
    cluster.run("scontrol", "update", "NodeName=g4", "State=DRAIN", "Reason=bad fan")
    proof = using(around, lambda d: d.drain("g4", around.clock.now() + 5))
    assert proof.observation.startswith("closed by another")
    using(around, lambda d: d.resume(proof))
    assert "Reason=bad fan" in cluster.node("g4")
    made = create("c", inputs(["g4"]), around)
    assert made.state["results"]["g4"] == {
        "state": "closed",
        "reason": "closed by another: bad fan",
    }


def test_a_node_that_does_not_answer_is_never_proven_to_be_empty(cluster, around):
    with pytest.raises(StillRunningError) as error:
        using(around, lambda d: d.drain("g7", around.clock.now() + 0.5))
    assert "its slurmd does not answer, so nobody can say what runs there" in str(error.value)
    assert using(around, lambda d: d.proof("g7")) is None


def test_two_memberships_and_a_node_that_never_comes(cluster, around):
    create("d", inputs(["g5"]), around)
    with pytest.raises(PartialError) as error:
        create("e", inputs(["g5", "g6", "unheard"], joinSeconds=0), around)
    assert error.value.reasons == (
        "node g5: taken: node g5 belongs to fra1/hpc/d already",
        "node g6: waiting: the node is not ready",
        "node unheard: waiting: the cluster has no such node yet",
    )


def test_what_is_no_node_of_it_is_no_proof(cluster, around):
    with pytest.raises(NodeUnknownError):
        using(around, lambda d: d.drain("unheard", around.clock.now() + 5))


def test_another_controller_is_refused(cluster, around):
    wanted = inputs(["g5"])
    with pytest.raises(ProviderError) as error:
        asyncio.run(TYPE.delete("x", wanted, {"identity": "other", "results": {}}, around))
    assert str(error.value) == (
        "fra1/hpc: slurm hpc is another cluster (hpc) than the one that was joined (other)"
    )


def test_nobody_there(cluster, around, tmp_path):
    conf = Path(json.loads(Path(cluster.access).read_text())["conf"])
    (tmp_path / "slurm.conf").write_text(
        "\n".join(
            "SlurmctldPort=1" if line.startswith("SlurmctldPort") else line
            for line in conf.read_text().splitlines()
        )
    )
    (tmp_path / "access").write_text(str(tmp_path / "slurm.conf"))
    for text, error, said in (
        (str(tmp_path / "slurm.conf"), UnreachableError, "Unable to contact slurm controller"),
        ("/nowhere/slurm.conf", AccessRefusedError, "there is no file /nowhere/slurm.conf"),
        ('{"other": 1}', AccessRefusedError, "is neither a path nor JSON"),
    ):
        (tmp_path / "access").write_text(text)
        secrets = SecretReader({}, {"cluster:fra1/hpc": str(tmp_path / "access")})
        here = Surroundings(around.settings, secrets, WallClock())
        with pytest.raises(error) as raised:
            using(here, lambda d: d.proof("g0"))
        assert said in str(raised.value)


def test_a_controller_says_how_it_stands(cluster, around):
    shape = {"sockets": 1, "cores": 112, "threads": 1, "memory": 2_000_000}
    wanted = {
        "site": "fra1",
        "kind": "slurm",
        "distribution": "slurm",
        "servers": ["localhost"],
        "encryptSecrets": True,
        "auditLogs": True,
        "allowed": [],
        "reservations": {},
        "pools": {"train": {**shape, "nodes": ["g0", "g1", "unheard"]}},
    }
    checked = CLUSTER.check(None, wanted)
    assert checked.failures == ()
    made = asyncio.run(CLUSTER.create("hpc", checked.inputs, around, preview=False))
    assert made.state["status"] == "partial"
    assert made.state["missing"] == ["node unheard is not known to it"]
    assert (made.state["endpoint"], made.state["kubeconfig"]) == ("localhost:6817", "")
    assert made.state["observed"]["nodes"] == 8
    assert made.state["observed"]["version"].startswith("2")
