"""Bringing a lab up: once, whole or not at all; a second time it is found."""

from __future__ import annotations

import os
import signal
import stat

import pytest

from aifactory_iac.lab import raising, starting
from aifactory_iac.lab.faults import Faults
from aifactory_iac.lab.folder import Folder, taken
from aifactory_iac.lab.making import digest
from aifactory_iac.lab.orders import Orders
from aifactory_iac.lab.raising import OtherLabError, raised
from aifactory_iac.lab.selection import Selection, selected
from aifactory_iac.lab.starting import StartError, start, stop
from aifactory_iac.lab.state import state
from aifactory_iac.lab.wish import Wish

WISH = Wish("edge-inference", kinds=("aws",))


@pytest.fixture
def raise_(place, stock, catalog):
    """Raises a lab of one part; takes it down in the end."""
    chosen = selected(stock("edge-inference"), Selection(limit=2))

    def raising(wish=WISH, wanted=chosen, faults=Faults()):  # noqa: B008 - a value
        return raised(place, "edge-inference.dev", wanted, wish, faults, catalog)

    yield raising
    stop(Folder(place))


def test_a_lab_is_raised_once_and_found_again(raise_, place, living):
    first = raise_()
    assert first.how == "started"
    assert first.document["name"] == "edge-inference.dev"
    assert first.document["aws"]["region"] == "eu-central-1"
    again = raise_()
    assert (again.how, again.document) == ("unchanged", first.document)
    assert len(living(place)) == 2
    for each in place.rglob("*"):
        assert stat.S_IMODE(each.stat().st_mode) & 0o077 == 0, each


def test_faults_are_changed_while_it_runs(raise_, place):
    raise_()
    some = Faults(machines=({"use": "bmclib-459-half-stored-boot"},), seed=3)
    assert raise_(faults=some).how == "faults"
    assert Faults.read(Folder(place)) == some
    assert raise_(faults=some).how == "unchanged"
    assert raise_().how == "faults"
    assert Faults.read(Folder(place)) == Faults()


def test_another_lab_in_the_same_place_is_refused(raise_, stock):
    raise_()
    with pytest.raises(OtherLabError, match="is running, with other machines or in another way"):
        raise_(wanted=stock("edge-inference"))
    with pytest.raises(OtherLabError):
        raise_(wish=Wish("edge-inference", kinds=("aws",), pace=0.5))


def test_a_lab_with_a_dead_part_is_not_up(raise_, place, until):
    document = raise_().document
    os.kill(document["parts"][0]["pid"], signal.SIGKILL)
    until(lambda: state(Folder(place)).condition == "failing")
    with pytest.raises(StartError, match="aws was ended by SIGKILL some time ago"):
        raise_()


def test_a_lab_that_is_just_starting_is_left_alone(place, raise_):
    folder, lock = taken(place)
    try:
        with pytest.raises(OtherLabError, match="is just being started or taken down"):
            raise_()
        folder.orders.write_text(Orders("d", (), {}, 1).text())
        Faults().write(folder)
        with pytest.raises(OtherLabError, match="is just being started by someone else"):
            raise_()
    finally:
        os.close(lock)
        folder.remove()


def test_a_part_that_does_not_come_up_leaves_nothing(ordered, place, living):
    with pytest.raises(StartError) as told:
        start(*ordered("good", "failing"))
    assert (told.value.part, told.value.reason) == ("failing", "ended with status 3")
    assert told.value.log == ("no luck",)
    assert not place.exists()
    assert living(place) == []


def test_an_interrupt_while_it_starts_leaves_nothing(ordered, place, living, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(starting, "_answer", interrupted)
    with pytest.raises(KeyboardInterrupt):
        start(*ordered("silent"))
    assert not place.exists()
    assert living(place) == []


def test_a_supervisor_that_says_nothing_is_given_up(ordered, place, living, monkeypatch):
    monkeypatch.setattr(starting, "_SLACK", -19.5)
    with pytest.raises(StartError, match="supervisor ended without a word"):
        start(*ordered("silent"))
    assert not place.exists()
    assert living(place) == []


def test_a_supervisor_that_cannot_start_says_why(ordered, place, monkeypatch):
    monkeypatch.setattr(starting, "_SUPERVISOR", "aifactory_iac.lab.nothing")
    with pytest.raises(StartError) as told:
        start(*ordered("good"))
    assert "No module named aifactory_iac.lab.nothing" in told.value.log[-1]
    assert not place.exists()


def test_a_supervisor_that_does_not_end_is_killed(ordered, place, living, monkeypatch):
    monkeypatch.setattr(starting, "_GRACE", 0.01)
    start(*ordered("stubborn"))
    stop(Folder(place))
    assert not place.exists()


def test_a_lab_that_cannot_be_written_is_not_started(raise_, place, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "/lab/orders.json")

    monkeypatch.setattr(raising, "make", full)
    with pytest.raises(StartError, match=r"lab /lab/orders\.json: No space left on device"):
        raise_()
    assert not place.exists()


def test_orders_that_cannot_be_written_leave_nothing(ordered, place, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(starting, "write", full)
    with pytest.raises(OSError):
        start(*ordered("good"))
    assert not place.exists()


def test_a_lab_that_ends_right_after_its_start_is_not_up(raise_, monkeypatch):
    monkeypatch.setattr(raising.record, "read", lambda _: None)
    with pytest.raises(StartError, match="lab has just ended"):
        raise_()


def test_stopping_where_nothing_lives_does_no_harm(place):
    stop(Folder(place))
    place.mkdir()
    (place / "alive").write_text("1")
    stop(Folder(place))
    assert not place.exists()


def test_what_is_the_same_lab_does_not_depend_on_faults_or_the_time(stock):
    wanted = stock("edge-inference")
    assert digest(wanted, WISH) == digest(wanted, Wish("x", kinds=("aws",), lifetime=60))
    assert digest(wanted, WISH) != digest(stock("startup-cloud"), WISH)
    assert digest(wanted, Wish("x", boots=("a",))) != digest(wanted, Wish("x"))
