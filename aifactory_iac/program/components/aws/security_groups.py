"""Security groups of node pools and Lustre file systems; none admits an address range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

LUSTRE_PORTS = ((988, 988), (1018, 1023))
"""TCP port ranges of FSx for Lustre, as its security group guide lists them."""


@dataclass(frozen=True)
class PoolSecurityGroupArgs:
    """What a `PoolSecurityGroup` needs."""

    vpc_id: pulumi.Input[str]
    efa: bool
    """Whether the pool's nodes talk over EFA."""
    tags: Mapping[str, pulumi.Input[str]]


class PoolSecurityGroup(pulumi.ComponentResource):
    """The group that every node of a pool is in.

    With EFA it admits itself, in and out, on all protocols: the adapter bypasses TCP and works only
    between members of such a group. Without EFA it has no rules and serves as the pool's identity.
    """

    security_group_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: PoolSecurityGroupArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aifactory:aws:PoolSecurityGroup", name, dict(vars(args)), opts)
        child = pulumi.ResourceOptions(parent=self)
        group = aws.ec2.SecurityGroup(
            f"{name}-sg",
            description=f"Nodes of pool {name}",
            vpc_id=args.vpc_id,
            tags={**args.tags, "Name": f"{name}-sg"},
            opts=child,
        )
        if args.efa:
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-efa-in",
                description="EFA from other nodes of the pool",
                security_group_id=group.id,
                referenced_security_group_id=group.id,
                ip_protocol="-1",
                tags={**args.tags, "Name": f"{name}-efa-in"},
                opts=child,
            )
            aws.vpc.SecurityGroupEgressRule(
                f"{name}-efa-out",
                description="EFA to other nodes of the pool",
                security_group_id=group.id,
                referenced_security_group_id=group.id,
                ip_protocol="-1",
                tags={**args.tags, "Name": f"{name}-efa-out"},
                opts=child,
            )
        self.security_group_id = group.id
        self.register_outputs({"security_group_id": self.security_group_id})


@dataclass(frozen=True)
class LustreSecurityGroupArgs:
    """What a `LustreSecurityGroup` needs. Clients map a pool's name to its security group."""

    vpc_id: pulumi.Input[str]
    clients: Mapping[str, pulumi.Input[str]]
    tags: Mapping[str, pulumi.Input[str]]


class LustreSecurityGroup(pulumi.ComponentResource):
    """Lustre's ports from the pools that mount the file system, and between its own servers."""

    security_group_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: LustreSecurityGroupArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aifactory:aws:LustreSecurityGroup", name, dict(vars(args)), opts)
        child = pulumi.ResourceOptions(parent=self)
        group = aws.ec2.SecurityGroup(
            f"{name}-sg",
            description=f"File servers of {name}",
            vpc_id=args.vpc_id,
            tags={**args.tags, "Name": f"{name}-sg"},
            opts=child,
        )
        peers = {
            "servers": group.id,
            **{f"pool-{pool}": args.clients[pool] for pool in args.clients},
        }
        for peer in sorted(peers):
            for first, last in LUSTRE_PORTS:
                aws.vpc.SecurityGroupIngressRule(
                    f"{name}-{peer}-{first}-in",
                    description=f"Lustre from {peer}",
                    security_group_id=group.id,
                    referenced_security_group_id=peers[peer],
                    ip_protocol="tcp",
                    from_port=first,
                    to_port=last,
                    tags={**args.tags, "Name": f"{name}-{peer}-{first}-in"},
                    opts=child,
                )
                aws.vpc.SecurityGroupEgressRule(
                    f"{name}-{peer}-{first}-out",
                    description=f"Lustre to {peer}",
                    security_group_id=group.id,
                    referenced_security_group_id=peers[peer],
                    ip_protocol="tcp",
                    from_port=first,
                    to_port=last,
                    tags={**args.tags, "Name": f"{name}-{peer}-{first}-out"},
                    opts=child,
                )
        self.security_group_id = group.id
        self.register_outputs({"security_group_id": self.security_group_id})
