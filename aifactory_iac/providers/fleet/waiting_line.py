"""Waiting for a place, in order, so that nobody is lost and nothing is held by nobody."""

from __future__ import annotations

import asyncio
import bisect
from collections.abc import Callable
from dataclasses import dataclass, field

from aifactory_iac.providers.machine.provisioner import ClosedError


@dataclass(order=True)
class _Waiter:
    rank: int
    number: int
    name: str = field(compare=False)
    let_in: asyncio.Future[None] = field(compare=False)


class WaitingLine:
    """Lets in whoever `take` says yes to, the lowest rank first, then in order of arrival.

    Who is not let in does not stop those behind: they may need another place. `take` takes the
    place when it says yes; `give_back` is called when a waiter was cancelled in the moment in which
    it was let in.
    """

    def __init__(
        self,
        take: Callable[[str], bool],
        give_back: Callable[[str], None],
        changed: Callable[[], None] | None = None,
    ) -> None:
        """`changed` is called when somebody has come or gone; it is `look` when not given."""
        self._take = take
        self._give_back = give_back
        self._changed = changed or self.look
        self._waiting: list[_Waiter] = []
        self._arrived = 0
        self._closed = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Who waits, in order."""
        return tuple(each.name for each in self._waiting)

    async def wait(self, name: str, rank: int = 0) -> None:
        """Returns with a place. Raises `ClosedError` when there will be none."""
        if self._closed:
            raise ClosedError(self._closed)
        self._arrived += 1
        loop = asyncio.get_running_loop()
        waiter = _Waiter(rank, self._arrived, name, loop.create_future())
        bisect.insort(self._waiting, waiter)
        self._changed()
        try:
            await waiter.let_in
        except asyncio.CancelledError:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            elif not waiter.let_in.cancelled() and waiter.let_in.exception() is None:
                self._give_back(name)
            self._changed()
            raise

    def look(self) -> None:
        """Lets in everyone who may go in now."""
        for waiter in tuple(self._waiting):
            if not waiter.let_in.done() and self._take(waiter.name):
                self._waiting.remove(waiter)
                waiter.let_in.set_result(None)

    def refuse(self, name: str, reason: str) -> None:
        """Sends away one who waits."""
        for waiter in tuple(self._waiting):
            if waiter.name == name:
                self._send_away(waiter, reason)

    def close(self, reason: str) -> None:
        """Sends away everyone who waits, and whoever comes later."""
        self._closed = self._closed or reason
        for waiter in tuple(self._waiting):
            self._send_away(waiter, self._closed)

    def _send_away(self, waiter: _Waiter, reason: str) -> None:
        self._waiting.remove(waiter)
        if not waiter.let_in.done():
            waiter.let_in.set_exception(ClosedError(reason))
