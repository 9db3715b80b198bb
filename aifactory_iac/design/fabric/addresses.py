"""The address plan of a facility site: who gets which part of the site's block, and why.

The block is cut in sixteenths, whatever the site holds: one for out-of-band, one for in-band, one
for storage, one for loopbacks, the upper half for compute rails; four sixteenths stay free for
services. A network's share is cut by rail, a rail by pool, and a node takes its address by its
position in the pool: the same on every rail, and the same after the pool has grown. Shares are
powers of two, so a new pool or network moves the others only where its name sorts before theirs.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aifactory_iac.design.model import Ints, Subnet

RESERVED = (0, 1, 2, 3, 254, 255)
"""Last octets that no allocator of ours gives to a host: the network, three for gateways (two
routers and the address they share), one for a probe, and broadcast. In a block smaller than 256
addresses the same ends of the block are kept."""

_KEPT_BELOW = sum(1 for octet in RESERVED if octet < 128)
_KEPT_ABOVE = len(RESERVED) - _KEPT_BELOW
_CHUNK = 256
_SIXTEENTH = 4
_ROOM_FOR_POOLS = 4
"""Pools that a block has shares for from the start, where it is large enough."""
_LARGE = 1024

_PARTS: Mapping[str, tuple[int, int]] = {
    "out-of-band": (0, _SIXTEENTH),
    "in-band": (1, _SIXTEENTH),
    "storage": (2, _SIXTEENTH),
    "loopback": (3, _SIXTEENTH),
    "compute": (1, 1),
}
"""Purpose: number and bits of its part of the site's block."""

Addresses = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Block:
    """A range of IPv4 addresses: `size` is a power of two and divides `first`, or 0: no address."""

    first: int
    size: int

    @classmethod
    def of(cls, cidr: str) -> Block:
        """Raises `ValueError` for text that is not a network."""
        network = ipaddress.IPv4Network(cidr)
        return cls(int(network.network_address), network.num_addresses)

    @property
    def cidr(self) -> str:
        """As `10.0.0.0/14`; only of a block that has addresses."""
        return f"{ipaddress.IPv4Address(self.first)}/{32 - (self.size.bit_length() - 1)}"

    @property
    def hosts(self) -> int:
        """Addresses that hosts can have."""
        chunk = max(1, min(self.size, _CHUNK))
        return max(0, chunk - _KEPT_BELOW - _KEPT_ABOVE) * (self.size // chunk)

    def share(self, index: int, shares: int) -> Block:
        """Part `index` of at least `shares` equal parts; a part may be empty in a tiny block."""
        parts = _power_of_two(shares)
        size = self.size // parts
        return Block(self.first + index * size, size)

    def overlaps(self, other: Block) -> bool:
        """Whether any address is in both."""
        return self.first < other.first + other.size and other.first < self.first + self.size

    def addresses(self, positions: Ints) -> Addresses:
        """The address of each host position (from 0), reserved octets skipped; 0 beyond the end."""
        chunk = min(self.size, _CHUNK)
        usable = chunk - _KEPT_BELOW - _KEPT_ABOVE
        if usable <= 0:
            return np.zeros(len(positions), dtype=np.uint32)
        place = positions.astype(np.int64)
        address = self.first + place // usable * chunk + _KEPT_BELOW + place % usable
        return np.where(place < self.hosts, address, 0).astype(np.uint32)


@dataclass(frozen=True, slots=True)
class Member:
    """A pool as an address plan sees it: node positions it takes up, and how many are filled."""

    name: str
    span: int
    nodes: int


@dataclass(frozen=True, slots=True)
class Wired:
    """A network as an address plan sees it: its rails (planes multiplied in) and pools."""

    name: str
    role: str
    rails: int
    planes: int
    members: Sequence[Member]


def part(site: Block, purpose: str) -> Block:
    """The part of a site's block that a purpose has."""
    index, bits = _PARTS[purpose]
    return site.share(index, 1 << bits)


def pool_share(block: Block, names: Sequence[str], name: str) -> Block:
    """The share of one of the named pools in a block, by its place among the sorted names."""
    room = _ROOM_FOR_POOLS if block.size >= _LARGE else 1
    return block.share(sorted(names).index(name), max(room, len(names)))


def host_subnet(site: str, purpose: str, block: Block, members: Sequence[Member]) -> Subnet:
    """The plan's line for a block shared by pools; `capacity` fits without any pool moving."""
    return Subnet(
        site=site,
        purpose=purpose,
        cidr=block.cidr,
        used=sum(member.nodes for member in members),
        capacity=sum(pool_share(block, _names(members), m.name).hosts for m in members),
    )


def short_of(block: Block, members: Sequence[Member]) -> tuple[int, int] | None:
    """Addresses needed and available in the pool share that overflows most, if any does."""
    names = _names(members)
    lacking = [
        (member.span, pool_share(block, names, member.name).hosts)
        for member in members
        if member.span > pool_share(block, names, member.name).hosts
    ]
    return max(lacking, key=lambda pair: pair[0] - pair[1], default=None)


def rail_blocks(block: Block, networks: Sequence[Wired], name: str) -> Mapping[str, Block]:
    """The subnets of one network by purpose, `rail-1` or `rail-1-plane-2`, within its role's part.

    InfiniBand networks have them too, for IP over InfiniBand; their LIDs belong to the subnet
    manager.
    """
    ordered = sorted(networks, key=lambda network: network.name)
    index = next(place for place, network in enumerate(ordered) if network.name == name)
    network = ordered[index]
    own = block.share(index, len(ordered))
    count = network.rails * network.planes
    return {
        purpose: own.share(number, count) for number, purpose in enumerate(_rail_names(network))
    }


def _rail_names(network: Wired) -> list[str]:
    word = "rail" if network.role == "compute" else "port"
    rails = [f"{word}-{rail}" for rail in range(1, network.rails + 1)]
    if network.planes == 1:
        return rails
    return [f"{rail}-plane-{plane}" for plane in range(1, network.planes + 1) for rail in rails]


def _names(members: Sequence[Member]) -> list[str]:
    return [member.name for member in members]


def _power_of_two(number: int) -> int:
    return 1 << max(0, number - 1).bit_length()
