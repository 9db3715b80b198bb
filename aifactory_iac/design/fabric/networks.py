"""Networks: switches, cables and oversubscription by the rules of research 03, section 3.

Rail-optimised networks put port r of every node of a leaf group on the group's leaf r; a group is
as many node positions as a leaf has down ports, and every pool starts its own. A partial scalable
unit gets the leaves and leaf-spine cables of a full one. Fat trees put all ports of a node on one
leaf. The first pools on a network give it its shape; later ones add switches and change none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.model.fabric import Network
from aifactory_iac.blueprint.model.sites import AwsSite
from aifactory_iac.catalog import Catalog
from aifactory_iac.design.fabric.clos import Clos, LeafSplit
from aifactory_iac.design.fabric.cloud import cloud_network
from aifactory_iac.design.fabric.leaf_sets import sharing_pools
from aifactory_iac.design.fabric.management import (
    Managed,
    managed_devices,
    management_groups,
)
from aifactory_iac.design.fabric.ports import Ports, choose_switch, match_ports
from aifactory_iac.design.fabric.roles import network_role
from aifactory_iac.design.fabric.served import Served, served_pools
from aifactory_iac.design.fabric.switch_groups import SwitchGroup
from aifactory_iac.design.fabric.switched import Surroundings, Wiring, clos_network, switched
from aifactory_iac.design.facility.power import feed_sides
from aifactory_iac.design.facility.rack_fit import Fit
from aifactory_iac.design.facility.racks import facilities
from aifactory_iac.design.inventory.order import in_build_order
from aifactory_iac.design.model import NetworkDesign, PoolDesign
from aifactory_iac.findings import Finding

_OUT_OF_BAND_UPLINKS = 2
"""Of each out-of-band switch, to the in-band network (SuperPOD reference architectures)."""


@dataclass(frozen=True, slots=True)
class Fabric:
    """All networks by name in build order, and their switches in groups that stand together."""

    networks: Mapping[str, NetworkDesign]
    switches: tuple[SwitchGroup, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A network that can be designed, with the pools it serves."""

    network: Network
    served: Served

    @property
    def site(self) -> str:
        return self.served.pools[0].site

    @property
    def is_management(self) -> bool:
        return network_role(self.network) == "out-of-band"


def design_networks(
    blueprint: Blueprint,
    catalog: Catalog,
    pools: Mapping[str, PoolDesign],
    fits: Mapping[str, Fit],
) -> Fabric:
    """All networks; `fits` says how many nodes of a facility's pools stand in a rack.

    Out-of-band networks come last, as they reach the switches of all others.
    """
    clouds = {site.name for site in blueprint.sites if isinstance(site, AwsSite)}
    findings: list[Finding] = []
    asked = [
        _Asked(network, served)
        for network in in_build_order(blueprint.fabric)
        if (served := served_pools(network, catalog, pools, findings)) is not None
    ]
    around = Surroundings(catalog, fits, _sides(blueprint), sharing_pools(blueprint))
    designs: dict[str, NetworkDesign] = {}
    switches: list[SwitchGroup] = []
    for each in sorted(asked, key=lambda item: item.is_management):
        if each.site in clouds:
            design = cloud_network(each.network, each.served, catalog, findings)
            designs[each.network.name] = design
            continue
        switch = choose_switch(each.network, catalog, findings)
        ports = match_ports(each.network, switch, each.served, findings) if switch else None
        if ports is None:
            continue
        if each.is_management:
            made = _management_network(each, asked, ports, around, designs, switches)
        else:
            wired = clos_network(each.network, each.served, ports, around, findings)
            if wired is None:
                continue
            made = wired
        designs[each.network.name] = made[0]
        switches += made[1]
    order = in_build_order(designs.values())
    return Fabric({each.name: each for each in order}, tuple(switches), tuple(findings))


def _sides(blueprint: Blueprint) -> Mapping[str, int]:
    """Sides feeding every rack, by facility site."""
    return {site.name: feed_sides(site.facility.feeds) for site in facilities(blueprint).values()}


def _management_network(
    each: _Asked,
    asked: list[_Asked],
    ports: Ports,
    around: Surroundings,
    designs: Mapping[str, NetworkDesign],
    switches: list[SwitchGroup],
) -> tuple[NetworkDesign, list[SwitchGroup]]:
    """Top-of-rack switches, one port a node and one a managed device, two uplinks to in-band."""
    uplinks = _OUT_OF_BAND_UPLINKS
    split = LeafSplit(ports.radix if ports.uplink_gbps else ports.radix - uplinks, uplinks)
    managed = _managed(each, asked, around, designs, switches)
    groups = management_groups(each.network.name, each.served, managed, split.down)
    leaves = sum(len(group.names) for group in groups)
    in_band = any(d.role == "in-band" and d.site == each.site for d in designs.values())
    clos = Clos(1 if leaves else 0, leaves, 0, 0, leaves * uplinks if in_band else 0, 0)
    ratio = split.down * ports.gbps / (split.up * (ports.uplink_gbps or ports.gbps))
    wiring = Wiring(
        split=split,
        clos=clos,
        groups=groups,
        oversubscription=ratio,
        designed_for=each.served.nodes,
        endpoints=each.served.nodes + managed_devices(each.served, managed),
    )
    return switched(each.network, each.served, ports, wiring), groups


def _managed(
    each: _Asked,
    asked: list[_Asked],
    around: Surroundings,
    designs: Mapping[str, NetworkDesign],
    switches: list[SwitchGroup],
) -> Managed:
    """What falls to this of a site's out-of-band networks: what no earlier one reaches."""
    same = [other for other in asked if other.is_management and other.site == each.site]
    earlier = [pool.name for other in same[: same.index(each)] for pool in other.served.pools]
    here = {name for name, design in designs.items() if design.site == each.site}
    management = {other.network.name for other in same}
    return Managed(
        fits=around.fits,
        sides=around.sides[each.site],
        switches=[group for group in switches if group.network in here - management],
        shares=around.shares,
        of_pools=frozenset(pool.name for pool in each.served.pools) - frozenset(earlier),
        of_site=each is same[0],
    )
