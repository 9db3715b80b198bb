"""Draining through the protocol that the machine engine uses, and the proof that it gives."""

from __future__ import annotations

import asyncio

import pytest

from aifactory_iac.providers.membership.connection import drains
from aifactory_iac.providers.membership.drain import (
    PROOF_SECONDS,
    AccessRefusedError,
    DrainProof,
    NodeUnknownError,
    SchedulerError,
    StillRunningError,
    UnreachableError,
    UntrustedError,
)
from aifactory_iac.providers.resources.group_drains import drains_of

REFERENCE = {"store": "env", "path": "KUBE"}
OWNER = "fra1/train/su001"


def using(around, act, **more):
    async def run():
        async with drains(
            "fra1/metal", "kubernetes", OWNER, around, access=REFERENCE, **more
        ) as found:
            return await act(found)

    return asyncio.run(run())


def test_a_drained_node_comes_with_a_proof(api, around, clock):
    api.node("n1")
    api.pod("n1", "job")
    api.pod("n1", "agent", owner="DaemonSet")
    api.pod("n1", "static", owner="Node", annotations={"kubernetes.io/config.mirror": "x"})
    api.pod("n1", "done", phase="Succeeded")
    proof = using(around, lambda d: d.drain("n1", clock.now() + 600))
    assert proof == DrainProof(
        node="n1",
        by=f"kubernetes {api.url}",
        at=clock.latest,
        observation="closed by us, nothing runs on it but 2 of the node's own",
    )
    assert sorted(pod.name for pod in api.pods) == ["agent", "done", "static"]


def test_a_proof_is_of_one_node_and_does_not_last():
    proof = DrainProof("n1", "kubernetes", 1000.0, "closed")
    assert proof.holds("n1", 1000.0 + PROOF_SECONDS)
    assert not proof.holds("n1", 1000.1 + PROOF_SECONDS)
    assert not proof.holds("n1", 999.0)
    assert not proof.holds("n2", 1000.0)


def test_a_proof_is_given_without_a_write_or_not_at_all(api, around):
    api.node("open")
    api.node("busy").put(("spec", "unschedulable"), True, "kubectl")
    api.pod("busy", "job")
    api.node("empty", ready=False).put(("spec", "unschedulable"), True, "kubectl")

    async def ask(found):
        return [await found.proof(node) for node in ("open", "busy", "absent", "empty")]

    *nothing, proof = using(around, ask)
    assert nothing == [None, None, None]
    assert proof.observation == (
        "closed by another, nothing runs on it; it does not answer its scheduler"
    )
    assert api.writes == []


def test_resuming_opens_only_what_we_closed(api, around, clock):
    api.node("ours")
    api.node("theirs").put(("spec", "unschedulable"), True, "kubectl")

    async def there_and_back(found):
        for node in ("ours", "theirs"):
            await found.resume(await found.drain(node, clock.now() + 600))

    using(around, there_and_back)
    assert ("spec", "unschedulable") not in api.nodes["ours"].fields
    assert api.nodes["theirs"].fields["spec", "unschedulable"] is True


def test_a_cordon_that_a_person_set_again_is_theirs(api, around, clock):
    node = api.node("n1")

    async def shared(found):
        proof = await found.drain("n1", clock.now() + 600)
        node.put(("spec", "unschedulable"), None, "kubectl")
        node.put(("spec", "unschedulable"), True, "kubectl")
        await found.resume(proof)

    using(around, shared)
    assert node.fields["spec", "unschedulable"] is True


def test_resuming_a_node_that_is_gone_is_nothing(api, around, clock):
    api.node("n1")

    async def gone(found):
        proof = await found.drain("n1", clock.now() + 600)
        api.nodes.clear()
        await found.resume(proof)

    using(around, gone)
    assert api.writes[-1][0] == "PATCH"


def test_a_node_that_the_cluster_does_not_know_is_no_proof(api, around, clock):
    with pytest.raises(NodeUnknownError) as error:
        using(around, lambda d: d.drain("n1", clock.now() + 600))
    assert str(error.value) == f"kubernetes {api.url} has no node n1"


