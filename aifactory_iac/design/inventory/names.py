"""Names of nodes, racks and switches: from what a thing is, never from how many there are.

Widths are fixed, or follow from the system's scalable unit, so no name changes when a pool grows.
"""

from __future__ import annotations

import numpy as np

from aifactory_iac.design.model import PoolDesign
from aifactory_iac.design.tables import Ints


def node_names(pool: PoolDesign, scalable_unit: Ints, slot: Ints) -> tuple[str, ...]:
    """`train-su001-n01` where the system has scalable units, else `burst-n0001`."""
    if not pool.by_unit:
        return tuple(f"{pool.name}-n{number:04d}" for number in slot.tolist())
    width = max(2, len(str(pool.nodes_per_unit)))
    return tuple(
        f"{pool.name}-su{unit:03d}-n{number:0{width}d}"
        for unit, number in zip(scalable_unit.tolist(), slot.tolist(), strict=True)
    )


def rack_names(owner: str, row: str, position: Ints, per_row: int) -> tuple[str, ...]:
    """`train-c01-05`: row and place in the row, counted from 1 within the owner's rows of a kind.

    `row` is `c` for a pool's nodes, `n` for the leaf switches beside them, `m` for the main
    distribution of a site and `s` for a storage tier; `position` counts from 0.
    """
    number, place = np.divmod(position, per_row)
    return tuple(
        f"{owner}-{row}{r + 1:02d}-{p + 1:02d}"
        for r, p in zip(number.tolist(), place.tolist(), strict=True)
    )


def later_row(row: str, phase: int) -> str:
    """The row that a later phase starts beside one that is there: `n2-`, then `train-n2-01-01`."""
    return f"{row}{phase}-"


def owned_leaves(network: str, owner: str, group: int, rails: int, planes: int) -> list[str]:
    """`compute-leaf-train-001-r1-p1`: leaf group of the pool, rail and plane, each from 1.

    Rail and plane are left out where there is but one.
    """
    return [
        f"{network}-leaf-{owner}-{group:03d}{rail}{plane}"
        for plane in _suffixes("p", planes)
        for rail in _suffixes("r", rails)
    ]


def owned_spines(network: str, owner: str, first: int, count: int) -> list[str]:
    """`compute-spine-train-001`: spines of the pods of one pool, numbered on from `first`."""
    return [f"{network}-spine-{owner}-{number:03d}" for number in range(first, first + count)]


def shared_switches(network: str, tier: str, first: int, count: int) -> list[str]:
    """`compute-spine-001`: switches that no pool owns, numbered on from `first`."""
    return [f"{network}-{tier}-{number:03d}" for number in range(first, first + count)]


def appliance_names(tier: str, count: int) -> tuple[str, ...]:
    """`scratch-a001`: the appliances of a storage tier."""
    return tuple(f"{tier}-a{number:03d}" for number in range(1, count + 1))


def _suffixes(letter: str, count: int) -> list[str]:
    return [f"-{letter}{number}" for number in range(1, count + 1)] if count > 1 else [""]
