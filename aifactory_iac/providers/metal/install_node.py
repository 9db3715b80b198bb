"""What every install document says about a machine: users, network, time, files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NotRequired, TypedDict


class InstallUser(TypedDict):
    """One account. It has no password: who is to log in brings a key."""

    keys: NotRequired[Sequence[str]]
    """Public SSH keys."""
    admin: NotRequired[bool]
    """Whether it may become root."""
    groups: NotRequired[Sequence[str]]
    """Further groups."""
    shell: NotRequired[str]
    """Login shell; `/bin/bash` when not given."""
    comment: NotRequired[str]
    """Who it is for."""


class NetworkRoute(TypedDict):
    """One static route."""

    to: str
    """Network, or `default`."""
    via: str
    """Address of the next hop."""
    metric: NotRequired[int]
    """Metric."""


class NameServers(TypedDict):
    """Name servers in the order in which they are asked."""

    servers: Sequence[str]
    """Addresses."""
    search: NotRequired[Sequence[str]]
    """Domains that short names are looked up in."""


class CardMatch(TypedDict):
    """Which network card is meant; all that is given must hold."""

    mac: NotRequired[str]
    """MAC address."""
    name: NotRequired[str]
    """Name or pattern of names."""
    driver: NotRequired[str]
    """Kernel driver or pattern of drivers."""


class NetworkLink(TypedDict):
    """What a card, a bond and a VLAN have in common."""

    dhcp: NotRequired[bool]
    """Whether it asks DHCP for an IPv4 address."""
    addresses: NotRequired[Sequence[str]]
    """Addresses with their prefix."""
    gateway: NotRequired[str]
    """Default gateway."""
    routes: NotRequired[Sequence[NetworkRoute]]
    """Further routes."""
    dns: NotRequired[NameServers]
    """Name servers."""
    mtu: NotRequired[int]
    """Largest packet in bytes, from 1280 to 65520."""
    optional: NotRequired[bool]
    """Whether the machine goes on booting without it."""


class EthernetCard(NetworkLink):
    """One card; without `match`, the one that has the entry's own name."""

    match: NotRequired[CardMatch]
    """Which card it is."""
    rename: NotRequired[str]
    """Name that it gets."""


class NetworkBond(NetworkLink):
    """Several cards as one."""

    interfaces: Sequence[str]
    """Its cards."""
    mode: NotRequired[
        Literal[
            "802.3ad", "active-backup", "balance-xor", "balance-rr", "balance-tlb", "balance-alb"
        ]
    ]
    """How its cards share the work; `802.3ad` when not given."""
    lacp: NotRequired[Literal["fast", "slow"]]
    """How often LACP speaks."""
    hash: NotRequired[Literal["layer2", "layer2+3", "layer3+4", "encap2+3", "encap3+4"]]
    """What decides which card a packet takes."""
    monitor: NotRequired[int]
    """Milliseconds between two looks at its links."""
    minimum: NotRequired[int]
    """Links that must be up."""
    primary: NotRequired[str]
    """Card that is preferred in mode `active-backup`."""


class NetworkVlan(NetworkLink):
    """One tagged network on a card or a bond."""

    id: int
    """VLAN number, from 1 to 4094."""
    link: str
    """Card or bond that it is on."""


class InstallNetwork(TypedDict):
    """All links of a machine, by name."""

    ethernets: NotRequired[Mapping[str, EthernetCard]]
    """Cards."""
    bonds: NotRequired[Mapping[str, NetworkBond]]
    """Bonds."""
    vlans: NotRequired[Mapping[str, NetworkVlan]]
    """VLANs."""


class TimeSources(TypedDict):
    """Where the machine gets its time from."""

    servers: NotRequired[Sequence[str]]
    """NTP servers."""
    pools: NotRequired[Sequence[str]]
    """Names that stand for several servers."""


class OutgoingProxy(TypedDict):
    """The way out to package servers; it must not ask for a password."""

    http: NotRequired[str]
    """URL of the proxy for http."""
    https: NotRequired[str]
    """URL of the proxy for https."""
    exempt: NotRequired[Sequence[str]]
    """Hosts and networks that are reached directly."""


class InstallFile(TypedDict):
    """One file of the installed machine; it may hold no secret."""

    text: str
    """Content."""
    mode: NotRequired[str]
    """File mode such as `0644`."""
    owner: NotRequired[str]
    """Owner and group such as `root:root`."""


class InstallNode(TypedDict):
    """The part that all four documents share."""

    hostname: NotRequired[str]
    """Host name; the machine's own when not given."""
    domain: NotRequired[str]
    """DNS domain."""
    timezone: NotRequired[str]
    """Time zone; `Etc/UTC` when not given."""
    users: Mapping[str, InstallUser]
    """Accounts by name; at least one has keys."""
    network: NotRequired[InstallNetwork]
    """Network; when not given, the card that booted asks DHCP."""
    ntp: NotRequired[TimeSources]
    """Time sources."""
    proxy: NotRequired[OutgoingProxy]
    """The way out to package servers."""
    kernel: NotRequired[Sequence[str]]
    """Kernel arguments in order."""
    files: NotRequired[Mapping[str, InstallFile]]
    """Files by path."""
    trust: NotRequired[Sequence[str]]
    """Certificate authorities in PEM form."""
