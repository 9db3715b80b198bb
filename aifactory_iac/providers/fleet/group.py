"""Every machine of a group: watched, brought or let go; what becomes of one stops no other.

Which machines are at work at once is bounded by `parallel`; how many requests a controller gets at
once is bounded by its client. When the run is asked to stop, no further machine begins, those that
have begun read back what they did, and everything that was learned is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from aifactory_iac.providers.fleet.gate import STOPPED, FleetGate
from aifactory_iac.providers.fleet.quarantine import failed, left_alone, quarantined
from aifactory_iac.providers.machine.intent import MachineIntent
from aifactory_iac.providers.machine.lifecycle import State
from aifactory_iac.providers.machine.provisioner import OpenGate, Provisioner
from aifactory_iac.providers.machine.result import MachineResult
from aifactory_iac.providers.surroundings import Clock

Intents = Mapping[str, MachineIntent]
Results = Mapping[str, MachineResult]

Report = Callable[[MachineResult, int, int], None]
"""Told of each machine that ended: its result, how many have ended, and of how many."""

NOT_BEGUN = f"not begun: {STOPPED}"

AS_WANTED = frozenset(
    {State.AVAILABLE, State.INSTALLED, State.IN_SERVICE, State.INSPECTED, State.EXTERNAL}
)
"""What a look leaves a machine in on which nothing is to be done."""


@dataclass(frozen=True)
class Crew:
    """Who works on a group, and how many machines at once; `pace` shortens waits in a lab."""

    provisioner: Provisioner
    clock: Clock
    cancelled: asyncio.Event
    parallel: int = 64
    pace: float = 1.0
    report: Report = lambda _result, _ended, _all: None


async def observe_group(intents: Intents, before: Results, crew: Crew) -> Results:
    """Looks at every machine, without a write."""

    async def look(name: str) -> MachineResult:
        was = before.get(name)
        seen = await crew.provisioner.observe(intents[name], was)
        return quarantined(replace(seen, did=()), was, crew.clock.now())

    found = await _each(intents, before, crew, look)
    missing = {name: _not_seen(name, before.get(name)) for name in intents if name not in found}
    return {**found, **missing}


async def converge_group(intents: Intents, before: Results, gate: FleetGate, crew: Crew) -> Results:
    """Brings every machine to its intent, in the order of `intents`."""

    async def bring(name: str) -> MachineResult:
        gate.begin(name)
        well: bool | None = None
        try:
            was = before.get(name)
            brought = crew.provisioner.converge(intents[name], was, gate)
            result = await _guarded(brought, name, was)
            if result.settled or failed(result, was):
                well = result.settled
            return quarantined(result, was, crew.clock.now(), crew.pace)
        finally:
            gate.end(name, well=well)

    with gate, _stopping(gate, crew.cancelled):
        found = await _each(intents, before, crew, bring)
    missing = {name: _not_begun(name, before.get(name)) for name in intents if name not in found}
    return {**found, **missing}


async def release_group(intents: Intents, before: Results, crew: Crew) -> Results:
    """Lets every machine go: what is ours is detached, power and disks stay as they are."""

    async def let_go(name: str) -> MachineResult:
        was = before.get(name)
        released = crew.provisioner.release(intents[name], was, OpenGate())
        return await _guarded(released, name, was)

    found = await _each(intents, before, crew, let_go)
    missing = {name: _not_begun(name, before.get(name)) for name in intents if name not in found}
    return {**found, **missing}


async def _each(
    names: Iterable[str],
    before: Results,
    crew: Crew,
    work: Callable[[str], Awaitable[MachineResult]],
) -> dict[str, MachineResult]:
    """Results of those that were begun."""
    order = tuple(names)
    waiting = iter(order)
    found: dict[str, MachineResult] = {}

    async def worker() -> None:
        for name in waiting:
            if crew.cancelled.is_set():
                return
            found[name] = await _guarded(work(name), name, before.get(name))
            crew.report(found[name], len(found), len(order))

    async with asyncio.TaskGroup() as workers:
        for _ in range(min(crew.parallel, len(order))):
            workers.create_task(worker())
    return found


async def _guarded(
    work: Awaitable[MachineResult], name: str, before: MachineResult | None
) -> MachineResult:
    """A mistake of ours fails the machine that it was made on, and no other."""
    try:
        return await work
    except Exception as error:  # noqa: BLE001 - 999 machines go on
        text = f"internal error: {type(error).__name__} (this is a bug in aifactory)"
        kept = before or MachineResult(name, State.DECLARED)
        # What was sent before it is not known, so it is as if something was.
        return replace(left_alone(kept, before, text, 0.0), did=("unknown",))


def still_quarantined(seen: MachineResult, was: MachineResult | None) -> MachineResult:
    """A look ends a quarantine only when the machine turns out to be as it is wanted."""
    if was is None or was.quarantine is None or (seen.settled and seen.state in AS_WANTED):
        return seen
    return replace(
        seen, state=State.QUARANTINED, error=was.quarantine.reason, quarantine=was.quarantine
    )


def _not_seen(name: str, before: MachineResult | None) -> MachineResult:
    kept = before or MachineResult(name, State.DECLARED)
    return replace(kept, stale=True, error=kept.error or NOT_BEGUN, did=())


def _not_begun(name: str, before: MachineResult | None) -> MachineResult:
    kept = before or MachineResult(name, State.DECLARED)
    return replace(kept, error=NOT_BEGUN, did=())


@contextmanager
def _stopping(gate: FleetGate, cancelled: asyncio.Event) -> Iterator[None]:
    """Closes the gate as soon as the run is asked to stop."""

    async def watch() -> None:
        await cancelled.wait()
        gate.stop()

    watching = asyncio.ensure_future(watch())
    try:
        yield
    finally:
        watching.cancel()
