"""The server's view of the folder: what is served, which install a request is about."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aifactory_iac.providers.install.links import STAGES
from aifactory_iac.providers.install.scalars import mac_address
from aifactory_iac.providers.provisioning.folder import Folder, mark_of, read_json

_SETTLED = 1_000_000_000
"""Nanoseconds after which no further change can have the same time."""


@dataclass(frozen=True, slots=True)
class Order:
    """One published install; `mark` is what its token is known by."""

    mark: str
    machine: str
    digest: str
    loader: Mapping[str, str] | None
    expires: float


@dataclass(slots=True)
class Index:
    """Machines that something is published for, by what they say about themselves.

    Read again whenever the folder of machines has changed, and for a while after it: two changes
    may have one time, as file systems count in ticks of some milliseconds.
    """

    folder: Folder
    changed: int = -1
    found: dict[str, dict[str, str]] = field(default_factory=dict)

    def machine(self, kind: str, value: str) -> dict[str, Any] | None:
        """What is published for the machine with this `mac`, `serial`, `uuid` or `name`."""
        place = self.folder.machine("any").parent
        try:
            changed = place.stat().st_mtime_ns
        except OSError:
            return None
        if changed != self.changed:
            settled = time.time_ns() - changed > _SETTLED
            self.found, self.changed = self._read(), changed if settled else -1
        name = self.found.get(kind, {}).get(value)
        return read_json(self.folder.machine(name)) if name is not None else None

    def _read(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {"mac": {}, "serial": {}, "uuid": {}, "name": {}}
        for path in sorted(self.folder.machine("any").parent.glob("[!.]*.json")):
            order = read_json(path)
            if order is None:
                continue
            name = order["machine"]
            found["name"][name] = name
            found["mac"].update(dict.fromkeys(order["macs"], name))
            for kind in ("serial", "uuid"):
                if order[kind]:
                    found[kind][order[kind]] = name
        return found


@dataclass(frozen=True, slots=True)
class Orders:
    """What the folder says now; `now` gives seconds since the epoch."""

    folder: Folder
    now: Callable[[], float]
    index: Index

    def service(self) -> dict[str, Any] | None:
        """What is served; None when nothing is."""
        return read_json(self.folder.service)

    def admits(self, address: str) -> bool:
        """Whether a peer is on this machine or in a provisioning network."""
        peer = ipaddress.ip_address(address)
        networks = (self.service() or {}).get("networks", [])
        return peer.is_loopback or any(
            peer in network
            for network in map(ipaddress.ip_network, networks)
            if network.version == peer.version
        )

    def of_token(self, token: str) -> Order | None:
        """The install that a token opens, unless another one took its place."""
        mark = mark_of(token)
        order = read_json(self.folder.published(mark) / "order.json")
        if order is None:
            return None
        live = read_json(self.folder.machine(order["machine"]))
        if live is None or live.get("token") != token:
            return None
        return Order(
            mark=mark,
            machine=order["machine"],
            digest=order["digest"],
            loader=order["loader"],
            expires=order["expires"],
        )

    def of_machine(self, said: Mapping[str, str], peer: str) -> Order | None:
        """The install for a machine that names itself, or that has a reserved address.

        A card with a reservation is believed only from its own address.
        """
        reserved = (self.service() or {}).get("reservations", {}).values()
        macs = {one["mac"]: one["address"] for one in reserved}
        found = None
        for kind in ("mac", "serial", "uuid"):
            value = said.get(kind, "").strip()
            if not value:
                continue
            if kind == "mac":
                value = _mac(value)
                if macs.get(value, peer) != peer:
                    return None
            found = found or self.index.machine(kind, value if kind != "uuid" else value.lower())
        if found is None and not said:
            own = [mac for mac, address in macs.items() if address == peer]
            found = next(filter(None, (self.index.machine("mac", mac) for mac in own)), None)
        return self.of_token(found["token"]) if found is not None else None

    def closed(self, order: Order) -> str | None:
        """Why nothing is to be booted from an order any more; None while it may."""
        for stage in STAGES:
            if self.folder.call(order.mark, stage).exists():
                return f"this machine has said `{stage}`"
        return "it has expired" if order.expires <= self.now() else None


def _mac(text: str) -> str:
    try:
        return mac_address(text)
    except ValueError:
        return text
