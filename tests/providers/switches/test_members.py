"""Who belongs to which partition, and that growth moves nobody."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from aifactory_iac.providers.switches.partitions.members import (
    assigned,
    natural,
    plain,
    read,
    short_of,
)


def port(number):
    return f"0x{number:016x}"


GUIDS = {"train": {f"node-{number}": [port(number), port(100 + number)] for number in range(1, 7)}}


def tenant(name, pkey, count, membership="full"):
    return {"pkey": pkey, "membership": membership, "tenant": name, "nodes": {"train": count}}


def test_nodes_are_taken_in_the_order_of_their_names_as_people_count():
    guids = {"train": {f"node-{number}": [port(number)] for number in (10, 9, 2)}}
    found = assigned({"a": tenant("a", "0x1", 2)}, guids, {})
    assert [member.node for member in found["a"]] == ["node-2", "node-9"]
    assert natural("node-9") < natural("node-10")


def test_growth_moves_nobody():
    before = assigned({"b": tenant("b", "0x2", 2)}, GUIDS, {})
    grown = assigned({"a": tenant("a", "0x1", 3), "b": tenant("b", "0x2", 3)}, GUIDS, before)
    assert [member.node for member in grown["b"]] == ["node-1", "node-2", "node-6"]
    assert [member.node for member in grown["a"]] == ["node-3", "node-4", "node-5"]


def test_who_shrinks_gives_up_the_last_that_came():
    before = assigned({"a": tenant("a", "0x1", 4)}, GUIDS, {})
    left = assigned({"a": tenant("a", "0x1", 1)}, GUIDS, before)
    assert [member.node for member in left["a"]] == ["node-1"]


def test_an_inventory_that_forgets_a_node_does_not_cut_it_off():
    before = assigned({"a": tenant("a", "0x1", 2)}, GUIDS, {})
    forgotten = {"train": {"node-2": [port(2)], "node-3": [port(3)]}}
    kept = assigned({"a": tenant("a", "0x1", 2)}, forgotten, before)
    assert [(member.node, member.guids) for member in kept["a"]] == [
        ("node-1", (port(1), port(101))),
        ("node-2", (port(2),)),
    ]
    assert kept == assigned({"a": tenant("a", "0x1", 2)}, {}, kept)
    shrunk = assigned({"a": tenant("a", "0x1", 1)}, forgotten, before)
    assert [member.node for member in shrunk["a"]] == ["node-2"], "the unknown one goes first"


def test_what_is_lacking_is_said():
    found = assigned({"a": tenant("a", "0x1", 9)}, GUIDS, {})
    assert short_of({"a": tenant("a", "0x1", 9)}, found) == {"a": {"train": 3}}


counts = st.lists(st.integers(0, 4), min_size=1, max_size=4)


@given(counts, counts, st.integers(0, 1000))
def test_members_hold_their_laws(first, second, seed):
    def declared(numbers):
        names = [f"t{number}" for number in range(len(numbers))]
        return {name: tenant(name, "0x1", n) for name, n in zip(names, numbers, strict=True)}

    before = assigned(declared(first), GUIDS, {})
    after = assigned(declared(second), GUIDS, before)
    everybody = [member.node for members in after.values() for member in members]
    assert len(everybody) == len(set(everybody)), "a node is in one partition"
    for name, partition in declared(second).items():
        now = {member.node for member in after.get(name, ())}
        was = {member.node for member in before.get(name, ())}
        count = partition["nodes"]["train"]
        assert len(now) <= count
        assert len(was & now) == min(len(was), count), "nobody who may stay leaves"
    shuffled = list(declared(second).items())
    random.Random(seed).shuffle(shuffled)
    pools = {"train": dict(reversed(list(GUIDS["train"].items())))}
    assert assigned(dict(shuffled), pools, before) == after
    assert read(plain(after)) == after
