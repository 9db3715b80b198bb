"""A machine's life through Ironic: each order once, each step over when Ironic says so."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.intent import Approval, Component
from aifactory_iac.providers.machine.lifecycle import State
from aifactory_iac.providers.machine.provisioner import ClosedError, OpenGate
from aifactory_iac.providers.membership.drain import DrainProof, StillRunningError

NOW = 1_800_000_000.0


def approval(*actions, serials=()):
    return Approval("ops, sec", NOW + 1e6, frozenset(actions), frozenset(serials))


def test_a_new_machine_is_enrolled_verified_and_inspected(bench, ironic):
    result = bench.run("converge", bench.intent())
    assert (result.error, result.state, result.power) == ("", State.AVAILABLE, "Off")
    assert result.identity.macs == ("02:00:00:00:00:01",)
    assert ironic.writes == ["POST nodes", "PUT provision manage", "PUT provision inspect"]
    body = ironic.passed[[each[0] for each in ironic.passed].index("POST")][2]
    assert body == {
        "name": "n0001",
        "driver": "redfish",
        "automated_clean": False,
        "driver_info": {
            "redfish_address": "https://10.0.0.1",
            "redfish_verify_ca": True,
            "redfish_username": "operator",
            "redfish_password": "correct-horse-1",
        },
        "extra": {"aifactory": {"machine": "n0001", "enrolled": True}},
    }
    assert result.observed == {
        "backend": "ironic", "node": ironic.nodes["n0001"]["uuid"], "provision": "manageable",
    }  # fmt: skip


def test_what_is_as_it_should_be_gets_reads_only(bench, ironic):
    bench.enrolled()
    result = bench.run("converge", bench.intent())
    assert (result.settled, result.did, ironic.writes) == (True, (), [])


def test_an_image_is_deployed_after_the_identity_was_read_again(bench, ironic):
    bench.enrolled()
    result = bench.run("converge", bench.intent(install=bench.install()))
    assert (result.error, result.state, result.power) == ("", State.INSTALLED, "On")
    assert result.installed == "sha256:" + "a" * 64
    assert ironic.writes == [
        "PUT provision inspect",
        "PUT provision provide",
        f"PATCH {ironic.nodes['n0001']['uuid']}",
        "PUT provision active",
    ]
    assert ironic.erased == []
    deployed = ironic.passed[-1][2] if ironic.passed[-1][0] == "PUT" else next(
        body for method, _path, body in reversed(ironic.passed) if method == "PUT"
    )  # fmt: skip
    assert deployed["configdrive"]["user_data"].startswith("#cloud-config\n")
    assert deployed["configdrive"]["meta_data"]["local-hostname"] == "n0001"
    assert ironic.nodes["n0001"]["instance_info"] == {
        "boot_iso": f"http://127.0.0.1:1/images/{'a' * 64}/live.iso"
    }
    writes = list(ironic.writes)
    again = bench.run("converge", bench.intent(install=bench.install()), result)
    assert (again.settled, again.did, ironic.writes) == (True, (), writes)


def test_a_disk_image_is_written_by_ironic_which_measures_it(bench, ironic):
    bench.enrolled()
    wanted = bench.install(url="https://images/os.qcow2")
    assert bench.run("converge", bench.intent(install=wanted)).error == ""
    node = ironic.nodes["n0001"]
    assert node["deploy_interface"] == "direct"
    assert node["instance_info"] == {
        "image_source": "https://images/os.qcow2",
        "image_os_hash_algo": "sha256",
        "image_os_hash_value": "a" * 64,
    }


def test_secure_boot_is_set_by_the_deploy(bench, ironic):
    bench.enrolled()
    wanted = bench.intent(install=bench.install(), secure_boot=True)
    assert bench.run("converge", wanted).error == ""
    info = ironic.nodes["n0001"]["instance_info"]
    assert info["capabilities"] == {"secure_boot": "true"}
    bench.enrolled(2)
    assert bench.run("converge", bench.intent(2, secure_boot=False)).error == (
        "secure boot is set by a deploy only: declare an image and an installation"
    )


def test_an_available_node_goes_back_to_be_inspected_before_a_deploy(bench, ironic):
    bench.enrolled(provision="available")
    assert bench.run("converge", bench.intent(install=bench.install())).error == ""
    assert [each for each in ironic.writes if each.startswith("PUT")] == [
        "PUT provision manage",
        "PUT provision inspect",
        "PUT provision provide",
        "PUT provision active",
    ]


def test_another_machine_behind_the_bmc_is_found_before_anything_is_written_to_it(bench, ironic):
    bench.enrolled()
    ironic.inventories["n0001"] = ironic.inventory("n0002")
    result = bench.run("converge", bench.intent(install=bench.install()))
    assert (result.state, result.error) == (
        State.QUARANTINED,
        "is not the machine that is meant: serial is SN0002, not SN0001",
    )
    assert ironic.writes == ["PUT provision inspect"]


def test_cleaning_that_is_on_is_turned_off_first_and_nothing_is_erased(bench, ironic):
    for number, value in ((1, True), (2, None)):
        bench.enrolled(number, automated_clean=value)
        result = bench.run("converge", bench.intent(number, install=bench.install(number)))
        assert (result.error, result.did[0]) == ("", "set automated_clean of its node")
    assert ironic.erased == []


def test_cleaning_that_is_turned_on_at_the_last_moment_stops_everything(bench, ironic):
    node = bench.enrolled()

    class Meanwhile(OpenGate):
        @asynccontextmanager
        async def disturbance(self, intent):
            node["automated_clean"] = True
            yield

    result = bench.run("converge", bench.intent(install=bench.install()), gate=Meanwhile())
    assert "automated_clean is True" in result.error
    assert "PUT provision active" not in ironic.writes


def test_a_node_that_is_taken_at_the_last_moment_is_let_be(bench, ironic):
    node = bench.enrolled()

    class Meanwhile(OpenGate):
        async def power_on(self, intent):
            node["instance_uuid"] = "somebody"

    result = bench.run("converge", bench.intent(install=bench.install()), gate=Meanwhile())
    assert result.error == "Ironic's node was taken by somebody meanwhile"
    assert "PUT provision active" not in ironic.writes


def test_a_shut_gate_lets_nobody_through(bench, ironic):
    bench.enrolled()

    class Shut(OpenGate):
        @asynccontextmanager
        async def disturbance(self, intent):
            raise ClosedError("three of ten failed")
            yield

    result = bench.run("converge", bench.intent(power="On"), gate=Shut())
    assert (result.error, result.quarantine, ironic.writes) == ("three of ten failed", None, [])


def test_another_image_takes_an_approval_and_then_a_way_around_through_an_inspection(bench, ironic):
    bench.enrolled()
    bench.run("converge", bench.intent(install=bench.install()))
    ironic.passed.clear()
    other = bench.install(digest="sha256:" + "b" * 64, url="https://images/other.qcow2")
    refused = bench.run("converge", bench.intent(install=other))
    assert refused.error == (
        "would lose its disk to another image: that takes an approval of `install`"
    )
    assert ironic.writes == []
    done = bench.run("converge", bench.intent(install=other, approval=approval("install")))
    assert (done.error, done.installed) == ("", "sha256:" + "b" * 64)
    assert [each for each in ironic.writes if each.startswith("PUT")] == [
        "PUT provision deleted",
        "PUT provision manage",
        "PUT provision inspect",
        "PUT provision provide",
        "PUT provision active",
    ]
    assert ironic.erased == []


def test_a_machine_that_is_on_is_not_installed_unless_it_is_proven_free(bench, ironic):
    bench.enrolled(power_state="power on")
    wanted = bench.intent(install=bench.install())
    refused = bench.run("converge", wanted)
    assert refused.error == (
        "is on, and nothing proves that nobody uses it: drain it, turn it off, or approve `install`"
    )

    class Drained:
        async def drain(self, node, deadline):
            return DrainProof(node, "slurm", NOW, "idle")

    bench.drains = Drained()
    assert bench.run("converge", wanted).error == ""


def test_a_drain_that_does_not_end_leaves_the_machine(bench, ironic):
    bench.enrolled(power_state="power on")

    class Busy:
        async def drain(self, node, deadline):
            raise StillRunningError(node, ["job 7"])

    bench.drains = Busy()
    result = bench.run("converge", bench.intent(power="Off"))
    assert result.error == "is not drained: node n0001 is not drained in time: job 7"
    assert ironic.writes == []


def test_power_follows_the_intent_in_order_and_only_when_free(bench, ironic):
    bench.enrolled()
    on = bench.run("converge", bench.intent(power="On"))
    assert (on.error, on.power, ironic.writes) == ("", "On", ["PUT power power on"])
    kept = bench.run("converge", bench.intent(power="Off"))
    assert "approve `power-off`" in kept.error
    off = bench.run("converge", bench.intent(power="Off", approval=approval("power-off")))
    assert (off.error, off.power, ironic.writes[-1]) == ("", "Off", "PUT power soft power off")


def test_a_protected_machine_takes_an_approval(bench, ironic):
    bench.enrolled()
    result = bench.run("converge", bench.intent(install=bench.install(), protected=True))
    assert result.error == "is protected: to deploy live takes an approval of `install`"


@pytest.mark.parametrize("owner", ["observed", "external"])
def test_what_is_not_ours_to_decide_is_only_read(bench, ironic, owner):
    bench.enrolled()
    result = bench.run("converge", bench.intent(owner=owner, power="On"))
    assert result.state is (State.INSPECTED if owner == "observed" else State.EXTERNAL)
    assert ironic.writes == []


def test_observing_shows_another_machine_and_an_unknown_one(bench, ironic):
    unknown = bench.run("observe", bench.intent())
    assert (unknown.state, unknown.error, unknown.stale) == (State.DECLARED, "", False)
    bench.enrolled(2, maintenance=True, maintenance_reason="disk", protected=True)
    seen = bench.run("observe", bench.intent(2))
    assert seen.observed["maintenance"] == "disk"
    assert seen.observed["protected"] == "no reason is given"
    other = bench.run("observe", bench.intent(2, identity=Identity.of("SN0009")))
    assert other.error == "is not the machine that is meant: serial is SN0002, not SN0009"
    bench.enrolled(3, provision="manageable")
    del ironic.inventories["n0003"]
    assert bench.run("observe", bench.intent(3)).state is State.REACHABLE


def test_all_that_ironic_cannot_do_for_us_is_said_at_once(bench, ironic):
    intent = bench.intent(
        bios={"A": 1},
        firmware=(Component("BIOS", "2"),),
        media=("http://10.0.0.9/tools.iso",),
        trust="pinned",
        install=bench.install(
            config={"ignition": {"users": {"ops": {"keys": [KEY_OF_OPS], "admin": True}}}},
            media="http", url="https://images/live.iso",
            kernel={"url": "https://images/k", "digest": "sha256:" + "c" * 64},
            initrd={"url": "https://images/i", "digest": "sha256:" + "c" * 64},
            loader={"url": "https://images/l.efi", "digest": "sha256:" + "c" * 64},
        ),
    )  # fmt: skip
    result = bench.run("converge", intent)
    assert ironic.passed == [] or ironic.writes == []
    for word in ("`bios`", "`firmware`", "`media`", "pins no certificate", "every power-on"):
        assert word in result.error


KEY_OF_OPS = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKXv0sTJ7VYcV4cTqCZxBqB4hV4J0bqjWQZ0dOB0Vd ops"


def test_a_cancelled_run_begins_nothing_more(bench, ironic):
    bench.around.cancelled.set()
    result = bench.run("converge", bench.intent())
    assert "the run was asked to stop" in result.error
    assert (result.quarantine, ironic.nodes) == (None, {})


def test_a_cancelled_run_leaves_ironic_to_go_on(bench, ironic):
    bench.enrolled()
    ironic.looks = 50
    bench.clock.on_sleep = bench.around.cancelled.set
    result = bench.run("converge", bench.intent(install=bench.install()))
    assert result.error == "the run was asked to stop; Ironic goes on by itself"
    assert ironic.writes == ["PUT provision inspect"]


def test_after_a_kill_the_next_run_waits_for_what_was_begun(bench, ironic):
    bench.enrolled(provision="deploying", reservation="lab", target_provision_state="active")
    ironic.coming["n0001"] = {
        "provision_state": "manageable", "reservation": None, "looks": 4,
        "target_provision_state": None,
    }  # fmt: skip
    assert bench.run("converge", bench.intent()).error == ""
    assert ironic.writes == []
    assert bench.said == ["Ironic is deploying"]


def test_a_freeze_holds(bench, ironic):
    bench.frozen()
    result = bench.run("converge", bench.intent())
    assert result.error.endswith("the freeze file forbids every write")
    assert ironic.nodes == {}


def test_many_runs_at_once_do_not_mix(bench, ironic):
    async def both():
        return await asyncio.gather(
            *(asyncio.to_thread(bench.run, "converge", bench.intent(n)) for n in (1, 2, 3))
        )

    results = asyncio.run(both())
    assert [each.identity.serial for each in results] == ["SN0001", "SN0002", "SN0003"]
    assert all(each.settled for each in results)
