"""Appointments happen in order, at their time, and not when they were cancelled."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aifactory_iac.lab.redfish.agenda import Agenda, HandClock


@given(st.lists(st.integers(0, 100), max_size=30), st.integers(0, 100))
def test_what_is_due_happens_in_order_of_time_and_nothing_else(
    waits: list[int], passed: int
) -> None:
    clock = HandClock()
    agenda = Agenda(1.0, clock)
    happened: list[tuple[int, int]] = []
    for index, wait in enumerate(waits):
        agenda.after(wait, lambda index=index, wait=wait: happened.append((wait, index)))
    clock.move(passed)
    agenda.run_due()

    due = [(wait, index) for index, wait in enumerate(waits) if wait <= passed]
    assert happened == sorted(due)


def test_a_cancelled_one_does_not_happen_and_is_not_waited_for() -> None:
    clock = HandClock()
    agenda = Agenda(1.0, clock)
    happened: list[str] = []
    first = agenda.after(1, lambda: happened.append("first"))
    agenda.after(2, lambda: happened.append("second"))
    first.cancel()

    assert agenda.next_due() == 2
    clock.move(5)
    agenda.run_due()
    assert happened == ["second"]
    assert agenda.next_due() is None


def test_what_an_appointment_adds_is_done_in_the_same_run_when_it_is_due() -> None:
    clock = HandClock()
    agenda = Agenda(1.0, clock)
    happened: list[str] = []
    agenda.after(1, lambda: agenda.after(0, lambda: happened.append("child")) and None)
    clock.move(1)
    agenda.run_due()
    assert happened == ["child"]


def test_pace_shortens_waits_and_an_earlier_one_wakes() -> None:
    clock = HandClock(100)
    woken: list[float | None] = []
    agenda = Agenda(0.5, clock)
    agenda.wake = lambda: woken.append(agenda.next_due())
    agenda.after(10, lambda: None)
    agenda.after(20, lambda: None)
    agenda.after(4, lambda: None)
    assert woken == [105, 102]
