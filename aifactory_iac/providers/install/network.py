"""The network of one machine, as netplan version 2 knows it: cards, bonds and VLANs."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, Strict

from aifactory_iac.providers.install.document import Document, joined
from aifactory_iac.providers.install.scalars import (
    Address,
    AddressWithPrefix,
    Domain,
    Flag,
    Glob,
    InterfaceName,
    Mac,
    Target,
    Whole,
)
from aifactory_iac.providers.resource import Failure

Mtu = Annotated[int, Strict(), Field(ge=1280, le=65520)]
"""65520 is the most that IP over InfiniBand carries."""

BondMode = Literal[
    "802.3ad", "active-backup", "balance-xor", "balance-rr", "balance-tlb", "balance-alb"
]
HashPolicy = Literal["layer2", "layer2+3", "layer3+4", "encap2+3", "encap3+4"]


class Route(Document):
    """One static route; `to` is a network or `default`."""

    to: Target
    via: Address
    metric: Whole | None = None


class Dns(Document):
    """Name servers in the order in which they are asked."""

    native: ClassVar[Mapping[str, str]] = {"addresses": "servers"}

    servers: Annotated[tuple[Address, ...], Field(min_length=1)]
    search: tuple[Domain, ...] = ()


class Link(Document):
    """What a card, a bond and a VLAN have in common."""

    native: ClassVar[Mapping[str, str]] = {
        "dhcp4": "dhcp",
        "gateway4": "gateway",
        "nameservers": "dns",
        "macaddress": "match.mac",
        "set-name": "rename",
        "lacp-rate": "lacp",
        "mii-monitor-interval": "monitor",
        "transmit-hash-policy": "hash",
    }

    dhcp: Flag = False
    addresses: tuple[AddressWithPrefix, ...] = ()
    gateway: Address | None = None
    routes: tuple[Route, ...] = ()
    dns: Dns | None = None
    mtu: Mtu | None = None
    optional: Flag = False
    """Whether the machine goes on booting without this link."""


class Match(Document):
    """Which card is meant; all that is given must hold."""

    native: ClassVar[Mapping[str, str]] = {"macaddress": "mac"}

    mac: Mac | None = None
    name: Glob | None = None
    driver: Glob | None = None


class Ethernet(Link):
    """One card; without `match`, the one that has the entry's own name."""

    match: Match | None = None
    rename: InterfaceName | None = None


class Bond(Link):
    """Several cards as one.

    `monitor` is in milliseconds; `minimum` is how many links must be up.
    """

    interfaces: Annotated[tuple[InterfaceName, ...], Field(min_length=1)]
    mode: BondMode = "802.3ad"
    lacp: Literal["fast", "slow"] = "fast"
    hash: HashPolicy = "layer3+4"
    monitor: Whole = 100
    minimum: Whole = 1
    primary: InterfaceName | None = None


class Vlan(Link):
    """One tagged network on a card or a bond."""

    id: Annotated[int, Strict(), Field(ge=1, le=4094)]
    link: InterfaceName


class Network(Document):
    """All links of a machine, by name."""

    native: ClassVar[Mapping[str, str]] = {"ethernet": "ethernets"}

    ethernets: dict[InterfaceName, Ethernet] = Field(default_factory=dict)
    bonds: dict[InterfaceName, Bond] = Field(default_factory=dict)
    vlans: dict[InterfaceName, Vlan] = Field(default_factory=dict)

    def links(self) -> Iterator[tuple[str, str, Link]]:
        """Each link with the section and the name that it stands under."""
        for section, links in (
            ("ethernets", self.ethernets),
            ("bonds", self.bonds),
            ("vlans", self.vlans),
        ):
            for name in sorted(links):
                yield section, name, links[name]


def network_failures(network: Network, at: str) -> Iterator[Failure]:
    """What no single field shows: members that are missing, addresses twice, sizes that clash."""
    known: dict[str, Link] = {}
    for section, name, link in network.links():
        if name in known:
            yield Failure(joined(at, section, name), "two links cannot have one name")
        known[name] = link
    if not known:
        yield Failure(at, "has no links; leave it out to use DHCP on the card that booted")
    yield from _bonds(network, at)
    yield from _vlans(network, known, at)
    yield from _addresses(network, at)
    yield from _matches(network, at)


