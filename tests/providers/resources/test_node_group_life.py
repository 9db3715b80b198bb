"""A node group over the plug-in's own wire, against emulated controllers: its whole life."""

from __future__ import annotations

import pytest

GROUP = "aifactory:metal:NodeGroup"
BIOS = {"ProcTurboMode": "Disabled"}


@pytest.fixture
def client(plugin):
    return lambda plant, **settings: plugin(
        lab=plant.lab, **{"pace": 0.001, "parallel": 32, **settings}
    )


def test_a_group_of_a_hundred_from_nothing_to_nothing(plant, group_of, client):
    place = plant(100)
    ours, inputs = client(place), group_of(place, bios=BIOS, power="On")
    checked, failures = ours.check(GROUP, inputs)
    assert failures == []
    id_, state = ours.create(GROUP, checked)
    assert (id_, state["ready"]) == ("fra1/train/1", 100)
    assert {each["state"] for each in state["results"].values()} == {"available"}
    assert state["results"]["n0001"]["serial"] == "SN0001"
    assert state["results"]["n0001"]["observed"]["bios"] == BIOS
    assert sorted(place.resets()) == sorted(checked["machines"])  # once each
    assert ours.diff(GROUP, checked, state, checked).changes == "DIFF_NONE"
