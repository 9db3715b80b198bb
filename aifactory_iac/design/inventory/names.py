"""Names of nodes, racks and switches: from what a thing is, never from how many there are.

Widths are fixed, or follow from the system's scalable unit, so no name changes when a pool grows.
Letters tell the kinds of racks apart: `c` compute, `n` network, `s` storage rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aifactory_iac.design.model import Ints, PoolDesign

_ROW_LETTER = {"compute": "c", "network": "n", "storage": "s"}


def node_names(pool: PoolDesign, scalable_unit: Ints, slot: Ints) -> tuple[str, ...]:
    """`train-su001-n01` where the system has scalable units, else `burst-n0001`."""
    if not pool.by_unit:
        return tuple(f"{pool.name}-n{number:04d}" for number in slot.tolist())
    width = max(2, len(str(pool.nodes_per_unit)))
    return tuple(
        f"{pool.name}-su{unit:03d}-n{number:0{width}d}"
        for unit, number in zip(scalable_unit.tolist(), slot.tolist(), strict=True)
    )


def rack_names(owner: str, kind: str, position: Ints, per_row: int) -> tuple[str, ...]:
    """`train-c01-05`: row and place in the row, counted from 1 within the owner's rows.

    `owner` is the pool of a compute rack, the site of a network or storage rack; `position` counts
    from 0.
    """
    row, place = np.divmod(position, per_row)
    letter = _ROW_LETTER[kind]
    return tuple(
        f"{owner}-{letter}{r + 1:02d}-{p + 1:02d}"
        for r, p in zip(row.tolist(), place.tolist(), strict=True)
    )


def rail_leaf_names(network: str, pool: str, groups: int, rails: int, planes: int) -> list[str]:
    """`compute-leaf-train-001-r1`: leaf group of the pool, then rail; `-p1` where there are planes.

    Ordered by group first, so that a new scalable unit appends.
    """
    return [
        f"{network}-leaf-{pool}-{group:03d}-r{rail}{plane}"
        for group in range(1, groups + 1)
        for plane in _plane_suffixes(planes)
        for rail in range(1, rails + 1)
    ]


def tier_names(network: str, tier: str, count: int) -> list[str]:
    """`compute-spine-001`, numbered from 1."""
    return [f"{network}-{tier}-{number:03d}" for number in range(1, count + 1)]


def _plane_suffixes(planes: int) -> Sequence[str]:
    return [f"-p{plane}" for plane in range(1, planes + 1)] if planes > 1 else [""]
