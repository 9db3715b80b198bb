"""Machines that run are drained by their cluster before they are touched, and given back after."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager

import pytest

from aifactory_iac.providers.membership.drain import DrainProof, StillRunningError
from aifactory_iac.providers.resources import group_drains

GROUP = "aifactory:metal:NodeGroup"
RUNNING = {"power": "On", "installed": "sha256:" + "cd" * 32}


class Cluster:
    """A scheduler that drains at once, but for nodes that are busy."""

    def __init__(self, busy=()):
        self.busy = busy
        self.log: list[str] = []
        self.asked: list[tuple] = []

    async def drain(self, node, deadline):
        self.log.append(f"drain {node}")
        if node in self.busy:
            raise StillRunningError(node, ["job 7"])
        assert deadline > time.time()
        return DrainProof(node, "kubernetes fra1/metal", time.time(), "nothing runs on it")

    async def resume(self, proof):
        self.log.append(f"resume {proof.node}")

    async def proof(self, node):
        self.log.append(f"proof {node}")

    @asynccontextmanager
    async def opened(self, *what, **how):
        self.asked.append((what[:3], how))
        self.log.append("open")
        yield self
        self.log.append("close")


@pytest.fixture
def cluster(monkeypatch):
    def start(**how):
        made = Cluster(**how)
        monkeypatch.setattr(group_drains, "drains", made.opened)
        return made

    return start


@pytest.fixture
def running(plant, group_of, plugin):
    """Machines that run something, and are to get another setting."""

    def start(**more):
        place = plant(3, pace=0.002, **RUNNING)
        ours = plugin(lab=place.lab, pace=0.02, parallel=4)
        group = {"id": "fra1/metal", "seconds": 600, **more}
        inputs, failures = ours.check(
            GROUP, group_of(place, bios={"ProcTurboMode": "Disabled"}, power="On", cluster=group)
        )
        assert failures == []
        return place, ours, inputs

    return start


def test_each_is_drained_then_reset_then_given_back(cluster, running):
    scheduler = cluster()
    _place, ours, inputs = running(kind="slurm", policy={"late": "requeue"})
    state = ours.create(GROUP, inputs)[1]
    assert state["ready"] == 3
    names = sorted(inputs["machines"])
    assert scheduler.log == [
        "open",
        *(f"{verb} {name}" for name in names for verb in ("drain", "resume")),
        "close",
    ]
    ((what, how),) = scheduler.asked
    assert what == ("fra1/metal", "slurm", "fra1/train/1")
    assert how == {"access": None, "policy": {"late": "requeue"}, "reason": "is updated"}


def test_one_that_is_busy_is_not_touched_and_the_others_are(cluster, running):
    cluster(busy={"n0002"})
    place, ours, inputs = running()
    with pytest.raises(ours.partly_done) as partly:
        ours.create(GROUP, inputs)
    assert set(place.resets()) == {"n0001", "n0003"}
    assert partly.value.reasons[0].startswith(
        "n0002: is not drained: node n0002 is not drained in time: job 7 (in quarantine"
    )


def test_a_cluster_that_nobody_needs_is_not_even_opened(cluster, running):
    scheduler = cluster()
    place, ours, inputs = running()
    asked = {**inputs, "bios": {"ProcTurboMode": "Enabled"}}
    assert ours.create(GROUP, asked)[1]["ready"] == 3
    assert scheduler.log == []
    assert place.writes() == []
