"""A node group over the plug-in's own wire, against emulated controllers: its whole life."""

from __future__ import annotations

import threading
import time

import pytest

from aifactory_iac.lab.redfish.witness import Witness
from aifactory_iac.providers.machine.lifecycle import TABLE, State
from aifactory_iac.providers.resource import UNKNOWN

GROUP = "aifactory:metal:NodeGroup"
BIOS = {"ProcTurboMode": "Disabled"}


@pytest.fixture
def client(plugin):
    return lambda plant, **settings: plugin(
        lab=plant.lab, **{"pace": 0.02, "parallel": 16, **settings}
    )


def checked(ours, inputs, old=None):
    found, failures = ours.check(GROUP, inputs, old)
    assert failures == []
    return found


def states(state):
    return {name: each["state"] for name, each in state["results"].items()}


def complaints(place, **limits):
    return Witness.of(place.fleet.journal.records).complaints(**limits)


@pytest.mark.slow  # a hundred machines, several requests each over TLS, twice on the same two cores
def test_a_group_of_a_hundred_from_nothing_to_nothing(plant, group_of, client):
    place = plant(100)
    ours = client(place)
    inputs = checked(ours, group_of(place, bios=BIOS, power="On"))

    # A preview reaches nobody, and says what it would do.
    limits = TABLE[State.NONCONFORMANT].limit + TABLE[State.CONFORMANT].limit
    minutes = 8 * limits / 60
    id_, state = ours.create(GROUP, inputs, preview=True)
    assert place.records("request") == []
    assert ours.lines == [
        ("info", "r", "100 of 100 machines in 8 waves (1, 16, 16, 16, 16, 16, 16, 3), n0001 first"),
        ("info", "r", f"at most 100 resets, {minutes:g} minutes"),
        ("info", "r", "in 25 racks: r01, r02, r03, r04, r05, r06, r07, r08, r09, r10 and 15 more"),
    ]

    # The first run brings all of them, each with one reset.
    id_, state = ours.create(GROUP, inputs)
    assert (id_, state["ready"]) == ("fra1/train/1", 100)
    assert set(states(state).values()) == {"available"}
    assert state["results"]["n0001"] == {
        "state": "available",
        "serial": "SN0001",
        "uuid": place.fleet.machines["n0001"].spec.uuid,
        "macs": sorted(place.fleet.machines["n0001"].spec.macs),
        "power": "On",
        "observed": {
            "vendor": "generic",
            "model": "G100",
            "bios": BIOS,
            "registry": "BiosAttributeRegistry.generic.v1_0_0",
        },
        "wanted": state["results"]["n0001"]["wanted"],
        "since": state["results"]["n0001"]["since"],
    }
    assert sorted(place.resets()) == sorted(inputs["machines"])
    assert complaints(place) == []

    # The second only reads, and changes nothing in the state.
    place.forget()
    assert ours.diff(GROUP, inputs, state, inputs).changes == "DIFF_NONE"
    found, same = ours.read(GROUP, id_, inputs, state)
    assert (found, same) == (state, inputs)
    assert ours.update(GROUP, id_, inputs, state, inputs) == state
    assert place.writes() == []

    # One setting more is one reset more for each; a tenth of them leaves with no touch at all.
    place.forget()
    fewer = {name: each for name, each in inputs["machines"].items() if not name.endswith("7")}
    new = {**inputs, "bios": {**BIOS, "LogicalProc": "Disabled"}, "machines": fewer}
    state = ours.update(GROUP, id_, inputs, state, new)
    assert (state["ready"], sorted(state["results"])) == (90, sorted(fewer))
    assert sorted({each.split()[0] for each in place.writes()}) == sorted(fewer)
    assert complaints(place, resets=2) == []  # off and on again

    # Letting go of all touches nobody: power and disks stay.
    place.forget()
    ours.delete(GROUP, id_, new, state)
    assert place.writes() == []
    assert {machine.host.power for machine in place.fleet.machines.values()} == {"On"}


