"""Shapes and topology of a site's nodes, as a Slurm controller is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from aifactory_iac.design.model import Design, PoolDesign
from aifactory_iac.program.lower.onprem.machines import groups
from aifactory_iac.program.lower.quotas import resource_of

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog

USABLE = 0.95
"""Share of the memory that jobs get: Slurm drains a node that reports less than was promised."""

SPINE = "fabric"

NVIDIA = "nvidia.com/gpu"
"""Only of these the names of the device files are known."""


def slurm_shapes(pools: Sequence[PoolDesign], design: Design, catalog: Catalog) -> dict[str, Any]:
    """Pools and switches; nothing where the catalog knows no cores or memory of a system.

    A machine is cabled to one leaf for each of its rails, and Slurm's tree has one leaf a node: the
    leaves of a scalable unit are one switch to it.
    """
    shapes = {pool.name: _shape(pool, design, catalog) for pool in pools}
    if any(shape is None for shape in shapes.values()):
        return {}
    names = design.nodes.name
    leaves = {
        f"{pool.name}-{group.name}": {"nodes": tuple(names[group.rows])}
        for pool in pools
        for group in groups(design, pool)
    }
    above = {SPINE: {"switches": tuple(leaves)}} if len(leaves) > 1 else {}
    return {"pools": shapes, "switches": {**leaves, **above}}


def _shape(pool: PoolDesign, design: Design, catalog: Catalog) -> dict[str, Any] | None:
    """One thread a core: the catalog has cores, and a node that offers more is no matter."""
    system = catalog.systems.get(pool.system)
    if system is None or not system.cpu_sockets or not system.cpu_cores or not system.memory_gib:
        return None
    rows = [group.rows for group in groups(design, pool)]
    names = tuple(name for each in rows for name in design.nodes.name[each])
    shape: dict[str, Any] = {
        "nodes": names,
        "sockets": max(1, system.cpu_sockets // system.trays),
        "cores": system.cpu_cores // system.cpu_sockets,
        "threads": 1,
        "memory": int(system.memory_gib * 1024 * USABLE) // system.trays,
    }
    if pool.gpus_per_node and resource_of(pool, catalog) == NVIDIA:
        shape["gpus"] = pool.gpus_per_node
        shape["devices"] = f"/dev/nvidia[0-{pool.gpus_per_node - 1}]"
    return shape
