"""Single steps on Node objects, when something else happens between two of them."""

from __future__ import annotations

import asyncio

import pytest

from aifactory_iac.providers.membership.drain import NodeTakenError, SchedulerError
from aifactory_iac.providers.membership.kubernetes import marks
from aifactory_iac.providers.membership.kubernetes.api import Answer, KubernetesApi
from aifactory_iac.providers.membership.kubernetes.kubeconfig import read_kubeconfig
from aifactory_iac.providers.membership.kubernetes.nodes import KubernetesNodes
from aifactory_iac.providers.membership.kubernetes.standing import look
from aifactory_iac.providers.membership.scheduler import Declared, NodeView, Workload

NOTHING = Declared({}, ())
TAINTED = Declared({}, ("a=b:NoSchedule",))


def using(api, clock, act):
    async def run():
        async with KubernetesApi(read_kubeconfig(api.kubeconfig()), clock) as found:
            return await act(KubernetesNodes(found, "me"), found)

    return asyncio.run(run())


def test_a_node_that_another_takes_at_the_same_time_is_theirs(api, clock):
    node = api.node("n1")

    def reach(_count):
        if api.log[-1][0] == "PATCH":
            node.put(("metadata", "annotations", marks.MEMBER), "other", "x")

    api.before = reach

    async def act(nodes, _api):
        await nodes.declare(await nodes.observe("n1"), NOTHING)

    with pytest.raises(NodeTakenError) as error:
        using(api, clock, act)
    assert str(error.value) == "node n1 belongs to other already"


def test_a_conflict_that_is_about_nobody_is_told_as_it_is(api, clock, fault):
    api.node("n1")
    api.faults = [fault("PATCH", status=409, message="try again")]

    async def act(nodes, _api):
        await nodes.declare(await nodes.observe("n1"), NOTHING)

    with pytest.raises(SchedulerError, match="node n1: try again"):
        using(api, clock, act)


def test_taints_are_set_on_the_node_as_it_is_by_then(api, clock):
    node = api.node("n1")
    theirs = {"key": "disk", "effect": "NoSchedule"}

    def meanwhile(_count):
        if "merge" not in seen and node.fields.get(("metadata", "annotations", marks.MEMBER)):
            if api.log[-1][0] == "GET" and len(api.log) > 4:
                return
            if api.log[-1][0] == "PATCH" and "force" not in api.log[-1][1]:
                seen.append("merge")
                node.put(("spec", "taints"), [theirs], "kube-controller-manager")

    seen: list[str] = []
    api.before = meanwhile

    async def act(nodes, _api):
        await nodes.declare(await nodes.observe("n1"), TAINTED)
        return await nodes.observe("n1")

    view = using(api, clock, act)
    assert seen == ["merge"]
    assert view.taints == ("disk:NoSchedule", "a=b:NoSchedule")
    assert view.ours == {"a=b:NoSchedule"}


def test_a_node_that_never_holds_still_is_given_up(api, clock):
    node = api.node("n1")

    def always(_count):
        if api.log[-1][0] == "PATCH":
            node.version += 1

    api.before = always

    async def act(nodes, _api):
        await nodes.declare(await nodes.observe("n1"), TAINTED)

    with pytest.raises(SchedulerError) as error:
        using(api, clock, act)
    assert str(error.value) == "node n1: changes faster than its taints can be set"


@pytest.mark.parametrize("when", ["refused", "gone"])
def test_taints_that_cannot_be_set(api, clock, fault, when):
    api.node("n1")

    def break_it(_count):
        if api.log[-1][0] == "PATCH" and "force=true" in api.log[-1][1]:
            if when == "refused":
                api.faults = [fault("PATCH", status=422, message="too many taints")]
            else:
                api.nodes.clear()

    api.after = break_it

    async def act(nodes, _api):
        await nodes.declare(await nodes.observe("n1"), TAINTED)

    with pytest.raises(SchedulerError, match=r"node n1: (too many taints|is gone)"):
        using(api, clock, act)


def test_a_person_who_closed_it_first_is_not_joined(api, clock):
    api.node("n1").put(("spec", "unschedulable"), True, "kubectl")

    async def act(nodes, _api):
        await nodes.close(await nodes.observe("n1"), "x")

    using(api, clock, act)
    assert api.writes == []


def test_pods_are_never_ended_by_force(api, clock):
    async def act(nodes, _api):
        await nodes.end([Workload("jobs/a", "1")], requeue=False)

    with pytest.raises(SchedulerError) as error:
        using(api, clock, act)
    assert str(error.value) == "pods are not cancelled: jobs/a"
    assert api.log == []


def test_only_the_node_that_was_seen_is_removed(api, clock):
    api.node("n1")

    async def act(nodes, _api):
        await nodes.remove(NodeView("n1", exists=True, key="another-uid"))

    with pytest.raises(SchedulerError) as error:
        using(api, clock, act)
    assert str(error.value) == "node n1: the UID in the precondition does not match"
    assert "n1" in api.nodes


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("kube-system", "there is no namespace kube-system"),
        ("/pods", "serves no pods"),
        ("/version", "does not say its version"),
        ("/nodes?", "serves no nodes"),
    ],
)
def test_what_is_no_api_server(api, clock, fault, path, text):
    api.node("n1")
    api.faults = [fault("GET", path, status=404, times=9)]

    async def act(nodes, api_):
        await nodes.identity()
        await nodes.observe("n1")
        await look(api_, "x")

    with pytest.raises(SchedulerError) as error:
        using(api, clock, act)
    assert str(error.value) == f"{api.url}: {text}"


def test_an_answer_that_is_an_error_is_told(api, clock, fault):
    api.faults = [fault("GET", "kube-system", status=400, message="bad  \n request")]
    with pytest.raises(SchedulerError) as error:
        using(api, clock, lambda nodes, _api: nodes.identity())
    assert str(error.value) == (f"{api.url}: GET /api/v1/namespaces/kube-system: bad request")
    assert Answer(500).message == "status 500"


def test_a_retry_after_that_is_no_number_is_not_kept_to(api, clock, fault):
    api.node("n1")
    api.faults = [
        fault("GET", "/nodes", status=503, headers={"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"})
    ]
    using(api, clock, lambda nodes, _api: nodes.observe("n1"))
    assert clock.slept == [1.0]


def test_owners_of_any_length_have_field_managers_of_their_own():
    long, longer = "x" * 200, "x" * 201
    assert len(marks.manager("member", long)) <= 128
    assert marks.manager("member", long) != marks.manager("member", longer)
    assert marks.manager("drain", "a") == "aifactory-drain:a"


def test_a_mark_that_a_person_wrote_over_is_none():
    node = {"metadata": {"annotations": {marks.TAINTS: "not json"}}}
    assert marks.marked_taints(node) == ()
    assert marks.marked_taints({"metadata": {"annotations": {marks.TAINTS: "{}"}}}) == ()


def test_of_a_key_and_effect_a_node_has_one_taint():
    there = [{"key": "a", "value": "old", "effect": "NoSchedule"}, {"key": "a", "effect": "x"}]
    assert marks.retainted(there, (), ("a=new:NoSchedule",)) == [
        {"key": "a", "effect": "x"},
        {"key": "a", "value": "new", "effect": "NoSchedule"},
    ]
