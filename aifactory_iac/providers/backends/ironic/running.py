"""One run on one node: look, decide, order once, look until Ironic is at rest, and again.

Ironic's own states are the memory: after a kill the next run sees what was begun, and waits for it.
An order whose answer was lost is never given again in the same run; the node says what became of
it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace

from aifactory_iac.providers.backends.ironic import decide as deciding
from aifactory_iac.providers.backends.ironic.decide import (
    Blocked,
    Decision,
    Edit,
    Move,
    Publish,
    Seen,
    Wait,
    World,
)
from aifactory_iac.providers.backends.ironic.node import Node
from aifactory_iac.providers.backends.ironic.rest import LockedError
from aifactory_iac.providers.backends.ironic.service import Service
from aifactory_iac.providers.backends.ironic.states import provision
from aifactory_iac.providers.backends.ironic.wishes import measured_by_us
from aifactory_iac.providers.install.plan import time_limit
from aifactory_iac.providers.machine.intent import MachineIntent
from aifactory_iac.providers.machine.lifecycle import State
from aifactory_iac.providers.machine.provisioner import Gate
from aifactory_iac.providers.machine.tools import LeftAloneError, StoppedError
from aifactory_iac.providers.membership.drain import Drains, SchedulerError
from aifactory_iac.providers.provisioning.images import ImageError
from aifactory_iac.providers.provisioning.seeds import NotServedError, Seeds
from aifactory_iac.providers.redfish.outcome import (
    BusyError,
    CancelledWriteError,
    ForbiddenError,
    FrozenError,
    RedfishError,
    RejectedError,
    UnauthorizedError,
    UntrustedError,
)
from aifactory_iac.providers.surroundings import Clock

FIRST_POLL, LONGEST_POLL = 1.0, 15.0
LOCK_LIMIT = 300.0
"""Seconds that a lock on a node at rest is waited for: power sync holds it for moments."""
POWER_LIMIT = 900.0
"""Seconds for a change of power: an orderly shutdown of a large machine takes its time."""
SETTLE = 60.0
"""Seconds after which an order of which nothing is seen is believed to have had no effect."""
MOST_STEPS = 40
"""No way through Ironic's states is longer, so a run that is has lost its way."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run needs of the world."""

    service: Service
    clock: Clock
    pace: float
    gate: Gate
    drains: Drains | None
    seeds: Seeds | None
    cancelled: Callable[[], bool]
    tell: Callable[[str], None]


