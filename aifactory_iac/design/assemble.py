"""One blueprint, engineered: the order in which the parts of a design follow from each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.catalog import Catalog
from aifactory_iac.design.economics.findings import economics_findings
from aifactory_iac.design.economics.totals import economics
from aifactory_iac.design.fabric.address_plan import AddressPlan, plan_addresses
from aifactory_iac.design.fabric.networks import design_networks
from aifactory_iac.design.facility.cooling import site_cooling
from aifactory_iac.design.facility.floor_plan import FloorPlan, Standing, plan_floors
from aifactory_iac.design.facility.power import Load, site_power
from aifactory_iac.design.facility.rack_fit import Fit
from aifactory_iac.design.facility.racks import facilities, fit_pools
from aifactory_iac.design.inventory.nodes import Inventory, take_inventory
from aifactory_iac.design.inventory.pools import design_pools
from aifactory_iac.design.model import Design, PoolDesign, SiteCooling, SitePower
from aifactory_iac.design.storage.tiers import design_storage
from aifactory_iac.design.tables import NodeTable
from aifactory_iac.design.workloads.all import design_workloads
from aifactory_iac.design.workloads.prices import price_workloads
from aifactory_iac.findings import Finding, in_order


def design(blueprint: Blueprint, catalog: Catalog) -> Design:
    """The engineered factory: deterministic, and whole even where findings say it cannot be built.

    Parts that a finding rules out (a pool without a size, a network no switch can carry) are left
    out; everything else is there, so that one run shows all that is wrong.
    """
    pools, of_pools = design_pools(blueprint, catalog)
    inventory = take_inventory(blueprint, catalog, pools)
    fits, of_racks = fit_pools(blueprint, catalog, pools)
    sized = {name: pool_in_racks(pool, fits.get(name)) for name, pool in pools.items()}
    fabric = design_networks(blueprint, catalog, sized, fits)
    storage, of_storage = design_storage(blueprint, catalog, sized)
    addresses = plan_addresses(blueprint, inventory, sized, fabric.networks)
    networks = addresses.networks
    floors = plan_floors(
        blueprint, catalog, Standing(sized, fits, networks, fabric.switches, storage)
    )
    load = Load(tuple(sized.values()), tuple(networks.values()), tuple(storage.values()), fits)
    power, cooling, of_power = _power(blueprint, catalog, load)
    workloads, of_workloads = design_workloads(blueprint, catalog, sized, storage)
    money = economics(blueprint, catalog, sized, networks, power, storage, workloads)
    return Design(
        blueprint=blueprint.metadata.name,
        version=blueprint.metadata.version,
        nodes=_nodes(inventory, floors, addresses),
        racks=floors.racks,
        devices=floors.devices,
        pools=sized,
        networks=networks,
        power=power,
        cooling=cooling,
        storage=storage,
        workloads=price_workloads(blueprint, catalog, sized, workloads, money),
        subnets=addresses.subnets,
        economics=money,
        findings=in_order(
            (
                *of_pools,
                *of_racks,
                *fabric.findings,
                *of_storage,
                *addresses.findings,
                *floors.findings,
                *of_power,
                *of_workloads,
                *economics_findings(blueprint, catalog, sized, power, money),
            )
        ),
    )


def pool_in_racks(pool: PoolDesign, fit: Fit | None) -> PoolDesign:
    """The pool with the nodes that a rack takes; none in a cloud."""
    return replace(pool, per_rack=fit.nodes if fit else None)


def _power(
    blueprint: Blueprint, catalog: Catalog, load: Load
) -> tuple[Mapping[str, SitePower], Mapping[str, SiteCooling], list[Finding]]:
    power: dict[str, SitePower] = {}
    cooling: dict[str, SiteCooling] = {}
    findings: list[Finding] = []
    for site in facilities(blueprint).values():
        local = load.at(site.name)
        power[site.name], said = site_power(site, local, catalog)
        cooling[site.name], also = site_cooling(power[site.name], local.pools, catalog)
        findings += (*said, *also)
    return power, cooling, findings


def _nodes(inventory: Inventory, floors: FloorPlan, addresses: AddressPlan) -> NodeTable:
    return NodeTable(
        pools=inventory.pools,
        name=inventory.name,
        pool=inventory.pool,
        scalable_unit=inventory.scalable_unit,
        slot=inventory.slot,
        spare=inventory.spare,
        rack=floors.rack,
        unit=floors.unit,
        in_band=addresses.in_band,
        out_of_band=addresses.out_of_band,
    )
