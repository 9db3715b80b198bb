"""What security groups admit, in one form for the three ways in which AWS lets it be written."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aifactory_iac.policy.resources import Resources, value
from aifactory_iac.program.planned import PlannedResource

GROUP = "aws:ec2/securityGroup:SecurityGroup"
_INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"

Way = Literal["in", "out"]
ANY_PROTOCOL = "-1"


@dataclass(frozen=True, slots=True)
class Opening:
    """One direction of traffic that one group admits.

    `peers` are URNs of groups of the same unit; a group of another unit is an unknown id and no
    peer. `first` and `last` are `None` when all ports are meant.
    """

    source: PlannedResource
    """The resource that says so."""
    way: Way
    protocol: str
    first: int | None
    last: int | None
    networks: tuple[str, ...]
    peers: tuple[str, ...]
    itself: bool

    def covers(self, port: int) -> bool:
        """Whether TCP traffic to the port is admitted."""
        if self.protocol == ANY_PROTOCOL:
            return True
        inside = self.first is None or self.first <= port <= (self.last or self.first)
        return self.protocol == "tcp" and inside

    @property
    def everything(self) -> bool:
        """Whether all protocols are admitted."""
        return self.protocol == ANY_PROTOCOL

    def wider_than(self, prefix: int) -> tuple[str, ...]:
        """Networks with a shorter prefix; IPv6 ones are measured against the same number."""
        return tuple(
            text
            for text in self.networks
            if ipaddress.ip_network(text, strict=False).prefixlen < prefix
        )


def openings(resources: Resources) -> Mapping[str, tuple[Opening, ...]]:
    """What each security group admits, by its URN; groups that admit nothing are there as well."""
    found: dict[str, list[Opening]] = {}
    for group in resources.of(GROUP):
        found[group.urn] = list(_inline(group, resources))
    ways: tuple[tuple[str, Way], ...] = ((_INGRESS, "in"), (_EGRESS, "out"))
    for kind, way in ways:
        for item in resources.of(kind):
            for urn in resources.behind(item, "securityGroupId", GROUP):
                found.setdefault(urn, []).append(_standalone(item, urn, way, resources))
    for item in resources.of(_RULE):
        for urn in resources.behind(item, "securityGroupId", GROUP):
            found.setdefault(urn, []).append(_classic(item, urn, resources))
    return {urn: tuple(items) for urn, items in found.items()}


def _inline(group: PlannedResource, resources: Resources) -> Iterator[Opening]:
    ways: tuple[tuple[str, Way], ...] = (("ingress", "in"), ("egress", "out"))
    for name, way in ways:
        rules = value(group, name)
        for item in rules if isinstance(rules, list | tuple) else ():
            yield Opening(
                group,
                way,
                _protocol(value(item, "protocol")),
                _port(value(item, "fromPort")),
                _port(value(item, "toPort")),
                _networks(item, "cidrBlocks", "ipv6CidrBlocks"),
                resources.behind(group, name, GROUP),
                value(item, "self") is True,
            )


def _standalone(item: PlannedResource, urn: str, way: Way, resources: Resources) -> Opening:
    peers = resources.behind(item, "referencedSecurityGroupId", GROUP)
    return Opening(
        item,
        way,
        _protocol(value(item, "ipProtocol")),
        _port(value(item, "fromPort")),
        _port(value(item, "toPort")),
        _networks(item, "cidrIpv4", "cidrIpv6"),
        peers,
        urn in peers,
    )


def _classic(item: PlannedResource, urn: str, resources: Resources) -> Opening:
    peers = resources.behind(item, "sourceSecurityGroupId", GROUP)
    return Opening(
        item,
        "in" if value(item, "type") == "ingress" else "out",
        _protocol(value(item, "protocol")),
        _port(value(item, "fromPort")),
        _port(value(item, "toPort")),
        _networks(item, "cidrBlocks", "ipv6CidrBlocks"),
        peers,
        value(item, "self") is True or urn in peers,
    )


def _protocol(given: Any) -> str:
    text = str(given).lower()
    return ANY_PROTOCOL if text in (ANY_PROTOCOL, "all") else text


def _port(given: Any) -> int | None:
    return int(given) if isinstance(given, int | float) else None


def _networks(item: Any, *keys: str) -> tuple[str, ...]:
    found: list[str] = []
    for key in keys:
        given = value(item, key)
        if isinstance(given, str):
            found.append(given)
        elif isinstance(given, list | tuple):
            found.extend(text for text in given if isinstance(text, str))
    return tuple(text for text in found if _is_network(text))


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True
