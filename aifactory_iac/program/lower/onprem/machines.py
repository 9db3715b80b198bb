"""Rows of the node table as node groups: one for each scalable unit of a pool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aifactory_iac.design.model import Design, PoolDesign

UNGROUPED = 64
"""Machines of one group where a system has no scalable units: a few racks, one blast radius."""


@dataclass(frozen=True, slots=True)
class Group:
    """A run of rows of the node table that one resource takes care of."""

    name: str
    """`su001`, or `g001` where the system has no scalable units; growth never changes it."""
    number: int
    rows: slice


def groups(design: Design, pool: PoolDesign) -> tuple[Group, ...]:
    """The groups of a pool, in table order."""
    table = design.nodes
    index = table.pools.index(pool.name)
    first, last = (int(row) for row in np.searchsorted(table.pool, (index, index + 1)))
    if pool.by_unit:
        numbers, prefix = table.scalable_unit[first:last], "su"
    else:
        numbers, prefix = (table.slot[first:last] - 1) // UNGROUPED + 1, "g"
    found, starts = np.unique(numbers, return_index=True)
    ends = [*starts[1:].tolist(), last - first]
    return tuple(
        Group(f"{prefix}{number:03d}", number, slice(first + start, first + end))
        for number, start, end in zip(found.tolist(), starts.tolist(), ends, strict=True)
    )


def machines(
    design: Design, rows: slice, pins: Mapping[str, str] = MappingProxyType({})
) -> dict[str, dict[str, Any]]:
    """Machines by host name, in the shape of `aifactory:metal:RackedMachine`.

    `pins` are fingerprints of the certificates of their controllers, by host name.
    """
    table, racks = design.nodes, design.racks.name
    columns = zip(
        table.name[rows],
        table.rack[rows].tolist(),
        table.unit[rows].tolist(),
        table.slot[rows].tolist(),
        _dotted(table.out_of_band[rows]),
        _dotted(table.in_band[rows]),
        table.spare[rows].tolist(),
        strict=True,
    )
    return {
        name: {
            "rack": racks[rack] if rack >= 0 else "",
            "unit": unit,
            "slot": slot,
            "bmc": bmc,
            "address": address,
            **({"spare": True} if spare else {}),
            **({"fingerprint": pins[name]} if name in pins else {}),
        }
        for name, rack, unit, slot, bmc, address, spare in columns
    }


def pools_of(design: Design, site: str) -> Mapping[str, PoolDesign]:
    """Pools at a site that have nodes, by name."""
    return {
        name: pool
        for name, pool in sorted(design.pools.items())
        if pool.site == site and pool.nodes
    }


def _dotted(addresses: NDArray[np.uint32]) -> Iterator[str]:
    """Addresses as text; octets come from one reinterpretation of the column."""
    octets = addresses.astype(">u4").view(np.uint8).reshape(-1, 4)
    return (f"{a}.{b}.{c}.{d}" for a, b, c, d in octets.tolist())
