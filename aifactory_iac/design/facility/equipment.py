"""What a site has besides nodes, as boxes to be mounted: whose they are, and since which phase.

Leaf switches stand beside the racks of the pool that owns them, in the order in which the pool's
nodes need them, so that a growing pool appends. Spines, cores and what pools share stand in the
site's main distribution (TIA-942), whose size follows from what networks grow to. Appliances of a
storage tier have racks of their own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from aifactory_iac.catalog import Catalog
from aifactory_iac.catalog.facts import Switch
from aifactory_iac.design.fabric.switch_groups import SwitchGroup
from aifactory_iac.design.facility.mounting import Boxes
from aifactory_iac.design.inventory.names import appliance_names, later_row
from aifactory_iac.design.inventory.order import in_build_order
from aifactory_iac.design.model import NetworkDesign, PoolDesign, TierDesign
from aifactory_iac.design.rules import found
from aifactory_iac.findings import Finding, Path


@dataclass(frozen=True, slots=True)
class Equipment:
    """A run of like boxes: a switch group, or the appliances of a tier."""

    kind: str
    owner: str
    tier: str
    model: str
    phase: int
    initial: bool
    """Switches that are there from the first node on."""
    boxes: Boxes
    verified: bool
    path: Path
    """The part of the blueprint that asks for it."""


@dataclass(frozen=True, slots=True)
class Row:
    """Racks that are filled together: owner and row as names have them, and what they get."""

    owner: str
    row: str
    kind: str
    equipment: tuple[Equipment, ...]


def switch_rows(
    site: str,
    groups: Iterable[SwitchGroup],
    networks: Mapping[str, NetworkDesign],
    pools: Sequence[PoolDesign],
    catalog: Catalog,
) -> list[Row]:
    """Rows of the pools that own switches in build order, the main distribution's, then others."""
    order = {name: place for place, name in enumerate(networks)}
    phases = {pool.name: pool.phase for pool in pools}
    places = {pool.name: place for place, pool in enumerate(in_build_order(pools))}
    rows: dict[_Where, list[SwitchGroup]] = {}
    for group in groups:
        if networks[group.network].site == site:
            rows.setdefault(_where(group, site, places, phases), []).append(group)
    made: list[Row] = []
    for where in sorted(rows):
        members = sorted(rows[where], key=lambda each: (each.first, order[each.network]))
        equipment = tuple(_switches(each, networks[each.network], catalog) for each in members)
        made.append(Row(where.owner, where.row, "network", equipment))
    return made


class _Where(NamedTuple):
    """Which row of racks, in the order of a site's rows."""

    kind: int
    place: int
    phase: int
    owner: str
    row: str


def _where(
    group: SwitchGroup, site: str, places: Mapping[str, int], phases: Mapping[str, int]
) -> _Where:
    """The row of a switch group: what a later phase brings never stands in an earlier one's row.

    Leaves that pools share are few, and stand in the main distribution; of the second group on they
    have racks of their network, which fill in order whatever the phase.
    """
    if group.owner is not None:
        later = group.phase > phases[group.owner]
        row = later_row("n", group.phase) if later else "n"
        return _Where(0, places[group.owner], group.phase, group.owner, row)
    if group.first > 0:
        return _Where(2, 0, 0, group.network, "n")
    return _Where(1, 0, group.phase, site, later_row("m", group.phase) if group.phase > 1 else "m")


def appliance_rows(
    site: str, tiers: Iterable[TierDesign], catalog: Catalog, findings: list[Finding]
) -> list[Row]:
    """A row for every tier with appliances; of height 0 where it is not known, with a finding."""
    made: list[Row] = []
    for tier in tiers:
        model = catalog.storage_systems.get(tier.system) if tier.system else None
        if tier.site != site or model is None or not tier.appliances:
            continue
        if model.rack_units is None:
            text = (
                f"The height of `{tier.system}` is not published; the {tier.appliances} appliances "
                f"of tier `{tier.name}` are not counted in racks."
            )
            findings.append(found("AIF-DSN-028", text, ("storage", "tiers", tier.name)))
        boxes = Boxes(
            names=appliance_names(tier.name, tier.appliances),
            units=model.rack_units or 0,
            power_kw=(tier.power_kw or 0.0) / tier.appliances,
            weight_kg=math.nan,
        )
        made.append(Row(tier.name, "s", "storage", (_appliances(tier, boxes),)))
    return made


def _switches(group: SwitchGroup, network: NetworkDesign, catalog: Catalog) -> Equipment:
    model = catalog.switches[str(network.switch)]
    return Equipment(
        kind="switch",
        owner=group.network,
        tier=group.tier,
        model=model.id,
        phase=group.phase,
        initial=group.first <= 0,
        boxes=_chassis(group.names, model, network),
        verified=network.power_verified,
        path=("fabric", group.network),
    )


def _chassis(names: tuple[str, ...], model: Switch, network: NetworkDesign) -> Boxes:
    """A chassis can hold several independent switches; its height and weight are of the whole."""
    each = model.switches_in_chassis
    return Boxes(
        names=names,
        units=model.rack_units,
        power_kw=each * network.power_kw / network.switches.total,
        weight_kg=math.nan if model.weight_kg is None else model.weight_kg,
        each=each,
    )


def _appliances(tier: TierDesign, boxes: Boxes) -> Equipment:
    return Equipment(
        kind="appliance",
        owner=tier.name,
        tier="storage",
        model=str(tier.system),
        phase=tier.phase,
        initial=False,
        boxes=boxes,
        verified=tier.verified,
        path=("storage", "tiers", tier.name),
    )
