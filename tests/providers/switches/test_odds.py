"""What is rarer: older releases, another declaration while one waits, somebody else at work."""

from __future__ import annotations

import asyncio

import pytest

from aifactory_iac.lab.switches.faults import Fault
from aifactory_iac.lab.switches.nvue_service import NvueService
from aifactory_iac.lab.switches.spec import SwitchSpec
from aifactory_iac.providers.resource import PartialError, ProviderError
from aifactory_iac.providers.switches import nvue_states

NAME = "storage-leaf-001"
LEAF = SwitchSpec(NAME, "nvue", serial="MT1", ports=4)
SONIC = SwitchSpec(NAME, "sonic", ports=1)
MLNX = SwitchSpec(NAME, "mlnx-os", ports=2)


def config(text):
    return {"interface": {"swp1": {"description": text}}, "system": {"hostname": NAME}}


SONIC_CONFIG = {"PORT": {"*": {"mtu": "9000"}}, "system": {"hostname": NAME}}
MLNX_CONFIG = {"ib": {"ports": {"hosts": "1/1"}}, "system": {"hostname": NAME}}


async def killed_while_waiting(site, inputs):
    """A run that dies once its change is in force."""
    task = None
    switch = site.fleet.switches[NAME]
    note = switch.note

    def kill(what, **details):
        note(what, **details)
        if what == "applied":
            task.cancel()

    switch.note = kill
    task = asyncio.create_task(site.create(inputs))
    with pytest.raises(asyncio.CancelledError):
        await task
    switch.note = note


def test_another_declaration_waits_until_the_first_has_rolled_back(plant):
    async def story():
        async with plant(LEAF) as site:
            await killed_while_waiting(site, site.inputs(NAME, config=config("one")))
            second = site.inputs(NAME, config=config("two"))
            with pytest.raises(ProviderError) as caught:
                await site.create(second)
            assert str(caught.value) == (
                f"{NAME}: 2, which an earlier run applied from another declaration, still waits "
                "for its confirmation; it rolls back by itself when that time is over: run again "
                "then"
            )
            site.clock.time += 400
            state = await site.create(second)
            assert state["drift"] == {}
            kinds = [each["what"] for each in site.witness.effects(NAME)]
            assert (kinds.count("rolled-back"), kinds.count("applied")) == (1, 2)

    asyncio.run(story())


def test_over_ssh_another_declaration_goes_on_with_the_rollback_of_the_first(plant):
    async def story():
        async with plant(SONIC) as site:
            await killed_while_waiting(site, site.inputs(NAME, config=SONIC_CONFIG))
            switch = site.fleet.switches[NAME]
            (first,) = switch.timers
            second = site.inputs(NAME, config={**SONIC_CONFIG, "PORT": {"*": {"mtu": "8000"}}})
            site.fail(Fault("isolate", method="RUN", path="sudo -n config apply-patch /*"))
            with pytest.raises(ProviderError, match="rolled back aifactory-"):
                await site.create(second)
            rolled = site.witness.effects(NAME, "rolled-back")
            assert [each["checkpoint"] for each in rolled] == [first]
            assert switch.config["PORT"]["Ethernet0"]["mtu"] == "9100", "as before the first"
            state = await site.create(second)
            assert (state["drift"], switch.timers) == ({}, {})

    asyncio.run(story())


def test_a_killed_run_that_is_taken_up_too_late_starts_anew(plant):
    async def story():
        async with plant(LEAF) as site:
            inputs = site.inputs(NAME, config=config("one"))
            await killed_while_waiting(site, inputs)
            site.clock.time += 400
            state = await site.create(inputs)
            assert (state["revision"], state["drift"]) == ("3", {})

    asyncio.run(story())


def test_the_declaration_is_changed_before_anything_was_applied(plant):
    async def story():
        async with plant(LEAF) as site:
            site.fail(Fault("status", method="PATCH", path="*revision/2", status=500))
            with pytest.raises(ProviderError, match="refused `apply` of revision 2; on purpose"):
                await site.create(site.inputs(NAME, config=config("one")))
            old = {**config("one"), "qos": {"roce": {"state": "enabled"}}}
            site.fail(Fault("status", method="PATCH", path="*revision/2", status=500))
            with pytest.raises(ProviderError):
                await site.create(site.inputs(NAME, config=old))
            state = await site.create(site.inputs(NAME, config=config("two")))
            assert state["revision"] == "2", "the revision of ours that was left is used"
            tree = site.fleet.switches[NAME].tree("applied")
            assert tree["interface"]["swp1"] == {"description": "two", "type": "swp"}
            assert "qos" not in tree or tree["qos"] == {}

    asyncio.run(story())


