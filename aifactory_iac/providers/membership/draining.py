"""One node emptied, in a way that both schedulers share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from aifactory_iac.providers.membership.drain import (
    DrainProof,
    NodeUnknownError,
    SchedulerError,
    StillRunningError,
    UnreachableError,
)
from aifactory_iac.providers.membership.policy import DrainPolicy
from aifactory_iac.providers.membership.scheduler import NodeView, Scheduler, Workload
from aifactory_iac.providers.surroundings import Clock

LOOK_SECONDS = 10.0
"""Between two looks at a node; also what an API server asks between two tries of an eviction."""

SETTLE_SECONDS = 5.0
"""After a node was closed, until it is believed: a binding may still be on its way then."""

ENDING_SECONDS = 120.0
"""For jobs that were ended at the deadline: Slurm's KillWait of 30 s and an epilog."""


class HeldBackError(SchedulerError):
    """The engine asked to stop, or writes are frozen; the node stays as it is."""


@dataclass
class _Progress:
    """How far one drain is; `deadline` moves once, when late work was ended."""

    deadline: float
    closed: bool = False
    ended: bool = False


@dataclass(frozen=True)
class Draining:
    """`Drains` over a scheduler. `held_back` is asked before every write, and says why not."""

    scheduler: Scheduler
    clock: Clock
    policy: DrainPolicy = field(default_factory=DrainPolicy)
    reason: str = "drained"
    pace: float = 1.0
    held_back: Callable[[], str] = field(default=lambda: "")

    async def drain(self, node: str, deadline: float) -> DrainProof:
        """As `Drains.drain` says. While nobody answers it waits, until the deadline."""
        progress = _Progress(deadline)
        while True:
            try:
                view = await self._step(node, progress)
            except UnreachableError:
                if self.clock.now() >= progress.deadline:
                    raise
            else:
                if view.state == "drained":
                    return self._proven(view)
            await self._wait(LOOK_SECONDS, until=progress.deadline)

    async def resume(self, proof: DrainProof) -> None:
        """As `Drains.resume` says; a node that is gone needs no opening."""
        view = await self.scheduler.observe(proof.node, work=False)
        if view.closed == "by-us":
            self.writing(proof.node)
            await self.scheduler.open(view)

    async def proof(self, node: str) -> DrainProof | None:
        """As `Drains.proof` says."""
        view = await self.scheduler.observe(node)
        return self._proven(view) if view.state == "drained" else None

    def writing(self, node: str) -> None:
        """Raises `HeldBackError` when nothing may be written just now."""
        reason = self.held_back()
        if reason:
            raise HeldBackError(f"node {node}: {reason}")

    async def _step(self, node: str, progress: _Progress) -> NodeView:
        view = await self._closed(node, progress)
        if view.state == "drained":
            return view
        refused = await self._send_away(view)
        if self.clock.now() >= progress.deadline:
            if progress.ended or self.policy.late == "leave":
                raise StillRunningError(node, self._obstacles(view.running, refused))
            self.writing(node)
            await self.scheduler.end(view.running, requeue=self.policy.late == "requeue")
            progress.ended = True
            progress.deadline = self.clock.now() + ENDING_SECONDS * self.pace
        return view

    async def _closed(self, node: str, progress: _Progress) -> NodeView:
        """The node as it is once it is closed; an open one is closed first, but only once."""
        view = await self.scheduler.observe(node)
        if not view.exists:
            raise NodeUnknownError(node, self.scheduler.by)
        if view.closed == "no":
            if progress.closed:
                raise SchedulerError(f"node {node}: was opened by another while it was drained")
            self.writing(node)
            await self.scheduler.close(view, self.reason)
            await self._wait(SETTLE_SECONDS)
            view = await self.scheduler.observe(node)
        progress.closed = view.closed != "no"
        return view

    async def _send_away(self, view: NodeView) -> Mapping[str, str]:
        free = [
            each for each in view.running if not each.leaving and not self.policy.obstacle(each)
        ]
        if not free:
            return {}
        self.writing(view.name)
        return await self.scheduler.send_away(free)

    def _obstacles(
        self, running: Sequence[Workload], refused: Mapping[str, str]
    ) -> tuple[str, ...]:
        reasons = (
            (each.name, refused.get(each.name) or self.policy.obstacle(each)) for each in running
        )
        return tuple(f"{name} ({reason})" if reason else name for name, reason in reasons)

    def _proven(self, view: NodeView) -> DrainProof:
        staying = sum(each.stays for each in view.workloads)
        closed = "closed by us" if view.closed == "by-us" else "closed by another"
        rest = f" but {staying} of the node's own" if staying else ""
        answering = "" if view.ready else "; it does not answer its scheduler"
        return DrainProof(
            node=view.name,
            by=self.scheduler.by,
            at=self.clock.now(),
            observation=f"{closed}, nothing runs on it{rest}{answering}",
        )

    async def _wait(self, seconds: float, until: float | None = None) -> None:
        """Never past the deadline, so that the last look is right on it."""
        wait = seconds * self.pace
        if until is not None:
            wait = max(0.0, min(wait, until - self.clock.now()))
        await self.clock.sleep(wait)
