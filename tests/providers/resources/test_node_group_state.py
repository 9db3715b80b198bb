"""What the state keeps of each machine: little, and nothing that changes by itself."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.lifecycle import State
from aifactory_iac.providers.machine.result import MachineResult, Quarantine
from aifactory_iac.providers.resource import UNKNOWN
from aifactory_iac.providers.resources.group_state import (
    document,
    ready,
    reasons,
    results_of,
    unreached,
)

RESULT = MachineResult(
    name="n1",
    state=State.INSTALLED,
    identity=Identity("S1", "u1", ("02:00:00:00:00:01",)),
    power="On",
    observed={"vendor": "generic", "bios": {"A": "Enabled"}},
    installed="sha256:1",
    seen=1_800_000_000.1234,
)


def test_what_is_empty_is_left_out():
    assert document(MachineResult("n1", State.DECLARED), "w1") == {
        "state": "declared",
        "wanted": "w1",
    }
    assert document(RESULT, "w1") == {
        "state": "installed",
        "serial": "S1",
        "uuid": "u1",
        "macs": ["02:00:00:00:00:01"],
        "power": "On",
        "installed": "sha256:1",
        "observed": {"vendor": "generic", "bios": {"A": "Enabled"}},
        "wanted": "w1",
        "since": 1_800_000_000.123,
    }


def test_a_look_that_finds_nothing_new_changes_nothing():
    first = document(RESULT, "w1")
    later = MachineResult(**{**fields(RESULT), "seen": 1_900_000_000.0, "did": ("looked",)})
    assert document(later, "w1", first) == first
    other = MachineResult(**{**fields(RESULT), "seen": 1_900_000_000.0, "power": "Off"})
    assert document(other, "w1", first)["since"] == 1_900_000_000.0


def fields(result):
    return {name: getattr(result, name) for name in result.__dataclass_fields__}


TEXTS = st.text(max_size=30)
RESULTS = st.builds(
    MachineResult,
    name=st.just("n1"),
    state=st.sampled_from(State),
    identity=st.builds(Identity, TEXTS, TEXTS, st.lists(TEXTS, max_size=3).map(tuple)),
    power=st.sampled_from(["On", "Off", "unknown"]),
    observed=st.dictionaries(TEXTS, TEXTS, max_size=3),
    installed=TEXTS,
    error=TEXTS,
    stale=st.booleans(),
    seen=st.integers(0, 2_000_000_000).map(float),
)


@settings(deadline=None)
@given(RESULTS, st.none() | st.tuples(st.integers(1, 9), st.integers(1, 2_000_000_000)))
def test_what_is_written_reads_back(result, quarantine):
    if quarantine is not None:
        rests = Quarantine(result.error, quarantine[0], float(quarantine[1]))
        result = MachineResult(**{**fields(result), "quarantine": rests})
    kept = json.loads(json.dumps(document(result, "w1")))
    assert results_of({"results": {"n1": kept}}) == {"n1": result}


def test_a_machine_takes_less_than_two_kilobytes_however_much_is_declared():
    large = MachineResult(
        name="n1",
        state=State.QUARANTINED,
        identity=Identity(
            "1660224000123", "4c4c4544-0000-2010-8020-80c04f202020", ("02:00:00:00:00:01",) * 12
        ),
        power="On",
        observed={
            "vendor": "nvidia-dgx",
            "model": "DGXH100",
            "bios": {f"AttributeNumber{number:02}": "Enabled" for number in range(20)},
            "secureBoot": True,
            "firmware": {f"Component_{number}": "24.09.17-1234" for number in range(8)},
        },
        installed="sha256:" + "ab" * 32,
        error="x" * 5000,
        quarantine=Quarantine("x" * 5000, 7, 1_800_000_000.123456),
        stale=True,
        seen=1_800_000_000.123456,
    )
    size = len(json.dumps(document(large, "0123456789ab")))
    assert size < 2048
    assert 10_000 * size < 50_000_000


def test_nobody_reached_keeps_only_who_it_is():
    assert unreached(document(RESULT, "w1")) == {
        "state": "declared",
        "serial": "S1",
        "uuid": "u1",
        "macs": ["02:00:00:00:00:01"],
    }
    assert unreached(None) == {"state": "declared"}


def test_ready_are_those_that_are_as_wanted():
    kept = {
        "n1": {"state": "installed"},
        "n2": {"state": "nonconformant"},
        "n3": {"state": "available", "stale": True},
        "n4": {"state": "available", "error": "e"},
        "n5": {"state": "inspected"},
    }
    assert ready(kept) == 2


def test_reasons_are_one_a_machine_and_the_first_twenty():
    kept = {f"n{number:02}": {"state": "available", "error": f"e{number}"} for number in range(30)}
    kept["m0"] = {
        "state": "quarantined",
        "error": "never came back",
        "quarantine": {"attempts": 2, "next": 1_800_000_000.0},
    }
    kept["m1"] = {"state": "available", "stale": True}
    kept["m2"] = {"state": "available", "stale": True, "error": "does not answer"}
    kept["m3"] = {"state": "installed"}
    found = reasons(kept)
    assert found[:4] == (
        "m0: never came back (in quarantine, attempt 2, until 2027-01-15T08:00:00Z)",
        "m1: could not be reached (as it was last seen)",
        "m2: does not answer (as it was last seen)",
        "n00: e0",
    )
    assert found[20:] == ("and 13 more machines",)


def test_a_preview_knows_no_results():
    assert results_of({"results": UNKNOWN}) == {}
    assert results_of({}) == {}
