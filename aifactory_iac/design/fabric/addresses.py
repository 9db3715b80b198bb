"""The address plan of a facility site: who gets which part of the site's block, and why.

The block is cut in sixteenths, whatever the site holds: one for out-of-band, one for in-band, one
for storage, one for loopbacks, the upper half for compute rails; four sixteenths stay free for
services. A network's share is cut by rail, a rail by pool, and a node takes its address by its
position in the pool: the same on every rail, and the same after the pool has grown.

Shares are handed out in build order (phase, then name), each as large as its place in that order
says: the first network of a role has half of its part, the second half of what is left, and so on;
the first three pools of a site have a quarter each, the next three a quarter each of what is left.
So no share depends on how many there are, and what comes later takes from nobody.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aifactory_iac.design.model import Subnet
from aifactory_iac.design.tables import Ints

RESERVED = (0, 1, 2, 3, 254, 255)
"""Last octets that no allocator of ours gives to a host: the network, three for gateways (two
routers and the address they share), one for a probe, and broadcast. In a block smaller than 256
addresses the same ends of the block are kept."""

_KEPT_BELOW = sum(1 for octet in RESERVED if octet < 128)
_KEPT_ABOVE = len(RESERVED) - _KEPT_BELOW
_CHUNK = 256
_SIXTEENTH = 4
_LARGE = 1000
"""Hosts from which a block is cut in quarters; smaller ones are halved, as few pools are there."""
_RAILS = {"compute": 8, "storage": 4}
"""Rails (or ports of a node) that a network has room for from the start."""

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

    def half(self, index: int) -> Block:
        """Half of the block for index 0, half of what is left for 1, and so on."""
        size = self.size >> (index + 1)
        return Block(self.first + self.size - 2 * size if size else self.first, size)

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
class Share:
    """The host positions of a block that one pool has: `hosts` of them from `start` on."""

    block: Block
    start: int
    hosts: int

    def addresses(self, positions: Ints) -> Addresses:
        """The address of each node position of the pool; 0 beyond the share's end."""
        within = self.block.addresses(positions + self.start)
        return np.where(positions < self.hosts, within, 0).astype(np.uint32)


@dataclass(frozen=True, slots=True)
class Member:
    """A pool as an address plan sees it.

    `place` is its place in the build order of its site, `span` the node positions that it takes up,
    of which `nodes` are filled.
    """

    name: str
    place: int
    span: int
    nodes: int


def part(site: Block, purpose: str) -> Block:
    """The part of a site's block that a purpose has."""
    index, bits = _PARTS[purpose]
    return site.share(index, 1 << bits)


def pool_share(block: Block, place: int) -> Share:
    """The share of the pool at a place in the build order of its site."""
    start, left = 0, block.hosts
    parts = 4 if left >= _LARGE else 2
    level, slot = divmod(place, parts - 1)
    for _ in range(level):
        start, left = start + left // parts * (parts - 1), left - left // parts * (parts - 1)
    return Share(block, start + slot * (left // parts), left // parts)


def host_subnet(site: str, purpose: str, block: Block, members: Sequence[Member]) -> Subnet:
    """The plan's line for a block shared by pools; `capacity` fits without any pool moving."""
    return Subnet(
        site=site,
        purpose=purpose,
        cidr=block.cidr,
        used=sum(member.nodes for member in members),
        capacity=sum(pool_share(block, member.place).hosts for member in members),
    )


def short_of(block: Block, members: Sequence[Member]) -> tuple[int, int] | None:
    """Addresses needed and available in the pool share that overflows most, if any does."""
    lacking = [
        (member.span, available)
        for member in members
        if member.span > (available := pool_share(block, member.place).hosts)
    ]
    return max(lacking, key=lambda pair: pair[0] - pair[1], default=None)


def rail_blocks(
    block: Block, role: str, *, place: int, rails: int, planes: int
) -> Mapping[str, Block]:
    """The subnets of one network by purpose, `rail-1` or `rail-1-plane-2`, within its role's part.

    `place` is that of the network among those of its role at the site, in build order. InfiniBand
    networks have subnets too, for IP over InfiniBand; their LIDs belong to the subnet manager.
    """
    own = block.half(place)
    room = _power_of_two(max(rails, _RAILS[role]))
    word = "rail" if role == "compute" else "port"
    return {
        f"{word}-{rail + 1}" + (f"-plane-{plane + 1}" if planes > 1 else ""): own.share(
            plane * room + rail, _power_of_two(planes) * room
        )
        for plane in range(planes)
        for rail in range(rails)
    }


def _power_of_two(number: int) -> int:
    return 1 << max(0, number - 1).bit_length()
