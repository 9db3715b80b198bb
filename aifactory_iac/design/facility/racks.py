"""Racks: nodes by power, units, weight and cooling; switches and storage in racks of their own.

A pool's racks belong to it alone and never mix scalable units: a node's rack follows from its unit
and slot, so growing a pool fills racks and appends more, and moves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.model.sites import AwsSite, EdgeSite, OnPremSite
from aifactory_iac.catalog import Catalog
from aifactory_iac.design.facility.rack_fit import Fit, fit_pool
from aifactory_iac.design.inventory.names import rack_names
from aifactory_iac.design.inventory.nodes import positions
from aifactory_iac.design.model import Floats, Ints, PoolDesign, RackTable
from aifactory_iac.design.rules import found
from aifactory_iac.findings import Finding

Facility = OnPremSite | EdgeSite


@dataclass(frozen=True, slots=True)
class Box:
    """One thing that is not a node and takes rack space: a switch or a storage appliance."""

    units: int
    power_kw: float
    weight_kg: float


@dataclass(frozen=True, slots=True)
class Rows:
    """Racks of one owner and kind, as columns; `rack` and `unit` are of the pool's nodes."""

    name: tuple[str, ...]
    kind: str
    nodes: Ints
    used_units: Ints
    power_kw: Floats
    weight_kg: Floats
    units: int
    limit_kw: float
    rack: Ints
    unit: Ints


def facilities(blueprint: Blueprint) -> Mapping[str, Facility]:
    """Sites with a building of their own, by name in order."""
    found_sites = sorted(blueprint.sites, key=lambda site: site.name)
    return {site.name: site for site in found_sites if not isinstance(site, AwsSite)}


def rack_pools(
    blueprint: Blueprint, catalog: Catalog, pools: Mapping[str, PoolDesign]
) -> tuple[Mapping[str, Rows], Mapping[str, Fit], tuple[Finding, ...]]:
    """Compute racks of every facility pool by pool, and how many nodes fit in one and why."""
    sites = facilities(blueprint)
    asked = {pool.name: pool for pool in blueprint.compute}
    rows: dict[str, Rows] = {}
    fits: dict[str, Fit] = {}
    findings: list[Finding] = []
    for pool in pools.values():
        site = sites.get(pool.site)
        if site is None:
            continue
        fit = fit_pool(site, asked[pool.name], pool, catalog, findings)
        fits[pool.name] = fit
        rows[pool.name] = _rack_pool(pool, fit, site)
    return rows, fits, tuple(findings)


def _rack_pool(pool: PoolDesign, fit: Fit, site: Facility) -> Rows:
    place = positions(pool)
    per_unit = max(1, pool.nodes_per_unit) if pool.by_unit else max(1, pool.nodes)
    racks_per_unit = -(-per_unit // fit.nodes)
    unit, slot = np.divmod(place, per_unit)
    position = (unit * racks_per_unit + slot // fit.nodes).astype(np.int32)
    used, rack = np.unique(position, return_inverse=True)
    nodes = np.bincount(rack, minlength=len(used)).astype(np.int32)
    height = fit.node_units
    kilowatts = pool.node_power_kw or 0.0
    return Rows(
        name=rack_names(pool.name, "compute", used.astype(np.int32), site.facility.racks.per_row),
        kind="compute",
        nodes=nodes,
        used_units=(nodes * height).astype(np.int32) if pool.trays == 1 else _whole(nodes, fit),
        power_kw=nodes.astype(np.float64) * kilowatts,
        weight_kg=nodes.astype(np.float64) * fit.node_weight_kg,
        units=fit.rack_units,
        limit_kw=fit.limit_kw,
        rack=rack.astype(np.int32),
        unit=(slot % fit.nodes * height + 1).astype(np.int32),
    )


def _whole(nodes: Ints, fit: Fit) -> Ints:
    """A rack-scale system fills the rack it brings."""
    return np.full(len(nodes), fit.rack_units, dtype=np.int32)


def rack_boxes(site: Facility, kind: str, boxes: Sequence[Box], fit: Fit) -> Rows:
    """Switches or appliances, in order, each in the last rack while it fits there."""
    used: list[tuple[int, float, float]] = []
    for box in boxes:
        units, kilowatts, kilograms = used[-1] if used else (fit.rack_units + 1, 0.0, 0.0)
        if units + box.units > fit.rack_units or kilowatts + box.power_kw > fit.limit_kw:
            used.append((box.units, box.power_kw, box.weight_kg))
        else:
            used[-1] = (units + box.units, kilowatts + box.power_kw, kilograms + box.weight_kg)
    count = len(used)
    none = np.empty(0, dtype=np.int32)
    return Rows(
        name=rack_names(
            site.name, kind, np.arange(count, dtype=np.int32), site.facility.racks.per_row
        ),
        kind=kind,
        nodes=np.zeros(count, dtype=np.int32),
        used_units=np.asarray([units for units, _, _ in used], dtype=np.int32),
        power_kw=np.asarray([kilowatts for _, kilowatts, _ in used], dtype=np.float64),
        weight_kg=np.asarray([kilograms for _, _, kilograms in used], dtype=np.float64),
        units=fit.rack_units,
        limit_kw=fit.limit_kw,
        rack=none,
        unit=none,
    )


def rack_table(rows: Sequence[tuple[str, Rows]]) -> RackTable:
    """One table of rows given as (site, rows), in that order."""
    sites = tuple(sorted({site for site, _ in rows}))
    lengths = [len(each.name) for _, each in rows]

    def repeated(values: Sequence[float]) -> Floats:
        return np.repeat(np.asarray(values, dtype=np.float64), lengths)

    def joined(columns: Sequence[Ints]) -> Ints:
        return np.concatenate([np.empty(0, dtype=np.int32), *columns])

    none = np.empty(0, dtype=np.float64)
    return RackTable(
        name=tuple(name for _, each in rows for name in each.name),
        sites=sites,
        site=repeated([sites.index(site) for site, _ in rows]).astype(np.int32),
        kind=tuple(each.kind for _, each in rows for _ in each.name),
        nodes=joined([each.nodes for _, each in rows]),
        used_units=joined([each.used_units for _, each in rows]),
        units=repeated([each.units for _, each in rows]).astype(np.int32),
        power_kw=np.concatenate([none, *(each.power_kw for _, each in rows)]),
        limit_kw=repeated([each.limit_kw for _, each in rows]),
        weight_kg=np.concatenate([none, *(each.weight_kg for _, each in rows)]),
    )


def count_positions(site: Facility, racks: int) -> tuple[Finding, ...]:
    """A finding when the site has fewer rack positions than racks."""
    limit = site.facility.racks.count
    if limit is None or racks <= limit:
        return ()
    text = f"Site `{site.name}` needs {racks} racks, but has {limit} positions."
    path = ("sites", site.name, "facility", "racks", "count")
    hint = "Put more nodes in a rack, fewer nodes at the site, or more positions in the hall."
    return (found("AIF-DSN-007", text, path, hint=hint),)
