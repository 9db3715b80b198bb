"""The whole life of a membership: nodes join, are marked, change, are drained and leave."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aifactory_iac.providers.resource import UNKNOWN, PartialError, ProviderError
from aifactory_iac.providers.resources.cluster_membership import TYPE

NAMES = [f"n{number:02d}" for number in range(10)]
ID = "fra1/metal/metal.train-su001"
TAINT = "nvidia.com/gpu=present:NoSchedule"


def inputs(names: list[str] = NAMES, **more: Any) -> dict[str, Any]:
    given_inputs = {
        "cluster": "fra1/metal",
        "nodeGroup": "fra1/train/su001",
        "labels": {"aifactory/pool": "train"},
        "taints": [TAINT],
        "rackLabel": "aifactory/rack",
        "drainSeconds": 120,
        "joinSeconds": 60,
        "access": {"store": "env", "path": "KUBE"},
        "nodes": {name: {"rack": f"r{index // 4}"} for index, name in enumerate(names)},
    } | more
    checked = TYPE.check(None, given_inputs)
    assert checked.failures == ()
    return dict(checked.inputs)


def create(wanted, around):
    return asyncio.run(TYPE.create("metal.train-su001", wanted, around, preview=False))


def update(old, state, new, around):
    return asyncio.run(TYPE.update(ID, old, state, new, around, preview=False))


def read(wanted, state, around):
    return asyncio.run(TYPE.read(ID, wanted, state, around))


def delete(wanted, state, around):
    asyncio.run(TYPE.delete(ID, wanted, state, around))


def marked(api, name):
    meta = api.nodes[name].document()["metadata"]
    return (
        meta.get("labels", {}),
        meta.get("annotations", {}),
        api.nodes[name].fields.get(("spec", "taints")),
    )


def unschedulable(api):
    return [name for name, node in api.nodes.items() if ("spec", "unschedulable") in node.fields]


def test_ten_nodes_join_and_are_marked(api, around):
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


def test_nothing_secret_is_in_the_state(api, around):
    api.node("n00")
    made = create(inputs(["n00"]), around)
    assert "an-administrators-token" not in repr(made)


def test_nodes_that_come_late_are_waited_for_and_marked_before_they_are_ready(api, around, clock):
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


def test_one_node_that_never_comes_does_not_fail_the_others(api, around):
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


def test_a_second_run_with_nothing_to_do_only_reads(api, around):
    for name in NAMES:
        api.node(name)
    state = create(inputs(), around).state
    api.log.clear()
    update(inputs(), state, inputs(), around)
    assert api.writes == []
    assert len(api.log) == 1 + 10


def test_labels_change_in_place_and_only_ours(api, around):
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


def test_taints_of_others_stay(api, around):
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


def test_a_label_that_a_person_changed_is_drift_and_is_set_again(api, around):
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


def test_a_taint_that_evicts_comes_only_after_a_drain_one_node_at_a_time(api, around):
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


def test_deleting_drains_proves_and_removes_and_the_machines_are_not_asked(api, around):
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


def test_a_budget_that_blocks_leaves_that_node_closed_and_lets_the_others_go(api, around):
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


def test_the_drain_ends_at_its_deadline(api, around, clock):
    api.node("n00")
    api.pod("n00", "critical", app="critical")
    api.budgets["critical"] = 0
    state = create(inputs(["n00"]), around).state
    start = clock.latest
    with pytest.raises(ProviderError):
        delete(inputs(["n00"]), state, around)
    assert clock.latest - start == 120


def test_a_node_that_a_person_closed_stays_closed(api, around):
    api.node("n00").put(("spec", "unschedulable"), True, "kubectl-cordon")
    made = create(inputs(["n00"]), around)
    assert made.state["results"]["n00"] == {
        "state": "closed",
        "reason": "closed by another: no reason given",
    }
    assert unschedulable(api) == ["n00"]
    assert TYPE.diff(inputs(["n00"]), made.state, inputs(["n00"])).changes == {}


def test_nodes_that_are_no_longer_named_leave_and_the_others_stay(api, around):
    for name in NAMES[:3]:
        api.node(name)
        api.pod(name, f"job-{name}")
    before, after = inputs(NAMES[:3]), inputs(NAMES[:2])
    state = create(before, around).state
    updated = update(before, state, after, around)
    assert sorted(api.nodes) == sorted(updated["results"]) == ["n00", "n01"]
    assert {pod.node for pod in api.pods} == {"n00", "n01"}


def test_a_node_that_cannot_leave_is_remembered_until_it_does(api, around):
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


def test_two_memberships_cannot_have_one_node(api, around):
    for name in NAMES[:2]:
        api.node(name)
    create(inputs(NAMES[:1]), around)
    api.log.clear()
    with pytest.raises(PartialError) as error:
        asyncio.run(TYPE.create("other", inputs(NAMES[:2]), around, preview=False))
    assert error.value.reasons == (f"node n00: taken: node n00 belongs to {ID} already",)
    assert error.value.made.state["results"]["n01"] == {"state": "joined"}
    assert not any("/n00" in path for _, path in api.writes)


def test_what_another_membership_has_is_never_drained(api, around):
    api.node("n00")
    state = create(inputs(["n00"]), around).state
    api.nodes["n00"].put(("metadata", "annotations", "aifactory/membership"), "other", "x")
    api.log.clear()
    delete(inputs(["n00"]), state, around)
    assert api.writes == []
    assert "n00" in api.nodes


def test_nothing_runs_unmanaged_or_on_local_disks_is_ended_without_a_word(api, around):
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


def test_a_freeze_forbids_every_write(api, around):
    api.node("n00")
    around.settings.freeze.touch()
    with pytest.raises(PartialError) as error:
        create(inputs(["n00"]), around)
    assert api.writes == []
    assert "writes are frozen while" in error.value.reasons[0]


def test_a_cancelled_run_writes_no_more_and_keeps_what_it_saw(api, around):
    api.node("n00")
    api.before = lambda count: around.cancelled.set() if count == 1 else None
    with pytest.raises(PartialError) as error:
        create(inputs(["n00", "n01"]), around)
    assert api.writes == []
    assert set(error.value.made.state["results"]) == {"n00", "n01"}


def test_a_preview_reaches_nothing(api, around):
    made = asyncio.run(TYPE.create("m", inputs(), around, preview=True))
    assert made.state["joined"] is UNKNOWN
    state = asyncio.run(TYPE.update(ID, inputs(), {}, inputs(), around, preview=True))
    assert state["results"] is UNKNOWN
    assert api.log == []


def test_without_nodes_it_is_pending_and_says_so(api, around):
    lines: list[tuple[str, str]] = []
    around = replace(around, log=lambda severity, text: lines.append((severity, text)))
    wanted = inputs()
    del wanted["nodes"]
    made = create(wanted, around)
    assert made.state["status"] == "pending"
    assert made.state["missing"] == [
        "`nodes` were not given: it is not known which machines are to join"
    ]
    assert lines[0][0] == "warning"
    assert read(wanted, made.state, around).state == made.state
    assert update(wanted, made.state, wanted, around)["status"] == "pending"
    delete(wanted, made.state, around)
    assert api.log == []


def test_without_access_nothing_is_done_and_the_place_for_it_is_named(api, around):
    wanted = inputs()
    del wanted["access"]
    with pytest.raises(ProviderError) as error:
        create(wanted, around)
    folder = around.settings.state_dir / "clusters" / "fra1/metal"
    assert str(error.value) == (
        "fra1/metal: no `access` was given and there is no file access in the cluster's folder "
        f"{folder}"
    )
    folder.mkdir(parents=True)
    (folder / "access").write_text(api.kubeconfig())
    for name in NAMES:
        api.node(name)
    assert create(wanted, around).state["joined"] == 10


def test_another_cluster_behind_the_same_reference_is_refused_before_the_first_write(api, around):
    api.node("n00")
    wanted = inputs(["n00"])
    state = create(wanted, around).state
    api.cluster = "uid-of-another"
    api.log.clear()
    with pytest.raises(ProviderError) as error:
        delete(wanted, state, around)
    assert str(error.value) == (
        f"fra1/metal: kubernetes {api.url} is another cluster (uid-of-another) than the one that "
        "was joined (uid-of-this-cluster)"
    )
    assert api.writes == []


def test_a_cluster_that_cannot_be_reached_keeps_its_state_and_is_stale(api, around, fault):
    api.node("n00")
    wanted = inputs(["n00"])
    state = create(wanted, around).state
    api.faults = [fault(drop=True, times=99)]
    found = read(wanted, state, around)
    assert found.state == {**state, "stale": True}
    api.faults = []
    assert "stale" not in read(wanted, found.state, around).state


def test_one_node_that_cannot_be_read_keeps_what_was_known_of_it(api, around, fault):
    for name in NAMES[:2]:
        api.node(name)
    wanted = inputs(NAMES[:2])
    state = create(wanted, around).state
    api.faults = [fault(path="/nodes/n01", status=503, times=99)]
    found = read(wanted, state, around)
    assert found.state["results"] == state["results"]
    assert found.state["stale"] is True


def test_an_import_says_what_to_do_instead(around):
    with pytest.raises(ProviderError) as error:
        read({}, {}, around)
    assert "declare it, and it adopts nodes that are already in the cluster" in str(error.value)


def test_a_membership_moves_to_another_cluster_or_group_only_as_a_new_one():
    changed = inputs(cluster="fra1/other", nodeGroup="fra1/x/su002")
    changes = TYPE.diff(inputs(), {}, changed).changes
    assert {key: change.replace for key, change in changes.items()} == {
        "cluster": True,
        "nodeGroup": True,
    }


def test_what_is_not_known_yet_is_no_change():
    difference = TYPE.diff(inputs(), {}, {**inputs(), "nodeGroup": UNKNOWN})
    assert difference.changes == {}
    assert not difference.known


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_between_any_two_requests_is_made_good_by_the_next_run(api, around, when):
    """The process is ended at request k, before or after the server has done it; then run again."""

    def prepared():
        api.reset()
        for name in NAMES[:2]:
            api.node(name)
            api.pod(name, f"job-{name}")

    def ends_at(run, position):
        async def killed():
            task = asyncio.ensure_future(run())
            loop = asyncio.get_running_loop()

            def strike(count):
                if count == position:
                    loop.call_soon_threadsafe(task.cancel)

            setattr(api, when, strike)
            try:
                await task
            except asyncio.CancelledError:
                return False
            return True

        try:
            return asyncio.run(killed())
        finally:
            api.before = api.after = lambda _count: None

    wanted = inputs(NAMES[:2])
    position, whole = 0, False
    while not whole:
        position += 1
        prepared()
        whole = ends_at(
            lambda: TYPE.create("metal.train-su001", wanted, around, preview=False), position
        )
        state = create(wanted, around).state
        assert state["joined"] == 2
    assert position > 8
    position, whole = 0, False
    while not whole:
        position += 1
        prepared()
        state = create(wanted, around).state
        api.log.clear()
        whole = ends_at(lambda state=state: TYPE.delete(ID, wanted, state, around), position)
        delete(wanted, state, around)
        assert api.nodes == {}
        assert api.pods == []
    assert position > 12


def test_what_an_interrupted_drain_closed_is_opened_by_the_next_update(api, around):
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


@settings(
    max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(order=st.permutations(NAMES), taints=st.permutations(["a:NoSchedule", "b=c:NoSchedule"]))
def test_a_permutation_changes_nothing(api, around, order, taints):
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
