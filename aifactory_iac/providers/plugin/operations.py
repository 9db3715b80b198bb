"""Running operations, and how they end early: they are asked to, and are never torn off.

What is asked to end begins no further write, reads back what it began, and answers. That holds when
the engine cancels, when a signal comes, when an operation's own time limit is over, and when the
engine no longer waits for the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aifactory_iac.providers.resource import PartialError, ProviderError

_Answer = TypeVar("_Answer")


class Operations:
    """All operations of one plug-in process."""

    def __init__(self) -> None:
        """None is running."""
        self._cancelled = False
        self._running: dict[asyncio.Task[object], asyncio.Event] = {}

    def cancel(self) -> None:
        """Asks all running operations to end, and lets no further one begin."""
        self._cancelled = True
        for stop in self._running.values():
            stop.set()

    def welcome(self) -> None:
        """Lets operations begin again: another engine has come, to a plug-in that runs for many.

        Every engine cancels as it ends, also when all went well.
        """
        self._cancelled = False

    async def finished(self) -> None:
        """Returns when none is running any more."""
        while self._running:
            await asyncio.wait(self._running)

    async def run(
        self, work: Callable[[asyncio.Event], Awaitable[_Answer]], limit: float = 0
    ) -> _Answer:
        """Runs one operation, which is asked to end after `limit` seconds unless that is zero.

        Raises what it raises, and `ProviderError` when everything was cancelled before it began.
        """
        if self._cancelled:
            raise ProviderError("cancelled before anything of it was done")
        stop = asyncio.Event()
        task = asyncio.ensure_future(self._noting(work, stop, limit))
        self._running[task] = stop
        task.add_done_callback(self._ended)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            stop.set()
            raise

    async def _noting(
        self, work: Callable[[asyncio.Event], Awaitable[_Answer]], stop: asyncio.Event, limit: float
    ) -> _Answer:
        """The work, whose errors say so when it had been asked to end for its time limit."""
        over = False

        def end() -> None:
            nonlocal over
            over = True
            stop.set()

        timer = asyncio.get_running_loop().call_later(limit, end) if limit else None
        note = f"its time limit of {limit:g} s (customTimeouts) was over"
        try:
            return await work(stop)
        except PartialError as error:
            raise (PartialError(error.made, (*error.reasons, note)) if over else error) from None
        except ProviderError as error:
            raise (ProviderError(f"{error}; {note}") if over else error) from None
        finally:
            if timer is not None:
                timer.cancel()

    def _ended(self, task: asyncio.Task[object]) -> None:
        del self._running[task]
        if not task.cancelled():
            task.exception()  # whoever waited for it may be gone