def test_a_node_is_closed_for_a_while_before_it_is_believed_to_be_empty(api, around, clock):
    api.node("n1")

    def bind(_count):
        """A scheduler's binding that was on its way when the node was closed."""
        if 5.0 in clock.slept and not api.pods and len(api.log) < 6:
            api.pod("n1", "late", leaves=0)

    api.before = bind
    using(around, lambda d: d.drain("n1", clock.now() + 600))
    assert clock.slept[0] == 5.0
    assert any("late/eviction" in path for _, path in api.writes)


def test_a_node_opened_by_a_person_meanwhile_is_not_fought_over(api, around, clock):
    node = api.node("n1")
    api.pod("n1", "job", leaves=99)
    api.after = lambda count: node.put(("spec", "unschedulable"), None, "x") if count > 8 else None
    with pytest.raises(SchedulerError) as error:
        using(around, lambda d: d.drain("n1", clock.now() + 600))
    assert str(error.value) == "node n1: was opened by another while it was drained"


def test_an_eviction_is_repeated_until_the_budget_allows_it(api, around, clock):
    api.node("n1")
    api.pod("n1", "job", app="web")
    api.budgets["web"] = 0

    def allow(_count):
        if clock.latest > 1060:
            api.budgets["web"] = 1

    api.before = allow
    proof = using(around, lambda d: d.drain("n1", clock.now() + 600))
    assert proof.at == pytest.approx(1085)
    assert sum(method == "POST" for method, _ in api.writes) == 7


def test_a_pod_on_its_way_out_is_not_evicted_twice(api, around, clock):
    api.node("n1")
    api.pod("n1", "job", leaves=5)
    using(around, lambda d: d.drain("n1", clock.now() + 600))
    assert sum(method == "POST" for method, _ in api.writes) == 1


def test_an_eviction_whose_answer_is_lost_is_looked_at_and_not_repeated(api, around, clock, fault):
    api.node("n1")
    api.pod("n1", "job")
    api.faults = [fault("POST", "eviction", drop=True, done=True)]
    using(around, lambda d: d.drain("n1", clock.now() + 600))
    assert sum(method == "POST" for method, _ in api.writes) == 1


def test_an_outage_in_the_middle_is_waited_out(api, around, clock, fault):
    api.node("n1")
    api.pod("n1", "job")
    api.before = lambda count: api.faults.append(fault(drop=True, times=12)) if count == 6 else None
    proof = using(around, lambda d: d.drain("n1", clock.now() + 600))
    assert proof.node == "n1"
    with pytest.raises(UnreachableError):
        api.before = lambda count: api.faults.append(fault(drop=True, times=999))
        using(around, lambda d: d.drain("n1", clock.now() + 60))


def test_many_pods_come_in_pages(api, around, clock):
    api.node("n1")
    api.page = 3
    for number in range(8):
        api.pod("n1", f"job-{number}")
    using(around, lambda d: d.drain("n1", clock.now() + 600))
    assert api.pods == []
    assert any("continue=6" in path for _, path in api.log)


def test_what_runs_longest_is_named_first_and_the_rest_counted(api, around, clock):
    api.node("n1")
    for number in range(5):
        api.pod("n1", f"job-{number}", owner=None)
    with pytest.raises(StillRunningError) as error:
        using(around, lambda d: d.drain("n1", clock.now() + 60))
    assert len(error.value.workloads) == 5
    assert str(error.value).endswith("and 2 more")


def test_a_cancelled_run_starts_no_new_write(api, around, clock):
    api.node("n1")
    around.cancelled.set()
    with pytest.raises(SchedulerError) as error:
        using(around, lambda d: d.drain("n1", clock.now() + 60))
    assert str(error.value) == "node n1: the run was cancelled"
    assert api.writes == []


def test_a_wrong_token_is_tried_once(api, around, clock, tmp_path):
    (tmp_path / "kubeconfig").write_text(api.kubeconfig(token="wrong-token"))
    with pytest.raises(AccessRefusedError) as error:
        using(around, lambda d: d.drain("n1", clock.now() + 60))
    assert len(api.log) == 1
    assert "(401): Unauthorized" in str(error.value)
    assert "wrong-token" not in str(error.value)


