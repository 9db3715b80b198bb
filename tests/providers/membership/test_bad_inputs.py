"""Bad inputs of memberships and clusters: all at once, each with its path, reason and way out."""

from __future__ import annotations

from typing import Any

import pytest

from aifactory_iac.providers.membership.slurm.hostlist import folded
from aifactory_iac.providers.resource import UNKNOWN
from aifactory_iac.providers.resources.cluster import TYPE as CLUSTER
from aifactory_iac.providers.resources.cluster_membership import TYPE as MEMBERSHIP

MEMBER: dict[str, Any] = {
    "cluster": "fra1/metal",
    "nodeGroup": "g",
    "labels": {"aifactory/pool": "train"},
    "taints": [],
    "rackLabel": "aifactory/rack",
    "drainSeconds": 3600,
    "nodes": {"n1": {"rack": "r1"}},
}
POOL = {
    "nodes": ["g1", "g2"],
    "sockets": 2,
    "cores": 56,
    "threads": 2,
    "memory": 2_000_000,
    "gpus": 8,
    "model": "h100",
    "devices": "/dev/nvidia[0-7]",
}
KUBERNETES: dict[str, Any] = {
    "site": "fra1",
    "kind": "kubernetes",
    "distribution": "rke2",
    "servers": ["s1", "s2", "s3"],
    "encryptSecrets": True,
    "auditLogs": True,
    "allowed": [],
    "reservations": {},
}
SLURM: dict[str, Any] = {
    **KUBERNETES,
    "kind": "slurm",
    "distribution": "slurm",
    "pools": {"train": POOL},
    "switches": {"leaf1": {"nodes": ["g1", "g2"]}},
}


VALUE = (
    "which is no label value: at most 63 letters, digits, `-`, `_` or `.`, "
    "beginning and ending with a letter or digit"
)
KEY = (
    "which is no label key: 1 to 63 letters, digits, `-`, `_` or `.`, "
    "beginning and ending with a letter or digit"
)
DNS = "whose part before the slash is no DNS name in lower case"
COUNT = (
    "a count without device files makes every node drain itself "
    "(`gres/gpu count reported lower than configured (0 < 8)`); give `/dev/nvidia[0-7]`"
)


def said(kind: Any, inputs: dict[str, Any]) -> list[str]:
    return [f"{each.property} {each.reason}" for each in kind.check(None, inputs).failures]


def test_good_inputs_have_nothing_wrong_with_them():
    assert said(MEMBERSHIP, MEMBER) == []
    assert said(CLUSTER, KUBERNETES) == []
    assert said(CLUSTER, SLURM) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"kind": "nomad"}, "kind is 'nomad', neither `kubernetes` nor `slurm`"),
        ({"drainSeconds": 5}, "drainSeconds is 5 s, not between 30 s and 1209600 s"),
        ({"joinSeconds": 90000}, "joinSeconds is 90000 s, not between 0 s and 86400 s"),
        (
            {"labels": {"-x": "y"}},
            f"labels[\"-x\"] has '-x', {KEY}",
        ),
        (
            {"labels": {"Upper/x": "y"}},
            f"labels[\"Upper/x\"] has 'Upper/x', {DNS}",
        ),
        (
            {"labels": {"x": "a b"}},
            f"labels[\"x\"] has 'a b', {VALUE}",
        ),
        (
            {"labels": {"kubernetes.io/os": "linux"}},
            "labels[\"kubernetes.io/os\"] has 'kubernetes.io/os', which the kubelet sets itself",
        ),
        (
            {"labels": {"aifactory/rack": "r1"}},
            'labels["aifactory/rack"] is the rack label, which each node\'s rack gives',
        ),
        (
            {"rackLabel": "a/b/c"},
            f"rackLabel has 'a/b/c', {DNS}",
        ),
        (
            {"taints": ["gpu"]},
            "taints[0] has 'gpu', which does not end in :NoSchedule, :PreferNoSchedule, :NoExecute",
        ),
        (
            {"taints": ["a=b:NoSchedule", "a=c:NoSchedule"]},
            "taints has 'a=c:NoSchedule' with the key and effect of another one",
        ),
        (
            {"taints": ["node.kubernetes.io/not-ready:NoExecute"]},
            "taints[0] has 'node.kubernetes.io/not-ready', which the node controller sets itself",
        ),
        ({"nodes": {}}, "nodes has no node in it; leave it out until there is one"),
        ({"nodes": {"N1": {}}}, "nodes[\"N1\"] has 'N1', which is no host name in lower case"),
        (
            {"nodes": {"n1": {"rack": "row 1"}}},
            f"nodes.n1.rack has 'row 1', {VALUE}; the rack label needs one",
        ),
        (
            {"taints": ["a=b:NoSchedule"], "nodes": {"n1": {"taints": ["a=c:NoSchedule"]}}},
            "nodes.n1.taints has 'a=c:NoSchedule' with the key and effect of another",
        ),
        (
            {"policy": {"late": "cancel"}},
            "policy.late is for Slurm: pods are never ended past their budget",
        ),
        (
            {"policy": {"unavailable": 0}},
            "policy.unavailable is 0: no node could ever be updated",
        ),
        (
            {"kind": "slurm", "taints": ["a:NoSchedule"]},
            "taints is nothing to Slurm; keep jobs off nodes by partitions instead",
        ),
        (
            {"kind": "slurm", "policy": {"local": "evict"}},
            "policy.local is about pods; a Slurm node has none",
        ),
        (
            {"kind": "slurm", "labels": {"a/pool": "x", "b/pool": "y"}},
            "labels[\"b/pool\"] is the same Slurm feature as 'a/pool'",
        ),
    ],
)
def test_what_is_wrong_with_a_membership(change, expected):
    assert said(MEMBERSHIP, {**MEMBER, **change}) == [expected]


