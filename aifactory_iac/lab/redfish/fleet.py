"""A fleet that runs: in a thread of this process, or as a process of its own.

```python
with Fleet(spec) as fleet:
    fleet.endpoints["10.0.0.11"]     # "https://127.0.0.1:40211"
    fleet.journal.records            # what happened, as dictionaries
```
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Self, TypeVar

from aifactory_iac.lab.redfish.agenda import Agenda, HandClock
from aifactory_iac.lab.redfish.journal import Journal
from aifactory_iac.lab.redfish.plant.state import Machine
from aifactory_iac.lab.redfish.spec import FleetSpec

T = TypeVar("T")


class Fleet:
    """A fleet in a thread of this process.

    With a `HandClock` nothing happens by itself: `advance` moves time. Without one, the fleet
    lives in real time, shortened by the specification's `pace`.
    """

    def __init__(self, spec: FleetSpec, clock: HandClock | None = None) -> None:
        self.spec = spec
        self.journal = Journal(Path(spec.log) if spec.log else None)
        self._clock = clock
        self.agenda = Agenda(spec.pace, clock) if clock else Agenda(spec.pace)
        self.machines: dict[str, Machine] = {}
        """By name. Read them as you like; change them through `call` only."""
        self.endpoints: dict[str, str] = {}
        """Base URL by the address of the blueprint."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="redfish-fleet", daemon=True)
        self._server: Any = None

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
            self.call(self._close)
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

    def advance(self, seconds: float) -> None:
        """Lets so many seconds of the hand clock pass, with everything that happens in them."""
        clock = self._clock
        if clock is None:
            raise ValueError("this fleet lives in real time; give it a HandClock to move")
        until = clock() + seconds

        def pass_by() -> None:
            while (due := self.agenda.next_due()) is not None and due <= until:
                clock.move(max(0.0, due - clock()))
                self.agenda.run_due()
            clock.move(until - clock())

        self.call(pass_by)

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

    def _open(self) -> None:
        from aifactory_iac.lab.redfish.front.opening import Opened, open_fleet

        opened: Opened = open_fleet(
            self.spec, self.agenda, self.journal, self._loop, timed=self._clock is None
        )
        self._server = opened
        self.machines.update(opened.machines)
        self.endpoints.update(opened.endpoints)

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None


def trusting(ca: str) -> ssl.SSLContext:
    """A client's context that trusts the lab's authority and nobody else."""
    return ssl.create_default_context(cafile=ca)
