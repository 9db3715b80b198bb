"""Networks: switches, cables and oversubscription by the rules of research 03, section 3.

Rail-optimised networks put port r of every node of a leaf group on the group's leaf r; a group is
as many node positions as a leaf has down ports, and every pool starts its own. A partial scalable
unit gets the leaves and leaf-spine cables of a full one. Fat trees put all ports of a node on one
leaf.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.model.fabric import Network
from aifactory_iac.blueprint.model.sites import AwsSite
from aifactory_iac.catalog import Catalog
from aifactory_iac.design.fabric.clos import Clos, Demand, LeafSplit, size_clos
from aifactory_iac.design.fabric.cloud import cloud_network
from aifactory_iac.design.fabric.leaf_groups import (
    LeafGroups,
    group_leaves,
    group_split,
    rail_group_size,
)
from aifactory_iac.design.fabric.ports import Ports, choose_switch, match_ports, usual_mtu
from aifactory_iac.design.fabric.roles import network_role
from aifactory_iac.design.fabric.served import Served, served_pools
from aifactory_iac.design.inventory.names import rail_leaf_names, tier_names
from aifactory_iac.design.inventory.nodes import span
from aifactory_iac.design.model import Cables, NetworkDesign, PoolDesign, Switches
from aifactory_iac.design.rules import found
from aifactory_iac.findings import Finding

_OUT_OF_BAND_UPLINKS = 2
"""Of each out-of-band switch, to the in-band network (SuperPOD reference architectures)."""
_PASSES = 3
"""Out-of-band ports serve all other switches, and in-band ports the out-of-band switches."""


@dataclass(frozen=True, slots=True)
class _Site:
    """What a network's size depends on besides its own pools."""

    cloud: bool
    name: str
    others: tuple[NetworkDesign, ...]
    """The site's other networks, as the pass before found them."""
    power_units: int

    def also_joins(self, network: Network) -> int:
        """Positions for what is not a node: managed devices, or out-of-band switches."""
        role = network_role(network)
        if role == "out-of-band":
            if any(other.role == role and other.name < network.name for other in self.others):
                return 0
            return self.power_units + sum(other.switches.total for other in self.others)
        if role == "in-band":
            return sum(o.switches.leaf for o in self.others if o.role == "out-of-band")
        return 0

    @property
    def has_in_band(self) -> bool:
        return any(other.role == "in-band" for other in self.others)


def design_networks(
    blueprint: Blueprint,
    catalog: Catalog,
    pools: Mapping[str, PoolDesign],
    power_units: Mapping[str, int],
) -> tuple[Mapping[str, NetworkDesign], tuple[Finding, ...]]:
    """All networks by name; `power_units`, by site, are PDUs that take out-of-band ports."""
    clouds = {site.name for site in blueprint.sites if isinstance(site, AwsSite)}
    designs: dict[str, NetworkDesign] = {}
    findings: list[Finding] = []
    for _ in range(_PASSES):
        before, designs, findings = designs, {}, []
        for network in sorted(blueprint.fabric, key=lambda network: network.name):
            served = served_pools(network, catalog, pools, findings)
            if served is None:
                continue
            name = served.pools[0].site
            others = tuple(
                other
                for other in before.values()
                if other.site == name and other.name != network.name
            )
            site = _Site(name in clouds, name, others, power_units.get(name, 0))
            design = _network(network, served, site, catalog, findings)
            if design is not None:
                designs[network.name] = design
    return designs, tuple(findings)


def _network(
    network: Network, served: Served, site: _Site, catalog: Catalog, findings: list[Finding]
) -> NetworkDesign | None:
    if site.cloud:
        return cloud_network(network, served, catalog, findings)
    switch = choose_switch(network, catalog, findings)
    ports = match_ports(network, switch, served.adapters, findings) if switch else None
    if ports is None:
        return None
    if network_role(network) == "out-of-band":
        return _management_network(network, served, site, ports)
    return _clos_network(network, served, site, ports, catalog, findings)


