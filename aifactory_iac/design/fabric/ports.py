"""Which switch a network has, and which of its port speeds meets the nodes' adapters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aifactory_iac.blueprint.model.fabric import Network, NetworkRole
from aifactory_iac.catalog import Catalog
from aifactory_iac.catalog.facts import Switch
from aifactory_iac.design.fabric.roles import network_role
from aifactory_iac.design.fabric.served import Served
from aifactory_iac.design.model import PoolDesign
from aifactory_iac.design.rules import found
from aifactory_iac.findings import Finding, Severity

# What the reference architectures take where a blueprint names no model (research 03, section 3.1).
_USUAL_SWITCH: Mapping[str, str] = {
    "infiniband-ndr": "QM9700",
    "infiniband-xdr": "Q3400-RA",
    "ethernet-roce": "SN5600",
    "ethernet": "SN5600",
}
_USUAL_MANAGEMENT_SWITCH: Mapping[NetworkRole, str] = {
    "in-band": "SN4600C",
    "out-of-band": "SN2201",
}

# Of the link technology, not of a product: the largest InfiniBand MTU, Ethernet jumbo frames, EC2.
_USUAL_MTU: Mapping[str, int] = {
    "infiniband-ndr": 4096,
    "infiniband-xdr": 4096,
    "ethernet-roce": 9000,
    "ethernet": 9000,
    "efa": 9001,
}
_PLAIN_MTU = 1500


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of a switch that a network uses: `radix` of them at `gbps` each.

    `uplink_gbps` is set where a model has faster ports of their own for uplinks, which are not
    among the `radix` (48 x 1G beside 4 x 100G); `None` where any port can be an uplink.
    """

    switch: Switch
    gbps: int
    radix: int
    uplink_gbps: int | None


def usual_mtu(network: Network) -> int:
    """The MTU given, or the usual one of the technology."""
    if network.mtu is not None:
        return network.mtu
    if network_role(network) == "out-of-band":
        return _PLAIN_MTU
    return _USUAL_MTU[network.technology or "efa"]


def management_ports(catalog: Catalog) -> int:
    """Ports for devices of the usual out-of-band switch."""
    radix = catalog.switches[_USUAL_MANAGEMENT_SWITCH["out-of-band"]].radix
    return radix[min(radix)]


def choose_switch(network: Network, catalog: Catalog, findings: list[Finding]) -> Switch | None:
    """The switch model of a facility network; `None`, with a finding, if none fits."""
    technology, path = network.technology, ("fabric", network.name)
    if technology is None or technology == "efa":
        said = "no technology" if technology is None else "EFA, which exists at AWS sites only"
        text = f"Network `{network.name}` at a site of one's own has {said}."
        hint = "Give `technology`, such as `infiniband-ndr` or `ethernet-roce`."
        findings.append(found("AIF-DSN-013", text, (*path, "technology"), hint=hint))
        return None
    role = network_role(network)
    usual = _USUAL_SWITCH[technology]
    if technology == "ethernet":
        usual = _USUAL_MANAGEMENT_SWITCH.get(role, usual)
    model = network.switch or usual
    switch = catalog.switches.get(model)
    if switch is None:
        text = f"Switch `{model}` of network `{network.name}` is not in the catalog."
        findings.append(found("AIF-DSN-013", text, (*path, "switch")))
        return None
    wanted = "infiniband" if technology.startswith("infiniband") else "ethernet"
    if switch.fabric != wanted:
        text = f"Switch `{model}` is {switch.fabric}, but network `{network.name}` is {technology}."
        findings.append(found("AIF-DSN-013", text, (*path, "switch")))
        return None
    return switch


def match_ports(
    network: Network, switch: Switch, served: Served, findings: list[Finding]
) -> Ports | None:
    """The port speed for the slowest adapters (in Gb/s, split over the planes) of the first pools.

    Without adapters in the catalog, management networks take the slowest port and others the
    fastest. Adapters faster than the port run slower, which is said for all but in-band networks,
    where reference architectures do so. Later pools with slower adapters have their ports run at
    that rate, if the switch has it; adapters slower than every port do not fit, and where they are
    of the first pools there is no network.
    """
    role, path = network_role(network), ("fabric", network.name)
    speeds = sorted(switch.radix)
    rates = _rates(served, served.pools, network.planes)
    leading = _rates(served, served.leads, network.planes)
    if rates and rates[0] < speeds[0]:
        text = (
            f"The slowest port of `{switch.id}` is {speeds[0]} Gb/s, but the adapters on network "
            f"`{network.name}` are {rates[0]} Gb/s."
        )
        findings.append(found("AIF-DSN-014", text, path, hint="Choose another switch."))
    if leading and leading[0] < speeds[0]:
        return None
    if leading:
        speed = [speed for speed in speeds if speed <= leading[0]][-1]
    else:
        speed = speeds[0] if role == "out-of-band" else speeds[-1]
    if rates and rates[-1] > speed and role != "in-band":
        text = (
            f"Adapters of {rates[-1]} Gb/s on network `{network.name}` run at {speed} Gb/s, "
            f"the rate of `{switch.id}`'s ports."
        )
        hint = "Choose a faster switch, or split each adapter over more planes."
        findings.append(found("AIF-DSN-024", text, path, hint=hint))
    return _ports(switch, speed)


def unpublished_ports(
    network: Network, served: Served, ports: Ports, catalog: Catalog
) -> tuple[Finding, ...]:
    """Findings for pools whose adapters the catalog does not list, with what is counted instead."""
    role = network_role(network)
    if role not in ("compute", "storage"):
        return ()
    findings = []
    for pool in served.pools:
        if not pool.nodes or catalog.systems[pool.system].ports(role)[0]:
            continue
        count = served.ports[pool.name]
        counted = f"one port of {ports.gbps} Gb/s is counted" if count == 1 else ""
        text = (
            f"The {role} ports of `{pool.system}` are not published: "
            f"{counted or f'{count} ports of {ports.gbps} Gb/s are counted'} for each node of pool "
            f"`{pool.name}`."
        )
        severity = Severity.MEDIUM if role == "compute" else Severity.LOW
        hint = "Give the system's ports in a catalog overlay."
        path = ("fabric", network.name, "serves")
        findings.append(found("AIF-DSN-033", text, path, hint=hint, severity=severity))
    return tuple(findings)


def _rates(served: Served, pools: Sequence[PoolDesign], planes: int) -> list[int]:
    """Rates of the pools' adapters in one plane, slowest first; those not known are left out."""
    return sorted({rate // planes for pool in pools if (rate := served.rates[pool.name])})


def _ports(switch: Switch, speed: int) -> Ports:
    """Speeds are alternatives for one cage, unless their counts add up to the number of cages."""
    fastest = max(switch.radix)
    apart = len(switch.radix) > 1 and sum(switch.radix.values()) == switch.cages
    return Ports(switch, speed, switch.radix[speed], fastest if apart and fastest > speed else None)
