"""The floor of every facility site: compute racks, then racks for switches, then for storage.

At an edge site, the switches that the first node needs stand at the top of the first rack of the
first pool, if one node still fits below; the rack then holds fewer nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.model.sites import EdgeSite
from aifactory_iac.catalog import Catalog
from aifactory_iac.design.fabric.switch_groups import SwitchGroup
from aifactory_iac.design.facility.equipment import Equipment, Row, appliance_rows, switch_rows
from aifactory_iac.design.facility.mounting import mount
from aifactory_iac.design.facility.rack_fit import Fit, beside, box_fit
from aifactory_iac.design.facility.racks import (
    Facility,
    Rows,
    count_positions,
    facilities,
    rack_pool,
    rack_table,
)
from aifactory_iac.design.inventory.names import rack_names
from aifactory_iac.design.inventory.order import in_build_order
from aifactory_iac.design.model import NetworkDesign, PoolDesign, TierDesign
from aifactory_iac.design.rules import found
from aifactory_iac.design.tables import DeviceTable, Ints, RackTable
from aifactory_iac.findings import Finding, Path


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """All racks, and the place of every node: `rack` indexes `racks`, -1 in a cloud."""

    racks: RackTable
    devices: DeviceTable
    rack: Ints
    unit: Ints
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What has to stand somewhere."""

    pools: Mapping[str, PoolDesign]
    fits: Mapping[str, Fit]
    networks: Mapping[str, NetworkDesign]
    switches: Sequence[SwitchGroup]
    storage: Mapping[str, TierDesign]


@dataclass(frozen=True, slots=True)
class _Filled:
    """Racks of one row with what is in them: the nodes of a pool, equipment, or both.

    `rack`, an index into `rows`, and `unit` are of the equipment's names, in order; -1 and 0 where
    a height is not known.
    """

    site: str
    rows: Rows
    pool: str | None
    equipment: tuple[Equipment, ...]
    rack: Ints
    unit: Ints


def plan_floors(blueprint: Blueprint, catalog: Catalog, standing: Standing) -> FloorPlan:
    """Racks by site, in them pools, network and storage; every node and device with its place."""
    filled: list[_Filled] = []
    findings: list[Finding] = []
    for site in facilities(blueprint).values():
        pools = [pool for pool in standing.pools.values() if pool.site == site.name]
        rows = [
            *switch_rows(site.name, standing.switches, standing.networks, pools, catalog),
            *appliance_rows(site.name, standing.storage.values(), catalog, findings),
        ]
        fit = box_fit(site, catalog)
        findings += _unmountable(site, rows, fit)
        here = _fill(site, pools, rows, standing.fits, fit)
        findings += count_positions(site, sum(len(each.rows.name) for each in here))
        filled += here
    firsts = np.cumsum([0, *(len(each.rows.name) for each in filled)]).tolist()
    rack, unit = _node_places(standing.pools, filled, firsts)
    return FloorPlan(
        racks=rack_table([(each.site, each.rows) for each in filled]),
        devices=_devices(filled, firsts),
        rack=rack,
        unit=unit,
        findings=tuple(findings),
    )


def _fill(
    site: Facility,
    pools: Sequence[PoolDesign],
    rows: Sequence[Row],
    fits: Mapping[str, Fit],
    fit: Fit,
) -> list[_Filled]:
    """Racks of the pools, then the others; `fit` is of racks for what is not a node."""
    atop = _atop(pools, rows, fits) if isinstance(site, EdgeSite) else None
    filled = []
    for pool in pools:
        if atop is not None and pool == atop.pool:
            filled.append(_pool_and_equipment(site, atop))
        else:
            racks, none = rack_pool(pool, fits[pool.name], site), np.empty(0, dtype=np.int32)
            filled.append(_Filled(site.name, racks, pool.name, (), none, none))
    for row in rows:
        left = tuple(each for each in row.equipment if not atop or each not in atop.equipment)
        if left:
            filled.append(_mounted(site, replace(row, equipment=left), fit))
    return filled


def _mounted(site: Facility, row: Row, fit: Fit) -> _Filled:
    per_row = site.facility.racks.per_row
    mountable = [each.boxes for each in row.equipment if each.boxes.units]

    def named(position: Ints) -> tuple[str, ...]:
        return rack_names(row.owner, row.row, position, per_row)

    racks = mount(mountable, row.kind, fit, named)
    if mountable:
        return _Filled(site.name, racks, None, row.equipment, racks.rack, racks.unit)
    nowhere = np.full(sum(len(each.boxes.names) for each in row.equipment), -1, dtype=np.int32)
    return _Filled(site.name, racks, None, row.equipment, nowhere, nowhere + 1)


@dataclass(frozen=True, slots=True)
class _Atop:
    """Equipment at the top of the first rack of a pool, with `nodes` of it below."""

    pool: PoolDesign
    fit: Fit
    nodes: int
    equipment: tuple[Equipment, ...]
    units: int
    power_kw: float
    weight_kg: float


