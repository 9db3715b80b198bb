"""Nodes join, are marked, and are kept as declared."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aifactory_iac.providers.resource import UNKNOWN, PartialError
from aifactory_iac.providers.resources.cluster_membership import TYPE

NAMES = [f"n{number:02d}" for number in range(10)]
ID = "fra1/metal/metal.train-su001"
TAINT = "nvidia.com/gpu=present:NoSchedule"


def test_ten_nodes_join_and_are_marked(api, around, inputs, create, marked):
    for name in NAMES:
        api.node(name)
    made = create(inputs(), around)
    assert made.id == ID
    assert made.state["joined"] == 10
    assert made.state["status"] == "joined"
    assert made.state["results"]["n00"] == {"state": "joined"}
    assert made.state["identity"] == "uid-of-this-cluster"
    assert marked(api, "n05") == (
        {"aifactory/pool": "train", "aifactory/rack": "r1"},
        {"aifactory/membership": ID, "aifactory/taints": f'["{TAINT}"]'},
        [{"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}],
    )


def test_nothing_secret_is_in_the_state(api, around, inputs, create):
    api.node("n00")
    made = create(inputs(["n00"]), around)
    assert "an-administrators-token" not in repr(made)


def test_nodes_that_come_late_are_waited_for_and_marked_before_they_are_ready(
    api, around, clock, inputs, create, marked
):
    api.node("n00")
    api.node("n01", ready=False)

    def come(_count):
        if "aifactory/pool" in marked(api, "n01")[0] and clock.latest >= 1020:
            api.nodes["n01"].ready = True
            api.nodes.get("n02") or api.node("n02")

    api.before = come
    made = create(inputs(["n00", "n01", "n02"], joinSeconds=3600), around)
    assert made.state["joined"] == 3
    assert max(clock.slept) == 10.0


def test_one_node_that_never_comes_does_not_fail_the_others(api, around, inputs, create, update):
    for name in NAMES[1:9]:
        api.node(name)
    api.node("n09", ready=False)
    with pytest.raises(PartialError) as error:
        create(inputs(), around)
    assert error.value.reasons == (
        "node n00: waiting: the cluster has no such node yet",
        "node n09: waiting: the node is not ready",
    )
    state = error.value.made.state
    assert state["joined"] == 8
    assert state["status"] == "partial"
    assert state["results"]["n05"] == {"state": "joined"}

    difference = TYPE.diff(inputs(), state, inputs())
    assert sorted(difference.changes) == ["results.n00", "results.n09"]
    api.node("n00")
    api.nodes["n09"].ready = True
    again = update(inputs(), state, inputs(), around)
    assert again["joined"] == 10
    assert TYPE.diff(inputs(), again, inputs()).changes == {}


def test_a_second_run_with_nothing_to_do_only_reads(api, around, inputs, create, update):
    for name in NAMES:
        api.node(name)
    state = create(inputs(), around).state
    api.log.clear()
    update(inputs(), state, inputs(), around)
    assert api.writes == []
    assert len(api.log) == 1 + 10


def test_labels_change_in_place_and_only_ours(
    api, around, inputs, create, update, marked, unschedulable
):
    node = api.node("n00")
    node.put(("metadata", "labels", "team"), "a", "kubectl")
    before = inputs(["n00"])
    state = create(before, around).state
    after = inputs(["n00"], labels={"aifactory/tier": "gold"}, taints=[])
    difference = TYPE.diff(before, state, after)
    assert {key: change.replace for key, change in difference.changes.items()} == {
        "labels": False,
        "taints": False,
    }
    update(before, state, after, around)
    labels, annotations, taints = marked(api, "n00")
    assert labels == {"aifactory/rack": "r0", "aifactory/tier": "gold", "team": "a"}
    assert annotations == {"aifactory/membership": ID}
    assert taints == []
    assert unschedulable(api) == []


def test_taints_of_others_stay(api, around, inputs, create, update, marked):
    theirs = {"key": "node.kubernetes.io/disk-pressure", "effect": "NoSchedule"}
    api.node("n00").put(("spec", "taints"), [theirs], "kube-controller-manager")
    before = inputs(["n00"])
    state = create(before, around).state
    assert [taint["key"] for taint in marked(api, "n00")[2]] == [
        "node.kubernetes.io/disk-pressure",
        "nvidia.com/gpu",
    ]
    update(before, state, inputs(["n00"], taints=[]), around)
    assert marked(api, "n00")[2] == [theirs]


def test_a_label_that_a_person_changed_is_drift_and_is_set_again(
    api, around, inputs, create, update, read, marked
):
    node = api.node("n00")
    wanted = inputs(["n00"])
    state = create(wanted, around).state
    node.put(("metadata", "labels", "aifactory/pool"), "mine", "kubectl-label")
    found = read(wanted, state, around)
    assert found.state["results"]["n00"] == {
        "state": "drifted",
        "reason": "label aifactory/pool is 'mine'",
    }
    assert sorted(TYPE.diff(wanted, found.state, wanted).changes) == ["results.n00"]
    assert update(wanted, found.state, wanted, around)["joined"] == 1
    assert marked(api, "n00")[0]["aifactory/pool"] == "train"


def test_a_taint_that_evicts_comes_only_after_a_drain_one_node_at_a_time(
    api, around, inputs, create, update, marked, unschedulable
):
    for name in NAMES[:3]:
        api.node(name)
        api.pod(name, f"job-{name}")
    before = inputs(NAMES[:3])
    state = create(before, around).state
    closed: list[int] = []
    api.before = lambda _count: closed.append(len(unschedulable(api)))
    after = inputs(NAMES[:3], taints=["aifactory/tenant=acme:NoExecute"])
    updated = update(before, state, after, around)
    assert updated["joined"] == 3
    assert max(closed) == 1
    assert unschedulable(api) == []
    evicted = [path for method, path in api.writes if method == "POST"]
    assert len(evicted) == 3
    assert marked(api, "n01")[2] == [
        {"key": "aifactory/tenant", "value": "acme", "effect": "NoExecute"}
    ]


def test_a_node_that_a_person_closed_stays_closed(api, around, inputs, create, unschedulable):
    api.node("n00").put(("spec", "unschedulable"), True, "kubectl-cordon")
    made = create(inputs(["n00"]), around)
    assert made.state["results"]["n00"] == {
        "state": "closed",
        "reason": "closed by another: no reason given",
    }
    assert unschedulable(api) == ["n00"]
    assert TYPE.diff(inputs(["n00"]), made.state, inputs(["n00"])).changes == {}


def test_a_membership_moves_to_another_cluster_or_group_only_as_a_new_one(inputs):
    changed = inputs(cluster="fra1/other", nodeGroup="fra1/x/su002")
    changes = TYPE.diff(inputs(), {}, changed).changes
    assert {key: change.replace for key, change in changes.items()} == {
        "cluster": True,
        "nodeGroup": True,
    }


def test_what_is_not_known_yet_is_no_change(inputs):
    difference = TYPE.diff(inputs(), {}, {**inputs(), "nodeGroup": UNKNOWN})
    assert difference.changes == {}
    assert not difference.known


@settings(
    max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(order=st.permutations(NAMES), taints=st.permutations(["a:NoSchedule", "b=c:NoSchedule"]))
def test_a_permutation_changes_nothing(api, around, order, taints, inputs, create, update):
    api.reset()
    for name in NAMES:
        api.node(name)
    first = inputs(taints=["a:NoSchedule", "b=c:NoSchedule"])
    state = create(first, around).state
    permuted = {**first, "nodes": {name: first["nodes"][name] for name in order}}
    permuted = dict(TYPE.check(None, {**permuted, "taints": taints}).inputs)
    assert TYPE.diff(first, state, permuted).changes == {}
    api.log.clear()
    assert update(first, state, permuted, around) == state
    assert api.writes == []
