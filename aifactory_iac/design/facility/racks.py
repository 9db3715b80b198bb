"""The racks of pools, and the table of all racks.

A pool's racks belong to it alone: growing a pool fills racks and appends more, and moves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.model.sites import AwsSite, EdgeSite, OnPremSite
from aifactory_iac.catalog import Catalog
from aifactory_iac.design.facility.pool_racks import PoolRacks
from aifactory_iac.design.facility.rack_fit import Fit, fit_pool
from aifactory_iac.design.inventory.names import rack_names
from aifactory_iac.design.inventory.nodes import positions
from aifactory_iac.design.model import PoolDesign
from aifactory_iac.design.rules import found
from aifactory_iac.design.tables import Floats, Ints, RackTable
from aifactory_iac.findings import Finding

Facility = OnPremSite | EdgeSite


@dataclass(frozen=True, slots=True)
class Rows:
    """Racks of one owner and kind, as columns.

    `rack`, from 0, and `unit` have one entry for each thing placed: the nodes of a pool by
    position, or devices in the order given; -1 and 0 where it stands in none of these racks.
    """

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


def fit_pools(
    blueprint: Blueprint, catalog: Catalog, pools: Mapping[str, PoolDesign]
) -> tuple[Mapping[str, Fit], tuple[Finding, ...]]:
    """How many nodes of every facility pool fit in one rack, and why not more."""
    sites = facilities(blueprint)
    asked = {pool.name: pool for pool in blueprint.compute}
    findings: list[Finding] = []
    fits = {
        pool.name: fit_pool(sites[pool.site], asked[pool.name], pool, catalog, findings)
        for pool in pools.values()
        if pool.site in sites
    }
    return fits, tuple(findings)


def rack_pool(pool: PoolDesign, fit: Fit, site: Facility, *, kept: int = 0) -> Rows:
    """The racks of a pool; `kept` node places of the first one are left to other things."""
    racks = PoolRacks.of(pool, fit, kept)
    position = positions(pool)
    used, rack = np.unique(racks.rack(position), return_inverse=True)
    nodes = np.bincount(rack, minlength=len(used)).astype(np.int32)
    height = fit.node_units
    kilowatts = pool.node_power_kw or 0.0
    return Rows(
        name=rack_names(pool.name, "c", used.astype(np.int32), site.facility.racks.per_row),
        kind="compute",
        nodes=nodes,
        used_units=(nodes * height).astype(np.int32) if pool.trays == 1 else _whole(nodes, fit),
        power_kw=nodes.astype(np.float64) * kilowatts,
        weight_kg=nodes.astype(np.float64) * fit.node_weight_kg,
        units=fit.rack_units,
        limit_kw=fit.limit_kw,
        rack=rack.astype(np.int32),
        unit=(racks.place(position) * height + 1).astype(np.int32),
    )


def _whole(nodes: Ints, fit: Fit) -> Ints:
    """A rack-scale system fills the rack it brings."""
    return np.full(len(nodes), fit.rack_units, dtype=np.int32)


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
