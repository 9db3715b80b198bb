"""AWS sites as units: which, in which order, with which ports, stable under any permutation."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aifactory_iac.findings import Finding, Severity
from aifactory_iac.program import Call, FromEnvironment, Lowered, Take
from aifactory_iac.program.ports import takes

Document = dict[str, Any]
Lower = Callable[[Document], Lowered]


def call(found: Lowered, unit: str, name: str) -> Call:
    return next(item for item in found.unit(unit).calls if item.name == name)


def aws_findings(found: Lowered) -> list[tuple[str, Severity, Any]]:
    return [
        (item.rule, item.severity, item.path)
        for item in found.findings
        if item.rule < "AIF-PRG-060"
    ]


def test_a_cloud_site_is_these_units_in_this_order(cloud: Document, lowered: Lower) -> None:
    found = lowered(cloud)
    assert aws_findings(found) == [
        ("AIF-PRG-023", Severity.INFO, ("compute", "serve", "autoscale"))
    ]
    assert [(unit.name, found.needs[unit.name]) for unit in found.units] == [
        ("cloud/keys", ()),
        ("cloud/network", ("cloud/keys",)),
        ("cloud/cluster", ("cloud/keys", "cloud/network")),
        ("cloud/storage", ("cloud/keys", "cloud/network")),
        ("cloud/compute", ("cloud/cluster", "cloud/keys", "cloud/network")),
        ("cloud/platform", ("cloud/cluster",)),
    ]


def test_each_unit_constructs_these_components(cloud: Document, lowered: Lower) -> None:
    found = lowered(cloud)
    assert {
        unit.layer: [(item.name, item.component) for item in unit.calls]
        for unit in found.units
        if unit.layer != "platform"
    } == {
        "keys": [
            ("cluster-eks", "aws.keys:Key"),
            ("disks", "aws.keys:Key"),
            ("logs", "aws.keys:Key"),
            ("tier-lake", "aws.keys:Key"),
            ("tier-scratch", "aws.keys:Key"),
        ],
        "network": [
            ("network", "aws.network:Network"),
            ("pool-serve", "aws.security_groups:PoolSecurityGroup"),
            ("pool-train", "aws.security_groups:PoolSecurityGroup"),
            ("tier-scratch", "aws.security_groups:LustreSecurityGroup"),
        ],
        "cluster": [
            ("addons-eks", "aws.eks:NodeAddons"),
            ("cluster-eks", "aws.eks:Cluster"),
            ("node-eks", "aws.nodes:NodeRole"),
            ("system-eks", "aws.nodes:NodeGroup"),
        ],
        "storage": [("lake", "aws.bucket:Bucket"), ("scratch", "aws.lustre:Lustre")],
        "compute": [("serve", "aws.nodes:NodeGroup"), ("train", "aws.nodes:NodeGroup")],
    }


def test_typed_ports_join_the_units(cloud: Document, lowered: Lower) -> None:
    found = lowered(cloud)
    assert {
        unit.layer: [(give.name, give.type) for give in unit.gives]
        for unit in found.units
        if unit.layer != "platform"
    } == {
        "keys": [
            ("cluster_eks_key_arn", "KeyArn"),
            ("disks_key_arn", "KeyArn"),
            ("logs_key_arn", "KeyArn"),
            ("tier_lake_key_arn", "KeyArn"),
            ("tier_scratch_key_arn", "KeyArn"),
        ],
        "network": [
            ("first_zone_subnet_ids", "SubnetIds"),
            ("pool_serve_security_group_id", "SecurityGroupId"),
            ("pool_train_security_group_id", "SecurityGroupId"),
            ("private_subnet_ids", "SubnetIds"),
            ("tier_scratch_security_group_id", "SecurityGroupId"),
            ("vpc_id", "VpcId"),
        ],
        "cluster": [
            ("eks_cluster_name", "ClusterName"),
            ("eks_endpoint", "EndpointUrl"),
            ("eks_kubeconfig", "Kubeconfig"),
            ("eks_node_role_arn", "RoleArn"),
            ("eks_oidc_provider_arn", "Text"),
            ("eks_security_group_id", "SecurityGroupId"),
        ],
        "storage": [
            ("lake_bucket_arn", "BucketArn"),
            ("lake_bucket_name", "BucketName"),
            ("scratch_dns_name", "FileSystemDns"),
            ("scratch_file_system_id", "FileSystemId"),
            ("scratch_mount_name", "Text"),
        ],
        "compute": [("serve_node_group_name", "Text"), ("train_node_group_name", "Text")],
    }
    taken = sorted((take for _, take in takes(found.unit("cloud/storage"))), key=lambda t: t.port)
    assert taken == [
        Take("cloud/keys.logs_key_arn", "KeyArn"),
        Take("cloud/keys.tier_lake_key_arn", "KeyArn"),
        Take("cloud/keys.tier_scratch_key_arn", "KeyArn"),
        Take("cloud/network.first_zone_subnet_ids", "SubnetIds"),
        Take("cloud/network.pool_train_security_group_id", "SecurityGroupId"),
        Take("cloud/network.tier_scratch_security_group_id", "SecurityGroupId"),
    ]


def test_every_unit_is_bound_to_the_region_and_account_of_its_site(
    cloud: Document, lowered: Lower
) -> None:
    found = lowered(cloud)
    for unit in found.units:
        if unit.layer == "platform":
            continue
        (provider,) = unit.providers
        assert (provider.name, provider.package) == ("cloud", "aws")
        assert provider.args == {
            "region": "eu-central-1",
            "allowed_account_ids": (FromEnvironment("AWS_ACCOUNT_ID"),),
        }
        assert {item.options.provider for item in unit.calls} == {"cloud"}


def test_an_account_number_stands_as_it_is(cloud: Document, lowered: Lower) -> None:
    cloud["sites"][0]["account"] = "123456789012"
    (provider,) = lowered(cloud).unit("cloud/keys").providers
    assert provider.args["allowed_account_ids"] == ("123456789012",)


def permuted(value: Any, draw: Callable[[Any], Any]) -> Any:
    """Every list of a document in another order."""
    if isinstance(value, dict):
        return {key: permuted(item, draw) for key, item in value.items()}
    if isinstance(value, list):
        return draw(st.permutations([permuted(item, draw) for item in value]))
    return value


GOVERNANCE: Document = {
    "tenants": [
        {"name": "research", "quota": {"gpus": 16}, "budget": "10 kUSD/month"},
        {"name": "clinic", "quota": {"gpus": 8}, "budget": "5 kUSD/month", "data": ["corpus"]},
    ],
    "roles": [
        {"name": "b", "members": ["arn:aws:iam::123456789012:role/b", "x"], "may": ["read"]},
        {"name": "a", "members": ["arn:aws:iam::123456789012:role/a"], "may": ["plan", "admin"]},
    ],
    "audit": {"sink": {"tier": "lake"}, "retain": "1 y"},
}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_permuting_any_list_gives_equal_units(
    data: st.DataObject, lowered: Lower, cloud_document: Document
) -> None:
    governance = {**cloud_document["governance"], **GOVERNANCE}
    document = {**cloud_document, "governance": governance}
    assert lowered(permuted(document, data.draw)) == lowered(document)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(nodes=st.integers(min_value=1, max_value=64))
def test_growing_a_pool_changes_its_own_sizes_and_nothing_else(
    nodes: int, lowered: Lower, cloud_document: Document
) -> None:
    grown = copy.deepcopy(cloud_document)
    grown["compute"][0]["count"] = nodes
    one, other = lowered(cloud_document), lowered(grown)
    for before, after in zip(one.units, other.units, strict=True):
        if before.layer not in ("compute", "platform"):
            assert before == after
    was, is_now = (call(found, "cloud/compute", "train") for found in (one, other))
    assert (was.name, was.component, was.options) == (
        is_now.name,
        is_now.component,
        is_now.options,
    )
    changed = {key for key in was.args if was.args[key] != is_now.args[key]}
    assert changed <= {"min_size", "desired_size", "max_size"}


def test_an_empty_pool_provisions_nothing(cloud: Document, lowered: Lower) -> None:
    cloud["compute"][0]["count"] = 0
    found = lowered(cloud)
    assert [item.name for item in found.unit("cloud/compute").calls] == ["serve"]
    assert "pool-train" not in [item.name for item in found.unit("cloud/network").calls]


def test_a_site_that_only_keeps_buckets_has_no_network(cloud: Document, lowered: Lower) -> None:
    cloud["compute"] = [{"name": "none", "site": "cloud", "instance": "g6.xlarge", "count": 0}]
    cloud["fabric"] = []
    cloud["orchestration"] = {}
    cloud["storage"]["tiers"].pop()
    assert [unit.name for unit in lowered(cloud).units] == ["cloud/keys", "cloud/storage"]


def test_zones_keep_their_addresses_when_another_is_added(cloud: Document, lowered: Lower) -> None:
    network = call(lowered(cloud), "cloud/network", "network").args
    assert network["private_subnets"] == {"a": "10.64.0.0/19", "b": "10.64.32.0/19"}
    assert network["public_subnets"] == {"a": "10.64.192.0/22", "b": "10.64.196.0/22"}
    cloud["sites"][0]["availability_zones"] = ["a", "b", "c"]
    wider = call(lowered(cloud), "cloud/network", "network").args
    assert wider["private_subnets"] == {
        **network["private_subnets"],
        "c": "10.64.64.0/19",
    }
    assert wider["public_subnets"] == {**network["public_subnets"], "c": "10.64.200.0/22"}


@pytest.mark.parametrize("block", ["10.0.0.0/12", "10.64.0.0/24", "10.64.1.0/16", "10.999.0.0/16"])
def test_a_block_that_no_vpc_can_have_is_a_finding(
    block: str, cloud: Document, lowered: Lower
) -> None:
    cloud["sites"][0]["addresses"] = block
    del cloud["orchestration"]["clusters"][0]["version"]
    found = lowered(cloud)
    assert [unit.name for unit in found.units if unit.layer != "platform"] == []
    assert next(item for item in found.findings if item.rule == "AIF-PRG-020") == Finding(
        "AIF-PRG-020",
        Severity.HIGH,
        f"`{block}` cannot be the block of a VPC with a subnet for each zone; nothing is "
        "provisioned at `cloud`.",
        ("sites", "cloud", "addresses"),
        "give a network from /16 to /22 without host bits, such as `10.0.0.0/16`",
    )


def test_a_control_plane_needs_two_zones(cloud: Document, lowered: Lower) -> None:
    cloud["sites"][0]["availability_zones"] = ["a", "a"]
    assert (
        "AIF-PRG-021",
        Severity.HIGH,
        ("sites", "cloud", "availability_zones"),
    ) in aws_findings(lowered(cloud))


def test_what_is_left_to_people_is_said(cloud: Document, lowered: Lower) -> None:
    cloud["sites"].append({**cloud["sites"][0], "name": "other", "region": "eu-west-1"})
    cloud["links"] = [
        {
            "name": "line",
            "between": ["cloud", "other"],
            "kind": "direct-connect",
            "bandwidth": "10 Gb/s",
        }
    ]
    cloud["compute"][0]["purchase"] = {
        "capacity_block": {"start": "2027-02-01T11:30:00Z", "duration": "14 d"}
    }
    cloud["orchestration"]["clusters"][0]["pools"] = ["train"]
    cloud["orchestration"]["clusters"][0]["endpoint"] = {"public": True}
    cloud["governance"] |= {
        "roles": [{"name": "ops", "members": ["group:ops"], "may": ["apply"]}],
        "tenants": [{"name": "lab", "quota": {"gpus": 8}, "budget": "9 kEUR/month"}],
        "audit": {"sink": {"tier": "lake"}, "retain": "7 y"},
    }
    cloud["storage"]["tiers"][0] |= {"retain": "1 y", "replicate_to": ["scratch"]}
    assert aws_findings(lowered(cloud)) == [
        ("AIF-PRG-022", Severity.MEDIUM, ("compute", "serve")),
        ("AIF-PRG-024", Severity.INFO, ("compute", "train", "purchase", "capacity_block")),
        ("AIF-PRG-026", Severity.MEDIUM, ("orchestration", "clusters", "eks", "endpoint")),
        ("AIF-PRG-027", Severity.INFO, ("governance", "roles", "ops", "members")),
        ("AIF-PRG-028", Severity.LOW, ("links", "line")),
        ("AIF-PRG-028", Severity.LOW, ("links", "line")),
        ("AIF-PRG-030", Severity.MEDIUM, ("storage", "tiers", "lake", "replicate_to")),
        ("AIF-PRG-031", Severity.MEDIUM, ("storage", "tiers", "lake", "retain")),
        ("AIF-PRG-032", Severity.LOW, ("governance", "tenants", "lab", "budget")),
    ]


def test_a_cluster_of_another_kind_is_not_provisioned(cloud: Document, lowered: Lower) -> None:
    del cloud["orchestration"]["clusters"][0]["version"]
    cloud["orchestration"]["clusters"][0]["kind"] = "slurm"
    path = ("orchestration", "clusters", "eks")
    assert ("AIF-PRG-025", Severity.MEDIUM, path) in aws_findings(lowered(cloud))


def test_a_tier_of_another_kind_is_not_provisioned(cloud: Document, lowered: Lower) -> None:
    shared = {"name": "shared", "site": "cloud", "kind": "nfs", "capacity": "1 TB"}
    cloud["storage"]["tiers"].append(shared)
    path = ("storage", "tiers", "shared", "kind")
    assert ("AIF-PRG-029", Severity.MEDIUM, path) in aws_findings(lowered(cloud))
