"""Time that passes only when everybody waits, and machines that live in a dictionary."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import pytest

from aifactory_iac.providers.fleet.floor import Floor
from aifactory_iac.providers.fleet.group import Crew
from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.intent import Controller, MachineIntent, Place
from aifactory_iac.providers.machine.lifecycle import State
from aifactory_iac.providers.machine.provisioner import ClosedError, Gate
from aifactory_iac.providers.machine.result import MachineResult

T = TypeVar("T")
START = 1_800_000_000.0


class VirtualTime(asyncio.SelectorEventLoop):
    """An event loop in which an hour passes at once; that everybody waits for ever is an error."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0
        select = self._selector.select

        def jump(timeout: float | None = None) -> Any:
            if timeout is None:
                raise RuntimeError("deadlock: everybody waits, and nothing will happen")
            self.passed += timeout
            return select(0)

        self._selector.select = jump  # type: ignore[method-assign]

    def time(self) -> float:
        return self.passed


class VirtualClock:
    """The time of the running virtual loop."""

    def now(self) -> float:
        return START + asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def in_virtual_time(work: Callable[[], Awaitable[T]]) -> T:
    loop = VirtualTime()
    try:
        return loop.run_until_complete(work())
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def intent_of(name: str, **wanted: Any) -> MachineIntent:
    place = Place(
        rack=wanted.pop("rack", ""),
        breaker=wanted.pop("breaker", ""),
        watts=wanted.pop("watts", None),
    )
    return MachineIntent(name, Controller(f"bmc-of-{name}", None), place=place, **wanted)


@dataclass
class Box:
    """One machine of the double."""

    serial: str
    power: str = "Off"
    done: bool = False
    seconds: float = 60.0
    fault: str = ""
    """`unreachable`, `wrong machine`, `fails`, `fails after the reset`, `raises`."""


@dataclass
class Double:
    """A `Provisioner` as a small state machine: a machine is reset once, and then as wanted."""

    boxes: Mapping[str, Box]
    log: list[tuple[float, str, str]] = field(default_factory=list)
    """When, which machine, what: `look`, `in`, `reset`, `out`, `release`."""
    asked: dict[str, Identity] = field(default_factory=dict)
    """Who each machine had to be when it was to be brought."""
    at_work: int = 0
    most_at_work: int = 0

    def note(self, name: str, what: str) -> None:
        self.log.append((asyncio.get_running_loop().time(), name, what))

    def names(self, what: str) -> list[str]:
        return [name for _at, name, noted in self.log if noted == what]

    async def observe(self, intent: MachineIntent, before: MachineResult | None) -> MachineResult:
        await asyncio.sleep(0.1)
        self.note(intent.name, "look")
        box = self.boxes[intent.name]
        if box.fault == "unreachable":
            kept = before or MachineResult(intent.name, State.DECLARED)
            return replace(kept, error="does not answer", stale=True)
        seen = Identity.of(box.serial)
        if list(intent.identity.contradictions(seen)):
            kept = before or MachineResult(intent.name, State.DECLARED)
            return self._left_alone(kept, f"serial is {box.serial}")
        return self._result(intent, box)

    async def converge(
        self, intent: MachineIntent, before: MachineResult | None, gate: Gate
    ) -> MachineResult:
        self.asked[intent.name] = intent.identity
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            return await self._converge(intent, before, gate)
        except ClosedError as error:
            return replace(before or self._result(intent, Box("")), error=str(error))
        finally:
            self.at_work -= 1

    async def _converge(
        self, intent: MachineIntent, before: MachineResult | None, gate: Gate
    ) -> MachineResult:
        box = self.boxes[intent.name]
        found = self._result(intent, box)
        found = replace(found, quarantine=before.quarantine if before else None)
        if box.fault == "raises":
            raise ValueError(box.serial)
        if box.fault == "fails":
            return self._left_alone(found, "does not take it")
        async with gate.disturbance(intent):
            self.note(intent.name, "in")
            await gate.power_on(intent)
            self.note(intent.name, "reset")
            await asyncio.sleep(box.seconds)
            self.note(intent.name, "out")
        if box.fault == "fails after the reset":
            return replace(self._left_alone(found, "never came back"), did=("reset",))
        box.done, box.power = True, "On"
        return replace(self._result(intent, box), did=("reset",))

    async def release(
        self, intent: MachineIntent, before: MachineResult | None, gate: Gate
    ) -> MachineResult:
        self.note(intent.name, "release")
        if self.boxes[intent.name].fault == "fails":
            return self._left_alone(MachineResult(intent.name, State.INSTALLED), "keeps the disc")
        return MachineResult(intent.name, State.DETACHED, intent.identity)

    async def close(self) -> None:
        """Nothing is open."""

    def _result(self, intent: MachineIntent, box: Box) -> MachineResult:
        state = State.AVAILABLE if box.done else State.NONCONFORMANT
        return MachineResult(intent.name, state, Identity.of(box.serial), box.power)

    def _left_alone(self, kept: MachineResult, why: str) -> MachineResult:
        from aifactory_iac.providers.machine.result import Quarantine

        attempts = kept.quarantine.attempts if kept.quarantine else 0
        return replace(
            kept, state=State.QUARANTINED, error=why, quarantine=Quarantine(why, attempts + 1, 0.0)
        )


@dataclass
class Hall:
    """Many machines, and what acts on them."""

    double: Double
    floor: Floor = field(default_factory=Floor)
    ended: list[str] = field(default_factory=list)

    def crew(self, parallel: int = 8, cancelled: asyncio.Event | None = None) -> Crew:
        return Crew(
            self.double,
            VirtualClock(),
            cancelled or asyncio.Event(),
            parallel,
            report=lambda result, ended, total: self.ended.append(f"{result.name} {ended}/{total}"),
        )


@pytest.fixture(scope="session")
def virtual() -> Callable[[Callable[[], Awaitable[Any]]], Any]:
    """Runs a coroutine in virtual time."""
    return in_virtual_time


@pytest.fixture(scope="session")
def clock() -> VirtualClock:
    """The time of the virtual loop."""
    return VirtualClock()


@pytest.fixture(scope="session")
def intent() -> Callable[..., MachineIntent]:
    """Makes intents; `rack`, `breaker` and `watts` are of its place."""
    return intent_of


@pytest.fixture(scope="session")
def box() -> type[Box]:
    """What a machine of the double is."""
    return Box


@pytest.fixture(scope="session")
def hall() -> Callable[[Mapping[str, Box]], Hall]:
    """A hall of machines by name."""
    return lambda boxes: Hall(Double(boxes))