def _management_network(
    network: Network, served: Served, site: _Site, ports: Ports
) -> NetworkDesign:
    """Top-of-rack switches, one port a node and one a managed device, two uplinks to in-band."""
    uplinks = _OUT_OF_BAND_UPLINKS
    split = LeafSplit(ports.radix if ports.uplink_gbps else ports.radix - uplinks, uplinks)
    devices = site.also_joins(network)
    leaves = -(-(sum(map(span, served.pools)) + devices) // split.down)
    clos = Clos(1, leaves, 0, 0, leaves * uplinks if site.has_in_band else 0, 0)
    names = tier_names(network.name, "leaf", leaves)
    ratio = split.down * ports.gbps / (split.up * (ports.uplink_gbps or ports.gbps))
    plan = _Plan(split, clos, tuple(names), ratio, served.nodes)
    return _assembled(network, served, ports, plan, endpoints=served.nodes + devices)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How the switches are laid out."""

    split: LeafSplit
    clos: Clos
    names: tuple[str, ...]
    oversubscription: float
    designed_for: int


def _assembled(
    network: Network, served: Served, ports: Ports, plan: _Plan, *, endpoints: int, extra: int = 0
) -> NetworkDesign:
    clos, switch = plan.clos, ports.switch
    watts = switch.power_w_max if switch.power_w_max is not None else switch.power_w_typical
    total = Switches(clos.leaves, clos.spines, clos.cores)
    return NetworkDesign(
        name=network.name,
        role=network_role(network),
        site=served.pools[0].site,
        technology=network.technology or "ethernet",
        switch=switch.id,
        pools=tuple(pool.name for pool in served.pools),
        endpoints=endpoints,
        rails=served.rails,
        planes=network.planes,
        tiers=clos.tiers,
        port_gbps=ports.gbps,
        leaf_down=plan.split.down,
        leaf_up=plan.split.up,
        switches=total,
        cables=Cables(endpoints + extra, clos.leaf_spine, clos.spine_core),
        oversubscription=plan.oversubscription,
        designed_for_nodes=plan.designed_for,
        switch_names=plan.names,
        subnets={},
        mtu=usual_mtu(network),
        power_kw=total.total * (watts or 0.0) / 1000,
        power_verified=switch.power_w_max is not None and switch.provenance.verified("power_w_max"),
    )


def _clos_network(
    network: Network,
    served: Served,
    site: _Site,
    ports: Ports,
    catalog: Catalog,
    findings: list[Finding],
) -> NetworkDesign | None:
    role = network_role(network)
    by_rail = network.topology == "rail-optimized"
    split = group_split(network, served.pools, ports.radix, rail_optimized=by_rail)
    per_group = split.down if by_rail else max(1, split.down // served.rails)
    manager_slots, manager_ports = _fabric_manager(network, served, catalog)
    groups = group_leaves(
        network,
        served.pools,
        per_group=per_group,
        apart=role == "compute",
        besides=site.also_joins(network) + manager_slots,
        findings=findings,
    )
    demand = Demand(
        groups=groups.total,
        final_groups=groups.final,
        rails=served.rails if by_rail else 1,
        planes=network.planes,
        radix=ports.radix,
        fewest_spines=1 if role == "compute" else 2,
        peered=role == "in-band",
        unit_groups=rail_group_size(served.pools) if role == "compute" and by_rail else None,
    )
    clos = size_clos(demand, split)
    if clos is None:
        findings.append(_too_large(network, served, ports, split))
        return None
    ratio = split.down / split.up
    if ratio > network.oversubscription.at_most + 1e-9:
        findings.append(_oversubscribed(network, split))
    names = _switch_names(network, demand, groups, clos)
    return _assembled(
        network,
        served,
        ports,
        _Plan(split, clos, names, ratio, groups.designed_for),
        endpoints=served.links * network.planes,
        extra=manager_ports,
    )


def _fabric_manager(network: Network, served: Served, catalog: Catalog) -> tuple[int, int]:
    """Node positions to keep free for UFM (where no pool gave up slots), and the ports it takes."""
    infiniband = (network.technology or "").startswith("infiniband")
    if network.subnet_manager != "ufm" or not infiniband:
        return 0, 0
    given_up = any(pool.vacated or pool.trays > 1 for pool in served.pools)
    slots = 0 if given_up else int(catalog.constants["ufm.node_slots"].value)
    return slots, int(catalog.constants["ufm.leaf_ports"].value)


def _switch_names(
    network: Network, demand: Demand, groups: LeafGroups, clos: Clos
) -> tuple[str, ...]:
    if groups.now.keys() == {""}:
        names = tier_names(network.name, "leaf", clos.leaves)
    else:
        names = [
            name
            for pool, count in sorted(groups.now.items())
            for name in rail_leaf_names(network.name, pool, count, demand.rails, demand.planes)
        ]
    names += tier_names(network.name, "spine", clos.spines)
    names += tier_names(network.name, "core", clos.cores)
    return tuple(names)


def _too_large(network: Network, served: Served, ports: Ports, split: LeafSplit) -> Finding:
    half = ports.radix // 2
    most = ports.radix * half * split.down // max(1, served.rails)
    text = (
        f"Network `{network.name}` needs more than three tiers of `{ports.switch.id}`: "
        f"{served.nodes} nodes of {served.rails} ports, but three tiers of {ports.radix} ports at "
        f"{ports.gbps} Gb/s join at most {most} such nodes."
    )
    hint = "Choose a switch with more ports, more planes, or a higher oversubscription."
    return found("AIF-DSN-015", text, ("fabric", network.name), hint=hint)


def _oversubscribed(network: Network, split: LeafSplit) -> Finding:
    bound = network.oversubscription.at_most
    text = (
        f"Leaves of network `{network.name}` have {split.down} down and {split.up} up ports: "
        f"{split.down / split.up:.3g}, above the bound of {bound:g}."
    )
    path = ("fabric", network.name, "oversubscription", "at_most")
    return found("AIF-DSN-016", text, path)
