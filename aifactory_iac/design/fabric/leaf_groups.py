"""Leaf groups: how many a network has now, and how many it must have room for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aifactory_iac.blueprint.model.fabric import Network
from aifactory_iac.design.fabric.clos import LeafSplit, split_leaf
from aifactory_iac.design.inventory.nodes import span
from aifactory_iac.design.model import PoolDesign
from aifactory_iac.design.rules import found
from aifactory_iac.findings import Finding


@dataclass(frozen=True, slots=True)
class LeafGroups:
    """Groups by pool (or under the empty name, where pools share leaves), now and at full size."""

    now: Mapping[str, int]
    final: int
    designed_for: int
    """Nodes there is room for."""

    @property
    def total(self) -> int:
        """All groups that exist."""
        return sum(self.now.values())


def group_split(
    network: Network, pools: tuple[PoolDesign, ...], radix: int, *, rail_optimized: bool
) -> LeafSplit:
    """Down and up ports of a leaf.

    A rack-scale system has one leaf for each rack and rail: as many down ports as trays, whatever
    the switch could take (research 03, section 3.2).
    """
    split = split_leaf(radix, network.oversubscription.at_most)
    trays = min((pool.trays for pool in pools), default=1)
    if rail_optimized and trays > 1 and trays <= split.down:
        up = split_leaf(2 * trays, network.oversubscription.at_most).up
        return LeafSplit(trays, min(up, trays))
    return split


def rail_group_size(pools: tuple[PoolDesign, ...]) -> int | None:
    """Racks of a scalable unit, where all pools are rack-scale systems with units of one size."""
    if any(pool.trays == 1 or not pool.by_unit for pool in pools):
        return None
    sizes = {pool.nodes_per_unit // pool.trays for pool in pools}
    return sizes.pop() if len(sizes) == 1 else None


def group_leaves(
    network: Network,
    pools: tuple[PoolDesign, ...],
    *,
    per_group: int,
    apart: bool,
    besides: int,
    findings: list[Finding],
) -> LeafGroups:
    """Groups of `per_group` node positions; `besides` positions are not nodes'.

    With `apart` every pool starts a group of its own, so that no pool's growth moves another's
    cables; else all share them.
    """
    if apart:
        now = {pool.name: -(-span(pool) // per_group) for pool in pools}
        last = max(pools, key=lambda pool: pool.name).name
        now[last] = -(-(span(_named(pools, last)) + besides) // per_group)
    else:
        now = {"": -(-(sum(map(span, pools)) + besides) // per_group)}
    nodes = sum(pool.nodes for pool in pools)
    vacated = sum(pool.vacated for pool in pools)
    reach = _growth(network, pools, nodes, vacated, findings)
    final = -(-(reach + vacated + besides) // per_group)
    return LeafGroups(now, max(final, sum(now.values())), reach)


def _growth(
    network: Network,
    pools: tuple[PoolDesign, ...],
    nodes: int,
    vacated: int,
    findings: list[Finding],
) -> int:
    """Nodes to leave room for; at least those there are."""
    if network.grows_to is None:
        return nodes
    units = network.grows_to.scalable_units or 0
    per_unit = max((pool.nodes_per_unit for pool in pools if pool.by_unit), default=0)
    wanted = max(network.grows_to.nodes or 0, units * per_unit - vacated)
    if wanted < nodes:
        text = f"Network `{network.name}` grows to {wanted} nodes, but serves {nodes} already."
        hint = f"Leave room for {nodes} nodes or more."
        findings.append(found("AIF-DSN-022", text, ("fabric", network.name, "grows_to"), hint=hint))
    return max(wanted, nodes)


def _named(pools: tuple[PoolDesign, ...], name: str) -> PoolDesign:
    return next(pool for pool in pools if pool.name == name)
