"""Machines that are let go, and those that cannot be."""

from __future__ import annotations

import pytest

from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.record import Record, Records

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


def test_a_machine_that_leaves_and_cannot_be_let_go_stays_in_the_state(
    plant, group_of, client, tmp_path
):
    place = plant(3)
    ours = client(place)
    inputs = checked(ours, group_of(place))
    id_, state = ours.create(GROUP, inputs)
    fewer = {name: each for name, each in inputs["machines"].items() if name != "n0003"}
    # Something of ours is attached, as after a kill in the middle of an installation.
    attached(place, tmp_path / "state", "n0003")
    place.fleet.stop()
    with pytest.raises(ours.partly_done) as partly:
        ours.update(GROUP, id_, inputs, state, {**inputs, "machines": fewer})
    kept = partly.value.state["results"]["n0003"]
    assert kept["left"] == inputs["machines"]["n0003"]
    assert kept["serial"] == "SN0003"


def test_a_group_that_cannot_be_let_go_stays_and_says_who_is_left(
    plant, group_of, client, tmp_path
):
    place = plant(3)
    ours = client(place)
    inputs = checked(ours, group_of(place, disks={"wipe": "full", "encrypt": False}))
    id_, state = ours.create(GROUP, inputs)
    attached(place, tmp_path / "state", "n0003")
    place.fleet.stop()
    with pytest.raises(ours.refused) as refused:
        ours.delete(GROUP, id_, inputs, state)
    assert refused.value.text.startswith("fra1/train/1: 1 of 3 machines were not let go: n0003: ")
    left = (
        "disks are left as they are, though `disks.wipe` is `full`: no approval of `wipe` is in "
        "force: n0001, n0002, n0003"
    )
    assert ("warning", "r", left) in ours.lines


def attached(place, folder, name):
    spec = place.fleet.machines[name].spec
    identity = Identity.of(spec.serial, spec.uuid)
    Records(folder / "machines").write(identity, Record(attached=("http://127.0.0.1:9/u.iso",)))
