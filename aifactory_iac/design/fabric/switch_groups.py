"""Switches as they are put in racks: in groups that stand together, with whom, and since when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aifactory_iac.design.fabric.clos import Clos
from aifactory_iac.design.fabric.leaf_sets import LeafSet
from aifactory_iac.design.inventory.names import owned_leaves, owned_spines, shared_switches

ALWAYS = -1
"""Before the first node: the switches of upper tiers, whose number follows from the final size."""


@dataclass(frozen=True, slots=True)
class SwitchGroup:
    """Switches of one tier of a network that come together.

    They stand beside the racks of the pool that owns them, or in the site's main distribution where
    `owner` is `None`, and are needed as soon as the owner has a node at position `first`.
    """

    network: str
    tier: str
    owner: str | None
    phase: int
    first: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """A network as it stands at the end of one phase."""

    phase: int
    sets: tuple[LeafSet, ...]
    clos: Clos


def switch_groups(network: str, planes: int, stages: Sequence[Built]) -> list[SwitchGroup]:
    """All switches of a network, leaves first; `stages` are its phases in order."""
    last = stages[-1]
    groups = [
        SwitchGroup(network, "leaf", each.owner, phase, each.first(group), tuple(names))
        for each in last.sets
        for group, phase, names in _leaves(network, planes, each, stages)
    ]
    if last.clos.owned_spines:
        groups += _pod_spines(network, stages)
    else:
        groups += _upper(network, "spine", {each.phase: each.clos.spines for each in stages})
    cores = {each.phase: each.clos.cores for each in stages}
    return [*groups, *_upper(network, "core", cores)]


def _leaves(
    network: str, planes: int, leaves: LeafSet, stages: Sequence[Built]
) -> Iterable[tuple[int, int, list[str]]]:
    """Group number from 0, phase and names."""
    each = leaves.rails * planes
    for group in range(leaves.groups):
        if leaves.owner is None:
            names = shared_switches(network, "leaf", group * each + 1, each)
        else:
            names = owned_leaves(network, leaves.owner, group + 1, leaves.rails, planes)
        yield group, _phase(leaves, group, stages), names


def _pod_spines(network: str, stages: Sequence[Built]) -> Iterable[SwitchGroup]:
    """Spines that belong to pods (or rail groups) of one leaf set."""
    last = stages[-1]
    since = next(stage.phase for stage in stages if stage.clos.owned_spines)
    owned = zip(last.sets, last.clos.owned_spines, last.clos.groups_per_pod, strict=True)
    for leaves, spines, groups_per_pod in owned:
        pods = -(-leaves.groups // groups_per_pod)
        for pod in range(pods):
            count = spines // pods
            first = pod * count + 1
            if leaves.owner is None:
                names = shared_switches(network, "spine", first, count)
            else:
                names = owned_spines(network, leaves.owner, first, count)
            group = pod * groups_per_pod
            phase = max(since, _phase(leaves, group, stages))
            yield SwitchGroup(
                network, "spine", leaves.owner, phase, leaves.first(group), tuple(names)
            )


def _upper(network: str, tier: str, counts: Mapping[int, int]) -> Iterable[SwitchGroup]:
    """Switches that all share, by the phase that brings them; `counts` are those at its end."""
    there = 0
    for phase, count in counts.items():
        if count > there:
            names = shared_switches(network, tier, there + 1, count - there)
            yield SwitchGroup(network, tier, None, phase, ALWAYS, tuple(names))
        there = max(there, count)


def _phase(leaves: LeafSet, group: int, stages: Sequence[Built]) -> int:
    """The first phase at whose end the group is there: a shared set gains groups with its pools."""
    if leaves.owner is not None:
        return leaves.phase
    for stage in stages:
        if any(each.owner is None and each.groups > group for each in stage.sets):
            return stage.phase
    return leaves.phase
