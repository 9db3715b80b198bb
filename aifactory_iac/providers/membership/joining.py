"""Nodes that join of themselves, are awaited, and are made what their membership declares."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from aifactory_iac.providers.membership.drain import (
    NodeTakenError,
    SchedulerError,
    UnreachableError,
)
from aifactory_iac.providers.membership.draining import LOOK_SECONDS, Draining
from aifactory_iac.providers.membership.scheduler import Declared, NodeView

Outcome = Literal["joined", "waiting", "drifted", "closed", "taken", "left", "failed"]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one node; `reason` is empty when all is as declared."""

    outcome: Outcome
    reason: str = ""

    @property
    def done(self) -> bool:
        """Whether an operation may end well with it; what a person closed is theirs to open."""
        return self.outcome in ("joined", "closed", "left")


Results = Mapping[str, Result]


async def each(nodes: Mapping[str, Declared], act: Callable[[str], Awaitable[Result]]) -> Results:
    """Acts on all nodes at once, each for itself: what one of them fails at is its own result."""

    async def one(node: str) -> Result:
        try:
            return await act(node)
        except NodeTakenError as error:
            return Result("taken", str(error))
        except SchedulerError as error:
            return Result("failed", str(error))

    names = sorted(nodes)
    return dict(zip(names, await asyncio.gather(*map(one, names)), strict=True))


def judged(view: NodeView, declared: Declared, owner: str) -> Result:
    """What a look at a node says of its membership, without a write."""
    if not view.exists:
        return Result("waiting", "the cluster has no such node yet")
    if view.owner and view.owner != owner:
        return Result("taken", f"node {view.name} belongs to {view.owner} already")
    drift = declared.drift(view)
    if drift or not view.owner:
        return Result("drifted", "; ".join(drift) or "it is not marked as a member")
    if not view.ready:
        return Result("waiting", "the node is not ready")
    if view.closed == "by-us" or view.left:
        return Result("drifted", f"closed by us: {view.reason}")
    if view.closed == "by-another":
        return Result("closed", f"closed by another: {view.reason or 'no reason given'}")
    return Result("joined")


@dataclass(frozen=True)
class Joining:
    """Brings the nodes of one membership to what is declared of them."""

    draining: Draining
    owner: str
    drain_seconds: float

    async def join(self, nodes: Mapping[str, Declared], seconds: float) -> Results:
        """Waits for all of them until `seconds` have passed."""
        deadline = self.draining.clock.now() + seconds
        disturbed = asyncio.Semaphore(self.draining.policy.unavailable)
        return await each(nodes, lambda node: self._join(node, nodes[node], deadline, disturbed))

    async def look(self, nodes: Mapping[str, Declared]) -> Results:
        """As they are now."""

        async def one(node: str) -> Result:
            view = await self.draining.scheduler.observe(node, work=False)
            return judged(view, nodes[node], self.owner)

        return await each(nodes, one)

    async def _join(
        self, node: str, declared: Declared, deadline: float, disturbed: asyncio.Semaphore
    ) -> Result:
        """Labels and taints are set as soon as the node is there, before work can come to it."""
        clock = self.draining.clock
        while True:
            try:
                found = await self._step(node, declared, disturbed)
            except UnreachableError as error:
                found = Result("failed", str(error))
            if found.outcome not in ("waiting", "failed") or clock.now() >= deadline:
                return found
            if self.draining.held_back():
                return Result(found.outcome, f"{found.reason}; {self.draining.held_back()}")
            wait = LOOK_SECONDS * self.draining.pace
            await clock.sleep(max(0.0, min(wait, deadline - clock.now())))

    async def _step(self, node: str, declared: Declared, disturbed: asyncio.Semaphore) -> Result:
        scheduler = self.draining.scheduler
        view = await scheduler.observe(node, work=False)
        found = judged(view, declared, self.owner)
        if found.outcome not in ("drifted", "closed"):
            return found
        if declared.drift(view) or not view.owner:
            if await self._evicting(view, declared):
                async with disturbed:
                    await self._drained(node)
                    await self._declare(view, declared)
                    await self._open(node)
            else:
                await self._declare(view, declared)
        if view.closed == "by-us" or view.left:
            await self._open(node)
        view = await scheduler.observe(node, work=False)
        return judged(view, declared, self.owner)

    async def _evicting(self, view: NodeView, declared: Declared) -> bool:
        """Whether a new taint would end what runs there at once, past every disruption budget."""
        new = set(declared.taints) - set(view.taints)
        if not any(taint.endswith(":NoExecute") for taint in new):
            return False
        return bool((await self.draining.scheduler.observe(view.name)).running)

    async def _drained(self, node: str) -> None:
        deadline = self.draining.clock.now() + self.drain_seconds
        await self.draining.drain(node, deadline)

    async def _declare(self, view: NodeView, declared: Declared) -> None:
        self.draining.writing(view.name)
        await self.draining.scheduler.declare(view, declared)

    async def _open(self, node: str) -> None:
        view = await self.draining.scheduler.observe(node, work=False)
        if view.closed == "by-us" or view.left:
            self.draining.writing(node)
            await self.draining.scheduler.open(view)
