"""One network of switches: leaf sets, Clos tiers, names and the record of the design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from aifactory_iac.blueprint.model.fabric import Network
from aifactory_iac.catalog import Catalog
from aifactory_iac.design.fabric.clos import Clos, Demand, LeafSplit, size_clos
from aifactory_iac.design.fabric.leaf_sets import (
    Cut,
    final_size,
    lead_split,
    leaf_sets,
    rail_group_size,
)
from aifactory_iac.design.fabric.management import nodes_on_a_switch
from aifactory_iac.design.fabric.ports import Ports, management_ports, unpublished_ports, usual_mtu
from aifactory_iac.design.fabric.roles import network_role
from aifactory_iac.design.fabric.served import Served
from aifactory_iac.design.fabric.switch_groups import Built, SwitchGroup, switch_groups
from aifactory_iac.design.facility.rack_fit import Fit
from aifactory_iac.design.model import Cables, NetworkDesign, Switches
from aifactory_iac.design.rules import found
from aifactory_iac.findings import Finding


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a network's shape depends on besides itself and its pools.

    `sides` is the number of power units in a rack, by site; `shares` are the pools without leaves
    of their own on other than compute networks.
    """

    catalog: Catalog
    fits: Mapping[str, Fit]
    sides: Mapping[str, int]
    shares: frozenset[str]


@dataclass(frozen=True, slots=True)
class Wiring:
    """How a network is laid out.

    `endpoints` are ports of nodes and managed devices, `extra` host cables of fabric managers.
    """

    split: LeafSplit
    clos: Clos
    groups: Sequence[SwitchGroup]
    oversubscription: float
    designed_for: int
    endpoints: int
    extra: int = 0


def clos_network(
    network: Network,
    served: Served,
    ports: Ports,
    around: Surroundings,
    findings: list[Finding],
) -> tuple[NetworkDesign, list[SwitchGroup]] | None:
    """The network phase by phase; `None`, with a finding, if no three tiers of its switch reach."""
    cut = _cut(network, served, ports, around)
    stages: list[Built] = []
    designed_for = served.nodes
    for phase in served.phases:
        last = phase == served.phases[-1]
        present = served.until(phase)
        sets = leaf_sets(present, cut)
        final = final_size(network, present, sets, findings if last else [])
        demand = Demand(
            segments=tuple(each.segment for each in sets),
            final=final.segment,
            further=final.further,
            planes=network.planes,
            radix=ports.radix,
            fewest_spines=1 if network_role(network) == "compute" else 2,
            peered=network_role(network) == "in-band",
            unit_groups=_unit_groups(network, served),
        )
        clos = size_clos(demand, cut.split)
        if clos is None:
            findings.append(_too_large(network, served, ports, cut.split))
            return None
        stages.append(Built(phase, sets, clos))
        designed_for = final.nodes
    findings += unpublished_ports(network, served, ports, around.catalog)
    findings += _within_bound(network, cut.split)
    findings += _outgrown(network, stages)
    groups = switch_groups(network.name, network.planes, stages)
    wiring = Wiring(
        split=cut.split,
        clos=stages[-1].clos,
        groups=groups,
        oversubscription=cut.split.down / cut.split.up,
        designed_for=designed_for,
        endpoints=served.links * network.planes,
        extra=_manager_ports(network, around.catalog) if stages[-1].clos.leaves else 0,
    )
    return switched(network, served, ports, wiring), groups


def switched(network: Network, served: Served, ports: Ports, wiring: Wiring) -> NetworkDesign:
    """The record of a network of one's own switches, without its subnets."""
    clos, switch = wiring.clos, ports.switch
    watts = switch.power_w_max if switch.power_w_max is not None else switch.power_w_typical
    total = Switches(clos.leaves, clos.spines, clos.cores)
    return NetworkDesign(
        name=network.name,
        role=network_role(network),
        site=served.pools[0].site,
        technology=network.technology or "ethernet",
        switch=switch.id,
        pools=tuple(pool.name for pool in served.pools),
        endpoints=wiring.endpoints,
        rails=served.rails,
        planes=network.planes,
        tiers=clos.tiers,
        port_gbps=ports.gbps,
        leaf_down=wiring.split.down,
        leaf_up=wiring.split.up,
        switches=total,
        cables=Cables(wiring.endpoints + wiring.extra, clos.leaf_spine, clos.spine_core),
        oversubscription=wiring.oversubscription,
        designed_for_nodes=wiring.designed_for,
        switch_names=tuple(name for group in wiring.groups for name in group.names),
        subnets={},
        mtu=usual_mtu(network),
        power_kw=total.total * (watts or 0.0) / 1000 / switch.switches_in_chassis,
        power_verified=switch.power_w_max is not None and switch.provenance.verified("power_w_max"),
        phase=network.phase,
    )


