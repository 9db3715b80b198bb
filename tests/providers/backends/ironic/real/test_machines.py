"""A real OpenStack Ironic manages machines of the lab for us, and both tell what happened.

Slow: Ironic starts in some ten seconds, and inspects a machine in about as many.
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from aifactory_iac.lab.redfish.numbered import LOGIN
from aifactory_iac.providers.machine.lifecycle import State

pytestmark = [pytest.mark.ironic, pytest.mark.slow]


def test_a_machine_is_enrolled_verified_and_inspected_without_a_write_to_it(
    ironic_plant, real_ironic
):
    intent = ironic_plant.intent("n0001")
    result = ironic_plant.run("converge", intent)
    assert (result.error, result.state) == ("", State.AVAILABLE)
    assert result.did == (
        "enrol it in Ironic as n0001",
        "have Ironic verify its BMC",
        "read its identity by an inspection",
    )
    spec = ironic_plant.fleet.machines["n0001"].spec
    assert (result.identity.serial, result.identity.uuid) == (spec.serial, spec.uuid)
    assert result.identity.macs == tuple(sorted(spec.macs))
    assert ironic_plant.writes("n0001") == []
    node = real_ironic.node("n0001")
    assert node["provision_state"] == "manageable"
    assert node["automated_clean"] is False
    again = ironic_plant.run("converge", intent, result)
    assert (again.did, again.settled) == ((), True)


def test_a_bmc_that_refuses_the_password_is_asked_once_and_again_when_the_secret_is_right(
    ironic_plant, real_ironic
):
    ironic_plant.password = "wrong-horse-1"
    try:
        refused = ironic_plant.run("converge", ironic_plant.intent("n0002"))
    finally:
        ironic_plant.password = LOGIN.password
    assert refused.state is State.QUARANTINED
    assert refused.error.startswith("Ironic could not have Ironic verify its BMC: ")
    assert real_ironic.node("n0002")["provision_state"] == "enroll"
    assert real_ironic.node("n0002")["driver_info"]["redfish_password"] == "******"

    # Ironic's own sessions last a while on the BMC, so that only the password is new here.
    accepted = ironic_plant.run("converge", ironic_plant.intent("n0002"), refused)
    assert accepted.error == ""
    assert accepted.did[0] == "set redfish_password of its node"
    assert accepted.state is State.AVAILABLE


def test_an_image_that_runs_from_memory_is_deployed_once_by_its_digest(ironic_plant, real_ironic):
    wanted = ironic_plant.intent("n0003", install=ironic_plant.install("n0003"))
    result = ironic_plant.run("converge", wanted)
    assert (result.error, result.state, result.power) == ("", State.INSTALLED, "On")
    assert result.installed == wanted.install.image.digest
    assert result.did == (
        "enrol it in Ironic as n0003",
        "have Ironic verify its BMC",
        "read its identity by an inspection",
        "make it available, without cleaning",
        "name the image to deploy",
        "deploy live",
    )
    node = real_ironic.node("n0003")
    assert node["provision_state"] == "active"
    digest = wanted.install.image.digest.removeprefix("sha256:")
    assert node["instance_info"]["boot_iso"].endswith(f"/images/{digest}/live.iso")
    assert node["instance_info"]["configdrive"] == "******"
    writes = ironic_plant.writes("n0003")
    assert sum("ComputerSystem.Reset" in each for each in writes) == 1

    again = ironic_plant.run("converge", wanted, result)
    assert (again.did, again.settled, ironic_plant.writes("n0003")) == ((), True, writes)


def test_another_image_needs_an_approval_and_nothing_is_done_without(ironic_plant, real_ironic):
    wanted = ironic_plant.intent("n0003", install=ironic_plant.install("n0003", os="other"))
    writes = ironic_plant.writes("n0003")
    result = ironic_plant.run("converge", wanted)
    assert (result.state, result.error) == (
        State.QUARANTINED,
        "would lose its disk to another image: that takes an approval of `install`",
    )
    assert (result.did, ironic_plant.writes("n0003")) == ((), writes)
    assert real_ironic.node("n0003")["provision_state"] == "active"


def test_a_release_leaves_power_and_disks_and_ironic_knows_nothing_of_the_machine_any_more(
    ironic_plant, real_ironic
):
    install = ironic_plant.install("n0003")
    before = ironic_plant.writes("n0003")
    result = ironic_plant.run("release", ironic_plant.intent("n0003", install=install))
    assert (result.error, result.state) == ("", State.DETACHED)
    assert result.did == (
        "end its boot from the ISO",
        "detach its virtual media",
        "have Ironic leave it alone",
        "remove its node from Ironic",
    )
    assert not real_ironic.knows("n0003")
    after = ironic_plant.writes("n0003")[len(before) :]
    assert {each.rpartition("/")[2] for each in after} == {"System.1", "VirtualMedia.EjectMedia"}
    assert ironic_plant.fleet.machines["n0003"].host.override.enabled != "Continuous"
    assert ironic_plant.fleet.machines["n0003"].host.power == "On"
    again = ironic_plant.run("release", ironic_plant.intent("n0003", install=install))
    assert (again.error, again.state, again.did) == ("", State.DETACHED, ())


def test_a_machine_that_is_not_the_one_is_inspected_and_left_alone(ironic_plant, real_ironic):
    install = ironic_plant.install("n0004")
    intent = ironic_plant.intent("n0004", install=install)
    wrong = replace(intent, identity=replace(intent.identity, serial="SN9999"))
    result = ironic_plant.run("converge", wrong)
    assert (result.state, result.error) == (
        State.QUARANTINED,
        "is not the machine that is meant: serial is SN0004, not SN9999",
    )
    assert real_ironic.node("n0004")["provision_state"] == "manageable"
    assert ironic_plant.writes("n0004") == []


def test_cleaning_that_somebody_turned_on_is_off_before_anything_could_clean(
    ironic_plant, real_ironic, before_ironic
):
    """The conductor cleans by default: `provide` would erase the disks."""
    real_ironic.ask(
        "PATCH", "/nodes/n0004", [{"op": "add", "path": "/automated_clean", "value": True}]
    )
    plant = replace(ironic_plant, backend={**ironic_plant.backend, "url": before_ironic.url})
    result = plant.run("converge", plant.intent("n0004", install=plant.install("n0004")))
    assert (result.error, result.state) == ("", State.INSTALLED)
    assert result.did[0] == "set automated_clean of its node"
    uuid = real_ironic.node("n0004")["uuid"]
    log = real_ironic.log.read_text()
    assert f"Automated cleaning is disabled via API, node {uuid}" in log
    assert f"cleaning on node {uuid}" not in log
    orders = [
        each.partition(" ")[2].rpartition("/")[2]
        for each in before_ironic.writes()
        if each.startswith("PUT")
    ]
    assert orders == ["provision", "provision", "provision"]  # inspect, provide, active


def test_an_order_whose_answer_is_lost_is_given_once(ironic_plant, before_ironic):
    plant = replace(ironic_plant, backend={**ironic_plant.backend, "url": before_ironic.url})
    before_ironic.lose = [
        ("POST", "/v1/nodes"),
        ("PUT", "/states/provision"),
        ("PUT", "/states/provision"),
    ]
    result = plant.run("converge", plant.intent("n0005"))
    assert (result.error, result.state) == ("", State.AVAILABLE)
    assert before_ironic.lose == []
    assert [each.partition(" ")[0] for each in before_ironic.writes()] == ["POST", "PUT", "PUT"]


@pytest.mark.parametrize(
    ("set_it", "undo", "reason"),
    [
        (
            ("PUT", "/nodes/n0005/maintenance", {"reason": "disk swap"}),
            ("DELETE", "/nodes/n0005/maintenance", None),
            "it is in maintenance: disk swap",
        ),
        (
            ("PATCH", "/nodes/n0005", [{"op": "add", "path": "/retired", "value": True}]),
            ("PATCH", "/nodes/n0005", [{"op": "add", "path": "/retired", "value": False}]),
            "it is retired",
        ),
        (
            ("PATCH", "/nodes/n0005", [
                {"op": "add", "path": "/instance_uuid",
                 "value": "11111111-2222-3333-4444-555555555555"}]),
            ("PATCH", "/nodes/n0005", [{"op": "remove", "path": "/instance_uuid"}]),
            "it is reserved by another (instance 11111111-2222-3333-4444-555555555555)",
        ),
        (
            ("PATCH", "/nodes/n0005", [{"op": "add", "path": "/owner", "value": "team-b"}]),
            ("PATCH", "/nodes/n0005", [{"op": "remove", "path": "/owner"}]),
            "it belongs to team-b",
        ),
    ],
    ids=["maintenance", "retired", "instance", "owner"],
)  # fmt: skip
def test_what_is_somebody_elses_is_left_alone(
    ironic_plant, real_ironic, before_ironic, set_it, undo, reason
):
    real_ironic.ask(*set_it)
    plant = replace(ironic_plant, backend={**ironic_plant.backend, "url": before_ironic.url})
    try:
        result = plant.run("converge", plant.intent("n0005", power="On"))
    finally:
        real_ironic.ask(*undo)
    assert (result.state, result.error) == (State.QUARANTINED, reason)
    assert before_ironic.writes() == []


def test_power_is_turned_on_once_and_seen_to_be_on(ironic_plant, before_ironic):
    plant = replace(ironic_plant, backend={**ironic_plant.backend, "url": before_ironic.url})
    before_ironic.lose = [("PUT", "/states/power")]
    result = plant.run("converge", plant.intent("n0005", power="On"))
    assert (result.error, result.power, result.did) == ("", "On", ("power it on",))
    resets = [each for each in plant.writes("n0005") if "Reset" in each]
    assert len(resets) == 1


def test_a_freeze_and_a_preview_send_nothing_but_reads(ironic_plant, before_ironic, tmp_path):
    freeze = tmp_path / "freeze"
    freeze.touch()
    plant = replace(
        ironic_plant, backend={**ironic_plant.backend, "url": before_ironic.url}, freeze=freeze
    )
    result = plant.run("converge", plant.intent("n0006"))
    assert "the freeze file forbids every write" in result.error
    seen = plant.run("observe", plant.intent("n0006"))
    assert (seen.state, seen.error) == (State.DECLARED, "")
    known = plant.run("observe", plant.intent("n0005"))
    assert (known.identity.serial, known.power, known.stale) == ("SN0005", "On", False)
    assert before_ironic.writes() == []


def test_a_bmc_that_ironic_knows_by_another_name_is_not_enrolled_twice(ironic_plant):
    intent = replace(ironic_plant.intent("n0005"), name="other")
    result = ironic_plant.run("converge", intent)
    assert (result.state, result.did) == (State.QUARANTINED, ())
    assert result.error.endswith(" as n0005")


def test_no_secret_is_kept_or_shown_by_us(ironic_plant, real_ironic):
    result = ironic_plant.run("observe", ironic_plant.intent("n0005"))
    shown = json.dumps([result.observed, ironic_plant.said, real_ironic.node("n0005")["extra"]])
    assert LOGIN.password not in shown + repr(result)
