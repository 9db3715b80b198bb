"""The hall of every facility site: compute racks, then racks for switches, then for storage.

At an edge site switches and appliances stand in the compute racks while they fit above the nodes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.model.sites import EdgeSite
from aifactory_iac.catalog import Catalog
from aifactory_iac.design.facility.rack_fit import box_fit
from aifactory_iac.design.facility.racks import (
    Box,
    Facility,
    Rows,
    count_positions,
    facilities,
    rack_boxes,
    rack_table,
)
from aifactory_iac.design.model import Ints, NetworkDesign, PoolDesign, RackTable, TierDesign
from aifactory_iac.design.rules import found
from aifactory_iac.findings import Finding


@dataclass(frozen=True, slots=True)
class Hall:
    """All racks, and the place of every node: `rack` indexes `racks`, -1 in a cloud."""

    racks: RackTable
    rack: Ints
    unit: Ints
    findings: tuple[Finding, ...]


def fill_halls(
    blueprint: Blueprint,
    catalog: Catalog,
    rows: Mapping[str, Rows],
    networks: Mapping[str, NetworkDesign],
    storage: Mapping[str, TierDesign],
    pools: Mapping[str, PoolDesign],
) -> Hall:
    """Racks by site, then pools, network and storage; `rows` are the compute racks by pool."""
    sites = facilities(blueprint)
    filled: list[tuple[str, Rows]] = []
    owner: list[str | None] = []
    findings: list[Finding] = []
    for site in sites.values():
        compute = {name: rows[name] for name, pool in pools.items() if pool.site == site.name}
        switches = _switch_boxes(site, networks, catalog)
        appliances = _appliance_boxes(site, storage, catalog, findings)
        if isinstance(site, EdgeSite):
            compute, stacked = _stack(compute, [*switches, *appliances])
            switches, appliances = ([], []) if stacked else (switches, appliances)
        fit = box_fit(site, catalog)
        here: list[tuple[str | None, Rows]] = [*compute.items()]
        here.append((None, rack_boxes(site, "network", switches, fit)))
        here.append((None, rack_boxes(site, "storage", appliances, fit)))
        owner += [name for name, _ in here]
        filled += [(site.name, each) for _, each in here]
        findings += count_positions(site, sum(len(each.name) for _, each in here))
    rack, unit = _node_places(pools, filled, owner)
    return Hall(rack_table(filled), rack, unit, tuple(findings))


def _node_places(
    pools: Mapping[str, PoolDesign],
    filled: Sequence[tuple[str, Rows]],
    owner: Sequence[str | None],
) -> tuple[Ints, Ints]:
    """Rack and unit columns in the order of the pools, from the rows of each."""
    firsts = np.cumsum([0, *(len(each.name) for _, each in filled)])
    places = {
        name: (each.rack + int(first), each.unit)
        for name, (_, each), first in zip(owner, filled, firsts, strict=False)
        if name is not None
    }
    racks: list[Ints] = [np.empty(0, dtype=np.int32)]
    units: list[Ints] = [np.empty(0, dtype=np.int32)]
    for name, pool in pools.items():
        nowhere = np.full(pool.nodes, -1, dtype=np.int32), np.zeros(pool.nodes, dtype=np.int32)
        rack, unit = places.get(name, nowhere)
        racks.append(rack.astype(np.int32))
        units.append(unit)
    return np.concatenate(racks), np.concatenate(units)


def _switch_boxes(
    site: Facility, networks: Mapping[str, NetworkDesign], catalog: Catalog
) -> list[Box]:
    """Spines and cores first: their number is fixed by the size to reach, so leaves append."""
    upper: list[Box] = []
    leaves: list[Box] = []
    for network in networks.values():
        if network.site != site.name or network.switch is None or not network.switches.total:
            continue
        model = catalog.switches[network.switch]
        weight = math.nan if model.weight_kg is None else model.weight_kg
        box = Box(model.rack_units, network.power_kw / network.switches.total, weight)
        upper += [box] * (network.switches.spine + network.switches.core)
        leaves += [box] * network.switches.leaf
    return upper + leaves


def _appliance_boxes(
    site: Facility, storage: Mapping[str, TierDesign], catalog: Catalog, findings: list[Finding]
) -> list[Box]:
    boxes: list[Box] = []
    for tier in storage.values():
        if tier.site != site.name or tier.system is None or not tier.appliances:
            continue
        model = catalog.storage_systems.get(tier.system)
        if model is None:
            continue
        if model.rack_units is None:
            text = (
                f"The height of `{tier.system}` is not published; the {tier.appliances} appliances "
                f"of tier `{tier.name}` are not counted in racks."
            )
            findings.append(found("AIF-DSN-028", text, ("storage", "tiers", tier.name)))
            continue
        power = (tier.power_kw or 0.0) / tier.appliances
        boxes += [Box(model.rack_units, power, math.nan)] * tier.appliances
    return boxes


def _stack(compute: Mapping[str, Rows], boxes: Sequence[Box]) -> tuple[dict[str, Rows], bool]:
    """All boxes above the nodes of the first rack with room for them, or none anywhere."""
    units, power = sum(box.units for box in boxes), sum(box.power_kw for box in boxes)
    stacked = dict(compute)
    for name, rows in compute.items():
        room = (rows.used_units + units <= rows.units) & (rows.power_kw + power <= rows.limit_kw)
        if not room.any():
            continue
        place = int(np.argmax(room))
        used, drawn, weight = rows.used_units.copy(), rows.power_kw.copy(), rows.weight_kg.copy()
        used[place] += units
        drawn[place] += power
        weight[place] += sum(box.weight_kg for box in boxes)
        stacked[name] = replace(rows, used_units=used, power_kw=drawn, weight_kg=weight)
        return stacked, True
    return stacked, False
