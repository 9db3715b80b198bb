"""The same against a real API server: what the emulator claims, and what it cannot."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aifactory_iac.lab.clusters.programs import KUBERNETES, absence, found
from aifactory_iac.providers.membership.connection import drains
from aifactory_iac.providers.membership.distributions.audit import policy
from aifactory_iac.providers.membership.distributions.files import yaml_text
from aifactory_iac.providers.membership.drain import (
    AccessRefusedError,
    SchedulerError,
    StillRunningError,
)
from aifactory_iac.providers.membership.kubernetes.api import KubernetesApi
from aifactory_iac.providers.membership.kubernetes.kubeconfig import read_kubeconfig
from aifactory_iac.providers.membership.kubernetes.nodes import KubernetesNodes
from aifactory_iac.providers.membership.scheduler import Declared, NodeView
from aifactory_iac.providers.resource import PartialError
from aifactory_iac.providers.resources.cluster import TYPE as CLUSTER
from aifactory_iac.providers.resources.cluster_membership import TYPE
from aifactory_iac.providers.secrets import SecretReader
from aifactory_iac.providers.surroundings import Settings, Surroundings, WallClock

MISSING = [absence(each) for each in KUBERNETES if each not in found(KUBERNETES)]
pytestmark = [
    pytest.mark.apiserver,
    pytest.mark.slow,  # an API server takes ten seconds to come up
    pytest.mark.skipif(bool(MISSING), reason="; ".join(MISSING)),
]

TAINT = "nvidia.com/gpu=present:NoSchedule"


@dataclass
class Cluster:
    """One real control plane, asked as a person with `kubectl` would."""

    ready: Mapping[str, Any]

    def __post_init__(self) -> None:
        text = Path(self.ready["kubeconfig"]).read_text()
        access = json.loads(text)
        self.server = access["clusters"][0]["cluster"]["server"]
        self._token = access["users"][0]["user"]["token"]
        self._context: ssl.SSLContext = read_kubeconfig(text).trust

    def ask(
        self, method: str, path: str, body: Any = None, kind: str = "application/json", **query: str
    ) -> dict[str, Any]:
        url = self.server + path + "?" + "&".join(f"{k}={v}" for k, v in query.items())
        request = urllib.request.Request(url, method=method)
        request.add_header("Authorization", f"Bearer {self._token}")
        request.add_header("Content-Type", kind)
        data = json.dumps(body).encode() if body is not None else None
        with urllib.request.urlopen(request, data, context=self._context, timeout=30) as answer:
            answered: dict[str, Any] = json.load(answer)
        return answered

    def node(self, name: str) -> dict[str, Any]:
        return self.ask("GET", f"/api/v1/nodes/{name}")

    def cordon(self, name: str, *, on: bool) -> None:
        self.ask(
            "PATCH",
            f"/api/v1/nodes/{name}",
            {"spec": {"unschedulable": on or None}},
            "application/merge-patch+json",
            fieldManager="kubectl-cordon",
        )

    def pod(self, node: str, name: str) -> None:
        """Bound by hand, so that no scheduler is needed, and of nobody's making."""
        self.ask(
            "POST",
            "/api/v1/namespaces/default/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": name, "labels": {"app": "job"}},
                "spec": {
                    "nodeName": node,
                    "containers": [{"name": "c", "image": "none"}],
                    "tolerations": [{"operator": "Exists"}],
                },
            },
        )

    def budget(self, name: str, *, allowed: int) -> None:
        path = "/apis/policy/v1/namespaces/default/poddisruptionbudgets"
        body = {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": name},
            "spec": {"selector": {"matchLabels": {"app": "job"}}, "maxUnavailable": allowed},
        }
        self.ask("POST", path, body)
        if "kube-controller-manager" not in found(["kube-controller-manager"]):
            status = {
                "observedGeneration": 1,
                "disruptionsAllowed": allowed,
                "currentHealthy": 1,
                "desiredHealthy": 1 - allowed,
                "expectedPods": 1,
            }
            kind = "application/merge-patch+json"
            self.ask("PATCH", f"{path}/{name}/status", {"status": status}, kind)

    def no_budget(self, name: str) -> None:
        self.ask("DELETE", f"/apis/policy/v1/namespaces/default/poddisruptionbudgets/{name}")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("real")
    (folder / "audit.yaml").write_text(yaml_text(policy()))
    spec = {
        "folder": str(folder),
        "clusters": [
            {
                "id": "fra1/metal",
                "kind": "kubernetes",
                "encrypt": True,
                "audit": str(folder / "audit.yaml"),
                "nodes": {f"n{number}": {"labels": {"site": "lab"}} for number in range(12)},
            }
        ],
    }
    (folder / "spec.json").write_text(json.dumps(spec))
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-m", "aifactory_iac.lab.clusters", str(folder / "spec.json")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=dict(os.environ),
            text=True,
        ) as lab,
    ):
        assert lab.stdout is not None and lab.stdin is not None
        line = lab.stdout.readline()
        assert line, (folder / "log").read_text()
        yield Cluster(json.loads(line))
        lab.stdin.close()
        assert lab.wait(30) == 0


