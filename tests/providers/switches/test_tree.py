"""Configuration trees: what is missing, what is too much, and that an edit ends at the goal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aifactory_iac.providers.switches.tree import (
    Edit,
    Goal,
    after,
    at,
    drift,
    leaves,
    same,
    spelled,
    towards,
)

names = st.sampled_from(["a", "b", "c", "type"])
trees = st.recursive(
    st.dictionaries(names, st.integers(0, 2), max_size=3),
    lambda inner: st.dictionaries(names, inner | st.integers(0, 2), max_size=3),
    max_leaves=8,
)


@given(trees, trees, trees)
def test_an_edit_ends_at_the_goal(wanted, owned, found):
    goal = Goal("x", wanted, owned)
    assert goal.holds(after(found, goal.edit(found)))


@given(trees, trees, trees)
def test_what_nobody_declared_stays(wanted, owned, found):
    ours = {path for tree in (wanted, owned) for path, _ in leaves(tree)}
    now = after(found, Goal("x", wanted, owned).edit(found))
    for path, value in leaves(found):
        related = any(path[: len(each)] == each or each[: len(path)] == path for each in ours)
        if not related:
            assert at(now, path) == value, path


@given(trees, trees)
def test_what_is_no_longer_wanted_goes(wanted, owned):
    now = after(owned, Goal("x", wanted, owned).edit(owned))
    kept = {path for path, _ in leaves(wanted)}
    for path, value in leaves(now):
        touches = any(path[: len(each)] == each or each[: len(path)] == path for each in kept)
        assert touches or value == {}, path


@given(trees, trees)
def test_towards_makes_one_tree_the_other(found, target):
    if "type" not in {
        name for tree in (found, target) for path, _ in leaves(tree) for name in path
    }:
        assert same(after(found, towards(found, target, ("type",))), target, ("type",))


CASES = {
    "a new leaf": ({"a": 1}, {}, {}, Edit({"a": 1}, {})),
    "another value": ({"a": 1}, {}, {"a": 2}, Edit({"a": 1}, {})),
    "nothing": ({"a": {"b": 1}}, {"a": {"b": 2}}, {"a": {"b": 1, "c": 3}}, Edit()),
    "a thing without settings": ({"up": {}}, {}, {}, Edit({"up": {}}, {})),
    "one that is there with settings": ({"up": {}}, {}, {"up": {"x": 1}}, Edit()),
    "a whole branch of ours goes": ({}, {"a": {"b": 1}}, {"a": {"b": 1}}, Edit({}, {"a": None})),
    "only our part goes": (
        {},
        {"a": {"b": 1}},
        {"a": {"b": 1, "c": 2}},
        Edit({}, {"a": {"b": None}}),
    ),
    "what the switch adds goes with it": (
        {},
        {"swp1": {"mtu": 1}},
        {"swp1": {"mtu": 1, "type": "swp"}},
        Edit({}, {"swp1": None}),
    ),
    "what somebody made a branch of stays": ({}, {"a": 1}, {"a": {"b": 1}}, Edit()),
    "a branch that becomes a leaf is set": (
        {"a": 1},
        {"a": {"b": 1}},
        {"a": {"b": 1}},
        Edit({"a": 1}, {}),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_edits(case):
    wanted, owned, found, expected = CASES[case]
    assert Goal("x", wanted, owned, ("type",)).edit(found) == expected


def test_drift_is_by_property_path():
    goal = Goal("x", {"PORT": {"Ethernet0": {"mtu": "9216"}}, "1/1": {"up": {}}}, {"gone": 1})
    assert drift(goal, {"PORT": {"Ethernet0": {"mtu": "9100"}}, "gone": 1}, ("config",)) == {
        'config["1/1"].up': {"wanted": {}, "found": None},
        "config.PORT.Ethernet0.mtu": {"wanted": "9216", "found": "9100"},
        "config.gone": {"wanted": None, "found": 1},
    }


def test_paths_are_spelled_as_pulumi_does():
    assert spelled(("config", "interface", "swp1", "link-up", "a.b")) == (
        'config.interface.swp1["link-up"]["a.b"]'
    )
