"""Applies the address plan to a factory: columns for nodes, subnets for sites and networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.design.fabric.addresses import (
    Addresses,
    Block,
    Member,
    Wired,
    host_subnet,
    part,
    pool_share,
    rail_blocks,
    short_of,
)
from aifactory_iac.design.facility.racks import Facility, facilities
from aifactory_iac.design.inventory.nodes import Inventory, span
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
        local = [pool for pool in pools.values() if pool.site == site.name]
        names = [pool.name for pool in local]
        members = [Member(pool.name, span(pool), pool.nodes) for pool in local]
        nodes_part = part(block, "out-of-band").share(0, 2)
        for purpose, column, of in (
            ("out-of-band", out_of_band, nodes_part),
            ("in-band", in_band, part(block, "in-band")),
        ):
            for pool in local:
                rows = inventory.rows_of(pool.name)
                share = pool_share(of, names, pool.name)
                column[rows] = share.addresses(inventory.position[rows])
            if of.size:
                subnets.append(host_subnet(site.name, purpose, of, members))
            findings += _overflow(site, purpose, short_of(of, members))
        here = [network for network in networks.values() if network.site == site.name]
        said, wired = _networks(site, block, here, pools)
        subnets += said
        for network in here:
            if network.role in ("in-band", "out-of-band"):
                cidr = (
                    nodes_part if network.role == "out-of-band" else part(block, "in-band")
                ).cidr
                planned[network.name] = replace(network, subnets={network.role: cidr})
        for name, blocks, short in wired:
            cidrs = {purpose: each.cidr for purpose, each in blocks.items() if each.size}
            planned[name] = replace(planned[name], subnets=cidrs)
            findings += _overflow(site, f"network `{name}`", short)
        subnets += _devices(site, block, here, findings)
    return AddressPlan(in_band, out_of_band, tuple(subnets), planned, tuple(findings))


_Wired = tuple[str, Mapping[str, Block], tuple[int, int] | None]


def _networks(
    site: Facility,
    block: Block,
    networks: Sequence[NetworkDesign],
    pools: Mapping[str, PoolDesign],
) -> tuple[list[Subnet], list[_Wired]]:
    subnets: list[Subnet] = []
    wired: list[_Wired] = []
    for role in ("storage", "compute"):
        same = [_wired(network, pools) for network in networks if network.role == role]
        for network in same:
            blocks = rail_blocks(part(block, role), same, network.name)
            first = next(iter(blocks.values()))
            subnets += [
                host_subnet(site.name, f"{network.name}/{purpose}", each, network.members)
                for purpose, each in blocks.items()
                if each.size
            ]
            wired.append((network.name, blocks, short_of(first, network.members)))
    return subnets, wired


def _wired(network: NetworkDesign, pools: Mapping[str, PoolDesign]) -> Wired:
    members = [Member(name, span(pools[name]), pools[name].nodes) for name in network.pools]
    rails = max(1, network.rails)
    return Wired(network.name, network.role, rails, network.planes, members)


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
