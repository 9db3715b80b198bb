"""An event loop for planning: calls to the monitor run in place, waiting costs once per task.

The SDK hands each call to the monitor to a thread pool and waits for the first of all pending
outputs again and again. With a monitor in the same process neither buys anything.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from typing import Any

from pulumi.runtime.settings import SETTINGS

PATIENCE = 2.0
"""Seconds for which a program may wait for nothing in particular before it is given up."""


class StuckProgramError(Exception):
    """The program waits for a value that nothing will ever give."""


class _Watchful(selectors.DefaultSelector):
    """Tells a program that waits for the world from one that waits for nothing.

    With no timer, no socket and no ready callback, only another thread of the program could wake
    the loop. It gets some patience; a plan that hangs is worse than one that fails.
    """

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """As the selector's own, but without waiting for ever."""
        only_wake_up = len(self.get_map()) == 1
        if timeout is not None or not only_wake_up:
            return super().select(timeout)
        events = super().select(PATIENCE)
        if not events:
            raise StuckProgramError("it waits for a value that nothing will give")
        return events


class PlanningLoop(asyncio.SelectorEventLoop):
    """Runs what would go to a thread pool at once, in the thread of the loop.

    One error of a program fails every output that leans on it. The first is reported; that nobody
    looked at the others is nothing that a user has to read.
    """

    def __init__(self) -> None:
        """A loop over a watchful selector."""
        super().__init__(_Watchful())

    def call_exception_handler(self, context: Any) -> None:
        """Drops what asyncio would print of errors that no one retrieved."""

    def settle(self) -> None:
        """Ends what a failed program left waiting; called with the loop stopped."""
        waiting = asyncio.all_tasks(self)
        for task in waiting:
            task.cancel()
        if waiting:
            self.run_until_complete(asyncio.gather(*waiting, return_exceptions=True))

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """The result as a future that is already done; a coroutine's result once it is."""
        del executor
        future: asyncio.Future[Any] = self.create_future()
        try:
            result = func(*args)
            if asyncio.iscoroutine(result):
                return self.create_task(result)
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to the awaiting side
            future.set_exception(error)
        else:
            future.set_result(result)
        return future


async def drain(await_all_outstanding_tasks: bool = True) -> None:  # noqa: FBT001, FBT002 - SDK
    """Wait until nothing is pending: each RPC once, then each output once, until both are empty.

    Stands in for the SDK's `wait_for_rpcs` and keeps its promise: the first error of an RPC or of
    an output is raised.
    """
    manager = SETTINGS.rpc_manager
    while True:
        await asyncio.sleep(0)
        while manager.rpcs:
            await manager.rpcs.pop()
        if manager.unhandled_exception is not None:
            raise manager.unhandled_exception
        pending = tuple(SETTINGS.outputs) if await_all_outstanding_tasks else ()
        SETTINGS.outputs.difference_update(pending)
        for output in pending:
            await output
        if not pending and not manager.rpcs:
            return
