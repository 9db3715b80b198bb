"""Tenants of a cluster: walls, limits, people, and quotas that add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aifactory_iac.program.lower.quotas import apportion, shares


@pytest.fixture(scope="module")
def platform(metal):
    return metal("platform")


def test_a_tenants_namespace_is_restricted(platform):
    assert platform["Namespace:metal.research"].inputs["metadata"] == {
        "name": "tenant-research",
        "labels": {
            "aifactory/tenant": "research",
            "pod-security.kubernetes.io/enforce": "restricted",
            "pod-security.kubernetes.io/audit": "restricted",
            "pod-security.kubernetes.io/warn": "restricted",
        },
    }


def test_everything_in_a_namespace_waits_for_it_and_goes_with_it(platform):
    namespace = platform["Namespace:metal.research"].urn
    inside = [
        item
        for item in platform.values()
        if item.custom and item.inputs.get("metadata", {}).get("namespace") == "tenant-research"
    ]
    assert len(inside) == 10
    assert all(namespace in item.dependencies for item in inside if "Queue:" not in item.urn[-30:])


def test_network_policies_deny_both_ways_then_allow_dns_and_the_namespace_itself(platform):
    found = {
        item.inputs["metadata"]["name"]: item.inputs["spec"]
        for item in platform.values()
        if item.type.endswith(":NetworkPolicy")
        and item.inputs["metadata"]["namespace"] == "tenant-clinic"
    }
    assert found == {
        "default-deny": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
        "allow-dns": {
            "podSelector": {},
            "policyTypes": ["Egress"],
            "egress": [
                {
                    "to": [
                        {
                            "namespaceSelector": {
                                "matchLabels": {"kubernetes.io/metadata.name": "kube-system"}
                            },
                            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
                        }
                    ],
                    "ports": [
                        {"port": 53, "protocol": "UDP"},
                        {"port": 53, "protocol": "TCP"},
                    ],
                }
            ],
        },
        "allow-same-namespace": {
            "podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": [{"podSelector": {}}]}],
            "egress": [{"to": [{"podSelector": {}}]}],
        },
    }


def test_a_tenant_that_borrows_may_fill_the_cluster_and_another_its_share(platform):
    hard = {
        name: platform[f"ResourceQuota:metal.{name}.quota"].inputs["spec"]["hard"]
        for name in ("research", "clinic")
    }
    assert hard == {
        "research": {"requests.nvidia.com/gpu": "992"},  # (127 - 3 spares) x 8
        "clinic": {"requests.nvidia.com/gpu": "64"},
    }


def test_containers_that_ask_for_nothing_get_something(platform):
    assert platform["LimitRange:metal.clinic.limits"].inputs["spec"] == {
        "limits": [
            {
                "type": "Container",
                "default": {"cpu": "4", "memory": "16Gi"},
                "defaultRequest": {"cpu": "1", "memory": "4Gi"},
            }
        ]
    }


def test_roles_reach_no_further_than_a_namespace(platform):
    bindings = {
        item.inputs["metadata"]["name"]: (
            item.inputs["roleRef"]["name"],
            [f"{subject['kind']}:{subject['name']}" for subject in item.inputs["subjects"]],
        )
        for item in platform.values()
        if item.type.endswith(":RoleBinding")
        and item.inputs["metadata"]["namespace"] == "tenant-research"
    }
    assert bindings == {
        "tenant": ("edit", ["Group:aifactory:tenant:research"]),
        "role-operators": ("edit", ["Group:platform"]),
        "role-auditors": ("view", ["Group:audit", "User:eve"]),
        "role-owners": ("admin", ["Group:owners"]),
    }
    assert not any(item.type.endswith("ClusterRoleBinding") for item in platform.values())


def test_a_role_of_another_site_gets_nothing_here(resources, document):
    cloud = resources(document, "aws-fra/platform")
    names = {
        item.inputs["metadata"]["name"]
        for item in cloud.values()
        if item.type.endswith(":RoleBinding")
    }
    assert names == {"tenant", "role-operators", "role-auditors"}


def test_priorities_have_the_names_that_workloads_use(platform):
    values = {
        item.inputs["metadata"]["name"]: item.inputs["value"]
        for item in platform.values()
        if item.type.endswith(":PriorityClass")
    }
    assert values == {"low": 100, "normal": 1_000, "high": 10_000}


def test_a_tenants_share_is_spread_by_capacity_in_whole_nodes(engineer, document):
    spread = shares(*engineer(document))
    parts = {
        (share.cluster, share.pool): share.gpus
        for cluster in ("metal", "cloud")
        for share in spread.of(cluster, "research")
    }
    # 192 GPUs over 992 on the floor and 32 in the cloud: 186 and 6, in nodes of 8.
    assert parts == {("metal", "train"): 184, ("cloud", "burst"): 8}
    assert [(share.pool, share.gpus) for share in spread.of("metal", "clinic")] == [("train", 64)]
    assert spread.of("cloud", "clinic") == ()


@given(st.integers(0, 10_000), st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any))
def test_parts_add_up_and_stay_within_one_of_their_proportion(total, weights):
    parts = apportion(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * weight / sum(weights)) < 1


def test_nothing_is_apportioned_to_nothing():
    assert apportion(5, [0, 0]) == [0, 0]


def test_no_two_names_meet_whatever_tenants_and_clusters_are_called(resources, changed):
    """A tenant may be called as a service is, or as the end of another cluster's name."""
    document = changed()
    document["orchestration"]["clusters"].append(
        {"name": "metal-a", "site": "fra1", "pools": ["more"], "version": "1.34"}
    )
    document["compute"].append({"name": "more", "site": "fra1", "system": "dgx-h100", "count": 4})
    document["governance"]["tenants"] = [
        {"name": name, "quota": {"gpus": 8}, "isolation": "dedicated-nodes"}
        for name in ("a-b", "b", "b-quota", "default", "metrics", "queueing", "b-queue")
    ]
    for layer in ("fabric", "cluster", "platform"):
        assert resources(document, f"fra1/{layer}")
