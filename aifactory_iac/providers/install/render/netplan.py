"""A network as netplan version 2: for autoinstall, and as cloud-init's network-config."""

from __future__ import annotations

from typing import Any

from aifactory_iac.providers.install.network import Bond, Ethernet, Link, Network, Vlan


def netplan(network: Network | None) -> dict[str, Any]:
    """The tree below `network:`; without a network, every card asks DHCP and none is waited for."""
    if network is None:
        return {
            "version": 2,
            "ethernets": {"any": {"match": {"name": "e*"}, "dhcp4": True, "optional": True}},
        }
    tree: dict[str, Any] = {"version": 2, "renderer": "networkd"}
    if network.ethernets:
        tree["ethernets"] = {
            name: _ethernet(card) for name, card in sorted(network.ethernets.items())
        }
    if network.bonds:
        tree["bonds"] = {name: _bond(bond) for name, bond in sorted(network.bonds.items())}
    if network.vlans:
        tree["vlans"] = {name: _vlan(vlan) for name, vlan in sorted(network.vlans.items())}
    return tree


def _link(link: Link) -> dict[str, Any]:
    found: dict[str, Any] = {"dhcp4": link.dhcp}
    if link.addresses:
        found["addresses"] = list(link.addresses)
    routes = [_route(link.gateway)] if link.gateway else []
    routes += [
        {"to": route.to, "via": route.via}
        | ({"metric": route.metric} if route.metric is not None else {})
        for route in link.routes
    ]
    if routes:
        found["routes"] = routes
    if link.dns:
        found["nameservers"] = {"addresses": list(link.dns.servers)} | (
            {"search": list(link.dns.search)} if link.dns.search else {}
        )
    if link.mtu:
        found["mtu"] = link.mtu
    if link.optional:
        found["optional"] = True
    return found


def _route(gateway: str) -> dict[str, Any]:
    return {"to": "default" if ":" not in gateway else "::/0", "via": gateway}


def _ethernet(card: Ethernet) -> dict[str, Any]:
    found = _link(card)
    if card.match:
        match = {
            "macaddress": card.match.mac,
            "name": card.match.name,
            "driver": card.match.driver,
        }
        found["match"] = {key: value for key, value in match.items() if value}
    if card.rename:
        found["set-name"] = card.rename
    return found


def _bond(bond: Bond) -> dict[str, Any]:
    parameters: dict[str, Any] = {"mode": bond.mode, "mii-monitor-interval": bond.monitor}
    if bond.mode == "802.3ad":
        parameters |= {"lacp-rate": bond.lacp, "min-links": bond.minimum}
    if bond.mode in ("802.3ad", "balance-xor"):
        parameters["transmit-hash-policy"] = bond.hash
    if bond.primary:
        parameters["primary"] = bond.primary
    return _link(bond) | {"interfaces": list(bond.interfaces), "parameters": parameters}


def _vlan(vlan: Vlan) -> dict[str, Any]:
    return _link(vlan) | {"id": vlan.id, "link": vlan.link}
