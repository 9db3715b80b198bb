"""The table of a machine's life is whole: every state, and a way on from each."""

from __future__ import annotations

import pytest

from aifactory_iac.providers.machine.lifecycle import TABLE, State, leads, may_follow

ENDS = {State.RETIRED, State.DETACHED}


def test_every_state_has_a_row_and_every_row_says_all():
    assert set(TABLE) == set(State)
    for state, stage in TABLE.items():
        assert stage.entry, state
        assert stage.action, state
        assert stage.ends, state
        assert stage.limit >= 0, state
        assert stage.retries >= 0, state


@pytest.mark.parametrize("state", sorted(State))
def test_only_what_is_over_leads_nowhere(state):
    assert (TABLE[state].next == ()) is (state in ENDS)


@pytest.mark.parametrize("state", sorted(set(State) - ENDS))
def test_from_everywhere_there_is_a_way_to_be_let_go(state):
    reached, ahead = set(), [state]
    while ahead:
        now = ahead.pop()
        if now not in reached:
            reached.add(now)
            ahead.extend(TABLE[now].next)
    assert reached & ENDS


def test_every_state_can_be_reached_from_a_declaration():
    reached, ahead = set(), [State.DECLARED]
    while ahead:
        now = ahead.pop()
        if now not in reached:
            reached.add(now)
            ahead.extend(TABLE[now].next)
    assert reached == set(State)


def test_what_writes_has_a_limit():
    for state, stage in TABLE.items():
        if stage.writes:
            assert stage.limit > 0, state


@pytest.mark.parametrize("state", sorted(State))
def test_what_writes_can_end_in_quarantine(state):
    if TABLE[state].writes:
        assert may_follow(state, State.QUARANTINED)


def test_nothing_is_installed_or_erased_out_of_service():
    before = {state for state in State if may_follow(state, State.INSTALLING)}
    assert before == {State.AVAILABLE, State.INSTALLED, State.DRAINED}
    assert not leads(State.IN_SERVICE, State.INSTALLING)
    assert not leads(State.IN_SERVICE, State.CLEANING)
    assert {state for state in State if may_follow(state, State.CLEANING)} == {State.RELEASING}
    assert not may_follow(State.IN_SERVICE, State.MAINTENANCE)
    assert not may_follow(State.IN_SERVICE, State.RELEASING)
