"""One machine to its intent: look, decide, write once, look again, until nothing is left to do.

Whatever ends a run at whatever moment, the next one goes on from what it sees and from the record:
a write that must not be done twice is recorded before it is sent, and is sent again only after it
was seen to have done nothing. A 2xx is never the end of a step.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from contextlib import AsyncExitStack, nullcontext
from dataclasses import dataclass, field, replace
from typing import cast

from aifactory_iac.providers.install.plan import time_limit
from aifactory_iac.providers.machine import decide as deciding
from aifactory_iac.providers.machine import permission
from aifactory_iac.providers.machine.attempts import Attempts
from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.intent import MachineIntent
from aifactory_iac.providers.machine.lifecycle import MINUTE, TABLE, State, leads
from aifactory_iac.providers.machine.look import Part
from aifactory_iac.providers.machine.observation import Observation
from aifactory_iac.providers.machine.publishing import PublishError
from aifactory_iac.providers.machine.record import Act, Record
from aifactory_iac.providers.machine.steps import coming_back, firmware, install, tasks
from aifactory_iac.providers.machine.steps.step import (
    Blocked,
    Decision,
    Note,
    Publish,
    Step,
    Wait,
    World,
)
from aifactory_iac.providers.machine.tools import LeftAloneError, StoppedError, Tools
from aifactory_iac.providers.membership.drain import DrainProof
from aifactory_iac.providers.redfish.outcome import (
    Answer,
    BusyError,
    RedfishError,
    UntrustedError,
)
from aifactory_iac.providers.redfish.packages import PackageError
from aifactory_iac.providers.redfish.vendor import Activation

FIRST_POLL, LONGEST_POLL = 1.0, 20.0
LEAST_LIMIT, FRESH = 20.0, 5.0
"""Seconds that a state may last in a lab as well; and for which what was seen may be acted on."""

CLEARING = 16
"""Looks at most at a machine while it is cleared: two drives and an override, each tried thrice."""


@dataclass
class Converging:
    """One run on one machine. What it learned stays readable after an error: `seen`, `record`."""

    intent: MachineIntent
    tools: Tools
    parts_of: Callable[[MachineIntent, Record], frozenset[Part]] = lambda intent, record: (
        deciding.parts(intent, record, whole=False)
    )
    decide: Callable[[MachineIntent, Observation, Record, World], Decision] = deciding.decide
    state_of: Callable[[MachineIntent, Record, Decision], State] = deciding.state_of
    seen: Observation | None = None
    record: Record = field(default_factory=Record)
    did: list[str] = field(default_factory=list)
    state: State = State.DECLARED
    _since: float = 0.0
    _poll: float = FIRST_POLL
    _attempts: Attempts = field(default_factory=Attempts)
    _verified: bool = False
    _held: set[str] = field(default_factory=set)
    _ran: bool = False
    """Whether an operating system ran when it was disturbed."""
    _proof: DrainProof | None = None
    _last_wait: str = ""

    async def run(self) -> None:
        """Raises `RedfishError`, `StoppedError` or `LeftAloneError`; returns once all is done."""
        if self.intent.identity.serial:
            # What was begun may be why the controller is not to be reached just now.
            self.record = self.tools.records.read(self.intent.identity)
        macs: frozenset[Part] = frozenset({"macs"}) if self.intent.identity.macs else frozenset()
        first = await self._look_patiently(macs)
        self._enter(State.REACHABLE)
        self._recognise(first.identity)
        self._enter(State.IDENTIFIED)
        with self.tools.records.alone(self.intent.identity):
            self.record = self.tools.records.read(self.intent.identity)
            async with AsyncExitStack() as held:
                try:
                    await self._steps(held)
                except LeftAloneError:
                    await self._clear_away()
                    raise
            await self._resume()

    async def _steps(self, held: AsyncExitStack) -> None:
        while True:
            seen = await self._look_again()
            world = await self._world()
            if not await self._settled(seen, world):
                # An act that is open has a limit of its own.
                self._since = self.tools.clock.now()
                await self._wait("")
                continue
            self._in_time()
            decision = self.decide(self.intent, seen, self.record, world)
            self._enter(self.state_of(self.intent, self.record, decision))
            if decision is None and self._ran:
                decision = coming_back.decide(seen, self.record, world)
            if decision is None:
                await self._keep(self.record.met())
                return
            await self._follow(decision, seen, held)

    def _enter(self, state: State) -> None:
        """Another state, if the table leads there; a drained machine is in maintenance."""
        if state is State.NONCONFORMANT and self._proof is not None:
            state = State.MAINTENANCE
        if state is self.state:
            return
        if not leads(self.state, state):
            raise LeftAloneError(f"is {self.state}, from where nothing leads to {state}")
        self.state, self._since = state, self.tools.clock.now()

    def _in_time(self) -> None:
        limit = TABLE[self.state].limit
        if self.state is State.INSTALLING and self.intent.install is not None:
            limit = max(limit, time_limit(self.intent.install) + MINUTE)
        # However short the waits of a lab are, its requests take the time that requests take.
        shortened = max(limit * self.tools.pace, LEAST_LIMIT)
        if limit and self.tools.clock.now() - self._since > shortened:
            raise LeftAloneError(
                f"has been {self.state} for {limit // MINUTE} minutes, which is longer than that "
                "takes"
            )

    async def _follow(self, decision: Decision, seen: Observation, held: AsyncExitStack) -> None:
        match decision:
            case Blocked(reason):
                raise LeftAloneError(reason)
            case Wait(what):
                await self._wait(what)
            case Note(record):
                if record.installed != self.record.installed:
                    await self.tools.publishing.withdraw(self.intent.name)
                    self.did.append("installed")
                await self._keep(record)
            case Publish():
                await self._publish()
            case Step():
                await self._take(decision, seen, held)

    async def _take(self, step: Step, seen: Observation, held: AsyncExitStack) -> None:
        """Every check that a write has to pass, in the order in which they cost."""
        if self.tools.cancelled():
            raise StoppedError("the run was asked to stop; the next one goes on")
        self._attempts.check(step, self.record, TABLE[self.state].retries)
        if step.resets:
            budget = permission.over_budget(self.intent, self.record, self.tools.clock.now())
            if budget:
                raise LeftAloneError(budget)
        if await self._waited(step, seen, held):
            return
        if not self._verified:
            await self._verify()
            return
        if step.disturbs or step.destroys:
            await self._free(step, seen)
        async with self.tools.gate.upload(self.intent) if step.flashes else nullcontext():
            await self._send(step, seen)

    async def _waited(self, step: Step, seen: Observation, held: AsyncExitStack) -> bool:
        """Takes the places that a step needs; True when that took so long as to look again.

        The first comes before the very first write: what is only staged on a thousand machines
        would come into force with anybody's next reset, although the first of them failed of it.
        """
        gate, watts = self.tools.gate, f"watts:{step.purpose}"
        began = self.tools.clock.now()
        if "disturbance" not in self._held:
            await held.enter_async_context(gate.disturbance(self.intent))
            self._held.add("disturbance")
            self._ran = seen.running == "yes"
        if step.flashes and "flash" not in self._held:
            await held.enter_async_context(gate.flash(self.intent))
            self._held.add("flash")
        if step.powers_on and watts not in self._held:
            await gate.power_on(self.intent)
            self._held.add(watts)
        now = self.tools.clock.now()
        if now - began <= FRESH:
            return False
        self._verified, self._since = False, now
        return True

    async def _free(self, step: Step, seen: Observation) -> None:
        drains, now = self.tools.drains, self.tools.clock.now()
        if self._proof is not None and self._proof.holds(self.intent.name, now):
            return
        if drains and permission.drains_first(self.intent, seen, self.record, step, now):
            self._enter(State.CORDONED)
        try:
            proof = await permission.freed(self.intent, seen, self.record, step, drains, now)
        except permission.NotFreeError as error:
            raise LeftAloneError(str(error)) from None
        if proof is not None:
            self._proof = proof
            self._enter(State.DRAINED)

    async def _send(self, step: Step, seen: Observation) -> None:
        """Sends one write; what became of it is for the next look to say."""
        act = Act(
            id=uuid.uuid4().hex,
            kind=step.kind,
            purpose=step.purpose,
            at=self.tools.clock.now(),
            before={
                "last_reset": seen.last_reset,
                "manager_reset": seen.manager_reset,
                "power": seen.power,
                "tasks": " ".join(task.path for task in seen.tasks),
                "away": str(await self._absence(step)),
            },
            resets=step.resets,
        )
        if step.once:
            await self._keep(self.record.with_act(act))
        self._attempts.sent(step)
        self._since = self.tools.clock.now()
        self.tools.tell(step.says)
        self.did.append(step.says)
        self._poll = FIRST_POLL
        try:
            answer = await step.send(self.tools.looker.client, seen)
        except RedfishError as error:
            if step.once and error.happened == "no":
                # "Later" is no failure of what was asked for; how often it may be said is counted.
                later = isinstance(error, BusyError)
                await self._keep(self.record.with_act(replace(act, standing="nothing", met=later)))
            wait = self._attempts.ended(error, step, self.tools.pace)
            if wait is None:
                self.tools.tell(f"{error.reason}; looking again")
                await self._wait("")
            else:
                await self.tools.clock.sleep(wait)
        except PackageError as error:
            await self._keep(self.record.with_act(replace(act, standing="nothing", met=True)))
            raise LeftAloneError(str(error)) from None
        else:
            if step.once and (handle := _task_path(answer)):
                await self._keep(self.record.with_act(replace(act, handle=handle)))

    async def _absence(self, step: Step) -> int:
        """Seconds for which the controller may be gone after a step."""
        if step.kind not in firmware.ACTIVATION_KINDS:
            return 0
        profile = await self.tools.looker.profile()
        return profile.away(cast("Activation", step.kind))

    async def _settled(self, seen: Observation, world: World) -> bool:
        """Judges the act that is open by this look; False while it cannot be told yet."""
        act = self.record.open()
        if act is None:
            return True
        if act.kind in deciding.TASK_KINDS and not act.handle:
            task = tasks.found(act, seen)
            if task is not None:
                act = replace(act, handle=task.path)
                await self._keep(self.record.with_act(act))
        standing = deciding.standing(act, self.intent, seen, world)
        if standing == "begun":
            return False
        await self._keep(self.record.with_act(replace(act, standing=standing)))
        if standing == "unknown":
            raise LeftAloneError(
                f"whether its BMC did {act.kind} cannot be told, so it is not asked again: "
                "look at the machine"
            )
        return True

    async def _look(self, extra: frozenset[Part] = frozenset()) -> Observation:
        wanted = self.parts_of(self.intent, self.record) | extra
        now = self.tools.clock.now()
        self.seen = await self.tools.looker.look(self.intent, wanted, now)
        return self.seen

    async def _look_again(self) -> Observation:
        seen = await self._look_patiently()
        self._same_machine(seen.identity)
        return seen

    async def _look_patiently(self, extra: frozenset[Part] = frozenset()) -> Observation:
        """A look; a controller that an activation took away is waited for."""
        while True:
            try:
                return await self._look(extra)
            except UntrustedError:
                raise
            except RedfishError:
                if not self._expected_absence():
                    raise
            await self._wait("its controller restarts")

    def _expected_absence(self) -> bool:
        act = self.record.open()
        if act is None or act.kind not in firmware.ACTIVATION_KINDS:
            return False
        limit = float(act.before.get("away", 0)) * self.tools.pace
        return self.tools.clock.now() - act.at <= limit

    async def _verify(self) -> None:
        """Identity in full, in the operation that will write, before its first write."""
        seen = await self._look(frozenset({"macs"}))
        self._same_machine(seen.identity)
        self._verified = True

    def _same_machine(self, seen: Identity) -> None:
        against = list(self.intent.identity.contradictions(seen))
        if against:
            raise LeftAloneError(f"is not the machine that is meant: {'; '.join(against)}")

    def _recognise(self, seen: Identity) -> None:
        self._same_machine(seen)
        if not (seen.serial or seen.uuid):
            raise LeftAloneError("its BMC gives neither serial number nor UUID")
        identity = self.intent.identity.completed(seen)
        wanted = self.intent.install
        if wanted is not None:
            target = wanted.machine.model_copy(
                update={"serial": identity.serial or None, "uuid": identity.uuid or None}
            )
            wanted = wanted.model_copy(update={"machine": target})
        self.intent = replace(self.intent, identity=identity, install=wanted)

    async def _world(self) -> World:
        profile = await self.tools.looker.profile()
        world = World(self.tools.clock.now(), self.tools.pace, profile)
        if install.wanted_now(self.intent, self.record) is None:
            return world
        return await self.tools.publishing.known(world, self.intent.name)

    async def _publish(self) -> None:
        try:
            await self.tools.publishing.publish(self.intent.install)
        except PublishError as error:
            raise LeftAloneError(str(error)) from None

    async def _clear_away(self) -> None:
        """A machine that is left alone boots nothing of ours, whoever turns it on next."""
        await self.tools.publishing.withdraw(self.intent.name)
        await self._keep(self.record.met())
        self._poll = FIRST_POLL
        for _ in range(CLEARING):
            try:
                seen = await self._look(frozenset({"media"}))
                decision = install.clearing(seen, self.record)
                if isinstance(decision, Note):
                    await self._keep(decision.record)
                elif isinstance(decision, Step):
                    await self._send(decision, seen)
                    await self._wait("")
                else:
                    return
            except (RedfishError, StoppedError):
                return  # the record keeps what is attached, for the next run

    async def _resume(self) -> None:
        """A machine that we drained is given back."""
        if self._proof is not None and self.tools.drains is not None:
            await self.tools.drains.resume(self._proof)

    async def _wait(self, what: str) -> None:
        if self.tools.cancelled():
            raise StoppedError("the run was asked to stop; the next one goes on")
        if what and what != self._last_wait:
            self.tools.tell(what)
            self._last_wait = what
        await self.tools.clock.sleep(self._poll * self.tools.pace)
        self._poll = min(LONGEST_POLL, self._poll * 1.4)

    async def _keep(self, record: Record) -> None:
        """In a thread: while one disk is waited for, a thousand machines are not."""
        if record != self.record:
            self.record = record
            await asyncio.to_thread(self.tools.records.write, self.intent.identity, record)


def _task_path(answer: Answer) -> str:
    """Where the task of a 202 is found again; its monitor where the answer names no task."""
    named = str(answer.body.get("@odata.id") or "")
    if "/Tasks/" in named or "/TaskService/" in named:
        return named
    return answer.location if answer.status == 202 else ""
