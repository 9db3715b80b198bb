"""Clos arithmetic: how many leaf, spine and core switches, with links spread evenly.

The even-spread rule: every leaf has the same number of links to every spine, and every spine to
every core of its group. Unequal shares break the symmetry that fat-tree routing checks, and load
links unequally. `ceil(uplinks / ports)` is the wrong count for that reason: it misses three cells
of NVIDIA's published tables, the even-spread rule none (research 03, section 3.2).

All counts are for all planes together unless a name says otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

_SMOOTH = (2, 3, 5, 7)


@dataclass(frozen=True, slots=True)
class LeafSplit:
    """Ports of a leaf towards nodes and towards spines."""

    down: int
    up: int


@dataclass(frozen=True, slots=True)
class Segment:
    """Leaf groups of one owner, each with a leaf for every rail in every plane.

    Pods and rail groups never join two segments, so that none grows into another's.
    """

    groups: int
    rails: int

    @property
    def leaves(self) -> int:
        """Of one plane."""
        return self.groups * self.rails


@dataclass(frozen=True, slots=True)
class Clos:
    """Switches and the cables between them. With one tier the leaves stand alone.

    `owned_spines` are the spines of each segment where spines belong to pods or rail groups: with
    three tiers. They add up to `spines`; with two tiers all share the spines.
    """

    tiers: int
    leaves: int
    spines: int
    cores: int
    leaf_spine: int
    spine_core: int
    owned_spines: tuple[int, ...] = ()
    groups_per_pod: tuple[int, ...] = ()
    """Leaf groups under the same spines, by segment, where spines are owned."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a fabric must join.

    `segments` are the leaf groups that exist, `final` those of the size to reach, counted as if of
    one owner; each of `further` owners may leave a group, and a pod, partly empty. `fewest_spines`
    is 2 where a node's two ports must not meet in one switch; `peered` leaves are linked to each
    other, so that one group needs no spine. With `unit_groups`, the racks of a scalable unit of a
    rack-scale system, spines serve one rail of one unit each, and cores join them.
    """

    segments: tuple[Segment, ...]
    final: Segment
    planes: int
    radix: int
    fewest_spines: int = 1
    peered: bool = False
    unit_groups: int | None = None
    further: int = 0

    @property
    def groups(self) -> int:
        """At the final size, of all segments."""
        return self.at_last(lambda segment: segment.groups)

    @property
    def leaves(self) -> int:
        """At the final size, of one plane."""
        return self.at_last(lambda segment: segment.leaves)

    def at_last(self, count: Callable[[Segment], int]) -> int:
        """Whatever is counted by segment, at the final size."""
        further = self.further * count(Segment(1, self.final.rails))
        return max(count(self.final) + further, sum(count(each) for each in self.segments))


def split_leaf(radix: int, at_most: float) -> LeafSplit:
    """Fewest uplinks that keep `down / up` within the bound, and spread evenly.

    A number of uplinks with a prime factor beyond 7 (13, say) can be spread only over that many
    spines, so the next number without one is taken. Non-blocking is half and half.
    """
    up = max(1, math.ceil(radix / (1 + at_most) - 1e-9))
    while not _is_smooth(up):
        up += 1
    return LeafSplit(radix - up, up)


def even_spines(up: int, leaves: int, radix: int, fewest: int = 1) -> int | None:
    """Smallest divisor S of `up`, at least `fewest`, with `leaves x (up / S) <= radix`."""
    for spines in range(1, up + 1):
        if spines >= fewest and up % spines == 0 and leaves * (up // spines) <= radix:
            return spines
    return None


def size_clos(demand: Demand, split: LeafSplit) -> Clos | None:
    """The smallest of one, two or three tiers that reaches the final size; `None` if none does.

    Spines of two tiers and cores of three are counted for the final size, so that growing moves no
    cable; leaves, and the spines of pods, are those that exist.
    """
    leaves = demand.planes * sum(each.leaves for each in demand.segments)
    if demand.leaves <= 1 or (demand.peered and demand.groups <= 1):
        return Clos(1 if leaves else 0, leaves, 0, 0, 0, 0)
    if demand.unit_groups is not None:
        return _rail_groups(demand, split, leaves, demand.unit_groups)
    spines = even_spines(split.up, demand.leaves, demand.radix, demand.fewest_spines)
    if spines is not None:
        return Clos(2, leaves, demand.planes * spines, 0, leaves * split.up, 0)
    return _three_tiers(demand, split, leaves)


def _three_tiers(demand: Demand, split: LeafSplit, leaves: int) -> Clos | None:
    """Pods of at most `radix / 2` leaves, whole groups only, under one spine for each uplink.

    A spine has half of its ports down and half up. Core group i joins spine i of every pod.
    """
    half = demand.radix // 2
    if any(each.rails > half for each in (*demand.segments, demand.final)):
        return None

    def pods(segment: Segment) -> int:
        return -(-segment.groups // (half // segment.rails)) if segment.rails else 0

    group_cores = even_spines(half, demand.at_last(pods), demand.radix)
    if group_cores is None:
        return None
    owned = tuple(demand.planes * pods(each) * split.up for each in demand.segments)
    return Clos(
        tiers=3,
        leaves=leaves,
        spines=sum(owned),
        cores=demand.planes * split.up * group_cores,
        leaf_spine=leaves * split.up,
        spine_core=sum(owned) * half,
        owned_spines=owned,
        groups_per_pod=tuple(half // max(1, each.rails) for each in demand.segments),
    )


def _rail_groups(demand: Demand, split: LeafSplit, leaves: int, unit_groups: int) -> Clos | None:
    """Rack-scale systems: a rack's leaf of one rail goes to the spines of that rail of its unit.

    Spines of a rail group: smallest divisor S of the uplinks with `leaves x (up / S) <= radix / 2`
    (research 03, section 3.2, NVL72), as many ports up as down; core i of every spine i.
    """
    group_spines = even_spines(split.up, unit_groups, demand.radix // 2)
    if group_spines is None:
        return None
    down = unit_groups * split.up // group_spines

    def lines(segment: Segment) -> int:
        return segment.rails * -(-segment.groups // unit_groups)

    group_cores = even_spines(down, demand.at_last(lines), demand.radix)
    if group_cores is None:
        return None
    owned = tuple(demand.planes * lines(each) * group_spines for each in demand.segments)
    return Clos(
        tiers=3,
        leaves=leaves,
        spines=sum(owned),
        cores=demand.planes * group_spines * group_cores,
        leaf_spine=leaves * split.up,
        spine_core=sum(owned) * down,
        owned_spines=owned,
        groups_per_pod=(unit_groups,) * len(owned),
    )


def _is_smooth(number: int) -> bool:
    for prime in _SMOOTH:
        while number % prime == 0:
            number //= prime
    return number == 1
