"""Letting a machine go: power stays, and disks unless policy, approval and proof all say wipe."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aifactory_iac.providers.machine.intent import Approval
from aifactory_iac.providers.membership.drain import DrainProof, NodeUnknownError, StillRunningError


class Scheduler:
    """A cluster that says whether the node is empty."""

    def __init__(self, now, *, busy: bool = False) -> None:
        self.now, self.busy, self.asked = now, busy, []

    async def drain(self, node: str, deadline: float) -> DrainProof:
        self.asked.append(node)
        if self.busy:
            raise StillRunningError(node, ["training/llama-0"])
        return DrainProof(node, "kubernetes metal", self.now(), "no pod but those of daemon sets")

    async def resume(self, proof: DrainProof) -> None:
        self.asked.append(f"resume {proof.node}")

    async def proof(self, node: str) -> DrainProof | None:
        return None


def approval(lab, **differences) -> Approval:
    allowed = Approval(
        "ops, security",
        lab.hands() + 3600,
        frozenset({"wipe"}),
        serials=frozenset({"SN0001"}),
    )
    return replace(allowed, **differences)


def erased(lab) -> int:
    return len(lab.effects("disk-erased"))


@pytest.mark.parametrize("power", ["On", "Off"])
def test_a_release_touches_neither_power_nor_disks(bench, power):
    lab = bench(model="dgx-h100", power=power, installed="sha256:aa")
    lab.run("observe", lab.intent())
    found = lab.run("release", lab.intent())
    assert (found.state, found.error) == ("detached", "")
    assert lab.writes() == []
    assert lab.fleet.machines["n0001"].host.power == power


def test_a_machine_that_is_off_is_wiped_drive_by_drive(bench):
    lab = bench(model="dgx-h100", installed="sha256:aa")
    found = lab.run("release", lab.intent(wipe=True, approval=approval(lab)))
    assert (found.state, found.error) == ("detached", "")
    assert erased(lab) == 10  # two M.2 and eight U.2 drives
    assert lab.effects("reset") == []
    assert lab.fleet.machines["n0001"].host.power == "Off"


def test_a_machine_that_runs_is_wiped_only_with_a_proof_of_its_drain(bench):
    lab = bench(model="dgx-h100", power="On", installed="sha256:aa")
    intent = lab.intent(wipe=True, approval=approval(lab))
    refused = lab.run("release", intent)
    assert refused.error == (
        "is on, and nothing proves that nobody uses it: drain it or turn it off"
    )
    lab.options["drains"] = Scheduler(lab.hands, busy=True)
    still = lab.run("release", intent)
    assert still.error.startswith("is not drained: node n0001 is not drained in time")
    assert erased(lab) == 0
    lab.options["drains"] = Scheduler(lab.hands)
    assert lab.run("release", intent).error == ""
    assert lab.options["drains"].asked[0] == "n0001"
    assert erased(lab) == 10


@pytest.mark.parametrize(
    "differences",
    [
        {"actions": frozenset({"install", "reset"})},
        {"until": 0.0},
        {"serials": frozenset()},
        {"serials": frozenset({"SN0002"})},
    ],
    ids=["another action", "expired", "no serial", "another serial"],
)
def test_without_the_very_approval_no_disk_is_touched(bench, differences):
    lab = bench(model="dgx-h100", installed="sha256:aa")
    found = lab.run("release", lab.intent(wipe=True, approval=approval(lab, **differences)))
    assert found.state == "detached"
    assert lab.writes() == []


def test_the_policy_alone_wipes_nothing(bench):
    lab = bench(model="dgx-h100", installed="sha256:aa")
    lab.run("release", lab.intent(wipe=True))
    lab.run("release", lab.intent(approval=approval(lab)))
    assert lab.writes() == []


def test_another_machine_behind_the_address_is_not_wiped(bench):
    lab = bench(model="dgx-h100", installed="sha256:aa")
    intent = lab.intent(wipe=True, approval=approval(lab, serials=frozenset({"OTHER"})))
    intent = replace(intent, identity=replace(intent.identity, serial="OTHER"))
    found = lab.run("release", intent)
    assert found.error.startswith("is not the machine that is meant")
    assert lab.writes() == []


def test_a_lost_answer_erases_no_drive_twice(bench):
    lab = bench(
        model="dgx-h100",
        installed="sha256:aa",
        faults="""
faults:
  - name: lost
    when: {method: POST, path: "*Drive.SecureErase", times: 1}
    do: {kind: lose-answer}
""",
    )
    assert lab.run("release", lab.intent(wipe=True, approval=approval(lab))).error == ""
    drives = [each["drive"] for each in lab.effects("erase-started")]
    assert len(drives) == len(set(drives)) == 10


def test_a_machine_that_no_cluster_knows_and_on_which_nothing_runs_is_free(bench):
    lab = bench(model="dgx-h100", power="On")
    lab.fleet.advance(3600)
    scheduler = Scheduler(lab.hands)

    async def unknown(node: str, deadline: float) -> DrainProof:
        raise NodeUnknownError(node, "kubernetes metal")

    scheduler.drain = unknown
    lab.options["drains"] = scheduler
    found = lab.converge(lab.intent(bios={"SriovSupport": "Disabled"}))
    assert found.error == ""
    assert [each["reset"] for each in lab.effects("reset")] == ["ForceRestart"]


def test_a_machine_that_no_cluster_knows_and_that_runs_is_not(bench):
    lab = bench(model="dgx-h100", power="On", installed="sha256:aa")
    scheduler = Scheduler(lab.hands)

    async def unknown(node: str, deadline: float) -> DrainProof:
        raise NodeUnknownError(node, "kubernetes metal")

    scheduler.drain = unknown
    lab.options["drains"] = scheduler
    found = lab.converge(lab.intent(bios={"SriovSupport": "Disabled"}))
    assert found.error == "is not drained: kubernetes metal has no node n0001"
    assert lab.effects("reset") == []
