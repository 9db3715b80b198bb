"""A fleet that runs: in a thread of this process, or as a process of its own.

```python
with Fleet(spec) as fleet:
    fleet.endpoints["10.0.0.11"]     # "https://127.0.0.1:40211"
    Witness.of(fleet.records)        # what happened
```
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from aifactory_iac.lab.redfish.agenda import Agenda, HandClock
from aifactory_iac.lab.redfish.faults.reading import Faults
from aifactory_iac.lab.redfish.journal import Journal, Record
from aifactory_iac.lab.redfish.plant.state import Machine
from aifactory_iac.lab.redfish.spec import FleetSpec

if TYPE_CHECKING:
    # Importing it imports sushy-tools and Flask, which only a fleet that starts needs.
    from aifactory_iac.lab.redfish.front.opening import Opened

T = TypeVar("T")


class Fleet:
    """A fleet in a thread of this process.

    With a `HandClock` nothing happens by itself: `advance` moves time. Without one, the fleet
    lives in real time, shortened by the specification's `pace`. `keep` says whether the log stays
    in memory too, which a fleet that runs for days cannot afford.
    """

    def __init__(
        self, spec: FleetSpec, clock: HandClock | None = None, *, keep: bool = True
    ) -> None:
        """Raises `OSError` when the log cannot be written."""
        self.spec = spec
        self.journal = Journal(Path(spec.log) if spec.log else None, keep=keep)
        self._clock = clock
        self.agenda = Agenda(spec.pace, clock) if clock else Agenda(spec.pace)
        self.machines: dict[str, Machine] = {}
        """By name. Read them as you like; change them through `call` only."""
        self.endpoints: dict[str, str] = {}
        """Base URL by the address of the blueprint."""
        self.admin = ""
        """Base URL of the back door: see `front.admin`."""
        self._advancing = asyncio.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="redfish-fleet", daemon=True)
        self._opened: Opened | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Mapping[str, str]:
        """Opens every port; gives the endpoints. Raises `SpecError` and `OSError`."""
        self._thread.start()
        try:
            self.call(self._open)
        except BaseException:
            self.stop()
            raise
        return self.endpoints

    def stop(self) -> None:
        """Closes everything; a second time is harmless."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self.journal.close()

    def call(self, action: Callable[[], T]) -> T:
        """Does something in the fleet's own thread, where nothing else changes meanwhile."""
        done: Future[T] = Future()

        def act() -> None:
            try:
                done.set_result(action())
            except BaseException as error:  # noqa: BLE001 - handed to whoever asked
                done.set_exception(error)

        self._loop.call_soon_threadsafe(act)
        return done.result()

    @property
    def records(self) -> list[Record]:
        """The log so far. An answer that a client holds is in it."""
        return self.call(lambda: list(self.journal.records))

    def advance(self, seconds: float) -> None:
        """Lets so many seconds of the hand clock pass, with everything that happens in them."""
        if self._clock is None:
            raise ValueError("this fleet lives in real time; give it a HandClock to move")
        asyncio.run_coroutine_threadsafe(self._pass_by(self._clock, seconds), self._loop).result()

    async def _pass_by(self, clock: HandClock, seconds: float) -> None:
        """What machines fetch and report takes no time, and is over before time goes on."""
        telephone = self._running().telephone
        async with self._advancing:
            until = clock() + seconds
            await telephone.quiet()
            while (due := self.agenda.next_due()) is not None and due <= until:
                clock.move(max(0.0, due - clock()))
                self.agenda.run_due()
                await telephone.quiet()
            clock.move(until - clock())

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            pending = asyncio.all_tasks(self._loop)
            for task in pending:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    def use(self, faults: Faults) -> None:
        """Exchanges all faults while the fleet runs; counts begin anew."""
        self.call(lambda: self._running().use(faults))

    def press_power_button(self, name: str) -> None:
        """Somebody stands at the machine."""
        from aifactory_iac.lab.redfish.plant import power

        self.call(lambda: power.reset(self.machines[name], "PushPowerButton"))

    def cut_mains(self, name: str) -> None:
        """Somebody pulls the plug, and puts it back."""
        from aifactory_iac.lab.redfish.plant import controller

        self.call(lambda: controller.cut_mains(self.machines[name]))

    def _running(self) -> Opened:
        if self._opened is None:
            raise RuntimeError("the fleet is not running")
        return self._opened

    def _open(self) -> None:
        from aifactory_iac.lab.redfish.front.opening import open_fleet

        timed = self._clock is None
        self._opened = open_fleet(self.spec, self.agenda, self.journal, self._loop, timed=timed)
        self.machines.update(self._opened.machines)
        self.endpoints.update(self._opened.endpoints)
        self.admin = self._opened.admin

    async def _close(self) -> None:
        if self._opened is not None:
            opened, self._opened = self._opened, None
            await opened.close()


def trusting(ca: str) -> ssl.SSLContext:
    """A client's context that trusts the lab's authority and nobody else."""
    return ssl.create_default_context(cafile=ca)
