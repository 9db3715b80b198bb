"""Runs an agenda in real time: one timer of the loop, set to the next appointment."""

from __future__ import annotations

import asyncio

from aifactory_iac.lab.redfish.agenda import Agenda


class Timer:
    """Wakes an agenda when its next appointment is due."""

    def __init__(self, loop: asyncio.AbstractEventLoop, agenda: Agenda) -> None:
        self._loop = loop
        self._agenda = agenda
        self._handle: asyncio.TimerHandle | None = None
        agenda.wake = self._set

    def _set(self) -> None:
        self.stop()
        due = self._agenda.next_due()
        if due is not None:
            wait = max(0.0, due - self._agenda.clock())
            self._handle = self._loop.call_later(wait, self._ring)

    def _ring(self) -> None:
        self._handle = None
        self._agenda.run_due()
        self._set()

    def stop(self) -> None:
        """It rings no more, until something new is put on the agenda."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