def test_without_controllers_nobody_is_ever_reached(plant, group_of, client):
    place = plant(3)
    ours = client(place)
    inputs = checked(ours, group_of(place, bmc=None))
    id_, state = ours.create(GROUP, inputs)
    assert (state["ready"], state["results"]) == (
        0,
        {name: {"state": "declared"} for name in inputs["machines"]},
    )
    assert ours.read(GROUP, id_, inputs, state) == (state, inputs)
    assert ours.update(GROUP, id_, inputs, state, inputs) == state
    ours.delete(GROUP, id_, inputs, state)
    assert place.records("request") == []


@pytest.mark.parametrize("more", [{"image": None}, {"owner": "observed"}, {"owner": "external"}])
def test_machines_that_are_only_watched_are_adopted_without_a_write(plant, group_of, client, more):
    place = plant(4, power="On", installed="sha256:" + "cd" * 32)
    ours = client(place)
    inputs = checked(ours, group_of(place, **more))
    id_, state = ours.create(GROUP, inputs)
    assert state["ready"] == 4
    assert {name: each["serial"] for name, each in state["results"].items()} == {
        f"n000{number}": f"SN000{number}" for number in range(1, 5)
    }
    ours.update(GROUP, id_, inputs, state, inputs)
    ours.delete(GROUP, id_, inputs, state)
    assert place.writes() == []


def test_a_brownfield_group_that_is_as_declared_is_adopted_without_a_write(plant, group_of, client):
    place = plant(4, power="On", bios=BIOS)
    ours = client(place)
    inputs = checked(ours, group_of(place, bios=BIOS, power="On"))
    _, state = ours.create(GROUP, inputs)
    assert state["ready"] == 4
    assert place.writes() == []


def test_drift_is_seen_by_a_read_and_brought_back_by_an_update(plant, group_of, client):
    place = plant(3)
    ours = client(place)
    inputs = checked(ours, group_of(place, power="On"))
    id_, state = ours.create(GROUP, inputs)
    place.call("n0002", lambda machine: setattr(machine.host, "power", "Off"))
    place.forget()
    found, _ = ours.read(GROUP, id_, inputs, state)
    assert place.writes() == []
    assert found["ready"] == 2
    assert ours.diff(GROUP, inputs, found, inputs).kinds == {
        "results.n0002.power": "UPDATE",
        "results.n0002.state": "UPDATE",
    }
    state = ours.update(GROUP, id_, inputs, found, inputs)
    assert state["ready"] == 3
    assert place.resets() == ["n0002"]


def test_an_import_by_its_id_alone_says_what_to_do(plant, group_of, client):
    place = plant(2)
    ours = client(place)
    with pytest.raises(ours.refused) as refused:
        ours.read(GROUP, "fra1/train/1")
    assert refused.value.text == (
        "fra1/train/1: a node group cannot be imported by its id alone, which says nothing of its "
        "machines; declare it, and those that are as declared are adopted untouched"
    )
    inputs = checked(ours, group_of(place))
    state, same = ours.read(GROUP, "fra1/train/1", inputs)
    assert (state["ready"], same) == (2, inputs)
    assert place.writes() == []


def test_a_stop_in_the_middle_begins_nobody_else_and_loses_nothing(plant, group_of, client):
    place = plant(40, pace=0.001)
    ours = client(place, parallel=4)
    inputs = checked(ours, group_of(place, power="On"))
    done = {}

    def create():
        try:
            done["made"] = ours.create(GROUP, inputs)
        except ours.partly_done as error:
            done["partly"] = error

    run = threading.Thread(target=create)
    run.start()
    deadline = time.monotonic() + 60
    while len(place.resets()) < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    ours.cancel()
    run.join(60)
    partly = done["partly"]
    reset = set(place.resets())
    assert 5 <= len(reset) < 40
    state = partly.state
    assert len(state["results"]) == 40
    settled = {name for name, each in state["results"].items() if not each.get("error")}
    assert settled <= reset
    for name in set(inputs["machines"]) - reset:
        assert "the run was asked to stop" in state["results"][name]["error"]
        assert "quarantine" not in state["results"][name]
    assert complaints(place) == []

    # The next `up` goes on where it was; nobody is reset twice.
    later = client(place)
    assert later.diff(GROUP, inputs, state, inputs).changes == "DIFF_SOME"
    state = later.update(GROUP, partly.id, inputs, state, inputs)
    assert state["ready"] == 40
    assert sorted(place.resets()) == sorted(inputs["machines"])