def _bonds(network: Network, at: str) -> Iterator[Failure]:
    owner: dict[str, str] = {}
    for name, bond in sorted(network.bonds.items()):
        place = joined(at, "bonds", name)
        for member in bond.interfaces:
            card = network.ethernets.get(member)
            if card is None:
                yield Failure(
                    f"{place}.interfaces", f"`{member}` is not one of the `ethernets`: add it there"
                )
                continue
            if owner.setdefault(member, name) != name:
                yield Failure(
                    f"{place}.interfaces",
                    f"`{member}` already belongs to `{owner[member]}`: take it out of one",
                )
                continue
            if card.dhcp or card.addresses:
                yield Failure(
                    joined(at, "ethernets", member),
                    f"has an address of its own, but is part of `{name}`: give it to the bond",
                )
            if bond.mtu and card.mtu and card.mtu < bond.mtu:
                yield Failure(
                    joined(at, "ethernets", member, "mtu"),
                    f"is below the {bond.mtu} of `{name}`: a bond sends what its members can",
                )
        if bond.primary and bond.primary not in bond.interfaces:
            yield Failure(f"{place}.primary", "is not one of the bond's `interfaces`")
        if bond.primary and bond.mode != "active-backup":
            yield Failure(f"{place}.primary", "means something only in mode `active-backup`")


def _vlans(network: Network, known: Mapping[str, Link], at: str) -> Iterator[Failure]:
    tags: dict[tuple[str, int], str] = {}
    for name, vlan in sorted(network.vlans.items()):
        place = joined(at, "vlans", name)
        under = known.get(vlan.link)
        if under is None or vlan.link in network.vlans:
            yield Failure(f"{place}.link", f"`{vlan.link}` is neither a card nor a bond")
            continue
        if vlan.mtu and under.mtu and vlan.mtu > under.mtu:
            yield Failure(
                f"{place}.mtu", f"is above the {under.mtu} of `{vlan.link}`: raise that first"
            )
        other = tags.setdefault((vlan.link, vlan.id), name)
        if other != name:
            yield Failure(f"{place}.id", f"is already that of `{other}` on `{vlan.link}`")


def _addresses(network: Network, at: str) -> Iterator[Failure]:
    seen: dict[str, str] = {}
    gateways: dict[int, str] = {}
    for section, name, link in network.links():
        place = joined(at, section, name)
        nets = [ipaddress.ip_interface(address).network for address in link.addresses]
        for address in link.addresses:
            host = address.partition("/")[0]
            other = seen.setdefault(host, place)
            if other != place:
                yield Failure(f"{place}.addresses", f"{host} is already that of `{other}`")
        if link.gateway:
            gateway = ipaddress.ip_address(link.gateway)
            other = gateways.setdefault(gateway.version, place)
            if other != place:
                yield Failure(
                    f"{place}.gateway",
                    f"`{other}` has one already: use `routes` with a `metric`",
                )
            if not any(gateway in net for net in nets):
                yield Failure(
                    f"{place}.gateway",
                    f"{link.gateway} is in none of the networks of this link's `addresses`",
                )


def _matches(network: Network, at: str) -> Iterator[Failure]:
    seen: dict[str, str] = {}
    for name, card in sorted(network.ethernets.items()):
        place = joined(at, "ethernets", name)
        match = card.match
        if match is not None and not (match.mac or match.name or match.driver):
            yield Failure(f"{place}.match", "matches every card: give `mac`, `name` or `driver`")
        if match is not None and match.mac:
            other = seen.setdefault(match.mac, name)
            if other != name:
                yield Failure(f"{place}.match.mac", f"is already that of `{other}`")
        if card.rename and not (match and match.mac):
            yield Failure(f"{place}.rename", "needs `match.mac`: only one card can get the name")
