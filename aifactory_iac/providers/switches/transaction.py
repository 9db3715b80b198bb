"""One change of one switch, from reading it to having it saved; and the way on after a kill.

Read, decide, act once, observe. Nothing is confirmed before a new connection has shown that the
switch can still be managed, and that what is in force is what was asked for. Unconfirmed, the
switch rolls back by itself: so when writes are frozen, when the run is cancelled or when the
plug-in dies, leaving things alone is the safe end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aifactory_iac.providers.surroundings import Clock, Surroundings
from aifactory_iac.providers.switches.driver import Change, Identity, Running, SwitchDriver
from aifactory_iac.providers.switches.errors import (
    ForeignChangeError,
    HaltedError,
    RefusedError,
    RolledBackError,
    UnprovenError,
    UnreachableError,
)
from aifactory_iac.providers.switches.journal import Entry, Journal
from aifactory_iac.providers.switches.tree import Goal, Tree, drift

POLL = 2.0
"""Seconds between two looks at a change that is under way."""
GRACE = 90.0
"""Seconds after the confirm time in which a switch must have rolled back and be reachable again."""

Recognises = Callable[[Identity], None]
"""Raises `WrongSwitchError` when it is not the switch that is meant."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What one switch is to have, and what we had it have before; both as declared."""

    name: str
    intent: str
    config: Mapping[str, Any]
    before: Mapping[str, Any]
    confirm_seconds: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The switch afterwards; `changed` is false when there was nothing to do."""

    running: Running
    goal: Goal
    changed: bool


@dataclass
class Transaction:
    """One run at one switch."""

    driver: SwitchDriver
    declared: Declared
    recognises: Recognises
    journal: Journal
    around: Surroundings
    implied: tuple[str, ...] = ()

    async def run(self) -> Outcome:
        """Brings the switch to what is declared, or says why not.

        Raises:
            SwitchError: Nothing of it is in force, unless it is an `UnprovenError`.
        """
        running = await self._read()
        goal = self._goal(running)
        entry = self.journal.read()
        survey = await self.driver.survey(goal, running, entry.change if entry else None)
        begun = survey.ours
        if begun is not None and begun.state in ("busy", "waiting"):
            self._same_intent(begun, entry, goal)
            return await self._finished(begun, goal, None)
        if goal.holds(running.tree):
            left = Change(entry.change, "applied") if entry is not None else None
            return await self._saved(running, goal, left, survey.others)
        self._alone(survey.others)
        # What is in force may itself be unconfirmed, and then a rollback goes further back.
        before = running if begun is None else None
        begun = begun or await self._opened(goal)
        self._may_write(f"staging {begun.id}")
        self.journal.write(Entry(goal.intent, begun.id))
        await self.driver.stage(begun, goal, running)
        await self.driver.validate(begun, goal, running)
        self._may_write(f"applying {begun.id}")
        begun = await self.driver.apply(begun, goal, self.declared.confirm_seconds)
        return await self._finished(begun, goal, before)

    async def _read(self) -> Running:
        running = await self.driver.read()
        self.recognises(running.identity)
        return running

    def _goal(self, running: Running) -> Goal:
        try:
            wanted = self.driver.wanted(self.declared.config, running)
        except RefusedError as error:
            raise RefusedError(f"{self._name}: {error}") from None
        owned: Tree = {}
        if self.declared.before:
            try:
                owned = self.driver.owned(self.declared.before, running)
            except RefusedError:
                # What could not be written out was never applied, so nothing of it is ours.
                owned = {}
        return Goal(self.declared.intent, wanted, owned, self.implied)

    def _alone(self, others: tuple[str, ...]) -> None:
        if others:
            raise ForeignChangeError(f"{self._name}: {'; '.join(others)}")

    def _same_intent(self, begun: Change, entry: Entry | None, goal: Goal) -> None:
        if entry is not None and entry.intent != goal.intent:
            raise ForeignChangeError(
                f"{self._name}: {begun.id}, which an earlier run applied from another declaration, "
                "still waits for its confirmation; it rolls back by itself when that time is over: "
                "run again then"
            )

    async def _opened(self, goal: Goal) -> Change:
        self._may_write("a new change")
        return await self.driver.begin(goal)

    async def _finished(self, change: Change, goal: Goal, before: Running | None) -> Outcome:
        """From in force to confirmed, observed and saved. `before` is not known after a kill."""
        change = await self._settled(change, goal, before, until=("waiting", "applied"))
        running = await self._proven(change, goal, before)
        if change.state == "waiting":
            self._may_write(
                f"confirming {change.id}; unconfirmed, it rolls back by itself within "
                f"{self.declared.confirm_seconds} s"
            )
            change = await self.driver.confirm(change, goal)
            change = await self._settled(change, goal, before, until=("applied",))
            running = await self._read()
        if not goal.holds(running.tree):
            raise UnprovenError(
                f"{self._name} says that {change.id} is applied, but its configuration differs at "
                f"{_named(goal, running.tree)}"
            )
        return await self._saved(running, goal, change, ())

    async def _proven(self, change: Change, goal: Goal, before: Running | None) -> Running:
        """The configuration over a new connection: proof that the switch can still be managed."""
        running = await self._back(change)
        if (await self.driver.observe(change, goal)).state == "rolled-back":
            await self._lost(change, goal, before)
        if change.state == "waiting" and not goal.holds(running.tree):
            where = _named(goal, running.tree)
            self._may_write(f"rolling back {change.id}")
            await self.driver.roll_back(change)
            await self._settled(change, goal, before, until=("rolled-back",))
            self.journal.clear()
            raise RefusedError(
                f"{self._name} put something else in force than it was told, and was rolled back: "
                f"it differs at {where}"
            )
        return running

    async def _back(self, change: Change) -> Running:
        """What is in force, over a new connection; an absence is borne until the deadline."""
        deadline = self._deadline()
        while True:
            await self.driver.reconnect()
            try:
                return await self._read()
            except UnreachableError as error:
                await self._pause(deadline, change, error)

    async def _settled(
        self, change: Change, goal: Goal, before: Running | None, until: tuple[str, ...]
    ) -> Change:
        """Looks until the change is where it should be. An absence is borne until the deadline."""
        deadline = self._deadline()
        while change.state not in until:
            if change.state == "refused":
                await self._judged(change, goal, before)
            absence: Exception | None = None
            try:
                change = await self.driver.observe(change, goal)
            except UnreachableError as error:
                absence = error
                await self.driver.reconnect()
            if change.state in until:
                break
            if not (change.state == "staged" and "rolled-back" in until):
                await self._judged(change, goal, before)
            await self._pause(deadline, change, absence)
        return change

    async def _judged(self, change: Change, goal: Goal, before: Running | None) -> None:
        """Raises when the change has come to a bad end."""
        if change.state == "refused":
            now = await self._back(change)
            self.journal.clear()
            if goal.holds(now.tree) or (before is not None and now.tree != before.tree):
                raise UnprovenError(
                    f"{self._name} failed half way through {change.id}, and its configuration is "
                    f"not the one from before: {'; '.join(change.issues)}; look at the switch"
                )
            raise RefusedError(f"{self._name} refused {change.id}", change.issues)
        if change.state == "rolled-back":
            await self._lost(change, goal, before)
        if change.state == "staged":
            raise UnreachableError(
                f"{self._name} did not take {change.id}, or not all of it; what it took is rolled "
                "back by itself: run again"
            )

    async def _lost(self, change: Change, goal: Goal, before: Running | None) -> None:
        """The switch rolled back: observed, not believed. Always raises."""
        now = await self._back(change)
        self.journal.clear()
        if goal.holds(now.tree) or (before is not None and now.tree != before.tree):
            raise UnprovenError(
                f"{self._name} says that it rolled back {change.id}, but its configuration is not "
                "the one from before; look at the switch"
            )
        raise RolledBackError(
            f"{self._name} rolled back {change.id} by itself, because it was not confirmed within "
            f"{self.declared.confirm_seconds} s: with this configuration its management could not "
            f"be reached, or the run was interrupted. Revision {now.revision} is in force again"
        )

    async def _saved(
        self, running: Running, goal: Goal, change: Change | None, others: tuple[str, ...]
    ) -> Outcome:
        changed = change is not None
        if not await self.driver.saved(goal, running):
            self._alone(others)
            self._may_write("saving the configuration")
            await self.driver.save(change)
            if not await self.driver.saved(goal, running):
                raise UnprovenError(
                    f"{self._name} has the configuration in force, but would not start with it"
                )
            changed = True
        self.journal.clear()
        return Outcome(running, goal, changed)

    def _may_write(self, what: str) -> None:
        if self.around.frozen:
            raise HaltedError(
                f"{self._name}: writes are frozen by {self.around.settings.freeze}, before {what}"
            )
        if self.around.cancelled.is_set():
            raise HaltedError(f"{self._name}: the run was cancelled before {what}")

    def _deadline(self) -> float:
        return self._clock.now() + (self.declared.confirm_seconds + GRACE) * self._pace

    async def _pause(self, deadline: float, change: Change, error: Exception | None) -> None:
        """Waits a little, unless there is no time left."""
        if self._clock.now() >= deadline:
            reason = f"; {error}" if error else ""
            raise UnprovenError(
                f"{self._name}: what became of {change.id} ({change.state}) cannot be seen "
                f"{self.declared.confirm_seconds + GRACE:.0f} s after it was applied{reason}. Look "
                "at the switch over its console, then refresh"
            )
        await self._clock.sleep(POLL * self._pace)

    @property
    def _clock(self) -> Clock:
        return self.around.clock

    @property
    def _pace(self) -> float:
        return self.around.settings.pace

    @property
    def _name(self) -> str:
        return self.declared.name


def _named(goal: Goal, found: Tree, most: int = 3) -> str:
    """Where it differs, the first few."""
    paths = list(drift(goal, found))
    more = f" and {len(paths) - most} more" if len(paths) > most else ""
    return ", ".join(paths[:most]) + more
