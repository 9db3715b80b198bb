"""Where machines wait until they may be disturbed: one gate a group and run, over one floor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Self

from aifactory_iac.providers.fleet import budget as budgets
from aifactory_iac.providers.fleet import ramp as ramps
from aifactory_iac.providers.fleet.budget import DisruptionBudget, Group, Member
from aifactory_iac.providers.fleet.floor import Floor, Lane
from aifactory_iac.providers.fleet.ramp import Ramp
from aifactory_iac.providers.fleet.waiting_line import WaitingLine
from aifactory_iac.providers.machine.intent import MachineIntent
from aifactory_iac.providers.machine.provisioner import ClosedError
from aifactory_iac.providers.surroundings import Clock

STOPPED = "the run was asked to stop"


class FleetGate:
    """Lets machines of one group through, as its budget, its ramp and the floor allow.

    Whoever works on the group says with `begin` and `end` which machines are at work and what came
    of them. A machine that could wait for ever, because nobody is left who could make place for it,
    is refused.
    """

    def __init__(
        self,
        budget: DisruptionBudget,
        members: Sequence[Member],
        floor: Floor,
        clock: Clock,
        *,
        site: str = "",
        pace: float = 1.0,
    ) -> None:
        """`members` are in the order in which they are to go."""
        self._budget = budget
        self._members: Mapping[str, Member] = {each.name: each for each in members}
        self._order = tuple(self._members)
        self._rank = {name: rank for rank, name in enumerate(self._order)}
        self._floor = floor
        self._clock = clock
        self._site = site
        self._pace = pace
        self._line = WaitingLine(self._take, self._leave, self._look)
        self._ramp = Ramp()
        unwell = frozenset(each.name for each in members if not each.healthy)
        self._group = Group(len(members), unwell)
        self._inside: dict[str, int] = {}
        self._at_work: set[str] = set()
        self._stop = asyncio.Event()
        self.closed = ""

    def __enter__(self) -> Self:
        """Hears from now on when another group makes place."""
        self._floor.gates[id(self)] = self._look
        return self

    def __exit__(self, *_: object) -> None:
        """Hears no more."""
        self._floor.gates.pop(id(self), None)

    def begin(self, name: str) -> None:
        """A machine is at work: it may come to the gate, or end without having been there."""
        self._at_work.add(name)

    def end(self, name: str, *, well: bool | None) -> None:
        """What came of it; None when it was stopped, which says nothing about the others.

        Its place becomes free only now: the next machine is not touched before it is known.
        """
        self._at_work.discard(name)
        member = self._members[name]
        if name in self._ramp.trials and well is not None:
            unwell = self._group.unhealthy - {name} if well else self._group.unhealthy | {name}
            self._group = replace(self._group, unhealthy=unwell)
        self._ramp = self._ramp.ended(member, well=well)
        reason = ramps.closing(self._ramp, self._budget.most_failures(self._group.total))
        if reason and not self.closed:
            self.closed = reason
            self._line.close(reason)
        if name in self._inside:
            self._leave(name)
        self._look()

    def stop(self) -> None:
        """Nothing further may be begun, not even what a disturbed machine still waits for."""
        self._stop.set()
        self._line.close(STOPPED)
        for lane in (self._floor.flashes, self._floor.uploads):
            for name in self._order:
                lane.line.refuse(self._key(name), STOPPED)

    @asynccontextmanager
    async def disturbance(self, intent: MachineIntent) -> AsyncIterator[None]:
        """Held while a machine is out of service; one that holds it already is let in again."""
        name = intent.name
        if name in self._inside:
            self._inside[name] += 1
        else:
            await self._line.wait(name, self._rank[name])
        try:
            yield
        finally:
            self._inside[name] -= 1
            if not self._inside[name] and name not in self._at_work:
                self._leave(name)

    async def power_on(self, intent: MachineIntent) -> None:
        """Waits until the machine's watts fit into every minute. Raises `ClosedError` on a stop."""
        watts, most = self._members[intent.name].watts, self._budget.watts_per_minute
        if self._stop.is_set():
            raise ClosedError(STOPPED)
        if not watts or most is None:
            return
        feed = self._floor.feed(self._site, 60.0 * self._pace)
        async with feed.turn:
            while wait := feed.wait(watts, most, self._clock.now()):
                await self._sleep(wait)
            feed.draw(watts, self._clock.now())

    @asynccontextmanager
    async def flash(self, intent: MachineIntent) -> AsyncIterator[None]:
        """Held while firmware is written. Raises `ClosedError` on a stop."""
        async with self._in_lane(self._floor.flashes, intent.name):
            yield

    @asynccontextmanager
    async def upload(self, intent: MachineIntent) -> AsyncIterator[None]:
        """Held while a package is sent to a BMC. Raises `ClosedError` on a stop."""
        async with self._in_lane(self._floor.uploads, intent.name):
            yield

    def _take(self, name: str) -> bool:
        member = self._members[name]
        if self._obstacle(member):
            return False
        self._inside[name] = 1
        self._floor.take(self._site, member)
        self._group = replace(self._group, serving=self._group.serving + member.serving)
        self._ramp = self._ramp.trying(member)
        return True

    def _leave(self, name: str) -> None:
        member = self._members[name]
        del self._inside[name]
        self._floor.leave(self._site, member)
        self._group = replace(self._group, serving=self._group.serving - member.serving)
        self._floor.changed()
        self._look()

    def _obstacle(self, member: Member) -> str:
        earlier = self._earlier(member)
        if earlier:
            return f"{earlier} goes first, and has to end well"
        if self._floor.disturbed >= self._floor.ceiling:
            return f"{self._floor.ceiling} machines are disturbed, as many as ever may be"
        return ramps.obstacle(self._ramp, member) or budgets.obstacle(
            self._budget, self._group, self._floor.held(self._site), member
        )

    def _earlier(self, member: Member) -> str:
        """Who may still become the very first machine, and goes before this one."""
        if self._ramp.went_well or self._ramp.trials:
            return ""
        before = self._at_work.difference(self._line.names)
        first = min((self._rank[name] for name in before), default=len(self._rank))
        return self._order[first] if first < self._rank[member.name] else ""

    def _look(self) -> None:
        """Lets in who may go in; sends away the first who would wait for ever."""
        self._line.look()
        waiting = self._line.names
        if waiting and not self._floor.disturbed and not self._at_work.difference(waiting):
            self._line.refuse(waiting[0], self._obstacle(self._members[waiting[0]]))

    @asynccontextmanager
    async def _in_lane(self, lane: Lane, name: str) -> AsyncIterator[None]:
        if self._stop.is_set():
            raise ClosedError(STOPPED)
        await lane.line.wait(self._key(name))
        try:
            yield
        finally:
            lane.leave()

    async def _sleep(self, seconds: float) -> None:
        """Sleeps, unless the run is stopped."""
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        stopping = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({sleeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            stopping.cancel()
        if self._stop.is_set():
            raise ClosedError(STOPPED)

    def _key(self, name: str) -> str:
        """The machine among those of all groups: host names are unique in one group only."""
        return f"{id(self)}/{name}"
