"""One machine first, then one of each rack, and when nothing more is touched."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aifactory_iac.providers.fleet.budget import Member
from aifactory_iac.providers.fleet.ramp import Ramp, closing, obstacle, order

N1, N2, N3 = Member("n1", "r1"), Member("n2", "r1"), Member("n3", "r2")


def after(*verdicts: bool | None) -> Ramp:
    ramp = Ramp()
    for number, well in enumerate(verdicts):
        member = Member(f"m{number}", f"rack{number}")
        ramp = ramp.trying(member).ended(member, well=well)
    return ramp


def test_while_the_first_machine_is_tried_nobody_else_is():
    ramp = Ramp().trying(N1)
    assert obstacle(ramp, N1) == ""
    assert obstacle(ramp, N3) == "n1 goes first, and has to end well"


def test_when_it_failed_another_one_is_the_first():
    ramp = Ramp().trying(N1).ended(N1, well=False)
    assert obstacle(ramp, N3) == ""
    assert obstacle(ramp.trying(N3), N2) == "n3 goes first, and has to end well"


def test_then_one_of_each_rack():
    ramp = Ramp().trying(N3).ended(N3, well=True).trying(N1)
    assert obstacle(ramp, N2) == "n1 goes first in rack r1, and has to end well"
    assert obstacle(ramp, Member("n4", "r2")) == ""
    assert obstacle(ramp, Member("n5", "r3")) == ""


def test_then_all_of_them():
    ramp = Ramp().trying(N1).ended(N1, well=True).trying(N2)
    assert obstacle(ramp, Member("n6", "r1")) == ""


def test_machines_without_a_rack_are_nobodys_neighbours():
    ramp = after(True).trying(Member("n1"))
    assert obstacle(ramp, Member("n2")) == ""


def test_one_that_was_stopped_says_nothing_about_the_others():
    ramp = Ramp().trying(N1).ended(N1, well=None)
    assert ramp == Ramp()


def test_one_that_was_never_tried_counts_for_nothing():
    assert Ramp().ended(N1, well=False) == Ramp()


@pytest.mark.parametrize(
    ("verdicts", "most", "reason"),
    [
        ((), 2, ""),
        ((False,), 2, ""),
        ((False, False), 9, ""),
        (
            (False, False, False),
            9,
            "the first 3 machines that were touched failed, and none went well",
        ),
        ((False, True, False), 2, ""),
        ((True, False, False, False), 2, "failed after they were touched: 3 machines, where 2 may"),
        ((True, False), 0, "failed after they were touched: 1 machines, where 0 may"),
        ((True,) * 20 + (False,) * 5, 99, ""),
        (
            (True,) * 20 + (False,) * 6,
            99,
            "6 of the last 10 machines that were touched failed",
        ),
        ((True, False) * 30, 99, ""),
    ],
)
def test_too_many_failures_end_the_rollout(verdicts, most, reason):
    assert closing(after(*verdicts), most) == reason


def test_who_is_not_missed_goes_first_and_the_first_of_each_rack_before_its_neighbours():
    members = [
        Member("n1", "r1"),
        Member("n2", "r1", serving=False),
        Member("n3", "r2"),
        Member("n4", "r2"),
        Member("n5", "r3", healthy=False),
        Member("n6", "r3"),
        Member("n7", "r1", serving=False),
        Member("n8"),
        Member("n9"),
    ]
    assert [member.name for member in order(members)] == [
        *("n2", "n5", "n7"),
        *("n1", "n3", "n6", "n8", "n9", "n4"),
    ]


@settings(deadline=None)
@given(st.permutations([Member(f"n{i}", f"r{i % 3}", serving=i % 2 == 0) for i in range(9)]))
def test_the_order_in_which_machines_are_named_is_nothing(members):
    assert order(members) == order(sorted(members, key=lambda each: each.name))
