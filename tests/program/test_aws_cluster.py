"""The EKS cluster of an AWS site: what is registered, and who gets in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from aifactory_iac.program import Lowered
from aifactory_iac.program.lower.aws.cluster import SYSTEM_INSTANCE
from aifactory_iac.program.planned import UNKNOWN, PlannedResource

Document = dict[str, Any]
Lower = Callable[[Document], Lowered]
Registered = Callable[..., Mapping[str, PlannedResource]]

CONTROL_PLANE = "aws:eks/cluster:Cluster::cluster-eks-control-plane"


@pytest.fixture
def cluster(lowered: Lower, registered: Registered) -> Callable[[Document], Any]:
    def of(document: Document) -> Mapping[str, PlannedResource]:
        return registered(lowered(document).unit("cloud/cluster"))

    return of


def named(found: Mapping[str, PlannedResource], token: str) -> dict[str, Mapping[str, Any]]:
    return {item.name: item.inputs for item in found.values() if item.type == token}


def test_the_endpoint_is_private_and_every_log_is_kept(cloud: Document, cluster: Any) -> None:
    inputs = dict(cluster(cloud)[CONTROL_PLANE].inputs)
    tags = inputs.pop("tags")
    assert tags["Name"] == "small-cloud-eks"
    assert tags["zone"] == "management"
    assert inputs == {
        "name": "small-cloud-eks",
        "version": "1.34",
        "roleArn": UNKNOWN,
        "enabledClusterLogTypes": [
            "api",
            "audit",
            "authenticator",
            "controllerManager",
            "scheduler",
        ],
        "bootstrapSelfManagedAddons": False,
        "deletionProtection": False,
        "accessConfig": {
            "authenticationMode": "API",
            "bootstrapClusterCreatorAdminPermissions": True,
        },
        "encryptionConfig": {"provider": {"keyArn": UNKNOWN}, "resources": ["secrets"]},
        "vpcConfig": {
            "subnetIds": UNKNOWN,
            "endpointPrivateAccess": True,
            "endpointPublicAccess": False,
        },
    }


def test_a_public_endpoint_is_open_to_the_named_networks_only(
    cloud: Document, cluster: Any
) -> None:
    cloud["orchestration"]["clusters"][0]["endpoint"] = {
        "public": True,
        "allowed": ["203.0.113.0/24", "198.51.100.0/24"],
    }
    assert cluster(cloud)[CONTROL_PLANE].inputs["vpcConfig"] == {
        "subnetIds": UNKNOWN,
        "endpointPrivateAccess": True,
        "endpointPublicAccess": True,
        "publicAccessCidrs": ["198.51.100.0/24", "203.0.113.0/24"],
    }


def test_a_public_endpoint_without_networks_stays_private(cloud: Document, cluster: Any) -> None:
    cloud["orchestration"]["clusters"][0]["endpoint"] = {"public": True}
    vpc = cluster(cloud)[CONTROL_PLANE].inputs["vpcConfig"]
    assert vpc["endpointPublicAccess"] is False


@pytest.mark.parametrize(
    ("retention", "days"),
    [("30 d", 30), ("91 d", 120), ("1 y", 365), ("7 y", 2557), ("20 y", 3653)],
)
def test_logs_are_kept_at_least_as_long_as_asked(
    retention: str, days: int, cloud: Document, cluster: Any
) -> None:
    cloud["orchestration"]["clusters"][0]["log_retention"] = retention
    logs = cluster(cloud)["aws:cloudwatch/logGroup:LogGroup::cluster-eks-logs"].inputs
    assert {key: logs[key] for key in ("name", "retentionInDays", "kmsKeyId")} == {
        "name": "/aws/eks/small-cloud-eks/cluster",
        "retentionInDays": days,
        "kmsKeyId": UNKNOWN,
    }


def test_the_control_plane_waits_for_its_log_group_and_role(cloud: Document, cluster: Any) -> None:
    found = cluster(cloud)
    assert {urn.rsplit("::", 1)[1] for urn in found[CONTROL_PLANE].dependencies} == {
        "cluster-eks-AmazonEKSClusterPolicy",
        "cluster-eks-logs",
        "cluster-eks-role",
    }


def test_secrets_without_envelope_only_where_the_blueprint_says_so(
    cloud: Document, cluster: Any, lowered: Lower
) -> None:
    cloud["orchestration"]["clusters"][0]["encrypt_secrets"] = False
    assert "encryptionConfig" not in cluster(cloud)[CONTROL_PLANE].inputs
    keys = [item.name for item in lowered(cloud).unit("cloud/keys").calls]
    assert "cluster-eks" not in keys


def test_add_ons(cloud: Document, cluster: Any) -> None:
    addons = named(cluster(cloud), "aws:eks/addon:Addon")
    assert {name: item["addonName"] for name, item in addons.items()} == {
        "addons-eks-aws-ebs-csi-driver": "aws-ebs-csi-driver",
        "addons-eks-aws-fsx-csi-driver": "aws-fsx-csi-driver",
        "addons-eks-coredns": "coredns",
        "addons-eks-eks-node-monitoring-agent": "eks-node-monitoring-agent",
        "cluster-eks-eks-pod-identity-agent": "eks-pod-identity-agent",
        "cluster-eks-kube-proxy": "kube-proxy",
        "cluster-eks-vpc-cni": "vpc-cni",
    }
    # Without it, network policies are accepted and do nothing.
    assert json.loads(addons["cluster-eks-vpc-cni"]["configurationValues"]) == {
        "enableNetworkPolicy": "true"
    }


def test_add_ons_that_are_pods_wait_for_the_first_nodes(cloud: Document, cluster: Any) -> None:
    """A child is registered after its parent, and the parent after what it depends on."""
    found = cluster(cloud)
    addons = found["aifactory:aws:NodeAddons::addons-eks"]
    assert found["aws:eks/addon:Addon::addons-eks-coredns"].parent == addons.urn
    assert found["aws:eks/nodeGroup:NodeGroup::system-eks-nodes"].urn in addons.dependencies


def test_a_driver_that_calls_aws_has_a_role_of_its_own(cloud: Document, cluster: Any) -> None:
    found = cluster(cloud)
    driver = found["aws:eks/addon:Addon::addons-eks-aws-ebs-csi-driver"].inputs
    assert driver["podIdentityAssociations"] == [
        {"roleArn": UNKNOWN, "serviceAccount": "ebs-csi-controller-sa"}
    ]
    trust = json.loads(found["aws:iam/role:Role::addons-eks-ebs-csi"].inputs["assumeRolePolicy"])
    assert trust["Statement"][0]["Principal"] == {"Service": "pods.eks.amazonaws.com"}


def test_one_plain_node_in_each_zone_carries_the_add_ons(cloud: Document, cluster: Any) -> None:
    found = cluster(cloud)
    nodes = found["aws:eks/nodeGroup:NodeGroup::system-eks-nodes"].inputs
    assert nodes["scalingConfig"] == {"minSize": 2, "desiredSize": 2, "maxSize": 2}
    assert nodes["amiType"] == "AL2023_x86_64_STANDARD"
    assert "taints" not in nodes
    template = found["aws:ec2/launchTemplate:LaunchTemplate::system-eks-template"].inputs
    assert template["instanceType"] == SYSTEM_INSTANCE
    assert template["vpcSecurityGroupIds"] == [UNKNOWN]


def test_nodes_have_the_policies_of_a_worker_and_no_more(cloud: Document, cluster: Any) -> None:
    attached = named(cluster(cloud), "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    assert sorted(
        item["policyArn"].rsplit("/", 1)[1]
        for name, item in attached.items()
        if name.startswith("node-eks-")
    ) == [
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEKSWorkerNodePolicy",
        "AmazonEKS_CNI_Policy",
        "AmazonSSMManagedInstanceCore",
    ]


def test_roles_with_an_arn_get_in_and_the_creator_then_does_not(
    cloud: Document, cluster: Any
) -> None:
    arn = "arn:aws:iam::123456789012:role/"
    cloud["governance"]["roles"] = [
        {"name": "operators", "members": [f"{arn}ops", "group:ops"], "may": ["plan", "apply"]},
        {"name": "auditors", "members": [f"{arn}team/audit", f"{arn}ops"], "may": ["read"]},
        {"name": "elsewhere", "members": [f"{arn}x"], "may": ["admin"], "on": ["none"]},
    ]
    found = cluster(cloud)
    entries = named(found, "aws:eks/accessEntry:AccessEntry")
    assert {name: item["principalArn"] for name, item in entries.items()} == {
        "cluster-eks-123456789012-role-ops": f"{arn}ops",
        "cluster-eks-123456789012-role-team-audit": f"{arn}team/audit",
    }
    policies = named(found, "aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
    base = "arn:aws:eks::aws:cluster-access-policy/"
    assert {name: item["policyArn"] for name, item in policies.items()} == {
        "cluster-eks-123456789012-role-ops": f"{base}AmazonEKSClusterAdminPolicy",
        "cluster-eks-123456789012-role-team-audit": f"{base}AmazonEKSAdminViewPolicy",
    }
    config = found[CONTROL_PLANE].inputs["accessConfig"]
    assert config["bootstrapClusterCreatorAdminPermissions"] is False


def test_readers_alone_leave_the_creator_in(cloud: Document, cluster: Any) -> None:
    cloud["governance"]["roles"] = [
        {"name": "r", "members": ["arn:aws:iam::123456789012:role/r"], "may": ["read"]}
    ]
    config = cluster(cloud)[CONTROL_PLANE].inputs["accessConfig"]
    assert config["bootstrapClusterCreatorAdminPermissions"] is True


def test_two_clusters_of_a_site_keep_their_names_apart(cloud: Document, lowered: Lower) -> None:
    first = cloud["orchestration"]["clusters"][0]
    cloud["orchestration"]["clusters"] = [
        {**first, "name": "a", "pools": ["train"]},
        {**first, "name": "system-a", "pools": ["serve"]},
    ]
    found = lowered(cloud)
    assert [item.rule for item in found.findings if item.rule < "AIF-PRG-020"] == []
    assert [item.name for item in found.unit("cloud/cluster").calls] == [
        "addons-a",
        "addons-system-a",
        "cluster-a",
        "cluster-system-a",
        "node-a",
        "node-system-a",
        "system-a",
        "system-system-a",
    ]


def test_names_stay_within_what_aws_takes(cloud: Document, cluster: Any) -> None:
    """IAM roles get a hyphen and seven hexadecimal digits from Pulumi; 64 is their limit."""
    cloud["metadata"]["name"] = "b" * 63
    long = "c" * 40
    cloud["orchestration"]["clusters"][0]["name"] = long
    found = cluster(cloud)
    for item in found.values():
        if item.type == "aws:iam/role:Role":
            assert len(item.name) + 8 <= 64, item.name
        if item.type == "aws:eks/nodeGroup:NodeGroup":
            assert len(item.name) + 8 <= 63, item.name
    name = found[f"aws:eks/cluster:Cluster::cluster-{long}-control-plane"].inputs["name"]
    assert name == f"{'b' * 59}-{long}"
