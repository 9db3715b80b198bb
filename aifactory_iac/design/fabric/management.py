"""Out-of-band networks: top-of-rack switches, one port for everything that is managed.

A pool's switches serve whole racks of it: one port for each node and each power unit (PDU), and
further switches serve the leaf switches beside them. Servers that share the site's leaves, their
power units and the switches of the main distribution share out-of-band switches too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aifactory_iac.design.fabric.served import Served
from aifactory_iac.design.fabric.switch_groups import SwitchGroup
from aifactory_iac.design.facility.pool_racks import PoolRacks
from aifactory_iac.design.facility.rack_fit import Fit
from aifactory_iac.design.inventory.names import later_row, owned_leaves, shared_switches
from aifactory_iac.design.inventory.nodes import span
from aifactory_iac.design.model import PoolDesign


@dataclass(frozen=True, slots=True)
class Managed:
    """What a network has to reach besides nodes.

    `sides` is the number of power units in a rack, `switches` are the groups of the site's other
    networks. Where a pool, or the site, has two out-of-band networks, the first of them reaches
    these: `of_pools` and `of_site` say whether this is it.
    """

    fits: Mapping[str, Fit]
    sides: int
    switches: Sequence[SwitchGroup]
    shares: frozenset[str]
    of_pools: frozenset[str]
    of_site: bool


def management_groups(
    network: str, served: Served, managed: Managed, ports: int
) -> list[SwitchGroup]:
    """The out-of-band switches, of `ports` ports for devices each."""
    groups: list[SwitchGroup] = []
    for pool in served.pools:
        if pool.name not in managed.shares:
            groups += _by_rack(network, pool, served, managed, ports)
            groups += _of_switches(network, pool, served, managed, ports)
    return [*groups, *_shared(network, served, managed, ports)]


def managed_devices(served: Served, managed: Managed) -> int:
    """Power units and switches that the network reaches."""
    units = sum(_power_units(pool, managed) for pool in served.pools)
    own = {pool.name for pool in served.pools} & managed.of_pools
    return units + sum(
        len(group.names)
        for group in managed.switches
        if (managed.of_site if _of_site(group, managed) else group.owner in own)
    )


def nodes_on_a_switch(fit: Fit, sides: int, ports: int) -> int:
    """Nodes of whole racks, with their power units, that one out-of-band switch serves."""
    return max(1, ports // (fit.nodes + sides)) * fit.nodes


def _by_rack(
    network: str, pool: PoolDesign, served: Served, managed: Managed, ports: int
) -> Iterable[SwitchGroup]:
    """As many whole racks on a switch as it has ports for; several switches for a large rack."""
    fit = managed.fits[pool.name]
    racks = PoolRacks.of(pool, fit)
    sides = managed.sides if pool.name in managed.of_pools else 0
    together = max(1, ports // (fit.nodes + sides))
    switches = -(-together * (fit.nodes + sides) // ports)
    for group in range(-(-racks.count(span(pool)) // together)):
        names = owned_leaves(network, pool.name, group + 1, switches, 1)
        first = racks.first_position(group * together)
        yield SwitchGroup(network, "leaf", pool.name, served.phase(pool), first, tuple(names))


def _of_switches(
    network: str, pool: PoolDesign, served: Served, managed: Managed, ports: int
) -> Iterable[SwitchGroup]:
    """One for so many leaf switches of the pool, from the first of them on; by phase."""
    if pool.name not in managed.of_pools:
        return
    by_phase: dict[int, list[int]] = {}
    for group in managed.switches:
        if group.owner == pool.name:
            phase = max(group.phase, served.network_phase)
            by_phase.setdefault(phase, []).extend([group.first] * len(group.names))
    for phase, firsts in sorted(by_phase.items()):
        row = "n" if phase == served.phase(pool) else later_row("n", phase)
        for number, first in enumerate(sorted(firsts)[::ports], start=1):
            name = f"{network}-leaf-{pool.name}-{row}{number:03d}"
            yield SwitchGroup(network, "leaf", pool.name, phase, first, (name,))


def _shared(network: str, served: Served, managed: Managed, ports: int) -> Iterable[SwitchGroup]:
    """Switches for what no pool owns, filled in the order of the phases."""
    pools = [pool for pool in served.pools if pool.name in managed.shares]
    upper = [group for group in managed.switches if managed.of_site and _of_site(group, managed)]
    there = 0
    for phase in sorted(
        {served.phase(pool) for pool in pools}
        | {max(group.phase, served.network_phase) for group in upper}
    ):
        positions = sum(
            span(pool) + _power_units(pool, managed)
            for pool in pools
            if served.phase(pool) <= phase
        ) + sum(len(group.names) for group in upper if group.phase <= phase)
        needed = -(-positions // ports)
        for number in range(there, needed):
            names = shared_switches(network, "leaf", number + 1, 1)
            yield SwitchGroup(network, "leaf", None, phase, number * ports, tuple(names))
        there = max(there, needed)


def _of_site(group: SwitchGroup, managed: Managed) -> bool:
    """Whether no pool's own out-of-band switches reach these."""
    return group.owner is None or group.owner in managed.shares


def _power_units(pool: PoolDesign, managed: Managed) -> int:
    """Managed power units: one in each rack of the pool for each side feeding it."""
    if pool.name not in managed.of_pools:
        return 0
    return managed.sides * PoolRacks.of(pool, managed.fits[pool.name]).count(span(pool))
