"""Everybody is looked at before anybody is touched."""

from __future__ import annotations

import asyncio

import pytest

from aifactory_iac.providers.fleet.budget import DisruptionBudget
from aifactory_iac.providers.fleet.rollout import Wishes, bring_group
from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.lifecycle import State
from aifactory_iac.providers.machine.result import MachineResult, Quarantine


@pytest.fixture
def bring(virtual, hall, intent):
    def run(boxes, *, wanted=None, before=None, budget=None, parallel=8, stop_at=None, **more):
        place = hall(boxes)
        intents = {name: intent(name, **(wanted or {}).get(name, {})) for name in boxes}
        wishes = Wishes(intents, before or {}, budget or DisruptionBudget(), **more)

        async def work():
            cancelled = asyncio.Event()
            if stop_at is not None:
                asyncio.get_running_loop().call_later(stop_at, cancelled.set)
            return await bring_group(wishes, place.floor, place.crew(parallel, cancelled))

        return place.double, virtual(work)

    return run


def boxes_of(box, count):
    return {f"n{number}": box(f"s{number}") for number in range(count)}


def errors(outcome):
    return {name: each.error for name, each in outcome.results.items() if each.error}


def test_nobody_is_touched_before_all_were_looked_at(box, bring):
    double, outcome = bring(boxes_of(box, 20), parallel=3)
    what = [noted for _at, _name, noted in double.log]
    assert what[:20] == ["look"] * 20
    assert "look" not in what[20:]
    assert errors(outcome) == {}
    assert list(outcome.results) == sorted(outcome.results)


def test_what_is_as_wanted_is_only_looked_at(box, bring):
    boxes = boxes_of(box, 5)
    boxes["n1"].done = True
    double, _ = bring(boxes)
    assert sorted(double.names("reset")) == ["n0", "n2", "n3", "n4"]
    double, _ = bring(boxes)
    assert [noted for _at, _name, noted in double.log] == ["look"] * 5


@pytest.mark.parametrize("owner", ["observed", "external"])
def test_what_is_not_ours_is_only_looked_at(box, bring, owner):
    double, outcome = bring(boxes_of(box, 2), wanted={"n0": {"owner": owner}})
    assert double.names("reset") == ["n1"]
    assert outcome.results["n0"].settled


def test_two_with_one_serial_are_both_left_alone_before_the_first_write(box, bring):
    boxes = boxes_of(box, 4)
    boxes["n3"].serial = "s1"
    double, outcome = bring(boxes)
    assert sorted(double.names("reset")) == ["n0", "n2"]
    assert errors(outcome) == {
        "n1": "serial s1 is also that of n3",
        "n3": "serial s1 is also that of n1",
    }
    assert outcome.results["n1"].state == State.QUARANTINED


def test_a_twin_that_rests_counts_too(box, bring):
    boxes = boxes_of(box, 3)
    resting = Quarantine("never came back", 1, 2e9)
    before = {
        "n0": MachineResult(
            "n0", State.QUARANTINED, Identity("s2"), error="never came back", quarantine=resting
        )
    }
    double, outcome = bring(boxes, before=before, resting={"n0"})
    assert double.names("reset") == ["n1"]
    assert errors(outcome) == {
        "n0": "never came back",
        "n2": "serial s2 is also that of n0",
    }


def test_who_rests_is_not_even_looked_at_and_stays_reported(box, bring):
    resting = Quarantine("never came back", 1, 2e9)
    before = {
        "n0": MachineResult("n0", State.QUARANTINED, error="never came back", quarantine=resting)
    }
    double, outcome = bring(boxes_of(box, 3), before=before, resting={"n0"})
    assert sorted(double.names("look")) == ["n1", "n2"]
    assert outcome.results["n0"] == before["n0"]


def test_who_was_not_reached_is_not_touched(box, bring):
    boxes = boxes_of(box, 3)
    boxes["n1"].fault = "unreachable"
    double, outcome = bring(boxes)
    assert sorted(double.names("reset")) == ["n0", "n2"]
    assert errors(outcome) == {"n1": "does not answer"}
    assert outcome.results["n1"].stale


def test_another_machine_than_the_one_meant_is_not_touched(box, bring):
    wanted = {"n1": {"identity": Identity("s7")}}
    double, outcome = bring(boxes_of(box, 3), wanted=wanted)
    assert sorted(double.names("reset")) == ["n0", "n2"]
    assert errors(outcome) == {"n1": "serial is s1"}


def test_whoever_answers_a_write_has_to_be_who_answered_the_look(box, bring):
    double, _ = bring(boxes_of(box, 2))
    assert double.asked == {"n0": Identity("s0"), "n1": Identity("s1")}


def test_attempts_are_counted_over_runs_and_success_forgets_them(box, bring):
    boxes = boxes_of(box, 1)
    boxes["n0"].fault = "fails after the reset"
    _, first = bring(boxes)
    assert first.results["n0"].quarantine.attempts == 1
    _, second = bring(boxes, before=first.results)
    assert second.results["n0"].quarantine.attempts == 2
    waits = [each.results["n0"].quarantine.next_attempt for each in (first, second)]
    assert waits[1] > waits[0]
    boxes["n0"].fault = ""
    _, third = bring(boxes, before=second.results)
    assert third.results["n0"].settled
    assert third.results["n0"].quarantine is None


def test_spares_and_what_is_off_do_not_wait_for_the_groups_places(box, bring):
    boxes = boxes_of(box, 6)
    for name in ("n0", "n1", "n2", "n3"):
        boxes[name].power = "On"
    double, _ = bring(boxes, budget=DisruptionBudget(unavailable=1), spares={"n3"})
    moments = {name: at for at, name, what in double.log if what == "in"}
    first = min(moments.values())
    after = {name: round((at - first) / 60) for name, at in moments.items()}
    assert after == {"n3": 0, "n4": 1, "n5": 1, "n0": 1, "n1": 2, "n2": 3}


def test_the_rollout_says_why_it_stopped(box, bring):
    boxes = boxes_of(box, 9)
    for each in boxes.values():
        each.fault = "fails after the reset"
    double, outcome = bring(boxes)
    why = "the first 3 machines that were touched failed, and none went well"
    assert outcome.closed == why
    assert double.names("reset") == ["n0", "n1", "n2"]
    assert set(errors(outcome).values()) == {"never came back", why}
    rest = [outcome.results[f"n{number}"] for number in range(3, 9)]
    assert {(each.error, each.quarantine) for each in rest} == {(why, None)}


def test_a_stop_while_all_are_looked_at_touches_nobody(box, bring):
    double, outcome = bring(boxes_of(box, 9), parallel=2, stop_at=0.25)
    assert double.names("reset") == []
    assert len(double.names("look")) == 6
    assert len(errors(outcome)) == 9


def test_what_is_refused_after_the_look_is_not_touched(box, bring):
    def refuse(intent, seen, now):
        assert now > 1.8e9
        assert intent.identity == seen.identity
        return f"{seen.identity.serial} may not be wiped" if seen.name in ("n0", "n2") else ""

    boxes = boxes_of(box, 4)
    boxes["n2"].done = True
    double, outcome = bring(boxes, refuse=refuse)
    assert sorted(double.names("reset")) == ["n1", "n3"]
    assert errors(outcome) == {"n0": "s0 may not be wiped"}  # nothing was wanted of n2
    assert outcome.results["n0"].quarantine is None
