"""What gets in each other's way on a site: addresses, cards and names that stand twice.

Kea's own test passes two reservations of one host name, dnsmasq's passes two of one MAC address.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from aifactory_iac.providers.install.document import joined
from aifactory_iac.providers.install.image import url_failures
from aifactory_iac.providers.provisioning.service import Reservation, Service, Subnet
from aifactory_iac.providers.resource import Failure


def service_failures(service: Service) -> Iterator[Failure]:
    """Everything that no single field shows."""
    for name, subnet in sorted(service.subnets.items()):
        yield from _subnet(subnet, joined("subnets", name))
    yield from _overlaps(service.subnets)
    yield from _twice(service)
    for name, reservation in sorted(service.reservations.items()):
        yield from _reservation(service, reservation, joined("reservations", name))
    for name, image in sorted(service.images.items()):
        if image.url is not None:
            yield from url_failures(image.url, service.networks, joined("images", name, "url"))
    host = urlsplit(service.url).hostname or ""
    if service.endpoint is not None and not host.endswith(f".{service.domain}"):
        yield from url_failures(service.endpoint, service.networks, "endpoint")
    yield from _target(service)


def _subnet(subnet: Subnet, at: str) -> Iterator[Failure]:
    network = ipaddress.IPv4Network(subnet.cidr)
    if subnet.gateway and not _host(subnet.gateway, network):
        yield Failure(f"{at}.gateway", f"{subnet.gateway} is no host address of {subnet.cidr}")
    if subnet.range is None:
        return
    for end in ("first", "last"):
        address = getattr(subnet.range, end)
        if not _host(address, network):
            yield Failure(f"{at}.range.{end}", f"{address} is no host address of {subnet.cidr}")
    first, last = (ipaddress.IPv4Address(a) for a in (subnet.range.first, subnet.range.last))
    if first > last:
        yield Failure(f"{at}.range", f"{first} comes after {last}: turn them round")
    if subnet.gateway and first <= ipaddress.IPv4Address(subnet.gateway) <= last:
        yield Failure(
            f"{at}.range", f"holds the gateway {subnet.gateway}, which would be given to a machine"
        )


def _overlaps(subnets: Mapping[str, Subnet]) -> Iterator[Failure]:
    covering: tuple[ipaddress.IPv4Network, str] | None = None
    for name, subnet in sorted(subnets.items(), key=lambda one: (_network(one[1]), one[0])):
        network = _network(subnet)
        if covering is not None and network.overlaps(covering[0]):
            yield Failure(
                joined("subnets", name, "cidr"),
                f"{network} overlaps {covering[0]} of `{covering[1]}`: a machine would be "
                "answered twice",
            )
        if covering is None or network.broadcast_address > covering[0].broadcast_address:
            covering = (network, name)


def _network(subnet: Subnet) -> ipaddress.IPv4Network:
    return ipaddress.IPv4Network(subnet.cidr)


def _twice(service: Service) -> Iterator[Failure]:
    kinds: Mapping[str, Callable[[str, Reservation], str]] = {
        "mac": lambda _name, one: one.mac,
        "address": lambda _name, one: one.address,
        "hostname": lambda name, one: one.hostname or name,
    }
    for field, value_of in kinds.items():
        seen: dict[str, str] = {}
        for name, reservation in sorted(service.reservations.items()):
            value = value_of(name, reservation)
            other = seen.setdefault(value, name)
            if other != name:
                yield Failure(
                    joined("reservations", name, field),
                    f"{value} is already that of `{other}`: give each its own",
                )


def _reservation(service: Service, reservation: Reservation, at: str) -> Iterator[Failure]:
    address = ipaddress.IPv4Address(reservation.address)
    for name, subnet in sorted(service.subnets.items()):
        network = ipaddress.IPv4Network(subnet.cidr)
        if address not in network:
            continue
        if not _host(reservation.address, network):
            yield Failure(f"{at}.address", f"{address} is no host address of {subnet.cidr}")
        if reservation.address == subnet.gateway:
            yield Failure(f"{at}.address", f"{address} is the gateway of `{name}`")
        return
    listed = ", ".join(service.networks) or "there are none"
    yield Failure(f"{at}.address", f"{address} is in none of the subnets ({listed})")


def _target(service: Service) -> Iterator[Failure]:
    target = service.target
    if target.kind == "folder":
        for field in ("url", "credentials"):
            if getattr(target, field) is not None:
                yield Failure(f"target.{field}", "means something only with `kind: kea`")
        return
    if target.url is None:
        yield Failure("target.url", "is required with `kind: kea`: where its control agent listens")
        return
    yield from url_failures(target.url, (*service.networks, "127.0.0.0/8"), "target.url")


def _host(address: str, network: ipaddress.IPv4Network) -> bool:
    found = ipaddress.IPv4Address(address)
    if found not in network:
        return False
    ends = (network.network_address, network.broadcast_address)
    return network.prefixlen >= 31 or found not in ends