def test_after_a_401_in_the_middle_nothing_more_is_asked(api, around, clock, fault):
    api.node("n1")
    api.faults = [fault("GET", "/pods", status=401, times=99)]

    async def twice(found):
        for _ in range(2):
            with pytest.raises(AccessRefusedError):
                await found.drain("n1", clock.now() + 60)

    using(around, twice)
    assert sum("/pods" in path for _, path in api.log) == 1


def test_a_right_that_is_missing_is_said_and_not_tried_again(api, around, clock, fault):
    api.node("n1")
    api.pod("n1", "job")
    api.faults = [fault("POST", "eviction", status=403, message="cannot create pods/eviction")]
    with pytest.raises(AccessRefusedError) as error:
        using(around, lambda d: d.drain("n1", clock.now() + 60))
    assert "pods/jobs/job" not in str(error.value)
    assert "was refused (403): cannot create pods/eviction" in str(error.value)


def test_a_server_that_somebody_else_signed_is_not_spoken_to(api, around, clock, tmp_path):
    import datetime as dt

    from aifactory_iac.lab.certificates import Authority

    other = Authority("another", dt.datetime.now(tz=dt.UTC)).certificate
    (tmp_path / "kubeconfig").write_text(api.kubeconfig(authority=other))
    with pytest.raises(UntrustedError) as error:
        using(around, lambda d: d.drain("n1", clock.now() + 60))
    assert str(error.value) == f"{api.url}: its certificate is not of the kubeconfig's authority"
    assert api.log == []
    assert clock.slept == []


def test_nobody_there_is_said_after_four_tries(api, around, clock, tmp_path):
    (tmp_path / "kubeconfig").write_text(api.kubeconfig(url="https://127.0.0.1:1"))
    with pytest.raises(UnreachableError) as error:
        using(around, lambda d: d.drain("n1", clock.now() + 60))
    assert str(error.value) == "https://127.0.0.1:1: ClientConnectorError"
    assert clock.slept == [1.0, 2.0, 4.0]


def test_a_server_that_asks_for_time_gets_it(api, around, clock, fault):
    api.node("n1")
    busy = {"Retry-After": "7"}
    api.faults = [fault("GET", "/nodes", status=429, headers=busy, times=2)]
    using(around, lambda d: d.proof("n1"))
    assert clock.slept == [7.0, 7.0]
    api.faults = [fault("GET", "/nodes", status=503, headers={"Retry-After": "3600"})]
    with pytest.raises(UnreachableError):
        using(around, lambda d: d.proof("n1"))


def test_without_access_the_engine_is_told(around):
    async def run():
        async with drains("fra1/metal", "kubernetes", OWNER, around):
            raise AssertionError

    with pytest.raises(AccessRefusedError) as error:
        asyncio.run(run())
    assert str(error.value).startswith("fra1/metal: no `access` was given")


def test_a_group_reaches_its_cluster_only_once_a_machine_has_to_be_drained(api, around, clock):
    api.node("n1")
    api.node("n2")
    cluster = {"id": "fra1/metal", "access": REFERENCE}

    async def run():
        async with drains_of(None, OWNER, around) as nothing:
            assert nothing is None
        async with drains_of(cluster, OWNER, around) as found:
            assert api.log == []
            proofs = await asyncio.gather(
                *(found.drain(node, clock.now() + 60) for node in ("n1", "n2"))
            )
            assert await found.proof("n1") is not None
            for proof in proofs:
                await found.resume(proof)
        return [proof.by for proof in proofs]

    assert asyncio.run(run()) == [f"kubernetes {api.url}"] * 2
    assert sum("kube-system" in path for _, path in api.log) == 1


def test_a_group_whose_cluster_cannot_be_reached_is_told_why(around):
    async def run():
        async with drains_of({"id": "fra1/metal"}, OWNER, around) as found:
            await found.proof("n1")

    with pytest.raises(AccessRefusedError, match="fra1/metal: no `access` was given"):
        asyncio.run(run())
