"""The network layer: a VPC cut into zones, and the security groups of what stands in it."""

from __future__ import annotations

import ipaddress

from aifactory_iac.program.lower.aws.retention import log_retention_days
from aifactory_iac.program.lower.aws.site import SiteView
from aifactory_iac.program.ports import output_name
from aifactory_iac.program.unit import Call, Give, Options, Ref, Unit

ZONES = "abcdef"
_SLOT_BITS = 3
"""The VPC's block is cut into eight: six for the zones a to f, one for public subnets, one free."""
WIDEST, NARROWEST = 16, 28 - 2 * _SLOT_BITS
"""Prefix lengths that a VPC may have: a public subnet is a 64th of it, and /28 is AWS's least."""


def block(cidr: str) -> ipaddress.IPv4Network | None:
    """The VPC's block, if AWS takes it and every subnet of it (both /16 to /28)."""
    try:
        network = ipaddress.IPv4Network(cidr)
    except ValueError:
        return None
    return network if WIDEST <= network.prefixlen <= NARROWEST else None


def subnets(
    vpc: ipaddress.IPv4Network, zones: tuple[str, ...]
) -> tuple[dict[str, str], dict[str, str]]:
    """Public and private subnet of each zone of a VPC's block.

    Each zone letter has its fixed place, so that adding a zone moves no other.
    """
    slots = list(vpc.subnets(prefixlen_diff=_SLOT_BITS))
    public = list(slots[len(ZONES)].subnets(prefixlen_diff=_SLOT_BITS))
    return (
        {zone: str(public[ZONES.index(zone)]) for zone in zones},
        {zone: str(slots[ZONES.index(zone)]) for zone in zones},
    )


def network_unit(view: SiteView) -> Unit:
    """The VPC, a group for every pool, and a group for every Lustre file system.

    Empty where nothing stands in a network, as at a site that only keeps buckets.
    """
    vpc = block(view.site.addresses)
    if not view.has_network or vpc is None:
        return Unit(view.name, "network", (), (), ())
    origin = ("sites", view.name)
    options = Options(provider=view.name)
    public, private = subnets(vpc, view.zones)
    calls = [
        Call(
            component="aws.network:Network",
            name="network",
            args={
                "region": view.site.region,
                "cidr_block": str(vpc),
                "public_subnets": public,
                "private_subnets": private,
                "nat_per_zone": view.production,
                "flow_logs": view.site.flow_logs,
                "flow_log_retention_days": log_retention_days(view.log_retention),
                "log_key_arn": view.take("keys", "logs_key_arn", "KeyArn"),
                "tags": view.tags("access"),
            },
            options=options,
            origin=origin,
        )
    ]
    gives = [
        Give("first_zone_subnet_ids", "SubnetIds", Ref("network", "first_zone_subnet_ids")),
        Give("private_subnet_ids", "SubnetIds", Ref("network", "private_subnet_ids")),
        Give("vpc_id", "VpcId", Ref("network", "vpc_id")),
    ]
    for pool in view.pools:
        name = f"pool-{pool.name}"
        calls.append(
            Call(
                component="aws.security_groups:PoolSecurityGroup",
                name=name,
                args={
                    "vpc_id": Ref("network", "vpc_id"),
                    "efa": view.efa(pool),
                    "tags": view.tags(pool.zone),
                },
                options=options,
                origin=("compute", pool.name),
            )
        )
        gives.append(_group(name))
    for tier in view.tiers("fsx-lustre"):
        name = f"tier-{tier.name}"
        calls.append(
            Call(
                component="aws.security_groups:LustreSecurityGroup",
                name=name,
                args={
                    "vpc_id": Ref("network", "vpc_id"),
                    "clients": {
                        pool.name: Ref(f"pool-{pool.name}", "security_group_id")
                        for pool in view.mounts(tier)
                    },
                    "tags": view.tags("data-storage", data_class=view.data_class((tier,))),
                },
                options=options,
                origin=("storage", "tiers", tier.name),
            )
        )
        gives.append(_group(name))
    return Unit(
        site=view.name,
        layer="network",
        providers=(view.provider(),),
        calls=tuple(sorted(calls, key=lambda call: call.name)),
        gives=tuple(sorted(gives, key=lambda give: give.name)),
    )


def _group(name: str) -> Give:
    return Give(
        output_name(name, "security_group_id"), "SecurityGroupId", Ref(name, "security_group_id")
    )
