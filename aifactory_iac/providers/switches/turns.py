"""Who may be changed at once: one change a switch, few switches a network, never both of a pair.

Losing one switch of a pair, or one rail of a scalable unit, leaves the nodes connected; losing both
does not. Spines and cores are few and everybody's, so they go one after another.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

IN_FLIGHT = 4
"""Switches of one network that are changed at once, at most."""

_RAIL = re.compile(r"(?P<unit>.+)-r\d+\Z")
_NUMBER = re.compile(r"(?P<stem>.*?)(?P<number>\d+)\Z")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a switch is in its network."""

    site: str
    network: str
    role: str
    hostname: str
    address: str

    @property
    def company(self) -> str:
        """Name of those of which only one may be changed at a time.

        Rails of one scalable unit (`...-r1` to `...-r8`), else odd and next even number.
        """
        if self.role in ("spine", "core"):
            return self.role
        rail = _RAIL.match(self.hostname)
        if rail:
            return rail["unit"]
        numbered = _NUMBER.match(self.hostname)
        if numbered:
            return f"{numbered['stem']}{(int(numbered['number']) - 1) // 2}"
        return self.hostname


@dataclass
class Turns:
    """Turns of one process. Locks live as long as somebody may ask for them."""

    in_flight: int = IN_FLIGHT
    _locks: dict[tuple[str, ...], asyncio.Lock] = field(default_factory=dict)
    _networks: dict[tuple[str, str], asyncio.Semaphore] = field(default_factory=dict)

    @asynccontextmanager
    async def of(self, place: Place) -> AsyncIterator[None]:
        """A turn for one switch; always taken in this order, so that nobody waits in a circle."""
        async with (
            self._lock("switch", place.address),
            self._lock("company", place.site, place.network, place.company),
            self._network(place.site, place.network),
        ):
            yield

    def _lock(self, *name: str) -> asyncio.Lock:
        return self._locks.setdefault(name, asyncio.Lock())

    def _network(self, site: str, network: str) -> asyncio.Semaphore:
        return self._networks.setdefault((site, network), asyncio.Semaphore(self.in_flight))
