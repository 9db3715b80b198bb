"""One bad machine of each kind among good ones; and what must never happen, by the lab's own log.

Every fault is one of the lab's catalogue, which says where it comes from.
"""

from __future__ import annotations

from collections import Counter

import pytest

from aifactory_iac.lab.redfish.witness import Witness

GROUP = "aifactory:metal:NodeGroup"
BIOS = {"ProcTurboMode": "Disabled"}

BAD = {
    # catalogue → what is said of the machine; None where it gets there nevertheless
    "infra-controller-595-power-on-does-nothing": "its BMC took it and did nothing",
    "settle-409-after-power-off": None,
    "lost-answer-to-reset": None,
    "done-but-500": None,
    "terraform-redfish-231-bios-never-applied": "its BMC took it and did nothing",
    "lost-answer-to-patch": None,
    "gofish-171-etag-demanded": None,
    "gofish-75-session-limit": None,
    "unauthorized-storm": "401",
    "xcat-4264-intermittent-503": None,
    "bmo-708-short-outage": None,
    "connection-dropped": None,
    "body-cut-in-the-middle": None,
    "certificate-expired": "certificate",
    "certificate-of-another-host": "certificate",
    "certificate-of-unknown-authority": "certificate",
}


FIRST_BAD = 25


def machine_with(kind):
    """The machine that has this fault: those before are good ones."""
    return f"n{FIRST_BAD + list(BAD).index(kind):04}"


def faults_of(kinds):
    lines = [f"  - use: {kind}\n    when: {{ machine: {machine_with(kind)} }}\n" for kind in kinds]
    return "faults:\n" + "".join(lines)


@pytest.fixture
def client(plugin):
    return lambda plant, **settings: plugin(
        lab=plant.lab, **{"pace": 0.02, "parallel": 8, **settings}
    )


@pytest.mark.slow  # sixteen bad machines, of which some are asked again and again in real time
def test_one_bad_machine_of_each_kind_stops_no_other(plant, group_of, client):
    place = plant(40, faults=faults_of(BAD))
    ours = client(place)
    inputs, failures = ours.check(GROUP, group_of(place, bios=BIOS, power="On"))
    assert failures == []
    with pytest.raises(ours.partly_done) as partly:
        ours.create(GROUP, inputs)
    kept = partly.value.state["results"]
    said = {kind: kept[machine_with(kind)].get("error", "") for kind in BAD}
    wrong = {
        kind: said[kind]
        for kind, text in BAD.items()
        if (text is None) is bool(said[kind]) or (text or "") not in said[kind]
    }
    assert wrong == {}
    assert {kept[name]["state"] for name in kept if name < machine_with(next(iter(BAD)))} == {
        "available"
    }
    bad = sum(text is not None for text in BAD.values())
    assert partly.value.state["ready"] == 40 - bad
    assert len(partly.value.reasons) == bad

    log = Witness.of(place.fleet.journal.records)
    assert log.complaints() == []
    # A controller that says 401 is asked once in a run, and never again with a password.
    storm = machine_with("unauthorized-storm")
    assert [each["status"] for each in log.requests(storm)] == [401]
    # Nothing at all was sent to a controller that showed a wrong certificate.
    for kind in BAD:
        if kind.startswith("certificate"):
            assert log.requests(machine_with(kind)) == []

    # The next run leaves alone who rests, reads the others, and resets nobody.
    last = log.last
    with pytest.raises(ours.partly_done) as again:
        ours.update(GROUP, partly.value.id, inputs, partly.value.state, inputs)
    later = Witness.of(place.fleet.journal.records).since(last)
    assert [each["machine"] for each in later.effects("reset")] == []
    assert [each["method"] for each in later.requests(storm)] in ([], ["GET"])
    assert again.value.state["ready"] == 40 - bad


