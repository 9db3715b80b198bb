"""What all groups of one provider share: the racks, the breakers, the feed, the image server.

Two groups may stand in one rack, and none of them would know of the other. One floor belongs to one
event loop, which is one plug-in process; a second process knows nothing of it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from aifactory_iac.providers.fleet.budget import Held, Member
from aifactory_iac.providers.fleet.waiting_line import WaitingLine

FLASHES = 16
"""Machines whose firmware is written at once (`concurrency_limit` of bare-metal-manager-core)."""

UPLOADS = 4
"""Packages that are sent at once (`max_uploads` of bare-metal-manager-core)."""

CEILING = 250
"""Machines that are disturbed at once, whatever the budgets say (`max_concurrent_deploy` of Ironic,
which cannot be disabled there either)."""


class Lane:
    """A number of places, taken in order of arrival."""

    def __init__(self, places: int) -> None:
        """All of them are free."""
        self.places = places
        self.taken = 0
        self.line = WaitingLine(self._take, lambda _name: self.leave())

    def leave(self) -> None:
        """Gives a place back."""
        self.taken -= 1
        self.line.look()

    def _take(self, _name: str) -> bool:
        free = self.taken < self.places
        self.taken += free
        return free


@dataclass
class Feed:
    """What came on at one site within the last minute: moments and watts."""

    minute: float = 60.0
    drawn: deque[tuple[float, float]] = field(default_factory=deque)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def wait(self, watts: float, most: float, now: float) -> float:
        """Seconds until so many more fit into every minute; 0 when they do now.

        What is more than a minute may ever take fits when nothing else came on in it: a check has
        said so before, and waiting for ever would help nobody.
        """
        while self.drawn and self.drawn[0][0] + self.minute <= now:
            self.drawn.popleft()
        left, until = sum(each for _, each in self.drawn), now
        for moment, each in self.drawn:
            if left + watts <= most:
                break
            left, until = left - each, moment + self.minute
        return until - now

    def draw(self, watts: float, now: float) -> None:
        """Notes that so many come on now."""
        self.drawn.append((now, watts))


@dataclass
class Floor:
    """Everything that is disturbed just now, by site, and who is to be told when that changes."""

    ceiling: int = CEILING
    flashes: Lane = field(default_factory=lambda: Lane(FLASHES))
    uploads: Lane = field(default_factory=lambda: Lane(UPLOADS))
    sites: dict[str, Held] = field(default_factory=dict)
    feeds: dict[str, Feed] = field(default_factory=dict)
    gates: dict[int, Callable[[], None]] = field(default_factory=dict)

    @property
    def disturbed(self) -> int:
        """Machines that are disturbed at all sites."""
        return sum(held.total for held in self.sites.values())

    def held(self, site: str) -> Held:
        """What is disturbed at a site."""
        return self.sites.get(site, Held())

    def feed(self, site: str, minute: float) -> Feed:
        """The feed of a site; a lab's minute may be shorter."""
        return self.feeds.setdefault(site, Feed(minute))

    def take(self, site: str, member: Member) -> None:
        """Notes that a machine is disturbed."""
        self.sites[site] = self.held(site).taking(member)

    def leave(self, site: str, member: Member) -> None:
        """Notes that it no longer is."""
        self.sites[site] = self.held(site).without(member)

    def changed(self) -> None:
        """Has every gate look whether somebody may go in now."""
        for look in tuple(self.gates.values()):
            look()


_FLOORS: WeakKeyDictionary[asyncio.AbstractEventLoop, Floor] = WeakKeyDictionary()


def shared_floor() -> Floor:
    """The floor of the running event loop."""
    return _FLOORS.setdefault(asyncio.get_running_loop(), Floor())