def test_a_release_that_keeps_its_board_elsewhere(plant, monkeypatch):
    shown = NvueService._operational

    def older(self, tree):
        found = shown(self, tree)
        found["platform"] = {"hardware": found["platform"]}
        found["system"] = {
            **{key: found["system"][key] for key in ("hostname", "build")},
            "version": {},
        }
        return found

    monkeypatch.setattr(NvueService, "_operational", older)

    async def story():
        async with plant(LEAF) as site:
            state = await site.create(site.inputs(NAME, config=config("one")))
            assert (state["serial"], state["version"]) == (
                "MT1",
                "Cumulus Linux 5.4.0"[:0] or "Cumulus Linux 5.14.0",
            )

    asyncio.run(story())


def test_states_of_nvue_and_what_they_mean():
    def state(name):
        return nvue_states.as_change("2", {"state": name}).state

    assert {name: state(name) for name in ("pending", "ays", "confirm", "reloading", "saved")} == {
        "pending": "staged",
        "ays": "waiting",
        "confirm": "waiting",
        "reloading": "busy",
        "saved": "applied",
    }
    assert {state(name) for name in ("invalid", "ays_fail", "ignore_fail")} == {"refused"}
    assert {state(name) for name in ("confirm_fail", "inactive")} == {"rolled-back"}
    assert nvue_states.version({"version": {"product-release": "5.14.0"}}) == "5.14.0"
    assert nvue_states.current({}) == "applied"


@pytest.mark.parametrize("status", [404, 500])
def test_a_switch_that_shows_nothing(plant, status):
    async def story():
        async with plant(LEAF) as site:
            site.fail(Fault("status", method="GET", path="/nvue_v1/system", status=status))
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=config("one")))
            assert str(caught.value) == f"{NAME} does not show its system: on purpose"

    asyncio.run(story())


@pytest.mark.parametrize("effect", ["drop", "drop-answer"])
def test_told_to_roll_back_and_the_answer_is_lost(plant, effect):
    async def story():
        async with plant(LEAF) as site:
            site.fail(
                Fault("lie", method="PATCH", path="*revision/2"),
                Fault(effect, method="PATCH", path="*revision/2", after=1),
            )
            with pytest.raises(ProviderError, match="put something else in force"):
                await site.create(site.inputs(NAME, config=config("one")))
            assert len(site.witness.effects(NAME, "rolled-back")) == 1

    asyncio.run(story())


def test_told_twice_to_apply_and_never_heard(plant):
    async def story():
        async with plant(LEAF) as site:
            site.fail(Fault("drop", method="PATCH", path="*revision/2", times=None))
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=config("one")))
            assert str(caught.value) == (
                f"{NAME} did not take 2, or not all of it; what it took is rolled back by itself: "
                "run again"
            )
            assert len(site.witness.requests(method="PATCH")) == 3

    asyncio.run(story())


def test_somebody_elses_command_on_sonic_is_waited_for(plant):
    async def story():
        async with plant(SONIC) as site:
            site.fleet.switches[NAME].working.append("config reload -y")
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=SONIC_CONFIG))
            assert str(caught.value) == (
                f"{NAME}: `config reload -y` is running on it; run again when it has ended"
            )

    asyncio.run(story())


def test_a_patch_that_is_still_at_work_is_waited_for(plant):
    async def story():
        async with plant(SONIC) as site:
            switch = site.fleet.switches[NAME]
            note, waited = switch.note, []

            def remember(what, **details):
                note(what, **details)
                if what == "applied":
                    (name,) = switch.checkpoints
                    switch.working.append(f"config apply-patch /tmp/{name}.json")

            async def sleep(seconds):
                waited.append(seconds)
                switch.working.clear()

            switch.note = remember
            site.clock.sleep = sleep
            site.fail(Fault("drop-answer", method="RUN", path="sudo -n config apply-patch /*"))
            state = await site.create(site.inputs(NAME, config=SONIC_CONFIG))
            assert (state["drift"], waited) == ({}, [2.0])

    asyncio.run(story())


REFUSED = {
    "sonic-cfggen*": "the switch does not show CONFIG_DB as JSON",
    "show platform*": f"{NAME}: `show platform summary --json` failed: on purpose",
    "*list-checkpoints": f"{NAME}: `config list-checkpoints` failed: on purpose",
    "sudo -n config checkpoint*": f"{NAME}: `config checkpoint ",
    "sudo -n config save*": f"{NAME}: `config save -y` failed; on purpose",
}


@pytest.mark.parametrize("command", REFUSED)
def test_a_command_that_fails_on_sonic(plant, command):
    async def story():
        async with plant(SONIC) as site:
            status = 0 if command.startswith("sonic-") else 1
            site.fail(Fault("status", method="RUN", path=command, status=status))
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=SONIC_CONFIG))
            assert str(caught.value).startswith(REFUSED[command])

    asyncio.run(story())


