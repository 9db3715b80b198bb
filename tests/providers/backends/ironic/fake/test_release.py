"""A release lets go: what is ours is detached, power and disks stay, unless all says wipe."""

from __future__ import annotations

from aifactory_iac.providers.machine.intent import Approval
from aifactory_iac.providers.machine.lifecycle import State

NOW = 1_800_000_000.0


def approval(*actions, serials=()):
    return Approval("ops, sec", NOW + 1e6, frozenset(actions), frozenset(serials))


def test_a_release_detaches_and_forgets_and_nothing_is_undeployed(bench, ironic):
    bench.enrolled()
    bench.run("converge", bench.intent(install=bench.install()))
    ironic.passed.clear()
    result = bench.run("release", bench.intent(install=bench.install()))
    assert (result.error, result.state) == ("", State.DETACHED)
    assert result.did == (
        "end its boot from the ISO",
        "detach its virtual media",
        "have Ironic leave it alone",
        "remove its node from Ironic",
    )
    assert ironic.boots["n0001"] == {"boot_device": "disk", "persistent": False}
    assert "deleted" not in str(ironic.passed)
    assert (ironic.nodes, ironic.erased) == ({}, [])


def test_a_release_of_what_was_there_before_only_takes_our_mark_off(bench, ironic):
    bench.enrolled(extra={"aifactory": {"machine": "n0001"}, "theirs": 1})
    assert bench.run("release", bench.intent()).error == ""
    assert ironic.nodes["n0001"]["extra"] == {"theirs": 1}
    bench.enrolled(2)
    bench.backend = {"options": {"forget": "false"}}
    assert bench.run("release", bench.intent(2)).error == ""
    assert ironic.nodes["n0002"]["extra"] == {}


def test_a_release_of_somebody_elses_does_nothing(bench, ironic):
    bench.enrolled(extra={})
    for owner in ("managed", "observed"):
        assert bench.run("release", bench.intent(owner=owner)).state is State.DETACHED
    assert ironic.writes == []
    bench.enrolled(2, protected=True, protected_reason="demo on Friday")
    kept = bench.run("release", bench.intent(2))
    assert (kept.state, kept.error) == (State.QUARANTINED, "it is protected: demo on Friday")
    assert ironic.writes == []


def test_a_wipe_takes_policy_approval_serial_number_and_a_free_machine(bench, ironic):
    allowed = approval("wipe", serials=("SN0001",))
    for wanted in (
        {"approval": allowed},
        {"wipe": True},
        {"wipe": True, "approval": approval("wipe", serials=("SN0002",))},
        {"wipe": True, "approval": approval("install", serials=("SN0001",))},
    ):
        bench.enrolled(provision="active", power_state="power on")
        assert bench.run("release", bench.intent(**wanted)).state is State.DETACHED
    assert ironic.erased == []
    bench.enrolled(provision="active", power_state="power on")
    wiping = bench.intent(wipe=True, approval=allowed)
    kept = bench.run("release", wiping)
    assert kept.error == ("is on, and nothing proves that nobody uses it: drain it, turn it off")
    ironic.passed.clear()
    ironic.nodes["n0001"]["power_state"] = "power off"
    done = bench.run("release", wiping)
    assert (done.error, done.state, ironic.erased) == ("", State.DETACHED, ["n0001"])
    assert ironic.writes[:4] == [
        "PUT provision deleted",
        "PUT provision manage",
        "PUT provision inspect",
        "PUT provision clean",
    ]
    cleaning = next(body for _method, _path, body in ironic.passed if body
                    and body.get("target") == "clean")  # fmt: skip
    assert cleaning["clean_steps"] == [{"interface": "deploy", "step": "erase_devices"}]


def test_a_release_that_was_killed_after_the_erasure_does_not_erase_again(bench, ironic):
    bench.enrolled()
    wiping = bench.intent(wipe=True, approval=approval("wipe", serials=("SN0001",)))
    ironic.wrong = lambda method, path: (
        (503, {}, {}) if method == "PUT" and path.endswith("/maintenance") else None
    )
    assert bench.run("release", wiping).error != ""
    ironic.wrong = lambda _method, _path: None
    assert bench.run("release", wiping).error == ""
    assert (ironic.erased, ironic.nodes) == (["n0001"], {})


def test_a_wipe_of_another_machine_stops_before_anything_is_erased(bench, ironic):
    bench.enrolled(automated_clean=True)
    ironic.inventories["n0001"] = ironic.inventory("n0002")
    wiping = bench.intent(wipe=True, approval=approval("wipe", serials=("SN0001",)))
    kept = bench.run("release", wiping)
    assert kept.error == "is not the machine that is meant: serial is SN0002, not SN0001"
    assert (ironic.writes, ironic.erased) == ([], [])


def test_a_wipe_that_fails_is_not_begun_again(bench, ironic):
    bench.enrolled(automated_clean=True)
    ironic.fails = {"clean": "no drive answers"}
    wiping = bench.intent(wipe=True, approval=approval("wipe", serials=("SN0001",)))
    failed = bench.run("release", wiping)
    assert failed.error == "Ironic could not erase its disks: no drive answers"
    assert failed.did[0] == "set automated_clean of its node"
    again = bench.run("release", wiping)
    assert again.error == "is to be wiped, and Ironic says `clean failed`: no drive answers"
    assert [each for each in ironic.writes if each.endswith("clean")] == ["PUT provision clean"]


def test_a_release_waits_for_what_ironic_is_at(bench, ironic):
    bench.enrolled(provision="inspecting", reservation="lab")
    ironic.coming["n0001"] = {
        "provision_state": "manageable", "reservation": None, "looks": 3,
    }  # fmt: skip
    assert bench.run("release", bench.intent()).error == ""
    assert "Ironic is inspecting" in bench.said