@pytest.fixture
def around(cluster: Cluster, tmp_path: Path) -> Surroundings:
    """A tenth of every wait: these wait for real."""
    return Surroundings(
        Settings(state_dir=tmp_path, pace=0.1),
        SecretReader({}, cluster.ready["credentials"]),
        WallClock(),
    )


def inputs(names: list[str], **more: Any) -> dict[str, Any]:
    wanted = {
        "cluster": "fra1/metal",
        "nodeGroup": "fra1/train/su001",
        "labels": {"aifactory/pool": "train"},
        "taints": [TAINT],
        "rackLabel": "aifactory/rack",
        "drainSeconds": 30,
        "joinSeconds": 20,
        "nodes": {name: {"rack": "r1"} for name in names},
        "policy": {"unmanaged": "evict"},
    } | more
    checked = TYPE.check(None, wanted)
    assert checked.failures == ()
    return dict(checked.inputs)


def run(call: Any) -> Any:
    return asyncio.run(call)


def with_nodes(cluster: Cluster, owner: str, act: Any) -> Any:
    async def inside() -> Any:
        text = Path(cluster.ready["kubeconfig"]).read_text()
        async with KubernetesApi(read_kubeconfig(text), WallClock()) as api:
            return await act(KubernetesNodes(api, owner))

    return asyncio.run(inside())


def test_a_membership_lives_its_life(cluster, around):
    names = ["n0", "n1", "n2"]
    wanted = inputs(names)
    made = run(TYPE.create("a", wanted, around, preview=False))
    assert made.state["joined"] == 3
    node = cluster.node("n0")
    labels = {"aifactory/pool": "train", "aifactory/rack": "r1", "site": "lab"}
    assert labels.items() <= node["metadata"]["labels"].items()
    assert {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"} in node["spec"][
        "taints"
    ]
    changed = inputs(names, labels={"aifactory/tier": "gold"}, taints=[])
    state = run(TYPE.update(made.id, wanted, made.state, changed, around, preview=False))
    node = cluster.node("n0")
    assert node["metadata"]["labels"]["aifactory/tier"] == "gold"
    assert "aifactory/pool" not in node["metadata"]["labels"]
    assert node["metadata"]["labels"]["site"] == "lab"
    assert TAINT.partition("=")[0] not in [t["key"] for t in node["spec"].get("taints", [])]

    found_now = run(TYPE.read(made.id, changed, state, around))
    assert found_now.state == state
    for name in names:
        cluster.pod(name, f"pod-{name}")
    run(TYPE.delete(made.id, changed, state, around))
    left = [item["metadata"]["name"] for item in cluster.ask("GET", "/api/v1/nodes")["items"]]
    assert not set(names) & set(left)
    pods = cluster.ask("GET", "/api/v1/namespaces/default/pods")["items"]
    assert [pod["metadata"]["name"] for pod in pods if "-n" in pod["metadata"]["name"]] == []


def test_a_disruption_budget_holds_an_eviction_back(cluster, around):
    cluster.pod("n3", "held")
    cluster.budget("none", allowed=0)

    async def act(seconds: float) -> Any:
        async with drains(
            "fra1/metal", "kubernetes", "owner", around, policy={"unmanaged": "evict"}
        ) as found_drains:
            proof = await found_drains.drain("n3", around.clock.now() + seconds)
            return proof, await found_drains.proof("n3")

    with pytest.raises(StillRunningError) as error:
        run(act(3))
    assert "default/held (Cannot evict pod as it would violate the pod's disruption budget." in str(
        error.value
    )
    assert cluster.node("n3")["spec"]["unschedulable"] is True
    cluster.no_budget("none")
    proof, again = run(act(20))
    assert proof.observation == again.observation == "closed by us, nothing runs on it"


def test_a_cordon_of_a_person_outlives_ours(cluster):
    async def act(nodes: KubernetesNodes) -> list[str]:
        said = []
        await nodes.close(await nodes.observe("n4"), "test")
        said.append((await nodes.observe("n4")).closed)
        cluster.cordon("n4", on=False)
        cluster.cordon("n4", on=True)
        said.append((await nodes.observe("n4")).closed)
        await nodes.open(await nodes.observe("n4"))
        said.append((await nodes.observe("n4")).closed)
        return said

    assert with_nodes(cluster, "a", act) == ["by-us", "by-another", "by-another"]
    assert cluster.node("n4")["spec"]["unschedulable"] is True


def test_ours_is_opened_and_leaves_no_mark(cluster):
    async def act(nodes: KubernetesNodes) -> NodeView:
        await nodes.close(await nodes.observe("n5"), "test")
        await nodes.open(await nodes.observe("n5"))
        return await nodes.observe("n5")

    assert with_nodes(cluster, "a", act).closed == "no"
    assert "aifactory/closed" not in cluster.node("n5")["metadata"].get("annotations", {})


