"""What each pool amounts to: nodes, GPUs, memory, FLOPS and power of one node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.model.compute import Pool
from aifactory_iac.blueprint.model.sites import AwsSite, Site
from aifactory_iac.catalog import Catalog
from aifactory_iac.catalog.facts import Accelerator, Instance, System
from aifactory_iac.design.fabric.roles import network_role
from aifactory_iac.design.inventory.order import build_order, in_build_order
from aifactory_iac.design.inventory.spares import spare_rows
from aifactory_iac.design.model import PoolDesign
from aifactory_iac.design.rules import found
from aifactory_iac.design.tables import Ints
from aifactory_iac.findings import Finding

_MOST_NODES = 1_000_000
"""Ten times the nodes of the largest site announced; more is a slip of the keyboard."""


@dataclass(frozen=True, slots=True)
class _Machine:
    """What a system or an instance type gives, in one shape; figures of one machine."""

    id: str
    accelerator: str | None
    gpus: int
    trays: int
    unit_machines: int | None
    power_kw: float | None
    power_verified: bool


def design_pools(
    blueprint: Blueprint, catalog: Catalog
) -> tuple[Mapping[str, PoolDesign], tuple[Finding, ...]]:
    """All pools that can be built, by site, phase and name; the others leave a finding."""
    sites = {site.name: site for site in blueprint.sites}
    managed = _pools_with_fabric_manager(blueprint, catalog)
    technologies = _technologies(blueprint)
    designs: dict[str, PoolDesign] = {}
    findings: list[Finding] = []
    for pool in sorted(blueprint.compute, key=lambda pool: (pool.site, build_order(pool))):
        technology = technologies.get(pool.name)
        machine = _machine(pool, sites.get(pool.site), technology, catalog, findings)
        if machine is None:
            continue
        slots = int(catalog.constants["ufm.node_slots"].value) if pool.name in managed else 0
        design = _pool(pool, machine, slots, catalog, findings)
        if design is not None:
            designs[pool.name] = design
    return designs, tuple(findings)


def _pools_with_fabric_manager(blueprint: Blueprint, catalog: Catalog) -> frozenset[str]:
    """Pools that give up node slots: one of every compute fabric that UFM manages.

    The appliances take ports of the first leaves of its first pool with scalable units, or of its
    first pool; other pools on the fabric lose none.
    """
    asked = {pool.name: pool for pool in blueprint.compute}

    def first_with_units(pool: Pool) -> tuple[int, bool, str]:
        system = catalog.systems.get(pool.system or "")
        return pool.phase, system is None or system.scalable_unit_nodes is None, pool.name

    return frozenset(
        min((asked[name] for name in network.serves if name in asked), key=first_with_units).name
        for network in blueprint.fabric
        if network.subnet_manager == "ufm"
        and (network.technology or "").startswith("infiniband")
        and network_role(network) == "compute"
        and not asked.keys().isdisjoint(network.serves)
    )


def _technologies(blueprint: Blueprint) -> Mapping[str, str]:
    """Technology of each pool's first compute network: a scalable unit's size can depend on it."""
    return {
        pool: network.technology
        for network in reversed(in_build_order(blueprint.fabric))
        if network.technology is not None and network_role(network) == "compute"
        for pool in network.serves
    }


def _machine(
    pool: Pool,
    site: Site | None,
    technology: str | None,
    catalog: Catalog,
    findings: list[Finding],
) -> _Machine | None:
    if site is None:
        text = f"Pool `{pool.name}` names the site `{pool.site}`, which does not exist."
        findings.append(found("AIF-DSN-002", text, ("compute", pool.name, "site")))
        return None
    cloud = isinstance(site, AwsSite)
    key, table = ("instance", "aws_instances") if cloud else ("system", "systems")
    chosen = pool.instance if cloud else pool.system
    if chosen is None:
        text = f"Pool `{pool.name}` at the {site.kind} site `{site.name}` names no {key}."
        findings.append(found("AIF-DSN-002", text, ("compute", pool.name), hint=f"Give `{key}`."))
        return None
    if cloud:
        instance = catalog.aws_instances.get(chosen)
        if instance is not None:
            return _instance(instance)
    else:
        system = catalog.systems.get(chosen)
        if system is not None:
            return _system(system, pool, technology)
    text = f"`{chosen}` of pool `{pool.name}` is not in the catalog's `{table}`."
    findings.append(found("AIF-DSN-002", text, ("compute", pool.name, key)))
    return None


def _instance(instance: Instance) -> _Machine:
    return _Machine(
        id=instance.id,
        accelerator=instance.accelerator,
        gpus=instance.accelerators,
        trays=1,
        unit_machines=None,
        power_kw=None,
        power_verified=True,
    )


def _system(system: System, pool: Pool, technology: str | None) -> _Machine:
    given = pool.node_power
    unit = system.scalable_units.get(technology or "", system.scalable_unit_nodes)
    return _Machine(
        id=system.id,
        accelerator=system.accelerators[0] if system.accelerators else None,
        gpus=system.gpus,
        trays=system.trays,
        unit_machines=unit,
        power_kw=given.kw if given is not None else system.power_kw_max,
        power_verified=given is not None or system.provenance.verified("power_kw_max"),
    )


def _pool(
    pool: Pool, machine: _Machine, slots: int, catalog: Catalog, findings: list[Finding]
) -> PoolDesign | None:
    machines = _machines(pool, machine, slots, findings)
    if machines is None:
        return None
    nodes = machines * machine.trays
    if nodes > _MOST_NODES:
        text = f"Pool `{pool.name}` would have {nodes:,} nodes; the most is {_MOST_NODES:,}."
        findings.append(found("AIF-DSN-030", text, ("compute", pool.name)))
        return None
    # Rack-scale leaves serve one rack each and keep ports free for fabric managers.
    vacated = slots if machine.unit_machines and machine.trays == 1 else 0
    per_unit = machine.unit_machines * machine.trays if machine.unit_machines else nodes
    gpus_per_node = machine.gpus // machine.trays
    chip = catalog.accelerators.get(machine.accelerator) if machine.accelerator else None
    gpus = nodes * gpus_per_node
    design = PoolDesign(
        name=pool.name,
        site=pool.site,
        system=machine.id,
        accelerator=machine.accelerator,
        nodes=nodes,
        spares=0,
        scalable_units=-(-(nodes + vacated) // per_unit) if nodes else 0,
        nodes_per_unit=per_unit,
        gpus=gpus,
        gpus_per_node=gpus_per_node,
        per_rack=None,
        node_power_kw=None if machine.power_kw is None else machine.power_kw / machine.trays,
        node_power_verified=machine.power_verified,
        memory_tb=gpus * chip.memory_gb / 1000 if chip else 0.0,
        petaflops_dense=_petaflops(chip, gpus),
        trays=machine.trays,
        by_unit=machine.unit_machines is not None,
        vacated=vacated,
        phase=pool.phase,
    )
    return _with_spares(design, pool, catalog, findings)


def _machines(pool: Pool, machine: _Machine, slots: int, findings: list[Finding]) -> int | None:
    """How many machines the pool has; `None`, with a finding, when it does not say so once."""
    path = ("compute", pool.name)
    if pool.count is not None and pool.scalable_units is not None:
        text = f"Pool `{pool.name}` gives both `count` and `scalable_units`."
        findings.append(found("AIF-DSN-001", text, path, hint="Keep one of the two."))
        return None
    if pool.count is not None:
        return pool.count
    if pool.scalable_units is None:
        text = f"Pool `{pool.name}` does not say how many nodes it has."
        hint = "Give `count`, or `scalable_units` where the system has them."
        findings.append(found("AIF-DSN-001", text, path, hint=hint))
        return None
    if machine.unit_machines is None:
        text = (
            f"Pool `{pool.name}` asks for {pool.scalable_units} scalable units, but the catalog "
            f"knows none of `{machine.id}`."
        )
        hint = "Give `count` instead."
        findings.append(found("AIF-DSN-003", text, (*path, "scalable_units"), hint=hint))
        return None
    displaced = slots if machine.trays == 1 else 0
    return max(0, pool.scalable_units * machine.unit_machines - displaced)


def _with_spares(
    design: PoolDesign, pool: Pool, catalog: Catalog, findings: list[Finding]
) -> PoolDesign:
    count = len(standing_by(design, pool, catalog))
    wanted = pool.spares.count if pool.spares and pool.spares.count is not None else count
    if design.nodes and (wanted > count or count >= design.nodes):
        text = (
            f"Pool `{pool.name}` of {design.nodes} nodes needs {wanted} spares, "
            "which leaves no node at work."
        )
        hint = "Ask for fewer spares, a shorter repair, or more nodes."
        findings.append(found("AIF-DSN-004", text, ("compute", pool.name, "spares"), hint=hint))
    return replace(design, spares=count, per_rack=pool.per_rack)


def standing_by(design: PoolDesign, pool: Pool, catalog: Catalog) -> Ints:
    """Rows (from 0) of the pool's nodes that stand by; stable under growth.

    A fixed number takes the first nodes; a confidence takes each node whose arrival raises the
    number needed, with the failure rate of the catalog's `failures.per_1000_node_days`.
    """
    spares = pool.spares
    if spares is None or design.nodes == 0:
        return np.empty(0, dtype=np.int32)
    if spares.count is not None:
        return np.arange(min(spares.count, design.nodes), dtype=np.int32)
    if spares.confidence is None:
        return np.empty(0, dtype=np.int32)
    rate = catalog.constants["failures.per_1000_node_days"].value / 1000
    return spare_rows(design.nodes, rate, spares.repair.days, spares.confidence)


def _petaflops(chip: Accelerator | None, gpus: int) -> Mapping[str, float]:
    if chip is None:
        return {}
    return {key: gpus * tflops / 1000 for key, tflops in sorted(chip.tflops_dense.items())}