def test_a_machine_in_quarantine_is_left_alone_until_somebody_says_again(plant, group_of, client):
    name = "n0002"
    faults = "faults: [{use: infra-controller-595-power-on-does-nothing, when: {machine: n0002}}]"
    place = plant(4, faults=faults)
    ours = client(place)
    inputs, _ = ours.check(GROUP, group_of(place, power="On"))
    with pytest.raises(ours.partly_done) as first:
        ours.create(GROUP, inputs)
    kept = first.value
    assert first.value.state["results"][name]["quarantine"]["attempts"] == 1
    assert ours.diff(GROUP, inputs, kept.state, inputs).changes == "DIFF_NONE"
    # Its time has not come: it is not even looked at, and stays reported.
    place.forget()
    rests = {**kept.state["results"][name]}
    rests["quarantine"] = {**rests["quarantine"], "next": rests["quarantine"]["next"] + 3600}
    state = {**kept.state, "results": {**kept.state["results"], name: rests}}
    with pytest.raises(ours.partly_done) as second:
        ours.update(GROUP, kept.id, inputs, state, inputs)
    assert place.records("request", name) == []
    assert second.value.state["results"][name] == rests
    # A plan says that it rests, and nothing else of it.
    ours.lines.clear()
    ours.update(GROUP, kept.id, inputs, state, inputs, preview=True)
    assert [text for _severity, _name, text in ours.lines] == [
        "4 machines: nothing to do",
        "1 machine in quarantine: n0002",
    ]
    # A refresh looks at it, and does not end its quarantine: it is as it was.
    with pytest.raises(ours.partly_done) as refreshed:
        ours.read(GROUP, kept.id, inputs, state)
    assert refreshed.value.state["results"][name]["quarantine"] == rests["quarantine"]
    # Somebody says: again.
    machines = {**inputs["machines"], name: {**inputs["machines"][name], "attempt": 1}}
    with pytest.raises(ours.partly_done) as again:
        ours.update(GROUP, kept.id, inputs, state, {**inputs, "machines": machines})
    assert again.value.state["results"][name]["quarantine"]["attempts"] == 1
    assert place.records("request", name) != []


@pytest.fixture
def disturbed(plant, group_of, client):
    """A group of machines that run, changed in a setting that takes a reset."""

    def run(count=12, *, rollout=1, budget=None, faults=None, breakers=None):
        place = plant(count, power="On", installed="sha256:" + "cd" * 32, pace=0.005, faults=faults)
        ours = client(place)
        base = group_of(
            place,
            bios=BIOS,
            power="On",
            rollout={"unavailable": rollout, "drain": True},
            budget=budget,
            breakers=breakers,
            watts=1000.0 if (budget or {}).get("watts") else None,
            # Whoever owns them says that they may be reset: there is no cluster here to drain.
            approval={"by": ["anna"], "until": "2199-01-01T00:00:00Z", "actions": ["reset"]},
        )
        inputs, failures = ours.check(GROUP, base)
        assert failures == []
        try:
            state = ours.create(GROUP, inputs)[1]
        except ours.partly_done as error:
            state = error.state
        return place, state

    return run


def down_at_once(place, of):
    """Most machines of a kind that were off or not up again at one time."""
    down, most = set(), Counter()
    for record in Witness.of(place.fleet.journal.records).effects():
        name = record["machine"]
        if record["effect"] == "reset":
            down.add(name)
        elif record["effect"] == "os-up":
            down.discard(name)
        counts = Counter(of(each) for each in down)
        most = most | counts
    return dict(most)


def rack(name):
    return f"r{(int(name[1:]) - 1) // 4 + 1:02}"


@pytest.mark.parametrize("unavailable", [1, 3])
def test_never_more_of_a_group_are_down_than_may_be(disturbed, unavailable):
    place, state = disturbed(rollout=unavailable)
    assert state["ready"] == 12
    most = down_at_once(place, lambda _name: "all")["all"]
    assert 1 <= most <= unavailable


def test_never_more_of_a_rack_or_breaker_than_may_be(disturbed):
    place, state = disturbed(
        rollout=6,
        budget={"rack": 2, "breaker": 3},
        breakers={"r01": "a", "r02": "a", "r03": "b"},
    )
    assert state["ready"] == 12
    assert max(down_at_once(place, rack).values()) <= 2
    breaker = {"r01": "a", "r02": "a", "r03": "b"}
    assert max(down_at_once(place, lambda name: breaker[rack(name)]).values()) <= 3


def test_a_bad_change_stops_after_the_first_machines(disturbed):
    """Attributes that no machine takes: three are tried, nine are never touched."""
    faults = "faults:\n  - use: terraform-redfish-231-bios-never-applied\n"
    place, state = disturbed(faults=faults)
    touched = {each.split()[0] for each in place.writes()}
    assert touched == {"n0001", "n0005", "n0009"}
    assert place.resets() == []
    assert state["ready"] == 0