def test_of_two_that_reach_for_a_node_at_once_one_has_it(cluster):
    async def act(nodes: KubernetesNodes) -> Any:
        other = KubernetesNodes(nodes._api, "b")
        view = await nodes.observe("n6")
        return await asyncio.gather(
            nodes.declare(view, Declared({}, ())),
            other.declare(view, Declared({}, ())),
            return_exceptions=True,
        )

    outcome = with_nodes(cluster, "a", act)
    assert sorted(type(each).__name__ for each in outcome) == ["NodeTakenError", "NoneType"]


def test_a_node_that_is_gone_is_not_made_anew_by_an_apply(cluster):
    async def act(nodes: KubernetesNodes) -> None:
        view = await nodes.observe("n7")
        await nodes.remove(view)
        assert (await nodes.observe("n7")).state == "absent"
        for write in (nodes.close(view, "x"), nodes.declare(view, Declared({}, ()))):
            with pytest.raises(SchedulerError):
                await write
        await nodes.remove(view)

    with_nodes(cluster, "a", act)
    names = [item["metadata"]["name"] for item in cluster.ask("GET", "/api/v1/nodes")["items"]]
    assert "n7" not in names


def test_a_user_without_rights_is_refused_and_so_is_a_stranger(cluster, around):
    guest = Path(cluster.ready["kubeconfig"]).with_name("guest.kubeconfig")
    for path, code in ((guest, 403), (guest.with_name("stranger"), 401)):
        if code == 401:
            document = json.loads(guest.read_text())
            document["users"][0]["user"]["token"] = "nobodys"
            path.write_text(json.dumps(document))
        secrets = SecretReader({}, {"cluster:fra1/metal": str(path)})
        here = Surroundings(around.settings, secrets, WallClock())

        async def act(here: Surroundings = here) -> None:
            async with drains("fra1/metal", "kubernetes", "a", here):
                raise AssertionError

        with pytest.raises(AccessRefusedError) as error:
            run(act())
        assert f"({code})" in str(error.value)


def test_a_taint_that_evicts_waits_for_the_drain(cluster, around):
    wanted = inputs(["n8"], taints=[])
    made = run(TYPE.create("c", wanted, around, preview=False))
    cluster.pod("n8", "working")
    cluster.budget("all", allowed=0)
    harsh = inputs(["n8"], taints=["aifactory/tenant=acme:NoExecute"], drainSeconds=30)
    soon = {**harsh, "drainSeconds": 3, "joinSeconds": 3}
    with pytest.raises(PartialError):
        run(TYPE.update(made.id, wanted, made.state, soon, around, preview=False))
    assert "aifactory/tenant" not in [t["key"] for t in cluster.node("n8")["spec"]["taints"]]
    cluster.no_budget("all")
    state = run(TYPE.update(made.id, wanted, made.state, harsh, around, preview=False))
    assert state["joined"] == 1
    assert "aifactory/tenant" in [t["key"] for t in cluster.node("n8")["spec"]["taints"]]
    assert "unschedulable" not in cluster.node("n8")["spec"]


def test_a_control_plane_says_how_it_stands(cluster, around):
    wanted = {
        "site": "fra1",
        "kind": "kubernetes",
        "distribution": "kubeadm",
        "servers": ["n9"],
        "encryptSecrets": True,
        "auditLogs": True,
        "allowed": [],
        "reservations": {},
    }
    checked = CLUSTER.check(None, wanted)
    made = run(CLUSTER.create("metal", checked.inputs, around, preview=False))
    assert made.state["status"] == "ready"
    assert made.state["endpoint"] == cluster.server
    observed = made.state["observed"]
    assert observed["encryption"] == "seen"
    assert observed["nodes"] == observed["ready"] > 0
    assert observed["identity"]


def test_the_audit_policy_keeps_who_and_what_and_never_a_secret(cluster):
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "audited"},
        "stringData": {"key": "dGhlLXNlY3JldC1pdHNlbGY"},
    }
    cluster.ask("POST", "/api/v1/namespaces/default/secrets", secret)
    cluster.pod("n9", "audited")
    log = Path(cluster.ready["kubeconfig"]).with_name("audit.log").read_text()
    events = [json.loads(line) for line in log.splitlines()]
    mine = {
        each["objectRef"]["resource"]: each
        for each in events
        if each["verb"] == "create" and each.get("objectRef", {}).get("name") == "audited"
    }
    assert mine["secrets"]["level"] == "Metadata"
    assert mine["secrets"]["user"]["username"] == "admin"
    assert mine["pods"]["level"] == "Request"
    assert "dGhlLXNlY3JldC1pdHNlbGY" not in log
    assert not [each for each in events if each["requestURI"].startswith("/readyz")]
