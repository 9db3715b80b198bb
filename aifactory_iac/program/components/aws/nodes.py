"""Managed node groups: the small ones that run the cluster, and the accelerated ones it is for."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

import pulumi
import pulumi_aws as aws

from .trust import trusts

NODE_POLICIES = (
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKS_CNI_Policy",
    "AmazonSSMManagedInstanceCore",
)
"""AWS managed policies that a worker node needs; the last one replaces SSH."""

LOCAL_NVME_AS_RAID0 = """\
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="//"

--//
Content-Type: application/node.eks.aws

apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  instance:
    localStorage:
      strategy: RAID0

--//--
"""
"""User data for nodeadm: container storage on the instance's own NVMe drives, striped."""


@dataclass(frozen=True)
class NodeRoleArgs:
    """What a `NodeRole` needs."""

    tags: Mapping[str, pulumi.Input[str]]


class NodeRole(pulumi.ComponentResource):
    """The role that all nodes of a cluster run under."""

    role_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: NodeRoleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aifactory:aws:NodeRole", name, dict(vars(args)), opts)
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-role",
            assume_role_policy=trusts("ec2.amazonaws.com"),
            tags={**args.tags, "Name": f"{name}-role"},
            opts=child,
        )
        attached = [
            aws.iam.RolePolicyAttachment(
                f"{name}-{policy}",
                role=role.name,
                policy_arn=f"arn:aws:iam::aws:policy/{policy}",
                opts=child,
            )
            for policy in NODE_POLICIES
        ]
        # Whoever uses the role waits until it can do its work.
        self.role_arn = pulumi.Output.all(role.arn, *[item.id for item in attached]).apply(
            lambda values: str(values[0])
        )
        self.register_outputs({"role_arn": self.role_arn})


class Taint(TypedDict):
    """A node taint in EKS's words."""

    key: str
    value: str
    effect: Literal["NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"]


class Interface(TypedDict):
    """A network interface of the instance type: where it sits, and what it carries."""

    network_card_index: int
    device_index: int
    interface_type: Literal["interface", "efa-only"]


@dataclass(frozen=True)
class NodeGroupArgs:
    """What a `NodeGroup` needs."""

    cluster_name: pulumi.Input[str]
    node_role_arn: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[str]]
    security_group_ids: Sequence[pulumi.Input[str]]
    instance_type: str
    ami_type: str
    min_size: int
    desired_size: int
    max_size: int
    disk_key_arn: pulumi.Input[str]
    labels: Mapping[str, pulumi.Input[str]]
    tags: Mapping[str, pulumi.Input[str]]
    disk_gib: pulumi.Input[int] = 200
    taints: Sequence[Taint] = ()
    interfaces: Sequence[Interface] = ()
    """Interfaces of a type with EFA, the primary one first; none leaves the choice to EC2."""
    capacity_type: Literal["ON_DEMAND", "SPOT", "CAPACITY_BLOCK"] = "ON_DEMAND"
    reservation_id: pulumi.Input[str] | None = None
    """A capacity reservation or capacity block that the nodes are launched into."""
    placement_group: bool = False
    """Whether the nodes stand close together; never with a capacity block, which places itself."""
    local_storage: bool = False
    """Whether the instance's own NVMe drives hold containers' storage."""
    autoscaled: bool = False
    """Whether something else sets the desired size after creation."""


class NodeGroup(pulumi.ComponentResource):
    """A launch template and a managed node group that repairs broken nodes by itself."""

    node_group_name: pulumi.Output[str]
    launch_template_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: NodeGroupArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aifactory:aws:NodeGroup", name, dict(vars(args)), opts)
        child = pulumi.ResourceOptions(parent=self)
        placement = None
        if args.placement_group:
            placement = aws.ec2.PlacementGroup(
                f"{name}-placement",
                strategy="cluster",
                tags={**args.tags, "Name": f"{name}-placement"},
                opts=child,
            )
        template = aws.ec2.LaunchTemplate(
            f"{name}-template",
            description=f"Nodes of {name}",
            update_default_version=True,
            instance_type=args.instance_type,
            metadata_options={
                "http_endpoint": "enabled",
                "http_tokens": "required",
                "http_put_response_hop_limit": 1,
            },
            monitoring={"enabled": True},
            block_device_mappings=[
                {
                    "device_name": "/dev/xvda",
                    "ebs": {
                        "volume_type": "gp3",
                        "volume_size": args.disk_gib,
                        "encrypted": "true",
                        "kms_key_id": args.disk_key_arn,
                        "delete_on_termination": "true",
                    },
                }
            ],
            **_networking(args),
            **_market(args),
            placement={"group_name": placement.name} if placement is not None else None,
            user_data=(
                base64.b64encode(LOCAL_NVME_AS_RAID0.encode()).decode()
                if args.local_storage
                else None
            ),
            tag_specifications=[
                {"resource_type": kind, "tags": {**args.tags, "Name": name}}
                for kind in ("instance", "network-interface", "volume")
            ],
            tags={**args.tags, "Name": f"{name}-template"},
            opts=child,
        )
        group = aws.eks.NodeGroup(
            f"{name}-nodes",
            cluster_name=args.cluster_name,
            node_role_arn=args.node_role_arn,
            subnet_ids=args.subnet_ids,
            ami_type=args.ami_type,
            capacity_type=args.capacity_type,
            launch_template={"id": template.id, "version": template.latest_version.apply(str)},
            scaling_config={
                "min_size": args.min_size,
                "desired_size": args.desired_size,
                "max_size": args.max_size,
            },
            update_config={"max_unavailable": 1},
            node_repair_config={"enabled": True},
            labels=dict(args.labels),
            taints=list(args.taints) or None,
            tags={**args.tags, "Name": f"{name}-nodes"},
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=["scalingConfig.desiredSize"] if args.autoscaled else None,
            ),
        )
        self.node_group_name = group.node_group_name
        self.launch_template_id = template.id
        self.register_outputs({"node_group_name": self.node_group_name})


def _networking(args: NodeGroupArgs) -> dict[str, Any]:
    """Security groups on the template, or on each of its interfaces where it lists them."""
    groups = list(args.security_group_ids)
    if not args.interfaces:
        return {"vpc_security_group_ids": groups}
    return {
        "network_interfaces": [
            {
                **interface,
                "security_groups": groups,
                "delete_on_termination": "true",
            }
            for interface in args.interfaces
        ]
    }


def _market(args: NodeGroupArgs) -> dict[str, Any]:
    """How the capacity is bought. EKS itself asks for spot; a capacity block stands here."""
    market: dict[str, Any] = {}
    if args.capacity_type == "CAPACITY_BLOCK":
        market["instance_market_options"] = {"market_type": "capacity-block"}
    if args.reservation_id is not None:
        market["capacity_reservation_specification"] = {
            "capacity_reservation_target": {"capacity_reservation_id": args.reservation_id}
        }
    return market
