"""What is to happen later: one heap of appointments for a fleet, run by whoever holds its time."""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Appointment:
    """Something that will be done unless it is cancelled before."""

    due: float
    action: Callable[[], None] | None

    def cancel(self) -> None:
        """It will not happen; harmless once it has."""
        self.action = None


class HandClock:
    """A clock that stands still until it is moved, for tests that let an hour pass at once."""

    def __init__(self, start: float = 0.0) -> None:
        """Starts at so many seconds."""
        self._now = start

    def __call__(self) -> float:
        """The time it shows."""
        return self._now

    def move(self, seconds: float) -> None:
        """Moves it forward."""
        self._now += seconds


@dataclass(slots=True)
class Agenda:
    """Appointments in order of time. `pace` shortens every wait; `wake` hears of an earlier one."""

    pace: float = 1.0
    clock: Callable[[], float] = time.time
    wake: Callable[[], None] = lambda: None
    _heap: list[tuple[float, int, Appointment]] = field(default_factory=list)
    _count: itertools.count[int] = field(default_factory=itertools.count)

    def after(self, seconds: float, action: Callable[[], None]) -> Appointment:
        """Does it so many model seconds from now, times the pace."""
        appointment = Appointment(self.clock() + seconds * self.pace, action)
        heapq.heappush(self._heap, (appointment.due, next(self._count), appointment))
        if self._heap[0][2] is appointment:
            self.wake()
        return appointment

    def next_due(self) -> float | None:
        """When the next appointment is, on the agenda's clock."""
        while self._heap and self._heap[0][2].action is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run_due(self) -> None:
        """Does everything whose time has come, in order; what that adds is done too if due."""
        while (due := self.next_due()) is not None and due <= self.clock():
            appointment = heapq.heappop(self._heap)[2]
            action, appointment.action = appointment.action, None
            if action is not None:
                action()
