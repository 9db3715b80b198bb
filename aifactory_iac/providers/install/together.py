"""Machines that get in each other's way; no program that reads one machine's files can see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aifactory_iac.providers.install.document import joined
from aifactory_iac.providers.install.installation import Installation
from aifactory_iac.providers.resource import Failure


def collisions(installations: Mapping[str, Installation]) -> Iterator[Failure]:
    """Everything that two machines have and only one may; by property path of each installation.

    Names, serials, UUIDs, MAC addresses, addresses (also those of the documents' own networks),
    tokens of a shared reference, and root devices named by a serial or world wide name.
    """
    seen: dict[tuple[str, str], str] = {}
    for at, wanted in sorted(installations.items()):
        for what, value, path in _own(wanted):
            other = seen.setdefault((what, value), at)
            if other != at:
                yield Failure(
                    joined(at, *path),
                    f"{what} {value} is already that of `{other}`: it must be unique",
                )


def shared_failures(wanted: Installation, count: int, at: str = "") -> Iterator[Failure]:
    """What an installation may not say when `count` machines share it: what only one can have.

    Such machines get their addresses by DHCP, by reservation, and find their disk by its model.
    """
    if count < 2:
        return
    for what, value, path in _own(wanted):
        if path[0] != "machine":
            yield Failure(
                joined(at, *path),
                f"{what} {value} would be that of all {count} machines: it must be unique",
            )


def _own(wanted: Installation) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """What is a machine's own: what it is, its value, and where it stands."""
    machine = wanted.machine
    yield "host name", machine.name, ("machine", "name")
    for what, value, field in (
        ("serial number", machine.serial, "serial"),
        ("UUID", machine.uuid, "uuid"),
        ("address", machine.address, "address"),
    ):
        if value is not None:
            yield what, value, ("machine", field)
    for mac in machine.macs:
        yield "MAC address", mac, ("machine", "macs")
    yield from _of_network(wanted)
    for what, value, field in (
        ("disk with serial number", wanted.root.serial, "serial"),
        ("disk with world wide name", wanted.root.wwn, "wwn"),
    ):
        if value is not None:
            yield what, value, ("root", field)
    token = wanted.callback.token
    if token is not None:
        yield "token", f"{token.store}:{token.path}", ("callback", "token")


def _of_network(wanted: Installation) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    network = wanted.config.document.network
    if network is None:
        return
    place = ("config", wanted.config.kind, "network")
    for section, name, link in network.links():
        for address in link.addresses:
            host = address.partition("/")[0]
            if host != wanted.machine.address:
                yield "address", host, (*place, section, name, "addresses")
    for name, card in sorted(network.ethernets.items()):
        mac = card.match.mac if card.match else None
        if mac is not None and mac not in wanted.machine.macs:
            yield "MAC address", mac, (*place, "ethernets", name, "match", "mac")
