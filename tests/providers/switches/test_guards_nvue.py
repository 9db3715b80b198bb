"""When a switch that speaks NVUE is left alone: others at work, another switch, writes off."""

from __future__ import annotations

import asyncio

import pytest

from aifactory_iac.lab.switches.spec import SwitchSpec
from aifactory_iac.providers.resource import ProviderError

NAME = "storage-leaf-001"
LEAF = SwitchSpec(NAME, "nvue", serial="MT2345X00001", ports=8)
CONFIG = {
    "interface": {"swp1": {"description": "hosts", "link": {"mtu": 9216}}},
    "system": {"hostname": NAME},
}


def effects(site):
    return [each["what"] for each in site.witness.effects(NAME)]


@pytest.mark.parametrize("state", ["pending", "apply", "confirm"])
def test_somebody_elses_revision_is_not_overrun(plant, state):
    async def story():
        async with plant(LEAF) as site:
            switch = site.fleet.switches[NAME]
            theirs = switch.create()
            switch.edit(theirs, {"qos": {"roce": {"state": "enabled"}}})
            if state != "pending":
                switch.tell(theirs, {"state": "apply", "state-controls": {"confirm": 600}})
            if state == "confirm":
                site.clock.time += 60
            count = len(site.witness.effects(NAME))
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=CONFIG))
            assert str(caught.value) == (
                f"{NAME}: revision 2 is in state `{state}`; have it applied, or let go of it "
                "(`nv config detach`), then run again"
            )
            after = [each["what"] for each in site.witness.effects(NAME)[count:]]
            assert after == (["applied"] if state == "confirm" else [])

    asyncio.run(story())


def test_a_pending_revision_without_any_difference_is_nobodys(plant):
    async def story():
        async with plant(LEAF) as site:
            site.fleet.switches[NAME].create()
            state = await site.create(site.inputs(NAME, config=CONFIG))
            assert state["revision"] == "3"

    asyncio.run(story())


def test_another_switch_at_the_address_is_not_touched(plant):
    async def story():
        async with plant(SwitchSpec("other-leaf", "nvue", address="10.0.0.9", serial="S9")) as site:
            inputs = site.inputs("other-leaf", hostname=NAME, address="10.0.0.9", config=CONFIG)
            with pytest.raises(ProviderError) as caught:
                await site.create(inputs)
            assert str(caught.value) == (
                f"10.0.0.9 is a switch that calls itself other-leaf, and not {NAME}; if it is the "
                "right one, declare its `serial` (S9)"
            )
            with pytest.raises(ProviderError) as caught:
                await site.update(inputs, {"managed": True, "serial": "S1"}, inputs)
            assert str(caught.value) == (
                f"10.0.0.9 is a switch with serial number S9, and {NAME} has S1; if it was "
                "exchanged, declare its new `serial`"
            )
            assert effects(site) == []
            await site.create({**inputs, "serial": "S9"})
            tree = site.fleet.switches["other-leaf"].tree("applied")
            assert tree["system"]["hostname"] == NAME

    asyncio.run(story())


def test_a_renamed_switch_is_recognised_by_its_old_name(plant):
    async def story():
        async with plant(SwitchSpec(NAME, "nvue", ports=8)) as site:
            old = site.inputs(NAME)
            state = {**await site.create(old), "serial": ""}
            config = {"system": {"hostname": "storage-leaf-009"}}
            new = {**old, "hostname": "storage-leaf-009", "config": config}
            renamed = await site.update(old, state, new)
            assert renamed["drift"] == {}

    asyncio.run(story())


@pytest.mark.parametrize("how", ["frozen", "cancelled"])
def test_no_write_is_begun_once_writes_are_off(plant, tmp_path, how):
    async def story():
        freeze = tmp_path / "freeze"
        async with plant(LEAF, freeze=freeze) as site:
            if how == "frozen":
                freeze.write_text("")
            else:
                site.around.cancelled.set()
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=CONFIG))
            assert str(caught.value) == (
                f"{NAME}: writes are frozen by {freeze}, before a new change"
                if how == "frozen"
                else f"{NAME}: the run was cancelled before a new change"
            )
            assert {each["method"] for each in site.witness.requests()} == {"GET"}

    asyncio.run(story())


def test_cancelled_between_apply_and_confirm_the_switch_rolls_back_by_itself(plant):
    async def story():
        async with plant(LEAF) as site:
            switch = site.fleet.switches[NAME]
            note = switch.note

            def cancel(what, **details):
                note(what, **details)
                if what == "applied":
                    site.around.cancelled.set()

            switch.note = cancel
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=CONFIG))
            assert str(caught.value) == (
                f"{NAME}: the run was cancelled before confirming 2; unconfirmed, it rolls back by "
                "itself within 300 s"
            )
            assert effects(site)[-1] == "applied"
            site.clock.time += 310
            switch.settle()
            assert effects(site)[-1] == "rolled-back"

    asyncio.run(story())
