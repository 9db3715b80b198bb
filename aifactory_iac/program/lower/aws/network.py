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


def subnets(block: str, zones: tuple[str, ...]) -> tuple[dict[str, str], dict[str, str]]:
    """Public and private subnet of each zone of a VPC's block.

    Each zone letter has its fixed place, so that adding a zone moves no other.
    """
    slots = list(ipaddress.ip_network(block, strict=False).subnets(prefixlen_diff=_SLOT_BITS))
    public = list(slots[len(ZONES)].subnets(prefixlen_diff=_SLOT_BITS))
    return (
        {zone: str(public[ZONES.index(zone)]) for zone in zones},
        {zone: str(slots[ZONES.index(zone)]) for zone in zones},
    )


def network_unit(view: SiteView) -> Unit:
    """The VPC, a group for every pool, and a group for every Lustre file system."""
    origin = ("sites", view.name)
    options = Options(provider=view.name)
    public, private = subnets(view.site.addresses, view.zones)
    calls = [
        Call(
            component="aws.network:Network",
            name="network",
            args={
                "region": view.site.region,
                "cidr_block": view.site.addresses,
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