def _cut(network: Network, served: Served, ports: Ports, around: Surroundings) -> Cut:
    role = network_role(network)
    by_rail = network.topology == "rail-optimized"
    by_rack = by_rail and role == "compute"
    split = lead_split(network, served.leads, ports.radix, by_rack=by_rack)
    besides: Mapping[str, int] = {}
    if role == "in-band":
        besides = {pool.name: _uplinks(pool.name, split, served, around) for pool in served.pools}
    return Cut(
        split=split,
        by_rail=by_rail,
        shares=frozenset() if role == "compute" else around.shares,
        kept=_manager_slots(network, served, around.catalog),
        besides=besides,
    )


def _uplinks(pool: str, split: LeafSplit, served: Served, around: Surroundings) -> int:
    """Down ports of an in-band leaf kept for out-of-band switches.

    There are as many as its nodes' racks have, and one for switches that reach no nodes.
    """
    fit = around.fits.get(pool)
    if fit is None:
        return 1
    sides = around.sides[served.pools[0].site]
    nodes_each = nodes_on_a_switch(fit, sides, management_ports(around.catalog))
    nodes = split.down - 1
    while nodes > 1 and nodes + -(-nodes // nodes_each) + 1 > split.down:
        nodes -= 1
    return split.down - max(1, nodes)


def _unit_groups(network: Network, served: Served) -> int | None:
    if network_role(network) != "compute" or network.topology != "rail-optimized":
        return None
    return rail_group_size(served.leads)


def _managed_by_appliances(network: Network) -> bool:
    infiniband = (network.technology or "").startswith("infiniband")
    return network.subnet_manager == "ufm" and infiniband


def _manager_slots(network: Network, served: Served, catalog: Catalog) -> int:
    """Node positions to keep free for UFM where no pool gave up slots.

    Leaves of a rack-scale system have ports left for it.
    """
    given_up = served.pools[0].trays > 1 or any(pool.vacated for pool in served.leads)
    if given_up or not _managed_by_appliances(network):
        return 0
    return int(catalog.constants["ufm.node_slots"].value)


def _manager_ports(network: Network, catalog: Catalog) -> int:
    """Leaf ports that UFM takes."""
    if not _managed_by_appliances(network):
        return 0
    return int(catalog.constants["ufm.leaf_ports"].value)


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


def _within_bound(network: Network, split: LeafSplit) -> tuple[Finding, ...]:
    bound, ratio = network.oversubscription.at_most, split.down / split.up
    if ratio <= bound + 1e-9:
        return ()
    text = (
        f"Leaves of network `{network.name}` have {split.down} down and {split.up} up ports: "
        f"{ratio:.3g}, above the bound of {bound:g}."
    )
    path = ("fabric", network.name, "oversubscription", "at_most")
    return (found("AIF-DSN-016", text, path),)


def _outgrown(network: Network, stages: Sequence[Built]) -> tuple[Finding, ...]:
    """A later phase for which the upper tiers of an earlier one have no room."""
    for before, after in pairwise(stages):
        old, new = before.clos, after.clos
        if old.tiers > 1 and (old.tiers, _fixed(old)) != (new.tiers, _fixed(new)):
            text = (
                f"Phase {after.phase} takes network `{network.name}` beyond the room that phase "
                f"{before.phase} leaves: {_upper_tiers(old)} become {_upper_tiers(new)}, and the "
                "cables between tiers are laid anew."
            )
            hint = "Say in `grows_to` how large the network becomes."
            return (found("AIF-DSN-031", text, ("fabric", network.name), hint=hint),)
    return ()


def _fixed(clos: Clos) -> int:
    """Switches of the tier whose number follows from the final size."""
    return clos.spines if clos.tiers == 2 else clos.cores


def _upper_tiers(clos: Clos) -> str:
    tier = "spine" if clos.tiers == 2 else "core"
    return f"{_fixed(clos)} {tier} switches"
