"""A network as NetworkManager keyfiles: for the RHEL 9 family and Fedora CoreOS.

Kickstart's own `network` line can neither match a card by its driver nor give it two addresses.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from aifactory_iac.providers.install.network import Bond, Ethernet, Link, Network, Vlan

_FOLDER = "/etc/NetworkManager/system-connections"
_NAMESPACE = uuid.UUID("0c5a3b3e-7e0b-5a3f-9d38-0f2a2c1f6a51")

Sections = dict[str, dict[str, str]]


def keyfiles(network: Network | None) -> dict[str, str]:
    """Path to text; without a network none, as NetworkManager then asks DHCP on every card."""
    if network is None:
        return {}
    owner = {member: name for name, bond in network.bonds.items() for member in bond.interfaces}
    found: dict[str, str] = {}
    for _section, name, link in network.links():
        sections = _connection(name, link, network, owner.get(name))
        found[f"{_FOLDER}/{name}.nmconnection"] = _text(sections)
        if isinstance(link, Ethernet) and link.rename and link.match:
            found[f"/etc/systemd/network/10-{name}.link"] = _text(
                {"Match": {"MACAddress": str(link.match.mac)}, "Link": {"Name": link.rename}}
            )
    return found


def _connection(name: str, link: Link, network: Network, bond: str | None) -> Sections:
    kind = "vlan" if isinstance(link, Vlan) else "bond" if isinstance(link, Bond) else "ethernet"
    head = {"id": name, "uuid": str(uuid.uuid5(_NAMESPACE, name)), "type": kind}
    sections: Sections = {"connection": head}
    if isinstance(link, Ethernet):
        sections |= _card(name, link, head)
    else:
        head["interface-name"] = name
    if link.mtu:
        sections.setdefault("ethernet", {})["mtu"] = str(link.mtu)
    if bond is not None:
        head |= {"master": bond, "slave-type": "bond"}
        return sections
    if isinstance(link, Bond):
        sections["bond"] = _bond(link)
    if isinstance(link, Vlan):
        parent = network.ethernets.get(link.link)
        sections["vlan"] = {
            "flags": "1",
            "id": str(link.id),
            "parent": parent.rename if parent and parent.rename else link.link,
        }
    return sections | _addresses(link)


def _card(name: str, card: Ethernet, head: dict[str, str]) -> Sections:
    match = card.match
    if match is None:
        head["interface-name"] = name
        return {}
    found: Sections = {}
    wanted = {"driver": match.driver, "interface-name": match.name}
    given = {key: f"{value};" for key, value in wanted.items() if value}
    if given:
        found["match"] = given
    if match.mac:
        found["ethernet"] = {"mac-address": match.mac.upper()}
    return found


def _bond(bond: Bond) -> dict[str, str]:
    found = {"mode": bond.mode, "miimon": str(bond.monitor)}
    if bond.mode == "802.3ad":
        found |= {"lacp_rate": bond.lacp, "min_links": str(bond.minimum)}
    if bond.mode in ("802.3ad", "balance-xor"):
        found["xmit_hash_policy"] = bond.hash
    if bond.primary:
        found["primary"] = bond.primary
    return found


def _addresses(link: Link) -> Sections:
    found: Sections = {}
    for family, is_six in (("ipv4", False), ("ipv6", True)):
        own = [address for address in link.addresses if (":" in address) == is_six]
        section: dict[str, str] = {}
        if own:
            section["method"] = "auto" if link.dhcp and not is_six else "manual"
        elif is_six:
            section["method"] = "link-local"
        else:
            section["method"] = "auto" if link.dhcp else "disabled"
        section |= {f"address{i}": address for i, address in enumerate(own, 1)}
        if link.gateway and (":" in link.gateway) == is_six:
            section["gateway"] = link.gateway
        section |= _routes(link, is_six=is_six)
        if link.dns:
            servers = [server for server in link.dns.servers if (":" in server) == is_six]
            if servers:
                section["dns"] = "".join(f"{server};" for server in servers)
            if link.dns.search and not is_six:
                section["dns-search"] = "".join(f"{domain};" for domain in link.dns.search)
        if link.optional:
            section["may-fail"] = "true"
        found[family] = section
    return found


def _routes(link: Link, *, is_six: bool) -> dict[str, str]:
    own = [route for route in link.routes if (":" in route.via) == is_six]
    everywhere = "::/0" if is_six else "0.0.0.0/0"
    return {
        f"route{i}": ",".join(
            [everywhere if route.to == "default" else route.to, route.via]
            + ([str(route.metric)] if route.metric is not None else [])
        )
        for i, route in enumerate(own, 1)
    }


def _text(sections: Mapping[str, Mapping[str, str]]) -> str:
    return "\n".join(
        f"[{name}]\n" + "".join(f"{key}={value}\n" for key, value in sorted(section.items()))
        for name, section in sections.items()
        if section
    )
