"""What a rollout would do, in words of operations, before anybody is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aifactory_iac.providers.fleet.budget import DisruptionBudget
from aifactory_iac.providers.fleet.forecast import forecast
from aifactory_iac.providers.fleet.work import Work, work
from aifactory_iac.providers.install.image import OsImage
from aifactory_iac.providers.install.installation import Callback, Installation
from aifactory_iac.providers.machine.intent import Component
from aifactory_iac.providers.machine.lifecycle import TABLE, State
from aifactory_iac.providers.machine.result import MachineResult

DIGEST = "sha256:" + "ab" * 32
IMAGE = OsImage(os="ubuntu", url="https://images.example.org/u.iso", digest=DIGEST)
INSTALL = Installation.model_construct(image=IMAGE, wipe="never", callback=Callback(minutes=30))
SEEN = MachineResult(
    "n1",
    State.AVAILABLE,
    power="On",
    observed={"bios": {"A": 1}, "firmware": {"BIOS": "1.0"}, "secureBoot": False},
)
STEP = TABLE[State.NONCONFORMANT].limit / 60
POWER = TABLE[State.CONFORMANT].limit / 60
LOOK = TABLE[State.INSPECTED].limit / 60
WANTED = {"bios": {"A": 1}, "firmware": (Component("BIOS", "1.0"),)}


@pytest.mark.parametrize(
    ("wanted", "known", "expected"),
    [
        ({}, None, Work()),
        (WANTED, SEEN, Work()),
        (WANTED, None, Work(2, 2 * STEP)),
        (WANTED, replace(SEEN, state=State.DECLARED), Work(2, 2 * STEP)),
        ({"bios": {"A": 2}}, SEEN, Work(1, STEP)),
        ({"secure_boot": True}, SEEN, Work(1, STEP)),
        ({"firmware": (Component("BIOS", "2.0"),)}, SEEN, Work(1, STEP)),
        ({"firmware": (Component("BIOS", "2.0", ("1.0",)),)}, SEEN, Work()),
        ({"power": "On"}, SEEN, Work()),
        ({"power": "Off"}, SEEN, Work(0, POWER)),
        ({"power": "On", "watts": 900.0}, replace(SEEN, power="Off"), Work(1, POWER, 900.0)),
        ({"bios": {"A": 2}, "power": "On", "watts": 900.0}, None, Work(1, STEP + POWER, 900.0)),
        ({"install": INSTALL}, None, Work(1, 30)),
        ({"install": INSTALL}, replace(SEEN, installed=DIGEST), Work()),
        ({"install": INSTALL}, replace(SEEN, installed="sha256:other"), Work(1, 30, 0, True)),
        (
            {"install": INSTALL.model_copy(update={"wipe": "full"})},
            SEEN,
            Work(1, 30, 0, True),
        ),
        ({}, replace(SEEN, error="does not answer", stale=True), Work(0, LOOK)),
    ],
)
def test_what_one_machine_may_need(intent, wanted, known, expected):
    assert work(intent("n1", **wanted), known) == expected


def test_another_machine_in_its_place_may_hold_data(intent):
    wanted = intent("n1", install=INSTALL)
    assert work(wanted, replace(SEEN, installed=DIGEST), exchanged=True) == Work(1, 30, 0, True)


def foretold(intent, count, known=None, budget=None, **more):
    wanted = {
        f"n{number:02}": intent(
            f"n{number:02}",
            rack=f"r{number // 4}",
            watts=1000.0,
            bios={"A": 2},
            power="On",
        )
        for number in range(count)
    }
    known = {name: replace(each, name=name) for name, each in (known or {}).items()}
    return forecast(wanted, known, budget or DisruptionBudget(unavailable=2), **more)


def test_new_machines_go_in_three_waves(intent):
    found = foretold(intent, 12)
    minutes = 3 * (STEP + POWER)
    assert [len(wave) for wave in found.waves] == [1, 5, 6]
    assert found.waves[0] == ("n00",)
    assert set(found.waves[1]) == {"n01", "n02", "n03", "n04", "n08"}
    assert (found.machines, found.resets, found.minutes, found.watts) == (12, 12, minutes, 12000)
    assert found.words() == (
        "12 of 12 machines in 3 waves (1, 5, 6), n00 first",
        f"at most 12 resets, {minutes:g} minutes",
        "in 3 racks: r0, r1, r2",
        "12 kW come on",
    )


def test_machines_that_serve_go_as_few_at_once_as_the_budget_lets(intent):
    known = {f"n{number:02}": SEEN for number in range(12)}
    found = foretold(intent, 12, known)
    assert [len(wave) for wave in found.waves] == [1, 2, 2, 2, 2, 2, 1]
    assert found.words()[:2] == (
        "12 of 12 machines in 7 waves (1, 2, 2, 2, 2, 2, 1), n00 first",
        f"at most 12 resets, {7 * STEP:g} minutes",
    )


def test_a_rack_and_a_breaker_bound_every_wave(intent):
    found = foretold(intent, 8, budget=DisruptionBudget(unavailable=8, rack=1))
    assert [len(wave) for wave in found.waves] == [1, 2, 2, 2, 1]


def test_what_is_bound_and_what_is_lost_is_said_first_and_last(intent):
    wanted = {"n1": intent("n1", install=INSTALL, watts=5000.0)}
    found = forecast(
        wanted,
        {"n1": replace(SEEN, power="Off", installed="sha256:other"), "n2": SEEN},
        DisruptionBudget(watts_per_minute=7500),
        resting={"n2"},
    )
    assert found.words() == (
        "DATA IS DESTROYED on 1 machine: n1",
        "1 of 1 machine in 1 wave (1), n1 first",
        "at most 1 reset, 30 minutes",
        "5 kW come on, at most 7.5 kW of it in any minute",
        "1 machine in quarantine: n2",
    )


def test_long_lists_are_cut(intent):
    known = {f"n{number:02}": SEEN for number in range(60)}
    found = foretold(intent, 60, known, DisruptionBudget(unavailable=1))
    assert found.words()[0] == (
        "60 of 60 machines in 60 waves (1, 1, 1, 1, 1, 1, 1, 1, ...), n00 first"
    )
    assert found.words()[2] == (
        "in 15 racks: r0, r1, r10, r11, r12, r13, r14, r2, r3, r4 and 5 more"
    )


def test_nothing_to_do_is_nothing(intent):
    found = forecast({"n1": intent("n1", **WANTED)}, {"n1": SEEN}, DisruptionBudget())
    assert (found.waves, found.words()) == ((), ("1 machine: nothing to do",))


def test_what_is_not_ours_is_not_foretold(intent):
    wanted = {"n1": intent("n1", owner="observed", power="On"), "n2": intent("n2", power="On")}
    assert forecast(wanted, {}, DisruptionBudget(), resting={"n2"}).words() == (
        "2 machines: nothing to do",
        "1 machine in quarantine: n2",
    )


def test_a_group_of_ten_thousand_is_foretold_in_no_time(intent):
    import time

    known = {f"n{number:02}": SEEN for number in range(2000)}
    began = time.process_time()
    found = foretold(intent, 2000, known, DisruptionBudget(unavailable=1))
    assert len(found.waves) == 2000
    assert time.process_time() - began < 5