@pytest.mark.parametrize(("spec", "declared"), [(SONIC, SONIC_CONFIG), (MLNX, MLNX_CONFIG)])
def test_a_rollback_whose_answer_is_lost_is_done_by_the_switch(plant, spec, declared):
    apply = {"sonic": "sudo -n config apply-patch /*", "mlnx-os": '*"interface *'}[spec.os]
    undo = {"sonic": "sudo -n config rollback *", "mlnx-os": '*"configuration revert saved"'}[
        spec.os
    ]

    async def story():
        async with plant(spec) as site:
            site.fail(
                Fault("lie", method="RUN", path=apply), Fault("drop", method="RUN", path=undo)
            )
            with pytest.raises(ProviderError, match="put something else in force"):
                await site.create(site.inputs(NAME, config=declared))
            assert site.witness.effects(NAME, "rolled-back")

    asyncio.run(story())


def test_mlnx_os_that_drops_every_command_is_undone_by_its_job(plant):
    async def story():
        async with plant(MLNX) as site:
            site.fail(Fault("drop", method="RUN", path='*"interface *', times=None))
            with pytest.raises(ProviderError, match="did not take job-"):
                await site.create(site.inputs(NAME, config=MLNX_CONFIG))
            site.clock.time += 400
            site.fail()
            state = await site.create(site.inputs(NAME, config=MLNX_CONFIG))
            assert state["drift"] == {}

    asyncio.run(story())


@pytest.mark.parametrize("how", ["frozen", "cancelled"])
def test_writes_are_switched_off_just_before_the_confirmation(plant, tmp_path, how):
    async def story():
        freeze = tmp_path / "freeze"
        async with plant(LEAF, freeze=freeze) as site:
            note = site.fleet.switches[NAME].note

            def stop(what, **details):
                note(what, **details)
                if what == "applied":
                    freeze.write_text("") if how == "frozen" else site.around.cancelled.set()

            site.fleet.switches[NAME].note = stop
            inputs = site.inputs(NAME, config=config("one"))
            with pytest.raises(ProviderError, match="before confirming 2; unconfirmed, it rolls"):
                await site.create(inputs)
            site.around.cancelled.clear()
            freeze.unlink(missing_ok=True)
            state = await site.create(inputs)
            assert (state["revision"], state["drift"]) == ("2", {}), "confirmed by the next run"
            assert site.applied(NAME) == 1

    asyncio.run(story())


def test_what_cannot_be_written_out_any_more_is_not_ours_to_remove(plant):
    async def story():
        async with plant(SONIC) as site:
            old = site.inputs(NAME, config=SONIC_CONFIG)
            state = await site.create(old)
            broken = {**old, "config": {"PORT": {"*": {"mtu": "1"}}}}
            switch = site.fleet.switches[NAME]
            switch.config["PORT"].clear()
            switch.config["PORT"]["x"] = {"mtu": "9000"}
            new = site.inputs(NAME, config={"system": {"hostname": NAME}})
            state = await site.update(broken, state, new)
            assert state["drift"] == {}

    asyncio.run(story())


def test_a_configuration_without_ports_says_whose_it_is(plant):
    async def story():
        async with plant(SwitchSpec(NAME, "sonic", ports=0)) as site:
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=SONIC_CONFIG))
            assert str(caught.value) == (
                f"{NAME}: `PORT` is declared for every port, and the switch has none"
            )

    asyncio.run(story())


def test_a_switch_that_says_it_rolled_back_and_did_not(plant):
    async def story():
        async with plant(LEAF) as site:
            switch = site.fleet.switches[NAME]
            judge = switch._judge

            def liar(name, revision):
                judge(name, revision)
                revision.state = "confirm_fail"

            switch._judge = liar
            with pytest.raises(PartialError) as caught:
                await site.create(site.inputs(NAME, config=config("one")))
            (reason,) = caught.value.reasons
            assert reason == (
                f"{NAME} says that it rolled back 2, but its configuration is not the one from "
                "before; look at the switch"
            )

    asyncio.run(story())


def test_a_switch_that_fails_half_way_through_is_not_taken_for_unchanged(plant):
    async def story():
        async with plant(LEAF) as site:
            switch = site.fleet.switches[NAME]
            judge = switch._judge

            def half(name, revision):
                judge(name, revision)
                message = "Unable to reload-or-restart services (frr): Job for frr.service failed."
                revision.state = "ignore_fail"
                revision.progress = "Failure during apply. Ignore?"
                revision.issue = {"00000": {"code": "systemctl", "message": message}}

            switch._judge = half
            with pytest.raises(PartialError) as caught:
                await site.create(site.inputs(NAME, config=config("one")))
            (reason,) = caught.value.reasons
            assert reason == (
                f"{NAME} failed half way through 2, and its configuration is not the one from "
                "before: Unable to reload-or-restart services (frr): Job for frr.service failed.; "
                "look at the switch"
            )

    asyncio.run(story())
