"""A firmware baseline on a group: one machine first, then the others, each package sent once."""

from __future__ import annotations

import hashlib
import json

import pytest

from aifactory_iac.lab.redfish.witness import Witness

GROUP = "aifactory:metal:NodeGroup"


@pytest.fixture
def baseline(tmp_path):
    """Two components of a GB200: a controller's own firmware, and what a power cycle activates."""

    def component(name, **more):
        place = tmp_path / f"{name}.json"
        place.write_text(json.dumps({name: "9.9.1"}))
        digest = f"sha256:{hashlib.sha256(place.read_bytes()).hexdigest()}"
        return {
            "name": name,
            "version": "9.9.1",
            "url": f"file://{place}",
            "digest": digest,
            **more,
        }

    return [component("FW_BMC_0"), component("UEFI", allowed=["9.8.0"])]


@pytest.mark.slow  # controllers restart, and are waited for
def test_every_component_is_brought_and_nothing_is_flashed_twice(plant, group_of, plugin, baseline):
    newer = {"UEFI": "9.8.0", "FW_BMC_0": "9.9.1"}
    place = plant(5, model="dgx-gb200", differ={"n0002": {"firmware": newer}})
    ours = plugin(lab=place.lab, pace=0.02, parallel=5)
    inputs, failures = ours.check(GROUP, group_of(place, firmware=baseline, system="gb200"))
    assert failures == []
    id_, state = ours.create(GROUP, inputs)
    assert state["ready"] == 5
    brought = dict.fromkeys(newer, "9.9.1")
    versions = {name: each["observed"]["firmware"] for name, each in state["results"].items()}
    assert versions == {**dict.fromkeys(inputs["machines"], brought), "n0002": newer}
    log = Witness.of(place.fleet.journal.records)
    assert log.complaints(resets=2) == []
    assert log.writes("n0002") == []
    flashed = [each["machine"] for each in log.effects("flash-started")]
    assert flashed[:2] == ["n0001", "n0001"]
    assert sorted(flashed) == sorted(2 * [name for name in inputs["machines"] if name != "n0002"])
    place.forget()
    assert ours.update(GROUP, id_, inputs, state, inputs) == state
    assert place.writes() == []


@pytest.mark.slow  # a task is waited for that fails
def test_a_package_that_fails_everywhere_stops_after_the_first_machines(
    plant, group_of, plugin, baseline
):
    place = plant(12, model="dgx-gb200", faults="faults: [{use: update-task-fails}]")
    ours = plugin(lab=place.lab, pace=0.02, parallel=6)
    inputs, failures = ours.check(GROUP, group_of(place, firmware=baseline, system="gb200"))
    assert failures == []
    with pytest.raises(ours.partly_done) as partly:
        ours.create(GROUP, inputs)
    touched = {each.split()[0] for each in place.writes()}
    assert touched == {"n0001", "n0005", "n0009"}
    why = "the first 3 machines that were touched failed, and none went well"
    assert [each for each in partly.value.reasons if why in each] == [
        f"{name}: {why}" for name in sorted(set(inputs["machines"]) - touched)
    ]
    assert ("error", "r", f"fra1/train/1: nothing more was touched: {why}") in ours.lines
