"""Leaf sets: which leaf switches a network has, whose they are, and which must fit in the end.

A pool has leaves of its own on every network, so that no pool's growth, and no pool that comes
later, moves another's cables. Servers of the management and access zones, and all pools of an edge
site, share leaves: there are few of them. On a compute network nobody shares.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.model.fabric import Network
from aifactory_iac.blueprint.model.sites import EdgeSite
from aifactory_iac.design.fabric.clos import LeafSplit, Segment, split_leaf
from aifactory_iac.design.fabric.served import Served
from aifactory_iac.design.inventory.nodes import span
from aifactory_iac.design.model import PoolDesign
from aifactory_iac.design.rules import found
from aifactory_iac.findings import Finding

SHARED_ZONES = frozenset({"management", "access"})


@dataclass(frozen=True, slots=True)
class LeafSet:
    """Leaf groups of one owner: a group has `rails` leaves in each plane, for `per_group` nodes.

    `owner` is a pool, or `None` for leaves that pools share; `phase` is that in which pool and
    network are both there; `kept` positions before the first node's are not nodes'.
    """

    owner: str | None
    phase: int
    groups: int
    rails: int
    per_group: int
    kept: int = 0

    @property
    def segment(self) -> Segment:
        """As Clos arithmetic counts it."""
        return Segment(self.groups, self.rails)

    def first(self, group: int) -> int:
        """Position of the first node of a group (from 0): below it the group is not needed."""
        return max(0, group * self.per_group - self.kept)


@dataclass(frozen=True, slots=True)
class Final:
    """The size that a network is to reach: leaf groups as of one owner, and nodes.

    `further` is the number of other owners in the first phase, whose last groups may be part empty.
    """

    segment: Segment
    further: int
    nodes: int


@dataclass(frozen=True, slots=True)
class Cut:
    """How a network cuts node positions into leaf groups.

    `kept` positions at the front are a fabric manager's; `besides` is how many of a group's down
    ports, on each leaf, go to out-of-band switches, by pool.
    """

    split: LeafSplit
    by_rail: bool
    shares: frozenset[str]
    kept: int
    besides: Mapping[str, int]

    def per_group(self, pool: str, ports: int) -> int:
        """Node positions of a group: down ports, or as many as all ports of a node divide."""
        down = max(1, self.split.down - self.besides.get(pool, 0))
        return down if self.by_rail else max(1, down // max(1, ports))


def sharing_pools(blueprint: Blueprint) -> frozenset[str]:
    """Pools without leaves of their own, other than on compute networks."""
    edge = {site.name for site in blueprint.sites if isinstance(site, EdgeSite)}
    return frozenset(
        pool.name for pool in blueprint.compute if pool.zone in SHARED_ZONES or pool.site in edge
    )


def lead_split(
    network: Network, leads: Sequence[PoolDesign], radix: int, *, by_rack: bool
) -> LeafSplit:
    """Down and up ports of a leaf, as the first pools on the network want them.

    `by_rack`: on a rail-optimised compute network a rack-scale system has one leaf for each rack
    and rail: as many down ports as trays, whatever the switch could take (research 03, section
    3.2).
    """
    split = split_leaf(radix, network.oversubscription.at_most)
    trays = min((pool.trays for pool in leads), default=1)
    if by_rack and trays > 1 and trays <= split.down:
        up = split_leaf(2 * trays, network.oversubscription.at_most).up
        return LeafSplit(trays, min(up, trays))
    return split


def rail_group_size(leads: Sequence[PoolDesign]) -> int | None:
    """Racks of a scalable unit, where the first pools are rack-scale with units of one size."""
    if any(pool.trays == 1 or not pool.by_unit for pool in leads):
        return None
    sizes = {pool.nodes_per_unit // pool.trays for pool in leads}
    return sizes.pop() if len(sizes) == 1 else None


def leaf_sets(served: Served, cut: Cut) -> tuple[LeafSet, ...]:
    """Leaf sets of all pools on a network: owned ones first, then the shared one."""
    present = served.pools
    sets = [
        _owned(pool, served, cut, kept=cut.kept if pool == served.pools[0] else 0)
        for pool in present
        if pool.name not in cut.shares
    ]
    together = [pool for pool in present if pool.name in cut.shares]
    return (*sets, *([_shared(together, served, cut)] if together else []))


def _owned(pool: PoolDesign, served: Served, cut: Cut, kept: int) -> LeafSet:
    ports = served.ports[pool.name]
    per_group = cut.per_group(pool.name, ports)
    groups = -(-(span(pool) + kept) // per_group)
    rails = ports if cut.by_rail else 1
    return LeafSet(pool.name, served.phase(pool), groups, rails, per_group, kept)


def _shared(pools: Sequence[PoolDesign], served: Served, cut: Cut) -> LeafSet:
    """One set in the shape of the first pool; nodes with more ports take several positions."""
    ports = max(1, served.ports[pools[0].name])
    per_group = cut.per_group(pools[0].name, ports)
    kept = cut.kept if pools[0] == served.pools[0] else 0
    positions = sum(span(pool) * -(-served.ports[pool.name] // ports) for pool in pools)
    groups = -(-(positions + kept) // per_group)
    rails = ports if cut.by_rail else 1
    return LeafSet(None, served.phase(pools[0]), groups, rails, per_group, kept)


def final_size(
    network: Network, served: Served, sets: Sequence[LeafSet], findings: list[Finding]
) -> Final:
    """What to leave room for, in leaf groups like those of the first phase that take most."""
    leads = served.leads
    of_leads = [each for each in sets if each.phase == sets[0].phase]
    rails = max(each.rails for each in of_leads)
    per_group = min(each.per_group for each in of_leads)
    nodes = sum(pool.nodes for pool in served.pools)
    if network.grows_to is None:
        return Final(Segment(0, rails), 0, nodes)
    wanted = _wanted(network, leads)
    if wanted < nodes:
        text = f"Network `{network.name}` grows to {wanted} nodes, but serves {nodes} already."
        hint = f"Leave room for {nodes} nodes or more."
        findings.append(found("AIF-DSN-022", text, ("fabric", network.name, "grows_to"), hint=hint))
    vacated = sum(pool.vacated for pool in leads)
    kept = max(each.kept for each in of_leads)
    groups = -(-(wanted + vacated + kept) // per_group)
    return Final(Segment(groups, rails), len(of_leads) - 1, max(wanted, nodes))


def _wanted(network: Network, leads: Iterable[PoolDesign]) -> int:
    """Nodes that `grows_to` asks room for."""
    growth = network.grows_to
    if growth is None:
        return 0
    pools = list(leads)
    per_unit = max((pool.nodes_per_unit for pool in pools if pool.by_unit), default=0)
    vacated = sum(pool.vacated for pool in pools)
    return max(growth.nodes or 0, (growth.scalable_units or 0) * per_unit - vacated)
