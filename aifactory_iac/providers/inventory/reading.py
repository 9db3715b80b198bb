"""One look at an inventory, from an address and a token to values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from aifactory_iac.providers.inventory.nautobot import read_nautobot
from aifactory_iac.providers.inventory.netbox import read_netbox
from aifactory_iac.providers.inventory.reader import Api, InventoryError, Reader, authorization
from aifactory_iac.providers.inventory.values import Inventory
from aifactory_iac.providers.redfish.connections import HttpConnections, Timeouts
from aifactory_iac.providers.redfish.trust import TrustError, TrustPolicy
from aifactory_iac.providers.surroundings import Clock, WallClock

Kind = Literal["netbox", "nautobot"]


@dataclass(frozen=True, slots=True)
class Ask:
    """What to read. `ca` is the file of an authority; the system's are used without one.

    `timeout` is in seconds for one page; `token` is never shown.
    """

    kind: Kind
    url: str
    token: str = field(default="", repr=False)
    sites: tuple[str, ...] = ()
    ca: str = ""
    timeout: float = 60.0


def address_failure(url: str) -> str:
    """Why a URL is no inventory's; empty when it may be one."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return f"`{url}` is no URL such as https://netbox.example.com"
    if parts.username or parts.password:
        return "the URL holds a user or a password: give a token by reference instead"
    if parts.query or parts.fragment:
        return f"`{url}` has a query or a fragment: give the address alone"
    if parts.path.rstrip("/").endswith("/api"):
        return f"`{url}` ends in /api, which is added: leave it out"
    loopback = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if parts.scheme == "http" and not loopback:
        return f"`{url}` is plain http, and the token would go over it: use https"
    return ""


async def read_inventory(ask: Ask, clock: Clock | None = None) -> Inventory:
    """Reads devices and cables. Raises `InventoryError`."""
    wrong = address_failure(ask.url)
    if wrong:
        raise InventoryError(wrong, wrong=True)
    trust = _trust(ask)
    connections = HttpConnections()
    try:
        reader = Reader(
            Api(ask.url.rstrip("/"), authorization(ask.token), trust),
            connections,
            clock or WallClock(),
            timeouts=Timeouts(min(10.0, ask.timeout), ask.timeout, 2 * ask.timeout),
        )
        return await _reading(ask.kind, reader, ask.sites)
    finally:
        await connections.close()


async def _reading(kind: Kind, reader: Reader, sites: Iterable[str]) -> Inventory:
    if kind == "netbox":
        return await read_netbox(reader, sites)
    return await read_nautobot(reader, sites)


def _trust(ask: Ask) -> TrustPolicy:
    if urlsplit(ask.url).scheme == "http":
        return TrustPolicy("insecure")
    policy = TrustPolicy("site-ca", ask.ca) if ask.ca else TrustPolicy("system-ca")
    try:
        policy.context()
    except TrustError as error:
        raise InventoryError(str(error), wrong=True) from None
    return policy
