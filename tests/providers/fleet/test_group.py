"""A group watched, brought and let go: what becomes of one stops no other."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from aifactory_iac.providers.fleet.budget import DisruptionBudget, Member
from aifactory_iac.providers.fleet.gate import FleetGate
from aifactory_iac.providers.fleet.group import (
    NOT_BEGUN,
    converge_group,
    observe_group,
    release_group,
    still_quarantined,
)
from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.lifecycle import State
from aifactory_iac.providers.machine.result import MachineResult, Quarantine


def group(box, count, **faults):
    boxes = {f"n{number:03}": box(f"s{number}") for number in range(count)}
    for name, fault in faults.items():
        boxes[name].fault = fault.replace("_", " ")
    return boxes


def open_gate(boxes, floor, clock):
    members = [Member(name, serving=False) for name in boxes]
    return FleetGate(DisruptionBudget(), members, floor, clock)


def brought(virtual, intent, hall, clock, boxes, parallel=8, stop_at=None):
    place = hall(boxes)
    intents = {name: intent(name) for name in boxes}

    async def run():
        cancelled = asyncio.Event()
        if stop_at is not None:
            asyncio.get_running_loop().call_later(stop_at, cancelled.set)
        crew = place.crew(parallel, cancelled)
        gate = open_gate(boxes, place.floor, clock)
        return await converge_group(intents, {}, gate, crew)

    return place, virtual(run)


def test_a_thousand_machines_with_so_many_at_once(virtual, intent, box, hall, clock):
    place, results = brought(virtual, intent, hall, clock, group(box, 1000), parallel=50)
    assert {(each.state, each.settled) for each in results.values()} == {(State.AVAILABLE, True)}
    assert len(results) == 1000
    assert place.double.most_at_work == 50
    assert place.ended[0] == "n000 1/1000"
    assert place.ended[-1].endswith(" 1000/1000")
    # One first; then fifty at a time.
    assert place.double.log[-1][0] == 60.0 * (1 + 20)


def test_bad_ones_fail_alone(virtual, intent, box, hall, clock):
    boxes = group(
        box,
        40,
        n003="fails",
        n007="raises",
        n011="fails_after_the_reset",
    )
    place, results = brought(virtual, intent, hall, clock, boxes)
    bad = {name: each.error for name, each in results.items() if not each.settled}
    assert bad == {
        "n003": "does not take it",
        "n007": "internal error: ValueError (this is a bug in aifactory)",
        "n011": "never came back",
    }
    assert {results[name].state for name in bad} == {State.QUARANTINED}
    assert sorted(place.double.names("reset")) == [
        name for name in boxes if name not in ("n003", "n007")
    ]


def test_a_stop_begins_no_further_machine_and_keeps_what_was_learned(
    virtual, intent, box, hall, clock
):
    place, results = brought(
        virtual, intent, hall, clock, group(box, 100), parallel=10, stop_at=130.0
    )
    begun = place.double.names("in")
    assert len(begun) == 1 + 10 + 10
    assert sorted(place.double.names("out")) == sorted(begun)  # all of them were read back
    done = [name for name, each in results.items() if each.settled]
    assert sorted(done) == sorted(begun)
    rest = [each for each in results.values() if not each.settled]
    assert {each.error for each in rest} == {NOT_BEGUN}
    assert {each.quarantine for each in rest} == {None}
    assert len(results) == 100


def test_one_that_waits_at_the_gate_when_it_is_stopped_is_nobodys_fault(
    virtual, intent, box, hall, clock
):
    place, results = brought(virtual, intent, hall, clock, group(box, 3), parallel=3, stop_at=30.0)
    assert place.double.names("in") == ["n000"]
    assert {name: each.error for name, each in results.items()} == {
        "n000": "",
        "n001": "the run was asked to stop",
        "n002": "the run was asked to stop",
    }
    assert {each.quarantine for each in results.values()} == {None}


def test_looking_writes_nothing_and_what_is_not_reached_is_as_it_was(virtual, intent, box, hall):
    boxes = group(box, 5, n001="unreachable")
    place = hall(boxes)
    before = {
        "n001": MachineResult("n001", State.INSTALLED, Identity("s1"), "On", installed="sha256:1")
    }
    intents = {name: intent(name) for name in boxes}
    results = virtual(lambda: observe_group(intents, before, place.crew()))
    assert results["n001"] == replace(before["n001"], error="does not answer", stale=True)
    assert {what for _at, _name, what in place.double.log} == {"look"}
    assert results["n000"].identity == Identity("s0")


def test_a_look_that_was_stopped_leaves_the_rest_stale(virtual, intent, box, hall):
    boxes = group(box, 9)
    place = hall(boxes)
    before = {"n008": MachineResult("n008", State.INSTALLED, installed="sha256:1")}

    async def run():
        cancelled = asyncio.Event()
        asyncio.get_running_loop().call_later(0.15, cancelled.set)
        intents = {name: intent(name) for name in boxes}
        return await observe_group(intents, before, place.crew(4, cancelled))

    results = virtual(run)
    assert len(place.double.names("look")) == 8
    assert results["n008"] == replace(before["n008"], stale=True, error=NOT_BEGUN)


def test_a_look_ends_a_quarantine_only_when_the_machine_is_as_wanted():
    resting = Quarantine("never came back", 2, 5.0)
    was = MachineResult("n1", State.QUARANTINED, error="never came back", quarantine=resting)
    well = MachineResult("n1", State.INSTALLED, power="On")
    ill = MachineResult("n1", State.NONCONFORMANT, power="On")
    gone = replace(was, stale=True, error="does not answer")
    assert still_quarantined(well, was) is well
    assert still_quarantined(ill, None) is ill
    assert still_quarantined(ill, well) is ill
    assert still_quarantined(ill, was) == replace(
        ill, state=State.QUARANTINED, error="never came back", quarantine=resting
    )
    assert still_quarantined(gone, was) == replace(gone, error="never came back")


def test_letting_go_leaves_nobody_out(virtual, intent, box, hall):
    boxes = group(box, 20, n004="fails")
    place = hall(boxes)
    intents = {name: intent(name) for name in boxes}
    results = virtual(lambda: release_group(intents, {}, place.crew()))
    assert sorted(place.double.names("release")) == sorted(boxes)
    assert {each.state for name, each in results.items() if name != "n004"} == {State.DETACHED}
    assert results["n004"].error == "keeps the disc"
    assert results["n004"].quarantine.attempts == 1


def test_a_stop_while_letting_go_says_who_was_not(virtual, intent, box, hall):
    boxes = group(box, 3)
    place = hall(boxes)

    async def run():
        cancelled = asyncio.Event()
        cancelled.set()
        return await release_group({"n000": intent("n000")}, {}, place.crew(4, cancelled))

    assert virtual(run)["n000"].error == NOT_BEGUN
