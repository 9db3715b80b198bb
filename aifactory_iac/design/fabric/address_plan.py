"""Applies the address plan to a factory: columns for nodes, subnets for sites and networks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.design.fabric.addresses import (
    Addresses,
    Block,
    Member,
    host_subnet,
    part,
    pool_share,
    rail_blocks,
    short_of,
)
from aifactory_iac.design.facility.racks import Facility, facilities
from aifactory_iac.design.inventory.nodes import Inventory, span
from aifactory_iac.design.inventory.order import in_build_order
from aifactory_iac.design.model import NetworkDesign, PoolDesign, Subnet
from aifactory_iac.design.rules import found
from aifactory_iac.findings import Finding


@dataclass(frozen=True, slots=True)
class AddressPlan:
    """Addresses of all nodes, in inventory order, and the subnets they are from."""

    in_band: Addresses
    out_of_band: Addresses
    subnets: tuple[Subnet, ...]
    networks: Mapping[str, NetworkDesign]
    """As given, with their subnets."""
    findings: tuple[Finding, ...]


def plan_addresses(
    blueprint: Blueprint,
    inventory: Inventory,
    pools: Mapping[str, PoolDesign],
    networks: Mapping[str, NetworkDesign],
) -> AddressPlan:
    """Plans every facility site; cloud sites take their addresses from their VPC."""
    in_band = np.zeros(len(inventory), dtype=np.uint32)
    out_of_band = np.zeros(len(inventory), dtype=np.uint32)
    subnets: list[Subnet] = []
    findings = list(_overlaps(blueprint))
    planned = dict(networks)
    for site in facilities(blueprint).values():
        block = _block(site, findings)
        if block is None:
            continue
        members = _members(pools, site)
        here = in_build_order(each for each in networks.values() if each.site == site.name)
        for purpose, column, of in (
            ("out-of-band", out_of_band, _management_part(block, "out-of-band")),
            ("in-band", in_band, _management_part(block, "in-band")),
        ):
            for member in members:
                rows = inventory.rows_of(member.name)
                share = pool_share(of, member.place)
                column[rows] = share.addresses(inventory.position[rows])
            if of.size:
                subnets.append(host_subnet(site.name, purpose, of, members))
            findings += _overflow(site, purpose, short_of(of, members))
        for network, blocks in _network_blocks(block, here):
            cidrs = {purpose: each.cidr for purpose, each in blocks.items() if each.size}
            planned[network.name] = replace(planned[network.name], subnets=cidrs)
            if network.role in _RAIL_ROLES:
                served = [member for member in members if member.name in network.pools]
                subnets += _rail_subnets(site, network, blocks, served)
                short = short_of(next(iter(blocks.values())), served)
                findings += _overflow(site, f"network `{network.name}`", short)
        subnets += _devices(site, block, here, findings)
    return AddressPlan(in_band, out_of_band, tuple(subnets), planned, tuple(findings))


_RAIL_ROLES = ("storage", "compute")


def _members(pools: Mapping[str, PoolDesign], site: Facility) -> list[Member]:
    """The pools of a site in build order: a pool has the same place on all of its networks."""
    local = in_build_order(pool for pool in pools.values() if pool.site == site.name)
    return [Member(pool.name, place, span(pool), pool.nodes) for place, pool in enumerate(local)]


def _management_part(block: Block, role: str) -> Block:
    """Where nodes have their addresses; the other half of out-of-band is for devices."""
    return part(block, role).share(0, 2) if role == "out-of-band" else part(block, role)


def _network_blocks(
    block: Block, networks: Sequence[NetworkDesign]
) -> Iterator[tuple[NetworkDesign, Mapping[str, Block]]]:
    """Every network with its blocks by purpose; management networks have one, of that name."""
    places: dict[str, int] = {}
    for network in networks:
        place = places.setdefault(network.role, 0)
        places[network.role] += 1
        if network.role not in _RAIL_ROLES:
            yield network, {network.role: _management_part(block, network.role)}
            continue
        yield (
            network,
            rail_blocks(
                part(block, network.role),
                network.role,
                place=place,
                rails=max(1, network.rails),
                planes=network.planes,
            ),
        )


def _rail_subnets(
    site: Facility,
    network: NetworkDesign,
    blocks: Mapping[str, Block],
    served: Sequence[Member],
) -> list[Subnet]:
    return [
        host_subnet(site.name, f"{network.name}/{purpose}", each, served)
        for purpose, each in blocks.items()
        if each.size
    ]


def _devices(
    site: Facility, block: Block, networks: Sequence[NetworkDesign], findings: list[Finding]
) -> list[Subnet]:
    """Management addresses of switches, and their loopbacks."""
    switches = sum(network.switches.total for network in networks)
    lines = []
    for purpose, each in (
        ("out-of-band/devices", part(block, "out-of-band").share(1, 2)),
        ("loopback", part(block, "loopback")),
    ):
        if each.size:
            lines.append(Subnet(site.name, purpose, each.cidr, switches, each.hosts))
        needed = (switches, each.hosts) if switches > each.hosts else None
        findings += _overflow(site, purpose, needed)
    return lines


def _block(site: Facility, findings: list[Finding]) -> Block | None:
    try:
        return Block.of(site.addresses)
    except ValueError as error:
        text = f"The address block of site `{site.name}` is not a network: {error}."
        hint = "Write the first address of the block and its prefix, such as `10.0.0.0/12`."
        findings.append(found("AIF-DSN-018", text, ("sites", site.name, "addresses"), hint=hint))
        return None


def _overflow(site: Facility, purpose: str, short: tuple[int, int] | None) -> tuple[Finding, ...]:
    if short is None:
        return ()
    needed, available = short
    text = (
        f"Block {site.addresses} of site `{site.name}` leaves {available} addresses to a pool for "
        f"{purpose}, but {needed} are needed."
    )
    hint = "Give the site a larger block in `addresses`."
    return (found("AIF-DSN-017", text, ("sites", site.name, "addresses"), hint=hint),)


def _overlaps(blueprint: Blueprint) -> list[Finding]:
    """Sites that a link joins must not share addresses: there would be no way to route."""
    blocks: dict[str, Block] = {}
    for site in blueprint.sites:
        try:
            blocks[site.name] = Block.of(site.addresses)
        except ValueError:
            continue
    cidrs = {site.name: site.addresses for site in blueprint.sites}
    findings = []
    for link in sorted(blueprint.links, key=lambda link: link.name):
        one, other = sorted(link.between)
        if one == other or one not in blocks or other not in blocks:
            continue
        if blocks[one].overlaps(blocks[other]):
            text = (
                f"Sites `{one}` ({cidrs[one]}) and `{other}` ({cidrs[other]}), joined by link "
                f"`{link.name}`, have addresses in common."
            )
            hint = "Give each site a block of its own in `addresses`."
            findings.append(found("AIF-DSN-019", text, ("sites", other, "addresses"), hint=hint))
    return findings
