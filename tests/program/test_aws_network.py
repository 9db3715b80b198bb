"""What the network and keys layers of an AWS site register, input by input."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from aifactory_iac.program import Call, Lowered, Options, Unit
from aifactory_iac.program.planned import UNKNOWN, PlannedResource

Document = dict[str, Any]
Lower = Callable[[Document], Lowered]
Registered = Callable[..., Mapping[str, PlannedResource]]

TAGS = {
    "blueprint": "small-cloud",
    "cost-center": "42",
    "data-class": "confidential",
    "environment": "development",
    "managed-by": "aifactory",
    "owner": "platform",
    "site": "cloud",
    "tenant": "shared",
}


def tags(name: str, zone: str, **other: str) -> dict[str, str]:
    return {**TAGS, "zone": zone, "Name": name, **other}


@pytest.fixture
def network(cloud: Document, lowered: Lower, registered: Registered) -> Any:
    return registered(lowered(cloud).unit("cloud/network"))


def of_type(found: Mapping[str, PlannedResource], token: str) -> dict[str, PlannedResource]:
    return {item.name: item for item in found.values() if item.type == token}


def test_the_vpc_and_its_subnets(network: Mapping[str, PlannedResource]) -> None:
    assert network["aws:ec2/vpc:Vpc::network-vpc"].inputs == {
        "cidrBlock": "10.64.0.0/16",
        "enableDnsHostnames": True,
        "enableDnsSupport": True,
        "tags": tags("network-vpc", "access"),
    }
    subnets = of_type(network, "aws:ec2/subnet:Subnet")
    assert {
        name: (item.inputs["availabilityZone"], item.inputs["cidrBlock"])
        for name, item in subnets.items()
    } == {
        "network-private-a": ("eu-central-1a", "10.64.0.0/19"),
        "network-private-b": ("eu-central-1b", "10.64.32.0/19"),
        "network-public-a": ("eu-central-1a", "10.64.192.0/22"),
        "network-public-b": ("eu-central-1b", "10.64.196.0/22"),
    }
    assert {item.inputs["mapPublicIpOnLaunch"] for item in subnets.values()} == {False}
    assert subnets["network-private-a"].inputs["tags"] == {
        **tags("network-private-a", "access"),
        "kubernetes.io/role/internal-elb": "1",
    }


def test_one_gateway_out_in_development_and_one_a_zone_in_production(
    cloud: Document, lowered: Lower, registered: Registered, network: Any
) -> None:
    token = "aws:ec2/natGateway:NatGateway"
    assert sorted(of_type(network, token)) == ["network-nat-a"]
    cloud["governance"]["environment"] = "production"
    production = registered(lowered(cloud).unit("cloud/network"))
    assert sorted(of_type(production, token)) == ["network-nat-a", "network-nat-b"]


def test_private_subnets_go_out_through_nat_alone(network: Any) -> None:
    routes = of_type(network, "aws:ec2/route:Route")
    assert {
        name: sorted(set(route.inputs) - {"routeTableId", "destinationCidrBlock"})
        for name, route in routes.items()
    } == {
        "network-private-a-out": ["natGatewayId"],
        "network-private-b-out": ["natGatewayId"],
        "network-public-internet": ["gatewayId"],
    }


def test_s3_is_reached_without_leaving_the_vpc(network: Any) -> None:
    endpoint = network["aws:ec2/vpcEndpoint:VpcEndpoint::network-s3"]
    assert endpoint.inputs == {
        "vpcId": UNKNOWN,
        "serviceName": "com.amazonaws.eu-central-1.s3",
        "vpcEndpointType": "Gateway",
        "routeTableIds": [UNKNOWN, UNKNOWN],
        "tags": tags("network-s3", "access"),
    }


def test_flow_logs_record_all_traffic_under_a_key(network: Any) -> None:
    log = network["aws:ec2/flowLog:FlowLog::network-flow-log"].inputs
    assert (log["trafficType"], log["logDestinationType"]) == ("ALL", "cloud-watch-logs")
    group = network["aws:cloudwatch/logGroup:LogGroup::network-flow-logs"].inputs
    assert group == {
        "kmsKeyId": UNKNOWN,
        "retentionInDays": 365,
        "tags": tags("network-flow-logs", "access"),
    }


def test_flow_logs_can_be_turned_off(
    cloud: Document, lowered: Lower, registered: Registered
) -> None:
    cloud["sites"][0]["flow_logs"] = False
    found = registered(lowered(cloud).unit("cloud/network"))
    assert of_type(found, "aws:ec2/flowLog:FlowLog") == {}
    assert of_type(found, "aws:cloudwatch/logGroup:LogGroup") == {}


def test_the_default_group_is_taken_over_and_has_no_rule(network: Any) -> None:
    group = network["aws:ec2/defaultSecurityGroup:DefaultSecurityGroup::network-default-sg"]
    assert set(group.inputs) == {"vpcId", "tags"}


def rules(found: Mapping[str, PlannedResource], group: str) -> dict[str, dict[str, Any]]:
    """Rules of one security group by name, without their tags."""
    return {
        item.name: {key: value for key, value in item.inputs.items() if key != "tags"}
        for item in found.values()
        if item.type
        in (
            "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
            "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        )
        and item.name.startswith(f"{group}-")
    }


def test_the_efa_group_admits_itself_both_ways_on_all_protocols(network: Any) -> None:
    itself = {
        "ipProtocol": "-1",
        "securityGroupId": UNKNOWN,
        "referencedSecurityGroupId": UNKNOWN,
    }
    assert rules(network, "pool-train") == {
        "pool-train-efa-in": {"description": "EFA from other nodes of the pool", **itself},
        "pool-train-efa-out": {"description": "EFA to other nodes of the pool", **itself},
    }
    rule = network["aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule::pool-train-efa-in"]
    group = network["aws:ec2/securityGroup:SecurityGroup::pool-train-sg"].urn
    assert rule.property_dependencies["securityGroupId"] == (group,)
    assert rule.property_dependencies["referencedSecurityGroupId"] == (group,)


def test_the_group_of_a_pool_without_efa_has_no_rules(network: Any) -> None:
    assert rules(network, "pool-serve") == {}


def test_lustre_ports_are_open_to_the_pools_and_its_own_servers_alone(network: Any) -> None:
    found = rules(network, "tier-scratch")
    assert sorted(
        (name, rule["ipProtocol"], rule["fromPort"], rule["toPort"]) for name, rule in found.items()
    ) == [
        (f"tier-scratch-{peer}-{first}-{way}", "tcp", first, last)
        for peer in ("pool-serve", "pool-train", "servers")
        for first, last, way in (
            (1018, 1023, "in"),
            (1018, 1023, "out"),
            (988, 988, "in"),
            (988, 988, "out"),
        )
    ]
    clients = {
        name: network[
            f"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule::tier-scratch-{name}-988-in"
        ].property_dependencies["referencedSecurityGroupId"]
        for name in ("pool-serve", "pool-train", "servers")
    }
    group = "aws:ec2/securityGroup:SecurityGroup"
    assert clients == {
        "pool-serve": (network[f"{group}::pool-serve-sg"].urn,),
        "pool-train": (network[f"{group}::pool-train-sg"].urn,),
        "servers": (network[f"{group}::tier-scratch-sg"].urn,),
    }


def test_no_rule_anywhere_names_an_address_range(network: Any) -> None:
    for item in network.values():
        if "SecurityGroup" in item.type:
            assert not {"cidrIpv4", "cidrIpv6", "prefixListId", "ingress", "egress"} & set(
                item.inputs
            )


def key(uses: tuple[str, ...], registered: Registered) -> tuple[Any, list[dict[str, Any]]]:
    call = Call(
        "aws.keys:Key",
        "data",
        {
            "alias": "small-cloud/cloud/data",
            "description": "Data",
            "account_id": "123456789012",
            "region": "eu-central-1",
            "services": uses,
            "tags": {"owner": "platform"},
        },
        Options(),
    )
    found = registered(Unit("cloud", "keys", (), (call,), ()))
    made = found["aws:kms/key:Key::data-key"]
    assert found["aws:kms/alias:Alias::data-alias"].inputs["name"] == "alias/small-cloud/cloud/data"
    return made, json.loads(made.inputs["policy"])["Statement"]


def test_a_key_rotates_and_the_account_decides_who_uses_it(registered: Registered) -> None:
    made, statements = key((), registered)
    assert {name: made.inputs[name] for name in made.inputs if name != "policy"} == {
        "description": "Data",
        "enableKeyRotation": True,
        "deletionWindowInDays": 30,
        "tags": {"owner": "platform", "Name": "data-key"},
    }
    assert statements == [
        {
            "Sid": "Account",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ]


def test_each_service_gets_its_own_conditional_statement(registered: Registered) -> None:
    _, statements = key(("trail", "logs", "disks", "alerts", "lustre"), registered)
    assert {item["Sid"]: (item["Principal"], item["Condition"]) for item in statements[1:]} == {
        "Alerts": (
            {"Service": "budgets.amazonaws.com"},
            {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        ),
        "Disks": (
            {"AWS": "*"},
            {
                "StringEquals": {
                    "kms:ViaService": "ec2.eu-central-1.amazonaws.com",
                    "kms:CallerAccount": "123456789012",
                }
            },
        ),
        "Logs": (
            {"Service": "logs.eu-central-1.amazonaws.com"},
            {
                "ArnLike": {
                    "kms:EncryptionContext:aws:logs:arn": (
                        "arn:aws:logs:eu-central-1:123456789012:log-group:*"
                    )
                }
            },
        ),
        "Lustre": (
            {"AWS": "*"},
            {
                "StringEquals": {
                    "kms:ViaService": "s3.eu-central-1.amazonaws.com",
                    "kms:CallerAccount": "123456789012",
                },
                "ArnLike": {
                    "aws:PrincipalArn": (
                        "arn:aws:iam::123456789012:role/aws-service-role/"
                        "s3.data-source.lustre.fsx.amazonaws.com/"
                        "AWSServiceRoleForFSxS3Access_fs-*"
                    )
                },
            },
        ),
        "Trail": (
            {"Service": "cloudtrail.amazonaws.com"},
            {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        ),
    }


def test_keys_of_production_are_protected(
    cloud: Document, lowered: Lower, registered: Registered
) -> None:
    cloud["governance"]["environment"] = "production"
    found = registered(lowered(cloud).unit("cloud/keys"))
    keys = of_type(found, "aws:kms/key:Key")
    assert {name: item.protect for name, item in keys.items()} == {
        "cluster-eks-key": True,
        "disks-key": True,
        "logs-key": True,
        "tier-lake-key": True,
        "tier-scratch-key": True,
    }


def test_a_tier_under_the_providers_key_has_none_of_its_own(
    cloud: Document, lowered: Lower
) -> None:
    cloud["storage"]["tiers"][0]["encryption"] = "provider-key"
    found = lowered(cloud)
    assert "tier-lake" not in [item.name for item in found.unit("cloud/keys").calls]
    lake = next(item for item in found.unit("cloud/storage").calls if item.name == "lake")
    assert lake.args["key_arn"] is None
