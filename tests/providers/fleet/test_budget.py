"""How many machines may be out of service, as numbers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aifactory_iac.providers.fleet.budget import (
    DisruptionBudget,
    Group,
    Held,
    Member,
    obstacle,
)


@pytest.mark.parametrize(
    ("absolute", "percent", "total", "unhealthy", "places"),
    [
        (4, None, 100, 0, 4),
        (4, None, 100, 50, 4),  # what is broken does not keep the others from being updated
        (None, 10, 9, 0, 1),  # rounded up
        (None, 10, 9, 1, 0),
        (None, 10, 100, 3, 7),
        (None, 10, 100, 11, 0),  # never less than none
        (4, 10, 100, 3, 4),
        (4, 10, 100, 8, 2),
        (None, 100, 3, 0, 3),
        (None, None, 100, 7, None),
    ],
)
def test_at_most_the_absolute_number_and_the_percentage_less_the_unhealthy(
    absolute, percent, total, unhealthy, places
):
    assert DisruptionBudget(absolute, percent).places(total, unhealthy) == places


@pytest.mark.parametrize(
    ("given_", "total", "most"), [(None, 4, 2), (None, 21, 3), (None, 1000, 100), (0, 1000, 0)]
)
def test_one_in_ten_may_fail_and_two_in_a_small_group(given_, total, most):
    assert DisruptionBudget(failures=given_).most_failures(total) == most


def test_a_serving_machine_needs_a_place_of_its_group():
    budget, group = DisruptionBudget(unavailable=2), Group(10, frozenset({"n9"}), serving=2)
    assert (
        obstacle(budget, group, Held(2), Member("n1"))
        == "2 of 10 machines are disturbed, and 2 may be, with 1 unwell"
    )


def test_a_machine_that_serves_nobody_needs_none():
    budget, group = DisruptionBudget(unavailable=1), Group(10, serving=1)
    assert obstacle(budget, group, Held(1), Member("n1", serving=False)) == ""


def test_an_unhealthy_machine_is_not_held_against_itself():
    budget, group = DisruptionBudget(percent=10), Group(10, frozenset({"n1"}))
    assert obstacle(budget, group, Held(), Member("n1", healthy=False)) == ""
    assert (
        obstacle(budget, group, Held(), Member("n2"))
        == "0 of 10 machines are disturbed, and 0 may be, with 1 unwell"
    )


@pytest.mark.parametrize("serving", [True, False])
@pytest.mark.parametrize("kind", ["rack", "breaker"])
def test_a_rack_and_a_breaker_bound_every_machine_below_them(kind, serving):
    budget, member = DisruptionBudget(rack=2, breaker=2), Member("n1", "r1", "b1", 0, serving)
    other = {"rack": "breaker", "breaker": "rack"}[kind]
    beside = Member("n2", **{kind: getattr(member, kind), other: "other"})
    held = Held().taking(beside).taking(beside)
    assert (
        obstacle(budget, Group(10), held, member)
        == f"2 of {kind} {getattr(member, kind)} are disturbed, and 2 may be"
    )
    assert obstacle(budget, Group(10), held.without(beside), member) == ""


def test_a_machine_whose_rack_is_not_known_is_bound_by_no_rack():
    held = Held().taking(Member("n2")).taking(Member("n3"))
    assert held == Held(2)
    assert obstacle(DisruptionBudget(rack=1), Group(10), held, Member("n1")) == ""


@settings(deadline=None)
@given(st.permutations([Member("n1", "r1", "b1"), Member("n2", "r1"), Member("n3", "", "b1")] * 2))
def test_whatever_is_taken_and_given_back_in_whatever_order_leaves_nothing(members):
    held = Held()
    for member in members:
        held = held.taking(member)
    assert (held.total, held.racks, held.breakers) == (6, {"r1": 4}, {"b1": 4})
    for member in reversed(members):
        held = held.without(member)
    assert held == Held()
