"""Nodes leave: closed, drained, proven to be empty, and only then taken out."""

from __future__ import annotations

import asyncio

import pytest

from aifactory_iac.providers.resource import PartialError, ProviderError
from aifactory_iac.providers.resources.cluster_membership import TYPE

NAMES = [f"n{number:02d}" for number in range(10)]
ID = "fra1/metal/metal.train-su001"


def test_deleting_drains_proves_and_removes_and_the_machines_are_not_asked(
    api, around, inputs, create, delete
):
    for name in NAMES:
        api.node(name)
        api.pod(name, f"train-{name}")
        api.pod(name, f"ds-{name}", owner="DaemonSet")
    state = create(inputs(), around).state
    api.log.clear()
    delete(inputs(), state, around)
    assert api.nodes == {}
    assert sorted(pod.name for pod in api.pods) == sorted(f"ds-{name}" for name in NAMES)
    cordons = [i for i, (method, _) in enumerate(api.log) if method == "PATCH"]
    evictions = [i for i, (method, _) in enumerate(api.log) if method == "POST"]
    removals = [i for i, (method, _) in enumerate(api.log) if method == "DELETE"]
    assert len(cordons) == len(evictions) == len(removals) == 10
    assert max(cordons) < min(evictions)


def test_a_budget_that_blocks_leaves_that_node_closed_and_lets_the_others_go(
    api, around, inputs, create, delete, unschedulable
):
    for name in NAMES[:3]:
        api.node(name)
    api.pod("n01", "critical", app="critical")
    api.budgets["critical"] = 0
    wanted = inputs(NAMES[:3])
    state = create(wanted, around).state
    with pytest.raises(ProviderError) as error:
        delete(wanted, state, around)
    assert str(error.value) == (
        f"{ID}: 1 of 3 nodes did not leave: node n01 is not drained in time: jobs/critical "
        "(Cannot evict pod as it would violate the pod's disruption budget. "
        "The disruption budget critical needs 3 healthy pods and has 3)"
    )
    assert list(api.nodes) == unschedulable(api) == ["n01"]
    api.budgets["critical"] = 1
    delete(wanted, state, around)
    assert api.nodes == {}


def test_the_drain_ends_at_its_deadline(api, around, clock, inputs, create, delete):
    api.node("n00")
    api.pod("n00", "critical", app="critical")
    api.budgets["critical"] = 0
    state = create(inputs(["n00"]), around).state
    start = clock.latest
    with pytest.raises(ProviderError):
        delete(inputs(["n00"]), state, around)
    assert clock.latest - start == 120


def test_nodes_that_are_no_longer_named_leave_and_the_others_stay(
    api, around, inputs, create, update
):
    for name in NAMES[:3]:
        api.node(name)
        api.pod(name, f"job-{name}")
    before, after = inputs(NAMES[:3]), inputs(NAMES[:2])
    state = create(before, around).state
    updated = update(before, state, after, around)
    assert sorted(api.nodes) == sorted(updated["results"]) == ["n00", "n01"]
    assert {pod.node for pod in api.pods} == {"n00", "n01"}


def test_a_node_that_cannot_leave_is_remembered_until_it_does(api, around, inputs, create, update):
    for name in NAMES[:2]:
        api.node(name)
    api.pod("n01", "critical", app="critical")
    api.budgets["critical"] = 0
    before, after = inputs(NAMES[:2]), inputs(NAMES[:1])
    state = create(before, around).state
    with pytest.raises(PartialError) as error:
        update(before, state, after, around)
    kept = error.value.made.state
    assert kept["results"]["n01"]["state"] == "failed"
    assert sorted(TYPE.diff(after, kept, after).changes) == ["results.n01"]
    api.budgets.clear()
    assert sorted(update(after, kept, after, around)["results"]) == ["n00"]
    assert sorted(api.nodes) == ["n00"]


def test_two_memberships_cannot_have_one_node(api, around, inputs, create):
    for name in NAMES[:2]:
        api.node(name)
    create(inputs(NAMES[:1]), around)
    api.log.clear()
    with pytest.raises(PartialError) as error:
        asyncio.run(TYPE.create("other", inputs(NAMES[:2]), around, preview=False))
    assert error.value.reasons == (f"node n00: taken: node n00 belongs to {ID} already",)
    assert error.value.made.state["results"]["n01"] == {"state": "joined"}
    assert not any("/n00" in path for _, path in api.writes)


def test_what_another_membership_has_is_never_drained(api, around, inputs, create, delete):
    api.node("n00")
    state = create(inputs(["n00"]), around).state
    api.nodes["n00"].put(("metadata", "annotations", "aifactory/membership"), "other", "x")
    api.log.clear()
    delete(inputs(["n00"]), state, around)
    assert api.writes == []
    assert "n00" in api.nodes


def test_nothing_runs_unmanaged_or_on_local_disks_is_ended_without_a_word(
    api, around, inputs, create, delete
):
    api.node("n00")
    api.pod("n00", "bare", owner=None)
    api.pod("n00", "cache", volumes=[{"name": "v", "emptyDir": {}}])
    api.pod("n00", "shm", volumes=[{"name": "v", "emptyDir": {"medium": "Memory"}}])
    wanted = inputs(["n00"])
    state = create(wanted, around).state
    with pytest.raises(ProviderError) as error:
        delete(wanted, state, around)
    assert str(error.value).endswith(
        "jobs/bare (nothing makes it anew; policy.unmanaged: evict would end it), jobs/cache "
        "(it has data on the node's disk; policy.local: evict would give that up)"
    )
    assert [pod.name for pod in api.pods] == ["bare", "cache"]
    allowed = inputs(["n00"], policy={"unmanaged": "evict", "local": "evict"})
    delete(allowed, state, around)
    assert api.pods == []


def test_what_an_interrupted_drain_closed_is_opened_by_the_next_update(
    api, around, inputs, create, update, read, delete, unschedulable
):
    api.node("n00")
    api.pod("n00", "critical", app="critical")
    api.budgets["critical"] = 0
    wanted = inputs(["n00"])
    state = create(wanted, around).state
    with pytest.raises(ProviderError):
        delete(wanted, state, around)
    assert unschedulable(api) == ["n00"]
    found = read(wanted, state, around)
    assert found.state["results"]["n00"] == {
        "state": "drifted",
        "reason": f"closed by us: {ID}: leaves the cluster",
    }
    assert sorted(TYPE.diff(wanted, found.state, wanted).changes) == ["results.n00"]
    assert update(wanted, found.state, wanted, around)["joined"] == 1
    assert unschedulable(api) == []
