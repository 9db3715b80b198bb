"""A cluster and its membership as an engine drives them: over the plug-in's gRPC interface."""

from __future__ import annotations

import pytest

from aifactory_iac.providers.resource import UNKNOWN
from aifactory_iac.providers.secrets import SecretReader, standard_stores

CLUSTER = "aifactory:metal:Cluster"
MEMBERSHIP = "aifactory:metal:ClusterMembership"
NAMES = [f"n{number:02d}" for number in range(10)]

CLUSTER_INPUTS = {
    "site": "fra1",
    "kind": "kubernetes",
    "distribution": "rke2",
    "servers": ["n00", "n01", "n02"],
    "encryptSecrets": True,
    "auditLogs": True,
    "allowed": [],
    "reservations": {},
    "access": {"store": "env", "path": "KUBE"},
}
MEMBER_INPUTS = {
    "cluster": "fra1/metal",
    "nodeGroup": "fra1/train/su001",
    "labels": {"aifactory/pool": "train"},
    "taints": [],
    "rackLabel": "aifactory/rack",
    "drainSeconds": 60,
    "joinSeconds": 30,
    "nodes": {name: {"rack": "r1"} for name in NAMES},
    "access": {"store": "env", "path": "KUBE"},
}


@pytest.fixture
def client(plugin, api, clock, tmp_path):
    access = tmp_path / "kubeconfig"
    access.write_text(api.kubeconfig())
    secrets = SecretReader(standard_stores(), {"env:KUBE": str(access)})
    return plugin(secrets=secrets, clock=clock)


def test_a_cluster_and_its_ten_nodes_from_preview_to_destroy(client, api):
    for name in NAMES:
        api.node(name)
        api.pod(name, f"job-{name}")
    cluster_inputs, failures = client.check(CLUSTER, CLUSTER_INPUTS)
    assert failures == []
    _, foreseen = client.create(CLUSTER, cluster_inputs, name="metal", preview=True)
    assert foreseen["status"] is UNKNOWN
    assert api.log == []
    cluster, cluster_state = client.create(CLUSTER, cluster_inputs, name="metal")
    assert cluster == "fra1/metal"
    assert cluster_state["status"] == "ready"
    assert cluster_state["kubeconfig"] == client.hidden(api.kubeconfig())

    inputs, failures = client.check(MEMBERSHIP, MEMBER_INPUTS)
    assert failures == []
    unknown = {**MEMBER_INPUTS, "cluster": UNKNOWN, "nodeGroup": UNKNOWN}
    assert client.check(MEMBERSHIP, unknown)[1] == []
    api.log.clear()
    _, foreseen = client.create(MEMBERSHIP, inputs, name="m", preview=True)
    assert foreseen["joined"] is UNKNOWN
    assert api.log == []
    id_, state = client.create(MEMBERSHIP, inputs, name="m")
    assert (id_, state["joined"], state["status"]) == ("fra1/metal/m", 10, "joined")

    assert client.diff(MEMBERSHIP, inputs, state, inputs).changes == "DIFF_NONE"
    fewer = {**inputs, "nodes": {name: inputs["nodes"][name] for name in NAMES[:9]}}
    assert client.diff(MEMBERSHIP, inputs, state, fewer).kinds == {"nodes": "UPDATE"}
    state = client.update(MEMBERSHIP, id_, inputs, state, fewer)
    assert sorted(api.nodes) == NAMES[:9]
    found, _ = client.read(MEMBERSHIP, id_, fewer, state)
    assert found == state

    client.delete(MEMBERSHIP, id_, fewer, state)
    assert api.nodes == {}
    api.log.clear()
    client.delete(CLUSTER, cluster, cluster_inputs, cluster_state)
    assert api.log == []


def test_what_is_done_in_part_is_kept_with_its_reasons(client, api):
    for name in NAMES[:9]:
        api.node(name)
    inputs, _ = client.check(MEMBERSHIP, MEMBER_INPUTS)
    with pytest.raises(client.partly_done) as error:
        client.create(MEMBERSHIP, inputs, name="m")
    assert error.value.id == "fra1/metal/m"
    assert error.value.reasons == ["node n09: waiting: the cluster has no such node yet"]
    assert error.value.state["joined"] == 9
    api.node("n09")
    kept = error.value.state
    assert client.diff(MEMBERSHIP, inputs, kept, inputs).kinds == {"results.n09": "UPDATE"}
    assert client.update(MEMBERSHIP, "fra1/metal/m", inputs, kept, inputs)["joined"] == 10


def test_everything_wrong_comes_back_at_once(client):
    wrong = {**MEMBER_INPUTS, "drainSeconds": 1, "policy": {"late": "cancel"}}
    assert client.check(MEMBERSHIP, wrong)[1] == [
        "`drainSeconds` is 1 s, not between 30 s and 1209600 s",
        "`policy.late` is for Slurm: pods are never ended past their budget",
    ]
    assert client.check(MEMBERSHIP, {**MEMBER_INPUTS, "policy": {"late": "kill"}})[1] != []
