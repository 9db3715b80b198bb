"""The service as a configuration of Kea's DHCPv4 server (2.2 and later)."""

from __future__ import annotations

import ipaddress
from typing import Any

from aifactory_iac.providers.provisioning.clients import BOOT_TAG, SCRIPT, Client, offered
from aifactory_iac.providers.provisioning.service import Reservation, Service, Subnet


def kea_config(service: Service) -> dict[str, Any]:
    """The whole document, with `Dhcp4` as its root.

    Classes depend on KNOWN, so that they are judged after reservations were looked up: an unknown
    card gets an address and nothing to boot.
    """
    return {
        "Dhcp4": {
            "interfaces-config": {"interfaces": sorted(set(service.interfaces)) or ["*"]},
            "lease-database": {"type": "memfile", "persist": True},
            "host-reservation-identifiers": ["hw-address"],
            "client-classes": _classes(service),
            "subnet4": [
                _subnet(service, subnet)
                for subnet in sorted(service.subnets.values(), key=_network)
            ],
        }
    }


def subnet_id(cidr: str) -> int:
    """Identifier of a subnet: its network address as a number, so that it never moves.

    Kea takes 1 to 2^32 - 2; subnets of one service do not overlap.
    """
    return max(1, int(ipaddress.IPv4Network(cidr).network_address))


def _network(subnet: Subnet) -> ipaddress.IPv4Network:
    return ipaddress.IPv4Network(subnet.cidr)


def _option(name: str, data: str) -> dict[str, Any]:
    return {"name": name, "data": data}


def _classes(service: Service) -> list[dict[str, Any]]:
    """First the tag, then iPXE, then firmware: the first class with a file decides."""
    classes: list[dict[str, Any]] = [{"name": BOOT_TAG}]
    known = f"member('KNOWN') and member('{BOOT_TAG}')"
    clients = offered(service.boot_methods, tftp=service.tftp is not None)
    if "pxe" in service.boot_methods or "http" in service.boot_methods:
        classes.append(
            {
                "name": "aifactory-ipxe",
                "test": f"{known} and option[77].hex == 'iPXE'",
                "boot-file-name": f"{service.url}/boot/{SCRIPT}",
            }
        )
    return [*classes, *(_class(service, client, known) for client in clients)]


def _class(service: Service, client: Client, known: str) -> dict[str, Any]:
    ours = " or ".join(f"option[93].hex == 0x{number:04x}" for number in client.architectures)
    found: dict[str, Any] = {
        "name": f"aifactory-{client.name}",
        "test": f"{known} and not (option[77].hex == 'iPXE') and ({ours})",
    }
    if client.method == "http":
        found["boot-file-name"] = f"{service.url}/boot/{client.file}"
        found["option-data"] = [
            _option("vendor-class-identifier", "HTTPClient") | {"always-send": True}
        ]
    elif service.tftp is not None:
        found |= {"boot-file-name": client.file, "next-server": service.tftp.address}
    return found


def _subnet(service: Service, subnet: Subnet) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": subnet_id(subnet.cidr),
        "subnet": subnet.cidr,
        "valid-lifetime": subnet.lease,
        "authoritative": True,
        "option-data": [
            _option(name, data)
            for name, data in (
                ("domain-name", service.domain),
                ("routers", subnet.gateway or ""),
                ("domain-name-servers", ", ".join(subnet.dns)),
                ("ntp-servers", ", ".join(subnet.ntp)),
            )
            if data
        ],
        "pools": [],
        "reservations": [
            _reservation(name, reservation)
            for name, reservation in sorted(service.reservations.items())
            if ipaddress.IPv4Address(reservation.address) in _network(subnet)
        ],
    }
    if subnet.range is not None:
        found["pools"] = [{"pool": f"{subnet.range.first}-{subnet.range.last}"}]
    return found


def _reservation(name: str, reservation: Reservation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "hw-address": reservation.mac,
        "ip-address": reservation.address,
        "hostname": reservation.hostname or name,
    }
    if reservation.boot:
        found["client-classes"] = [BOOT_TAG]
    return found