def _atop(
    pools: Sequence[PoolDesign], rows: Iterable[Row], fits: Mapping[str, Fit]
) -> _Atop | None:
    """What shares a rack with nodes at an edge site; `None` where it leaves no room for a node."""
    first = next((pool for pool in in_build_order(pools) if pool.nodes), None)
    if first is None or first.trays > 1:
        return None
    equipment = tuple(
        each for row in rows for each in row.equipment if each.initial and each.phase <= first.phase
    )
    units = sum(each.boxes.count * each.boxes.units for each in equipment)
    power = sum(each.boxes.count * each.boxes.power_kw for each in equipment)
    weight = sum(each.boxes.count * each.boxes.weight_kg for each in equipment)
    fit, nodes = beside(fits[first.name], first.node_power_kw, units, power)
    if not equipment or not nodes:
        return None
    return _Atop(first, fit, nodes, equipment, units, power, weight)


def _pool_and_equipment(site: Facility, atop: _Atop) -> _Filled:
    """The racks of a pool with equipment from the top of the first one downwards."""
    racks = rack_pool(atop.pool, atop.fit, site, kept=atop.fit.nodes - atop.nodes)
    used, drawn, weight = racks.used_units.copy(), racks.power_kw.copy(), racks.weight_kg.copy()
    used[0] += atop.units
    drawn[0] += atop.power_kw
    weight[0] += atop.weight_kg
    units: list[int] = []
    top = racks.units + 1
    for each in (equipment.boxes for equipment in atop.equipment):
        lowest = [top - each.units * (number // each.each + 1) for number in range(len(each.names))]
        units += lowest
        top = min(lowest)
    return _Filled(
        site=site.name,
        rows=replace(racks, used_units=used, power_kw=drawn, weight_kg=weight),
        pool=atop.pool.name,
        equipment=atop.equipment,
        rack=np.zeros(len(units), dtype=np.int32),
        unit=np.asarray(units, dtype=np.int32),
    )


def _node_places(
    pools: Mapping[str, PoolDesign], filled: Sequence[_Filled], firsts: Sequence[int]
) -> tuple[Ints, Ints]:
    """Rack and unit columns in the order of the pools, from the racks of each."""
    places = {
        each.pool: (each.rows.rack + first, each.rows.unit)
        for each, first in zip(filled, firsts, strict=False)
        if each.pool is not None
    }
    racks: list[Ints] = [np.empty(0, dtype=np.int32)]
    units: list[Ints] = [np.empty(0, dtype=np.int32)]
    for name, pool in pools.items():
        nowhere = np.full(pool.nodes, -1, dtype=np.int32), np.zeros(pool.nodes, dtype=np.int32)
        rack, unit = places.get(name, nowhere)
        racks.append(rack.astype(np.int32))
        units.append(unit)
    return np.concatenate(racks), np.concatenate(units)


def _devices(filled: Sequence[_Filled], firsts: Sequence[int]) -> DeviceTable:
    """All equipment as columns, in the order of the racks."""
    flat = [(row.site, each) for row in filled for each in row.equipment]
    names = [len(each.boxes.names) for _, each in flat]

    def column(values: Iterable[str]) -> tuple[str, ...]:
        return tuple(
            value for value, count in zip(values, names, strict=True) for _ in range(count)
        )

    none = np.empty(0, dtype=np.int32)
    racks = [
        np.where(row.rack < 0, -1, row.rack + first)
        for row, first in zip(filled, firsts, strict=False)
    ]
    return DeviceTable(
        name=tuple(name for _, each in flat for name in each.boxes.names),
        site=column(site for site, _ in flat),
        kind=column(each.kind for _, each in flat),
        owner=column(each.owner for _, each in flat),
        tier=column(each.tier for _, each in flat),
        model=column(each.model for _, each in flat),
        rack=np.concatenate([none, *racks]).astype(np.int32),
        unit=np.concatenate([none, *(row.unit for row in filled)]).astype(np.int32),
    )


def _unmountable(site: Facility, rows: Iterable[Row], fit: Fit) -> list[Finding]:
    """Findings for models that are too much for a rack on their own; one for each owner."""
    findings: dict[Path, Finding] = {}
    for each in (equipment for row in rows for equipment in row.equipment):
        boxes = each.boxes
        if boxes.units > fit.rack_units:
            said = f"is {boxes.units} units high, but a rack has {fit.rack_units}"
            hint, verified = "Choose a taller rack model.", True
        elif boxes.power_kw > fit.limit_kw + 1e-9:
            said = f"draws {boxes.power_kw:.4g} kW, but a rack is limited to {fit.limit_kw:.4g} kW"
            hint, verified = "Raise the rack limit.", each.verified
        else:
            continue
        text = (
            f"A `{each.model}` of `{each.owner}` fits in no rack of site `{site.name}`: it {said}."
        )
        findings.setdefault(
            each.path, found("AIF-DSN-032", text, each.path, hint=hint, verified=verified)
        )
    return list(findings.values())
