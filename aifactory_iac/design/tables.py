"""The tables of a design: nodes, racks, and what else stands in racks.

Tables are numpy columns of equal length; strings that repeat are indexes into tuples beside them.
Order is by identity (site, phase, pool, scalable unit, slot), never by position in the blueprint:
growing a pool appends, and permuting a list changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Node:
    """One row of the node table, for those who want one; code over all nodes uses columns."""

    name: str
    site: str
    pool: str
    system: str
    role: str
    rack: str | None
    unit: int | None
    """Lowest rack unit the node takes, counted from 1 at the bottom; `None` in a cloud."""
    scalable_unit: int
    slot: int
    spare: bool


@dataclass(frozen=True, slots=True)
class NodeTable:
    """All nodes. Row i belongs to pool `pools[pool[i]]`; rows of a pool are contiguous.

    `name[i]` is `<pool>-<su>-<slot>` style text, stable under growth. `rack[i]` indexes
    `Design.racks`, -1 in a cloud. `address` columns are IPv4 as unsigned 32-bit, 0 if none.
    """

    pools: tuple[str, ...]
    name: tuple[str, ...]
    pool: Ints
    scalable_unit: Ints
    slot: Ints
    spare: NDArray[np.bool_]
    rack: Ints
    unit: Ints
    in_band: NDArray[np.uint32]
    out_of_band: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, slots=True)
class RackTable:
    """All racks of all facility sites. `kind` is `compute`, `network` or `storage`."""

    name: tuple[str, ...]
    sites: tuple[str, ...]
    site: Ints
    kind: tuple[str, ...]
    nodes: Ints
    used_units: Ints
    units: Ints
    power_kw: Floats
    limit_kw: Floats
    weight_kg: Floats
    """NaN where a weight is not published."""

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, slots=True)
class Device:
    """One row of the device table."""

    name: str
    site: str
    kind: str
    owner: str
    tier: str
    model: str
    rack: str | None
    unit: int | None
    """Lowest rack unit it takes, from 1 at the bottom; `None` where its height is not known."""


@dataclass(frozen=True, slots=True)
class DeviceTable:
    """What stands in racks and is not a node: switches and storage appliances, one row each.

    `kind` is `switch` or `appliance`, `owner` the network or storage tier, `tier` the place in the
    network (`leaf`, `spine`, `core`; `storage` of an appliance). `rack[i]` indexes `Design.racks`;
    -1, with unit 0, where no source gives the height, so that it is in no rack.
    """

    name: tuple[str, ...]
    site: tuple[str, ...]
    kind: tuple[str, ...]
    owner: tuple[str, ...]
    tier: tuple[str, ...]
    model: tuple[str, ...]
    rack: Ints
    unit: Ints

    def __len__(self) -> int:
        return len(self.name)