@dataclass
class Running:
    """One run. What it learned stays readable after an error: `seen`, `did`."""

    intent: MachineIntent
    world: World
    tools: Tools
    decide: Callable[[MachineIntent, Seen, World], Decision] = deciding.decide
    drives: bool = False
    """Whether to look at the virtual drives too."""
    seen: Seen = field(default_factory=lambda: Seen(None))
    did: list[str] = field(default_factory=list)
    _taken: list[tuple[str, str]] = field(default_factory=list)
    _held: bool = False
    _last_wait: str = ""

    async def run(self) -> None:
        """Raises `RedfishError`, `StoppedError` or `LeftAloneError`; returns once all is done."""
        async with AsyncExitStack() as held:
            waiting_since, poll = self.tools.clock.now(), FIRST_POLL
            while len(self._taken) < MOST_STEPS:
                await self.look()
                decision = self.decide(self.intent, self.seen, self.world)
                if isinstance(decision, Wait):
                    await self._wait(decision, waiting_since, poll, held)
                    poll = min(LONGEST_POLL, poll * 1.5)
                    continue
                waiting_since, poll = self.tools.clock.now(), FIRST_POLL
                if decision is None:
                    return
                await self._follow(decision, held)
        raise LeftAloneError("did not come to an end: Ironic goes around in circles")

    async def look(self) -> None:
        """Reads the node, and what its inspection found."""
        self.seen = await self.tools.service.look(
            self.intent, self.world.wishes.address, drives=self.drives
        )

    async def _follow(self, decision: Decision, held: AsyncExitStack) -> None:
        match decision:
            case Blocked(reason):
                raise LeftAloneError(reason)
            case Publish():
                await self._publish()
            case Edit():
                await self._edit(decision)
            case Move():
                await self._move(decision, held)

    async def _edit(self, edit: Edit) -> None:
        """Writes to the record; the next look says whether it took."""
        self._once(edit.says, "")
        self.tools.tell(edit.says)
        try:
            await self.tools.service.rest.send(edit.method, edit.path, edit.body)
        except LockedError:
            await self._locked(edit.says, "")
        except RedfishError as error:
            self._judge(error)
        else:
            self.did.append(edit.says)
        if "redfish_password" in edit.says:
            self.world = replace(self.world, resent=True)

    async def _move(self, move: Move, held: AsyncExitStack) -> None:
        """Gives one order, and watches until Ironic is at rest again."""
        node = self._node()
        if self.tools.cancelled():
            raise StoppedError("the run was asked to stop; the next one goes on")
        self._once(move.target, node.provision)
        await self._free(move, node)
        if move.disturbs and not self._held:
            await held.enter_async_context(self.tools.gate.disturbance(self.intent))
            self._held = True
        if move.powers_on:
            await self.tools.gate.power_on(self.intent)
        before = await self._unchanged(node)
        self.tools.tell(move.says)
        try:
            await self.tools.service.order(before, move)
        except LockedError:
            await self._locked(move.target, node.provision)
            return
        except RedfishError as error:
            self._judge(error)
        await self._until_rest(before, move)

    async def _unchanged(self, before: Node) -> Node:
        """A last look: hours may have passed at the gate, and cleaning may be on again."""
        await self.look()
        node = self._node()
        if (node.provision, node.automated_clean) != (before.provision, False):
            raise LeftAloneError(
                f"Ironic's node was changed by somebody meanwhile: it is {node.provision}, "
                f"automated_clean is {node.automated_clean}"
            )
        if node.maintenance is not None or node.protected is not None or node.tenant:
            raise LeftAloneError("Ironic's node was taken by somebody meanwhile")
        return node

    async def _until_rest(self, before: Node, move: Move) -> None:
        """Watches; an order of which nothing is seen in `SETTLE` seconds is not given again."""
        began, poll = self.tools.clock.now(), FIRST_POLL
        while True:
            await self.tools.clock.sleep(poll * self.tools.pace)
            poll = min(LONGEST_POLL, poll * 1.5)
            await self.look()
            node = self._node()
            passed = self.tools.clock.now() - began
            under_way = self._moving() or bool(node.reservation)
            if not under_way and _reached(before, node, move):
                break
            if not under_way and passed > SETTLE * self.tools.pace:
                raise LeftAloneError(
                    f"Ironic was told to {move.says}, and nothing is seen of it: it is not told "
                    "again before the next run"
                )
            limit = self._limit(node)
            if under_way and passed > limit * self.tools.pace:
                raise LeftAloneError(f"Ironic is {node.provision} for longer than {limit:.0f} s")
            if self.tools.cancelled():
                raise StoppedError("the run was asked to stop; Ironic goes on by itself")
        self._ended(node, move)

    def _ended(self, node: Node, move: Move) -> None:
        """A failure is Ironic's last error; nobody orders the same again in this run."""
        failed = provision(node.provision).kind == "failed" or bool(node.last_error)
        if (node.power != _power(move)) if move.power else failed:
            raise LeftAloneError(
                f"Ironic could not {move.says}: {node.last_error or node.provision}"
            )
        self.did.append(move.says)
        self.world = replace(
            self.world,
            inspected=self.world.inspected or move.target == "inspect",
            wiped=self.world.wiped or move.target == "clean",
        )

    async def _free(self, move: Move, node: Node) -> None:
        """Nobody's work is disturbed: approved, off, or drained by proof; a wipe takes proof."""
        if not (move.interrupts or move.destroys):
            return
        now, approval, action = self.tools.clock.now(), self.intent.approval, move.action
        approved = approval is not None and approval.allows(action, now)
        if approved and action != "wipe":
            return
        if self.intent.protected:
            raise LeftAloneError(f"is protected: to {move.says} takes an approval of `{action}`")
        if move.destroys and move.interrupts and not approved:
            raise LeftAloneError(
                f"would lose its disk to another image: that takes an approval of `{action}`"
            )
        if node.power == "Off":
            return
        if self.tools.drains is not None and self.intent.drain:
            try:
                await self.tools.drains.drain(self.intent.name, now + self.intent.drain_seconds)
            except SchedulerError as error:
                raise LeftAloneError(f"is not drained: {error}") from None
            return
        way = "turn it off" if action == "wipe" else f"turn it off, or approve `{action}`"
        raise LeftAloneError(f"is on, and nothing proves that nobody uses it: drain it, {way}")

    async def _publish(self) -> None:
        wanted, seeds = self.intent.install, self.tools.seeds
        if wanted is None or seeds is None:
            raise LeftAloneError("is to be installed, and there is no provisioning service")
        try:
            if measured_by_us(wanted):
                await seeds.provide(wanted)
            published = await asyncio.to_thread(seeds.publish, wanted)
        except (NotServedError, ImageError) as error:
            raise LeftAloneError(str(error)) from None
        self.world = replace(self.world, links=published.links)

    async def _wait(self, wait: Wait, since: float, poll: float, held: AsyncExitStack) -> None:
        """Waits for what is under way already; it takes its place in the budgets too."""
        if self.tools.cancelled():
            raise StoppedError("the run was asked to stop; the next one goes on")
        if wait.disturbs and not self._held:
            await held.enter_async_context(self.tools.gate.disturbance(self.intent))
            self._held = True
        limit = self._limit(self._node()) if self._moving() else LOCK_LIMIT
        if self.tools.clock.now() - since > limit * self.tools.pace:
            raise LeftAloneError(f"{wait.what}, for longer than {limit:.0f} s")
        if wait.what != self._last_wait:
            self.tools.tell(wait.what)
            self._last_wait = wait.what
        await self.tools.clock.sleep(poll * self.tools.pace)

    async def _locked(self, target: str, state: str) -> None:
        """Nothing was done: the next look waits for the lock, and decides anew."""
        self._taken.remove((target, state))
        self._taken.append((f"locked before {target}", state))
        if self._taken.count((f"locked before {target}", state)) > 8:
            raise LeftAloneError("Ironic's node is locked whenever it is told something")
        await self.tools.clock.sleep(FIRST_POLL * self.tools.pace)

    def _judge(self, error: RedfishError) -> None:
        """What an end without a 2xx asks for; an unknown one only for another look."""
        if isinstance(error, FrozenError | CancelledWriteError):
            raise StoppedError(error.reason) from None
        if isinstance(error, UnauthorizedError | ForbiddenError | UntrustedError | BusyError):
            raise error
        if isinstance(error, RejectedError):
            raise LeftAloneError(f"Ironic refused: {error.reason}") from None
        if error.happened == "no":
            raise error
        self.tools.tell(f"{error.reason}; looking at the node")

    def _once(self, what: str, state: str) -> None:
        """The same thing from the same state a second time would be a loop."""
        if (what, state) in self._taken:
            raise LeftAloneError(f"Ironic took `{what}`, and it had no effect")
        self._taken.append((what, state))

    def _limit(self, node: Node) -> float:
        """Seconds that what is under way may take: a deploy as long as its installation says."""
        row = provision(node.provision)
        if row.state is State.INSTALLING and self.intent.install is not None:
            return time_limit(self.intent.install)
        return row.limit or POWER_LIMIT

    def _moving(self) -> bool:
        node = self.seen.node
        return node is not None and (provision(node.provision).kind == "moving" or node.turning)

    def _node(self) -> Node:
        if self.seen.node is None:
            raise LeftAloneError("its node has gone from Ironic meanwhile")
        return self.seen.node


def _reached(before: Node, node: Node, move: Move) -> bool:
    """Whether something is seen of an order: its end, or that the state changed since."""
    if move.power:
        return node.power == _power(move) or bool(node.last_error and not before.last_error)
    return node.changed != before.changed


def _power(move: Move) -> str:
    return "On" if move.target == "power on" else "Off"
