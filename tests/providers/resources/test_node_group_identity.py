"""Who a machine is: not reached, exchanged, readdressed, or two of them the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

GROUP = "aifactory:metal:NodeGroup"


@pytest.fixture
def client(plugin):
    return lambda plant, **settings: plugin(
        lab=plant.lab, **{"pace": 0.02, "parallel": 16, **settings}
    )


def checked(ours, inputs, old=None):
    found, failures = ours.check(GROUP, inputs, old)
    assert failures == []
    return found


def test_unreachable_is_neither_gone_nor_off(plant, group_of, client):
    place = plant(
        3,
        faults="""
            faults:
              - name: unplugged
                when: { machine: n0002 }
                do: { kind: gone, when: instead }
        """,
    )
    ours = client(place)
    inputs = checked(ours, group_of(place))
    with pytest.raises(ours.partly_done) as partly:
        ours.create(GROUP, inputs)
    state = partly.value.state
    assert (state["ready"], state["results"]["n0002"]["state"]) == (2, "declared")
    assert state["results"]["n0002"]["stale"] is True
    assert len(partly.value.reasons) == 1
    assert partly.value.reasons[0].startswith("n0002: ")
    assert partly.value.reasons[0].endswith("(as it was last seen)")
    # The engine reads it at a refresh: it is still there, as it was.
    with pytest.raises(ours.partly_done) as again:
        ours.read(GROUP, partly.value.id, inputs, state)
    assert again.value.state == state


def test_two_machines_with_one_serial_are_both_left_alone(plant, group_of, client):
    place = plant(5, differ={"n0004": {"serial": "SN0002"}})
    ours = client(place)
    inputs = checked(ours, group_of(place, power="On"))
    with pytest.raises(ours.partly_done) as partly:
        ours.create(GROUP, inputs)
    assert sorted(place.resets()) == ["n0001", "n0003", "n0005"]
    assert [reason.partition(" (in")[0] for reason in partly.value.reasons] == [
        "n0002: serial SN0002 is also that of n0004",
        "n0004: serial SN0002 is also that of n0002",
    ]


def test_another_box_behind_the_address_is_not_touched_until_it_is_declared(
    plant, group_of, client
):
    place = plant(3)
    ours = client(place)
    inputs = checked(ours, group_of(place))
    id_, state = ours.create(GROUP, inputs)
    place.call("n0002", lambda machine: replace_serial(machine, "NEW-BOX"))
    wanted = {**inputs, "power": "On"}
    with pytest.raises(ours.partly_done) as partly:
        ours.update(GROUP, id_, inputs, state, wanted)
    assert sorted(place.resets()) == ["n0001", "n0003"]
    assert partly.value.reasons[0].startswith(
        "n0002: is not the machine that is meant: serial is NEW-BOX, not SN0002"
    )
    assert partly.value.state["results"]["n0002"]["serial"] == "SN0002"
    # Its own serial number is declared: it alone is another machine, and the group stays.
    declared = {name: dict(each) for name, each in inputs["machines"].items()}
    declared["n0002"]["serial"] = "NEW-BOX"
    new = {**wanted, "machines": declared}
    kept = partly.value.state
    assert ours.diff(GROUP, wanted, kept, new).replaces == []
    state = ours.update(GROUP, id_, wanted, kept, new)
    assert state["results"]["n0002"]["serial"] == "NEW-BOX"
    assert sorted(place.resets()) == ["n0001", "n0002", "n0003"]


def replace_serial(machine, serial):
    machine.spec = replace(machine.spec, serial=serial, uuid="00000000-0000-4000-8000-0000000000ff")


def test_a_new_address_of_a_controller_is_the_same_machine(plant, group_of, client):
    place = plant(2)
    ours = client(place)
    inputs = checked(ours, group_of(place, power="On"))
    id_, state = ours.create(GROUP, inputs)
    moved = {name: dict(each) for name, each in inputs["machines"].items()}
    moved["n0001"] |= {"bmc": "10.9.9.9", "rack": "r77"}
    place.lab.endpoints["10.9.9.9"] = place.fleet.endpoints["10.0.0.1"]
    new = {**inputs, "machines": moved}
    assert ours.diff(GROUP, inputs, state, new).replaces == []
    place.forget()
    assert ours.update(GROUP, id_, inputs, state, new)["ready"] == 2
    assert place.writes() == []
