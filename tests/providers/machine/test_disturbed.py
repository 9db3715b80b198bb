"""A machine that is disturbed: looked at again after it waited for its place, and seen to run."""

from __future__ import annotations

import asyncio
import hashlib
import json
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.intent import Approval, Component
from aifactory_iac.providers.machine.observation import Observation
from aifactory_iac.providers.machine.provisioner import OpenGate
from aifactory_iac.providers.machine.record import Act, Record
from aifactory_iac.providers.machine.steps import coming_back
from aifactory_iac.providers.machine.steps.step import Blocked, Wait, World
from aifactory_iac.providers.redfish.vendor import profiles

WISH = {"ProcTurboMode": "Disabled"}
DIGEST = "sha256:" + "aa" * 32
APPROVED = Approval("ops", 4e9, frozenset({"reset"}))


class SlowGate(OpenGate):
    """While a machine waits for its place, an hour passes and something happens."""

    def __init__(self, lab, meanwhile=lambda: None, after=lambda: None):
        self.lab, self.meanwhile, self.after = lab, meanwhile, after

    @asynccontextmanager
    async def disturbance(self, intent):
        self.lab.fleet.call(self.meanwhile)
        await asyncio.to_thread(self.lab.fleet.advance, 3600)
        yield
        self.after()


def test_its_place_is_given_back_once_its_operating_system_runs_again(bench):
    lab = bench(power="On", installed=DIGEST)
    machine = lab.fleet.machines["n0001"]
    stages = []
    gate = SlowGate(lab, after=lambda: stages.append(machine.host.stage))
    found = lab.converge(lab.intent(bios=WISH, power="On", approval=APPROVED), gate=gate)
    assert found.error == ""
    assert stages == ["os"]
    assert "its operating system starts" in lab.said


def test_one_that_does_not_start_again_is_left_alone(bench):
    lab = bench(power="On", installed=DIGEST)
    machine = lab.fleet.machines["n0001"]
    gate = SlowGate(lab, lambda: setattr(machine.host, "disk", None))
    found = lab.converge(lab.intent(bios=WISH, power="On", approval=APPROVED), gate=gate)
    assert found.error == "was disturbed, and its operating system has not started again"
    assert found.observed["bios"] == WISH


def test_one_that_was_turned_on_while_it_waited_is_not_reset(bench):
    """It was off when it was looked at; hours later somebody works on it."""
    lab = bench(power="Off", installed=DIGEST)
    machine = lab.fleet.machines["n0001"]

    def somebody_comes():
        machine.host.power, machine.host.stage = "On", "os"

    gate = SlowGate(lab, somebody_comes)
    found = lab.converge(lab.intent(bios=WISH), gate=gate)
    assert lab.effects("reset") == []
    assert "nothing proves that nobody uses it" in found.error


def test_another_box_behind_the_address_since_then_is_not_touched(bench):
    lab = bench(power="Off")
    machine = lab.fleet.machines["n0001"]

    def exchange():
        machine.spec = replace(machine.spec, serial="ANOTHER")
        machine.effect("exchanged")

    found = lab.converge(lab.intent(bios=WISH), gate=SlowGate(lab, exchange))
    assert found.error == "is not the machine that is meant: serial is ANOTHER, not SN0001"
    assert lab.writes() == []


def test_nothing_at_all_is_written_before_it_has_its_place(bench):
    lab = bench(power="Off")
    written = []
    gate = SlowGate(lab, lambda: written.extend(lab.writes()))
    assert lab.converge(lab.intent(bios=WISH), gate=gate).error == ""
    assert written == []
    assert lab.writes() != []


NOW = 1_800_000_000.0
WORLD = World(NOW, 1.0, profiles()["generic"])
RESET = Act("1", "restart", "settings:1", NOW - 60, resets=True)


@pytest.mark.parametrize(
    ("power", "running", "reset", "decision"),
    [
        ("On", "yes", RESET, None),
        ("On", "unknown", RESET, None),
        ("Off", "no", RESET, None),
        ("On", "no", RESET, Wait("its operating system starts")),
        (
            *("On", "no"),
            Act("1", "restart", "settings:1", NOW - 1801, resets=True),
            Blocked("was disturbed, and its operating system has not started again"),
        ),
        ("On", "no", Act("1", "insert", "x", NOW - 9999), Wait("its operating system starts")),
    ],
)
def test_what_is_waited_for_and_how_long(power, running, reset, decision):
    seen = Observation(NOW, Identity("S1"), "generic", "", power, running)
    assert coming_back.decide(seen, Record(acts=(reset,)), WORLD) == decision


class NeverAsked:
    """A cluster that must not be asked."""

    async def drain(self, node, deadline):
        raise AssertionError(f"{node} is drained although nothing has to be proven")


@pytest.mark.parametrize("wanted", [{"approval": APPROVED}, {}], ids=["approved", "was off"])
def test_where_nothing_has_to_be_proven_no_cluster_is_asked(bench, wanted):
    """The cluster is there, but the machine was off, or somebody approved: it is not cordoned."""
    lab = bench(power="On" if wanted else "Off")
    lab.options["drains"] = NeverAsked()
    found = lab.converge(lab.intent(bios=WISH, secure_boot=True, **wanted))
    assert found.error == ""
    assert found.observed["bios"] == WISH


class NotingGate(OpenGate):
    """Writes down what is asked of it."""

    def __init__(self):
        self.asked = []

    @asynccontextmanager
    async def disturbance(self, intent):
        self.asked.append("disturbance")
        yield
        self.asked.append("disturbance is over")

    @asynccontextmanager
    async def flash(self, intent):
        self.asked.append("flash")
        yield
        self.asked.append("flash is over")

    @asynccontextmanager
    async def upload(self, intent):
        self.asked.append("upload")
        yield
        self.asked.append("upload is over")

    async def power_on(self, intent):
        self.asked.append("watts")


def test_what_a_flash_asks_of_the_gate(bench, tmp_path):
    place = tmp_path / "package.json"
    place.write_text(json.dumps({"BIOS": "1.1.0"}))
    digest = f"sha256:{hashlib.sha256(place.read_bytes()).hexdigest()}"
    component = Component("BIOS", "1.1.0", url=f"file://{place}", digest=digest)
    lab, gate = bench(power="Off"), NotingGate()
    assert lab.converge(lab.intent(firmware=(component,)), gate=gate).error == ""
    assert gate.asked == [
        *("disturbance", "flash", "upload", "upload is over", "watts"),
        *("flash is over", "disturbance is over"),
    ]
