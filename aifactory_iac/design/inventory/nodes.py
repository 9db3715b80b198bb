"""The node table: every node by pool, scalable unit and slot, as columns.

A node's position in its pool is `(unit - 1) x nodes per unit + slot - 1`. Racks, addresses and
switch ports are taken by position, so a pool that grows keeps everything that its old nodes have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.catalog import Catalog
from aifactory_iac.design.inventory.names import node_names
from aifactory_iac.design.inventory.pools import standing_by
from aifactory_iac.design.model import PoolDesign
from aifactory_iac.design.tables import Ints


@dataclass(frozen=True, slots=True)
class Inventory:
    """All nodes before racks and addresses are given; columns as in `NodeTable`.

    `position` counts from 0 in the pool, empty slots included.
    """

    pools: tuple[str, ...]
    name: tuple[str, ...]
    pool: Ints
    scalable_unit: Ints
    slot: Ints
    spare: NDArray[np.bool_]
    position: Ints

    def __len__(self) -> int:
        return len(self.name)

    def rows_of(self, pool: str) -> slice:
        """The contiguous rows of a pool."""
        index = self.pools.index(pool)
        first, last = np.searchsorted(self.pool, (index, index + 1))
        return slice(int(first), int(last))


def positions(pool: PoolDesign) -> Ints:
    """Position of every node, in order; the vacated last slots of unit 1 are left out."""
    first_vacated = pool.nodes_per_unit - pool.vacated
    order = np.arange(pool.nodes, dtype=np.int32)
    return np.where(order < first_vacated, order, order + pool.vacated).astype(np.int32)


def span(pool: PoolDesign) -> int:
    """Positions from the first to the last node, empty slots included."""
    if pool.nodes == 0:
        return 0
    first_vacated = pool.nodes_per_unit - pool.vacated
    # A first unit that is full is full in the fabric too: the managers sit in its last slots.
    return pool.nodes + (pool.vacated if pool.nodes >= first_vacated else 0)


def take_inventory(
    blueprint: Blueprint, catalog: Catalog, pools: Mapping[str, PoolDesign]
) -> Inventory:
    """The nodes of all pools, in the order of `pools`."""
    asked = {pool.name: pool for pool in blueprint.compute}
    names: list[str] = []
    columns: list[tuple[Ints, Ints, Ints, Ints, NDArray[np.bool_]]] = []
    for index, pool in enumerate(pools.values()):
        place = positions(pool)
        per_unit = max(1, pool.nodes_per_unit)
        unit, slot = (
            (place // per_unit + 1).astype(np.int32),
            (place % per_unit + 1).astype(np.int32),
        )
        spare = np.zeros(len(place), dtype=np.bool_)
        spare[standing_by(pool, asked[pool.name], catalog)] = True
        names.extend(node_names(pool, unit, slot))
        columns.append((np.full(len(place), index, dtype=np.int32), unit, slot, place, spare))
    if not columns:
        none = np.empty(0, dtype=np.int32)
        columns = [(none, none, none, none, np.empty(0, dtype=np.bool_))]
    return Inventory(
        pools=tuple(pools),
        name=tuple(names),
        pool=np.concatenate([column[0] for column in columns]),
        scalable_unit=np.concatenate([column[1] for column in columns]),
        slot=np.concatenate([column[2] for column in columns]),
        position=np.concatenate([column[3] for column in columns]),
        spare=np.concatenate([column[4] for column in columns]),
    )
