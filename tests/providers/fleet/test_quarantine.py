"""How long a machine that failed is left alone, and what ends it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aifactory_iac.providers.fleet.quarantine import (
    FIRST,
    LONGEST,
    back_off,
    failed,
    left_alone,
    quarantined,
    released,
    resting,
)
from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.lifecycle import State
from aifactory_iac.providers.machine.result import MachineResult, Quarantine

NOW = 1_800_000_000.0
FAILED = MachineResult(
    "n1",
    State.QUARANTINED,
    error="never came back",
    quarantine=Quarantine("never came back", 1, 0.0),
    did=("reset it",),
)


@settings(deadline=None)
@given(name=st.text(max_size=20), attempts=st.integers(1, 10_000))
def test_waits_grow_twofold_are_capped_and_the_name_says_how_much_of_it(name, attempts):
    whole = min(int(LONGEST), int(FIRST) * 2 ** (attempts - 1))
    assert whole / 2 <= back_off(name, attempts) <= whole
    assert back_off(name, attempts) == back_off(name, attempts)


def test_machines_that_failed_together_are_not_tried_together():
    waits = {round(back_off(f"n{number}", 3)) for number in range(32)}
    assert len(waits) > 24
    assert min(waits) >= 240
    assert max(waits) <= 480


def test_one_that_was_left_alone_after_a_step_rests():
    found = quarantined(FAILED, None, NOW)
    assert found.quarantine == Quarantine("never came back", 1, NOW + back_off("n1", 1))
    assert (found.state, found.error) == (State.QUARANTINED, "never came back")


def test_a_lab_rests_shorter():
    found = quarantined(FAILED, None, NOW, pace=0.01)
    assert found.quarantine.next_attempt == pytest.approx(NOW + back_off("n1", 1) / 100)


def test_one_that_failed_before_rests_longer():
    again = replace(FAILED, quarantine=Quarantine("never came back", 4, 0.0))
    before = replace(FAILED, quarantine=Quarantine("another reason", 3, NOW - 1))
    assert quarantined(again, before, NOW).quarantine == Quarantine(
        "never came back", 4, NOW + back_off("n1", 4)
    )


def test_one_on_which_nothing_was_done_may_be_tried_at_once():
    found = quarantined(replace(FAILED, did=()), None, NOW)
    assert found.quarantine == Quarantine("never came back", 1, NOW)
    assert not resting(found, NOW, same_intent=True)


def test_one_that_went_away_after_a_step_rests_too():
    gone = replace(FAILED, quarantine=None, stale=True)
    assert quarantined(gone, None, NOW).quarantine.next_attempt > NOW


@pytest.mark.parametrize(
    "result",
    [
        replace(FAILED, quarantine=None, stale=True, did=()),  # only not reached
        replace(FAILED, quarantine=None, error="the run was asked to stop"),
        replace(FAILED, quarantine=None, error=""),
    ],
)
def test_the_others_are_as_they_are(result):
    assert quarantined(result, None, NOW) is result


def test_one_that_was_stopped_keeps_the_quarantine_that_it_had():
    before = replace(FAILED, quarantine=Quarantine("why", 2, NOW - 5))
    stopped = replace(before, error="the run was asked to stop")
    assert quarantined(stopped, before, NOW) is stopped
    assert not failed(stopped, before)


def test_it_ends_with_its_time_or_with_another_intent():
    before = left_alone(replace(FAILED, quarantine=None), None, "why", NOW + 100)
    assert resting(before, NOW, same_intent=True)
    assert not resting(before, NOW + 100, same_intent=True)
    assert not resting(before, NOW, same_intent=False)
    assert not resting(None, NOW, same_intent=True)
    assert not resting(replace(before, quarantine=None), NOW, same_intent=True)


def test_what_is_released_begins_anew():
    before = replace(FAILED, identity=Identity("s1"), installed="sha256:1")
    assert released(before) == MachineResult(
        "n1", State.DECLARED, Identity("s1"), installed="sha256:1", did=("reset it",)
    )
