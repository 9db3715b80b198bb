"""The service as a configuration of dnsmasq: DHCP alone, no name service."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from aifactory_iac.providers.provisioning.clients import BOOT_TAG, SCRIPT, offered
from aifactory_iac.providers.provisioning.service import Service, Subnet


def dnsmasq_config(service: Service) -> str:
    """The file; the same for the same service, whatever the order of its mappings."""
    lines = ["# Made by aifactory; a change here is lost.", "port=0", "dhcp-authoritative"]
    lines.append(f"domain={service.domain}")
    lines += [f"interface={name}" for name in sorted(set(service.interfaces))]
    if service.interfaces:
        lines.append("bind-interfaces")
    for name, subnet in sorted(service.subnets.items(), key=lambda one: one[0]):
        lines += _subnet(_tag(name), subnet)
    lines += _reservations(service)
    lines += _boot(service)
    return "\n".join([*lines, ""])


def _tag(name: str) -> str:
    return "net-" + re.sub(r"[^a-z0-9]", "-", name.lower())


def _subnet(tag: str, subnet: Subnet) -> Iterator[str]:
    network = ipaddress.IPv4Network(subnet.cidr)
    if subnet.range is None:
        span = f"{network.network_address},static"
    else:
        span = f"{subnet.range.first},{subnet.range.last}"
    yield f"dhcp-range=set:{tag},{span},{network.netmask},{subnet.lease}"
    # Empty options keep dnsmasq from naming itself as the router and the name server.
    yield f"dhcp-option=tag:{tag},option:router{_listed(subnet.gateway)}"
    yield f"dhcp-option=tag:{tag},option:dns-server{_listed(*subnet.dns)}"
    if subnet.ntp:
        yield f"dhcp-option=tag:{tag},option:ntp-server{_listed(*subnet.ntp)}"


def _listed(*addresses: str | None) -> str:
    return "".join(f",{address}" for address in addresses if address)


def _reservations(service: Service) -> Iterator[str]:
    for name, reservation in sorted(service.reservations.items()):
        tag = f"set:{BOOT_TAG}," if reservation.boot else ""
        yield f"dhcp-host={reservation.mac},{tag}{reservation.address},{service.hostname(name)}"


def _boot(service: Service) -> Iterator[str]:
    """What a card with the tag is given; a card without it gets nothing to boot."""
    if "pxe" not in service.boot_methods and "http" not in service.boot_methods:
        return
    yield "dhcp-userclass=set:ipxe,iPXE"
    yield f"dhcp-boot=tag:{BOOT_TAG},tag:ipxe,{service.url}/boot/{SCRIPT}"
    for client in offered(service.boot_methods, tftp=service.tftp is not None):
        for number in client.architectures:
            yield f"dhcp-match=set:{client.name},option:client-arch,{number}"
        which = f"tag:{BOOT_TAG},tag:!ipxe,tag:{client.name}"
        if client.method == "http":
            yield f"dhcp-option-force={which},option:vendor-class,HTTPClient"
            yield f"dhcp-boot={which},{service.url}/boot/{client.file}"
        elif service.tftp is not None:
            yield f"dhcp-boot={which},{client.file},,{service.tftp.address}"
    if service.tftp is not None and service.tftp.root is not None:
        yield "enable-tftp"
        yield f"tftp-root={service.tftp.root}"
        yield "tftp-secure"
