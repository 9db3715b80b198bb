"""Clos arithmetic: how many leaf, spine and core switches, with links spread evenly.

The even-spread rule: every leaf has the same number of links to every spine, and every spine to
every core of its group. Unequal shares break the symmetry that fat-tree routing checks, and load
links unequally. `ceil(uplinks / ports)` is the wrong count for that reason: it misses three cells
of NVIDIA's published tables, the even-spread rule none (research 03, section 3.2).

All counts are for all planes together unless a name says otherwise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_SMOOTH = (2, 3, 5, 7)


@dataclass(frozen=True, slots=True)
class LeafSplit:
    """Ports of a leaf towards nodes and towards spines."""

    down: int
    up: int


@dataclass(frozen=True, slots=True)
class Clos:
    """Switches and the cables between them. With one tier the leaves stand alone."""

    tiers: int
    leaves: int
    spines: int
    cores: int
    leaf_spine: int
    spine_core: int


@dataclass(frozen=True, slots=True)
class Demand:
    """What a fabric must join.

    `groups` are leaf groups that exist, `final_groups` those of the size to reach; a group has one
    leaf for each rail in each plane. `fewest_spines` is 2 where a node's two ports must not meet in
    one switch; `peered` leaves are linked to each other, so that one group needs no spine. With
    `unit_groups`, the racks of a scalable unit of a rack-scale system, spines serve one rail of one
    unit each, and cores join them.
    """

    groups: int
    final_groups: int
    rails: int
    planes: int
    radix: int
    fewest_spines: int = 1
    peered: bool = False
    unit_groups: int | None = None


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
    leaves_per_plane = demand.rails * demand.final_groups
    leaves = demand.planes * demand.rails * demand.groups
    if leaves_per_plane <= 1 or (demand.peered and demand.final_groups <= 1):
        return Clos(1 if leaves else 0, leaves, 0, 0, 0, 0)
    if demand.unit_groups is not None:
        return _rail_groups(demand, split, leaves, demand.unit_groups)
    spines = even_spines(split.up, leaves_per_plane, demand.radix, demand.fewest_spines)
    if spines is not None:
        return Clos(2, leaves, demand.planes * spines, 0, leaves * split.up, 0)
    return _three_tiers(demand, split, leaves)


def _three_tiers(demand: Demand, split: LeafSplit, leaves: int) -> Clos | None:
    """Pods of at most `radix / 2` leaves, whole groups only, under one spine for each uplink.

    A spine has half of its ports down and half up. Core group i joins spine i of every pod.
    """
    half = demand.radix // 2
    groups_per_pod = half // demand.rails
    if groups_per_pod == 0:
        return None
    pods = -(-demand.groups // groups_per_pod)
    final_pods = -(-demand.final_groups // groups_per_pod)
    group_cores = even_spines(half, final_pods, demand.radix)
    if group_cores is None:
        return None
    spines = demand.planes * pods * split.up
    cores = demand.planes * split.up * group_cores
    return Clos(3, leaves, spines, cores, leaves * split.up, spines * half)


def _rail_groups(demand: Demand, split: LeafSplit, leaves: int, unit_groups: int) -> Clos | None:
    """Rack-scale systems: a rack's leaf of one rail goes to the spines of that rail of its unit.

    Spines of a rail group: smallest divisor S of the uplinks with `leaves x (up / S) <= radix / 2`
    (research 03, section 3.2, NVL72), as many ports up as down; core i of every spine i.
    """
    half = demand.radix // 2
    group_spines = even_spines(split.up, unit_groups, half)
    if group_spines is None:
        return None
    down = unit_groups * split.up // group_spines
    lines = demand.rails * -(-demand.groups // unit_groups)
    final_lines = demand.rails * -(-demand.final_groups // unit_groups)
    group_cores = even_spines(down, final_lines, demand.radix)
    if group_cores is None:
        return None
    spines = demand.planes * lines * group_spines
    cores = demand.planes * group_spines * group_cores
    return Clos(3, leaves, spines, cores, leaves * split.up, spines * down)


def _is_smooth(number: int) -> bool:
    for prime in _SMOOTH:
        while number % prime == 0:
            number //= prime
    return number == 1