def test_while_the_freeze_file_is_there_nobody_is_touched(plant, group_of, client, tmp_path):
    place = plant(3)
    freeze = tmp_path / "freeze"
    freeze.touch()
    ours = client(place, freeze=freeze)
    inputs = checked(ours, group_of(place, power="On"))
    with pytest.raises(ours.partly_done) as partly:
        ours.create(GROUP, inputs)
    assert place.writes() == []
    assert {each.get("quarantine") for each in partly.value.state["results"].values()} == {None}
    freeze.unlink()
    kept = partly.value
    assert ours.update(GROUP, kept.id, inputs, kept.state, inputs)["ready"] == 3


def test_what_a_preview_does_not_know_yet_it_says(plant, group_of, client):
    place = plant(2)
    ours = client(place)
    inputs = {**checked(ours, group_of(place)), "domain": UNKNOWN}
    _, state = ours.create(GROUP, inputs, preview=True)
    assert (state["results"], state["ready"], state["domain"]) == (UNKNOWN, UNKNOWN, UNKNOWN)
    assert ours.lines == [("info", "r", "what it does to machines is known once its inputs are")]
    # Nothing is foretold of machines that nobody may reach.
    ours.lines.clear()
    ours.create(GROUP, checked(ours, group_of(place, bmc=None)), preview=True)
    assert ours.lines == []


def test_a_back_end_that_cannot_be_had_is_refused(plant, group_of, client):
    place = plant(2)
    ours = client(place)
    backend = {
        "kind": "ironic",
        "url": "https://ironic.fra1.example.org",
        "auth": "basic",
        "credentials": {"store": "env", "path": "AIFACTORY_TEST_NOT_SET"},
    }
    inputs = checked(ours, group_of(place, backend=backend))
    with pytest.raises(ours.refused) as refused:
        ours.create(GROUP, inputs)
    assert refused.value.text == (
        "fra1/train/1: the back end `ironic`: secret env:AIFACTORY_TEST_NOT_SET: the environment "
        "variable is not set"
    )
    assert place.records("request") == []


WRONG = (
    "bios.LogicalProc is none of `Enabled`, `Disabled`; did you mean `Disabled`?; "
    "bios.ProcTurboMod is no BIOS attribute of these machines; did you mean `ProcTurboMode`?"
)


def test_attributes_that_machines_do_not_have_are_said_before_the_first_write(
    plant, group_of, client
):
    place = plant(2)
    ours = client(place)
    bios = {"ProcTurboMod": "Disabled", "LogicalProc": "disable"}
    inputs = checked(ours, group_of(place, bios=bios))
    with pytest.raises(ours.partly_done) as partly:
        ours.create(GROUP, inputs)
    assert partly.value.reasons == [f"n0001: {WRONG}", f"n0002: {WRONG}"]
    assert place.writes() == []
    # Once a registry was read, a plan says so without asking anybody.
    place.forget()
    kept = partly.value
    for preview in (True, False):
        with pytest.raises(ours.refused) as refused:
            ours.update(GROUP, kept.id, inputs, kept.state, inputs, preview=preview)
        assert refused.value.text == WRONG
    assert place.records("request") == []


def test_no_secret_is_anywhere(plant, group_of, client):
    place = plant(2)
    ours = client(place)
    inputs = checked(ours, group_of(place, power="On"))
    _, state = ours.create(GROUP, inputs)
    assert "correct-horse" not in str(state) + str(ours.lines) + str(place.fleet.journal.records)


def attached(place, folder, name):
    from aifactory_iac.providers.machine.identity import Identity
    from aifactory_iac.providers.machine.record import Record, Records

    spec = place.fleet.machines[name].spec
    identity = Identity.of(spec.serial, spec.uuid)
    Records(folder / "machines").write(identity, Record(attached=("http://127.0.0.1:9/u.iso",)))
