"""A lab hangs on one process: it says when it is ready, watches its parts, and takes them along."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable

import pytest

from aifactory_iac.lab import child as children
from aifactory_iac.lab import supervisor as supervisors
from aifactory_iac.lab.starter import Starter
from aifactory_iac.lab.supervisor import Stop, Supervisor


class Line:
    """The starter's side of the line to a supervisor."""

    def __init__(self) -> None:
        self.theirs_in, self._to = os.pipe()
        self._from, self.theirs_out = os.pipe()
        self.stop = Stop()

    def hear(self) -> dict:
        with os.fdopen(os.dup(self._from), "rb") as stream:
            return json.loads(stream.readline())

    def go_on(self) -> None:
        os.write(self._to, b"\n")

    def leave(self) -> None:
        os.close(self._to)
        self._to = -1

    def deafen(self) -> None:
        os.close(self._from)
        self._from = -1

    def close(self) -> None:
        self.stop.close()
        for each in (self.theirs_in, self._to, self._from, self.theirs_out):
            if each >= 0:
                os.close(each)


@pytest.fixture
def line():
    made = Line()
    yield made
    made.close()


@pytest.fixture
def running(ordered, line, monkeypatch):
    """Runs a lab of toys here, while a story runs beside it; gives the exit status."""
    monkeypatch.setattr(supervisors, "_TICK", 0.02)
    monkeypatch.setattr(supervisors, "GRACE", 0.5)

    def run(story: Callable[..., None], *names: str, clock=None, **limits: float) -> int:
        folder, lock, orders = ordered(*names, **limits)
        clocked = {"clock": clock} if clock else {}
        supervisor = Supervisor(
            folder, orders, Starter(line.theirs_in, line.theirs_out), line.stop, **clocked
        )
        trouble = []

        def told() -> None:
            try:
                story(folder)
            except BaseException as error:  # noqa: BLE001 - raised again below
                trouble.append(error)
            finally:
                line.stop()

        beside = threading.Thread(target=told)
        beside.start()
        try:
            return supervisor.run()
        finally:
            beside.join()
            os.close(lock)
            if trouble:
                raise trouble[0]

    return run


def test_a_lab_is_ready_when_all_of_its_parts_are(running, line, living, place):
    def story(folder):
        assert line.hear() == {"ready": True}
        line.go_on()
        document = json.loads(folder.record.read_text())
        assert document["endpoints"] == {"10.0.0.9": "https://127.0.0.1:9"}
        assert [(each["name"], each["state"]) for each in document["parts"]] == [
            ("good", "running"), ("frail", "running"),
        ]  # fmt: skip
        assert sorted(each["pid"] for each in document["parts"])
        assert document["parts"][0]["version"] == "toy 1"

    assert running(story, "good", "frail") == 0
    assert not place.exists()


def test_a_part_that_dies_is_written_down_and_the_others_go_on(running, line, until):
    def story(folder):
        line.hear()
        line.go_on()
        (folder.part("frail") / "die").write_text("")

        def ended():
            document = json.loads(folder.record.read_text())
            states = {each["name"]: each for each in document["parts"]}
            return states if states["frail"]["state"] == "ended" else None

        states = until(ended)
        assert states["frail"]["ending"] == "ended with status 7"
        assert (states["good"]["state"], "ending" in states["good"]) == ("running", False)
        assert (folder.part("frail") / "part.log").read_text() == "out of breath\n"

    assert running(story, "good", "frail") == 0


@pytest.mark.parametrize(
    ("name", "reason", "log"),
    [
        ("failing", "ended with status 3", ["no luck"]),
        ("babbling", "said `hello world` instead of being ready", []),
        ("nowhere", "ended with status 1", None),
    ],
)
def test_a_part_that_does_not_come_up_ends_all(running, line, place, name, reason, log):
    def story(_):
        told = line.hear()
        assert (told["ready"], told["part"], told["reason"]) == (False, name, reason)
        assert told["log"] == log or log is None

    assert running(story, "good", name) == 1
    assert not place.exists()


def test_a_part_that_takes_too_long_ends_all(running, line, place):
    def story(_):
        assert line.hear() == {
            "ready": False, "part": "silent", "reason": "is not ready after 0.2 s", "log": [],
        }  # fmt: skip

    assert running(story, "silent", deadline=0.2) == 1


def test_what_cannot_be_started_at_all_is_said(running, line, monkeypatch):
    def nothing(*_: object) -> list[str]:
        return ["/no/such/program"]

    monkeypatch.setattr(children, "command", nothing)

    def story(_):
        assert line.hear()["reason"] == "cannot be started: No such file or directory"

    assert running(story, "good") == 1


def test_a_starter_that_is_gone_before_it_is_ready_takes_the_lab_with_it(running, line, place):
    assert running(lambda _: (line.leave(), threading.Event().wait(1)), "silent") == 0
    assert not place.exists()


def test_a_starter_that_does_not_say_go_on_takes_the_lab_with_it(running, line, place):
    def story(_):
        line.hear()
        line.leave()
        while place.exists():
            threading.Event().wait(0.02)

    assert running(story, "good") == 0


@pytest.mark.parametrize(("name", "status"), [("good", 0), ("failing", 1)])
def test_a_starter_that_hears_nothing_takes_the_lab_with_it(running, line, name, status):
    line.deafen()
    assert running(lambda _: threading.Event().wait(1), name) == status


def test_a_lab_ends_when_its_folder_is_gone(running, line, place):
    def story(folder):
        line.hear()
        line.go_on()
        folder.path.rename(place.parent / "moved")

    assert running(story, "good") == 0
    assert (place.parent / "moved" / "lab.json").exists()


def test_a_lab_ends_when_its_time_is_up(running, line):
    passed = [0.0]

    def story(folder):
        line.hear()
        line.go_on()
        passed[0] = 3601
        while folder.path.exists():
            threading.Event().wait(0.02)

    assert running(story, "good", clock=lambda: passed[0], lifetime=3600) == 0


def test_a_part_that_does_not_end_when_asked_is_killed(running, line, living, place):
    def story(_):
        line.hear()
        line.go_on()

    assert running(story, "stubborn") == 0
    assert living(place) == []


def test_stopping_twice_does_no_harm():
    stop = Stop()
    for _ in range(70000):
        stop()
        if stop.wanted:
            break
    stop()
    assert stop.wanted
    stop.close()