def test_everything_wrong_is_said_at_once():
    inputs = {**MEMBER, "drainSeconds": 1, "labels": {"-": ""}, "taints": ["x"], "nodes": {"_": {}}}
    assert [each.partition(" ")[0] for each in said(MEMBERSHIP, inputs)] == [
        "drainSeconds",
        'labels["-"]',
        "taints[0]",
        'nodes["_"]',
    ]


@pytest.mark.parametrize("field", sorted({*MEMBER, "kind", "policy", "joinSeconds"}))
def test_what_is_not_known_is_not_judged(field):
    assert said(MEMBERSHIP, {**MEMBER, field: UNKNOWN}) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"distribution": "eks"}, "distribution is 'eks', none of k3s, kubeadm, rke2, slurm"),
        ({"distribution": "slurm"}, "distribution is slurm, which is for slurm, not kubernetes"),
        ({"servers": []}, "servers has no server in it"),
        (
            {"servers": ["s1", "s2", "s3", "s4"]},
            "servers has 4 servers, which bear the loss of 1, as 3 do: etcd needs an odd number",
        ),
        ({"servers": ["s1", "s2", "s1"]}, "servers[2] has s1 twice"),
        ({"servers": ["S1"]}, "servers[0] has 'S1', which is no host name in lower case"),
        ({"waitSeconds": -1}, "waitSeconds is -1 s, not between 0 s and 86400 s"),
        ({"allowed": ["10.0.0.1/8"]}, "allowed[0] is '10.0.0.1/8', no network such as 10.0.0.0/8"),
        (
            {"address": "API"},
            "address is 'API', neither a host name in lower case nor an address",
        ),
        (
            {"names": ["api.lab", "1.2.3.4", "::1", "a_b"]},
            "names[3] is 'a_b', neither a host name in lower case nor an address",
        ),
        (
            {"version": "new"},
            "version is 'new', no version such as `1.34`, `1.34.2` or `v1.34.2+rke2r1`",
        ),
        (
            {"version": "v1.34.2+k3s1"},
            "version is 'v1.34.2+k3s1', a release of k3s, not of rke2",
        ),
        (
            {"distribution": "kubeadm", "version": "v1.34.2+rke2r1"},
            "version is 'v1.34.2+rke2r1', a release of rke2, not of kubeadm",
        ),
        (
            {"version": "1.24"},
            "version is '1.24', older than 1.28, the oldest whose files are known here",
        ),
        (
            {"encryptSecrets": False},
            "encryptSecrets cannot be false: RKE2 always encrypts; k3s and kubeadm need not",
        ),
        ({"hardening": "stig"}, "hardening is 'stig', neither `cis` nor `none`"),
        ({"pools": {"train": POOL}}, "pools is for Slurm, not rke2"),
    ],
)
def test_what_is_wrong_with_a_kubernetes_cluster(change, expected):
    assert said(CLUSTER, {**KUBERNETES, **change}) == [expected]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"version": "v24"}, ["version is 'v24', no Slurm release such as `24.11` or `24.11.5`"]),
        (
            {"allowed": ["10.0.0.0/8"]},
            ["allowed is for the API of Kubernetes; Slurm is reached with its munge key"],
        ),
        (
            {"pools": {}, "switches": None},
            ["pools has no pool in it, and no controller starts without nodes; leave it out"],
        ),
        (
            {"pools": {"train": {**POOL, "devices": ""}}},
            [f"pools.train.devices is missing: {COUNT}"],
        ),
        (
            {"pools": {"train": {**POOL, "devices": "/dev/nvidia[0-3]"}}},
            ["pools.train.devices is '/dev/nvidia[0-3]', 4 devices, not 8"],
        ),
        (
            {"pools": {"train": {**POOL, "devices": "nvidia0"}}},
            ["pools.train.devices is 'nvidia0', no path such as `/dev/nvidia[0-7]`"],
        ),
        (
            {"pools": {"train": {**POOL, "gpus": 0}}},
            ["pools.train.gpus is missing: there are devices, but no number of accelerators"],
        ),
        (
            {"pools": {"train": {**POOL, "model": "h 100", "memory": 0}}},
            [
                "pools.train.memory is 0, less than 1",
                "pools.train.model is 'h 100', no word that a job could ask for",
            ],
        ),
        (
            {"pools": {"a": POOL, "b": {**POOL, "nodes": ["g2"]}}},
            ["pools.b.nodes[0] is g2, a node of a already"],
        ),
        (
            {"pools": {"train": {**POOL, "nodes": ["g1", "g2", "g[3-4]"]}}},
            [
                "pools.train.nodes[2] is 'g[3-4]', no short host name",
                "switches has no leaf above node g[3-4]: no job with --switches gets it",
            ],
        ),
        (
            {"pools": {"all": {**POOL, "nodes": ["g1", "g2"]}}},
            ["pools has 'all', which is no name of a partition"],
        ),
        (
            {"switches": {}},
            ["switches is empty, which keeps the controller from starting at all"],
        ),
        (
            {"switches": {"leaf1": {"nodes": ["g1", "g2", "g9"]}}},
            ["switches.leaf1.nodes[2] is g9, a node of no pool"],
        ),
        (
            {"switches": {"leaf1": {"nodes": ["g1", "g2"]}, "leaf2": {"nodes": ["g2"]}}},
            ["switches.leaf2.nodes[0] is g2, which is below leaf1 already"],
        ),
        (
            {"switches": {"leaf1": {"nodes": ["g1"]}}},
            ["switches has no leaf above node g2: no job with --switches gets it"],
        ),
        (
            {"switches": {"leaf1": {"nodes": ["g1", "g2"]}, "spine": {"switches": ["leaf9"]}}},
            ["switches.spine.switches[0] is leaf9, and there is no such switch"],
        ),
        (
            {"switches": {"leaf1": {"nodes": ["g1", "g2"]}, "spine": {}}},
            ["switches.spine has to have either nodes or switches below it"],
        ),
        (
            {
                "switches": {
                    "leaf1": {"nodes": ["g1", "g2"]},
                    "a": {"switches": ["b"]},
                    "b": {"switches": ["a"]},
                }
            },
            ["switches.a is below itself", "switches.b is below itself"],
        ),
        (
            {
                "switches": {
                    "leaf1": {"nodes": ["g1", "g2"]},
                    "a": {"switches": ["leaf1"]},
                    "b": {"switches": ["leaf1"]},
                }
            },
            ["switches.b.switches[0] is leaf1, which is below a already"],
        ),
        (
            {"reservations": {"acme": [{"pool": "train", "nodes": 3}]}},
            ["reservations.acme[0].nodes is too much: 3 nodes of train are kept, and it has 2"],
        ),
        (
            {"reservations": {"a b": [{"pool": "other", "nodes": 1}]}},
            [
                f"reservations has 'a b', {VALUE}",
                "reservations.a b[0].pool is other, and there is no such pool",
            ],
        ),
    ],
)
def test_what_is_wrong_with_a_slurm_cluster(change, expected):
    assert said(CLUSTER, {**SLURM, **change}) == expected


@pytest.mark.parametrize("field", sorted({*SLURM, "version", "address", "names", "waitSeconds"}))
def test_what_is_not_known_of_a_cluster_is_not_judged(field):
    assert said(CLUSTER, {**SLURM, field: UNKNOWN}) == []
    assert said(CLUSTER, {**KUBERNETES, field: UNKNOWN}) == []


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["g1"], "g1"),
        (["login", "g001", "g002", "g004"], "g[001-002,004],login"),
        (["g9", "g10", "g11"], "g9,g[10-11]"),
        (["r1-n01", "r1-n02", "r2-n01"], "r1-n[01-02],r2-n01"),
        ([], ""),
    ],
)
def test_host_names_are_folded_as_slurm_writes_them(names, text):
    assert folded(names) == folded(reversed(names)) == text
