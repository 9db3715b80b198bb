"""The whole life of a switch that speaks NVUE, with the emulator's own log as the witness."""

from __future__ import annotations

import asyncio

import pytest

from aifactory_iac.lab.switches.spec import SwitchSpec
from aifactory_iac.providers.resource import ProviderError

NAME = "storage-leaf-001"
LEAF = SwitchSpec(NAME, "nvue", serial="MT2345X00001", ports=8)
PORTS = {"swp1-4": {"description": "hosts", "link": {"mtu": 9216, "state": {"up": {}}}}}
SYSTEM = {"system": {"hostname": NAME}}
TRANSACTION = ["created", "edited", "apply-asked", "applied", "confirmed", "saved"]
"""What one change looks like to the switch, when everything goes well."""


def effects(site):
    return [each["what"] for each in site.witness.effects(NAME)]


def test_created_the_switch_has_what_is_declared_and_would_start_with_it(plant):
    async def story():
        async with plant(LEAF) as site:
            inputs = site.inputs(NAME, config={"interface": PORTS, **SYSTEM})
            state = await site.create(inputs)
            assert state == {
                **inputs,
                "managed": True,
                "revision": "2",
                "serial": "MT2345X00001",
                "version": "5.14.0",
                "drift": {},
                "stale": False,
            }
            switch = site.fleet.switches[NAME]
            port = {
                "description": "hosts",
                "link": {"mtu": 9216, "state": {"up": {}}},
                "type": "swp",
            }
            interfaces = switch.tree("applied")["interface"]
            assert sorted(interfaces) == ["eth0", "swp1", "swp2", "swp3", "swp4"]
            assert interfaces["swp1"] == interfaces["swp4"] == port
            assert switch.startup == switch.tree("applied")
            assert effects(site) == TRANSACTION

    asyncio.run(story())


def test_a_second_run_with_nothing_to_do_only_reads(plant):
    async def story():
        async with plant(LEAF) as site:
            inputs = site.inputs(NAME, config={"interface": PORTS, **SYSTEM})
            state = await site.create(inputs)
            before = len(site.witness.entries)
            again = await site.update(inputs, state, inputs)
            assert again == state
            new = site.witness.entries[before:]
            assert {each["method"] for each in new if each["kind"] == "request"} == {"GET"}
            assert [each for each in new if each["kind"] == "effect"] == []

    asyncio.run(story())


def test_what_is_already_as_declared_is_adopted_without_a_write(plant):
    async def story():
        port = {"link": {"mtu": 9000}, "type": "swp"}
        brownfield = SwitchSpec(NAME, "nvue", ports=8, config={"interface": {"swp1": port}})
        async with plant(brownfield) as site:
            config = {"interface": {"swp1": {"link": {"mtu": 9000}}}, **SYSTEM}
            state = await site.create(site.inputs(NAME, config=config))
            assert state["revision"] == "1"
            assert effects(site) == []

    asyncio.run(story())


def test_what_was_ours_goes_and_what_never_was_stays(plant):
    async def story():
        theirs = {
            "interface": {
                "swp1": {"ip": {"address": {"10.1.1.1/31": {}}}, "type": "swp"},
                "swp8": {"description": "by hand", "type": "swp"},
            },
            "qos": {"roce": {"cable-length": 40}},
        }
        async with plant(SwitchSpec(NAME, "nvue", ports=8, config=theirs)) as site:
            old = site.inputs(
                NAME,
                config={"interface": PORTS, "qos": {"roce": {"state": "enabled"}}, **SYSTEM},
            )
            state = await site.create(old)
            new = site.inputs(NAME, config={"interface": {"swp2": PORTS["swp1-4"]}, **SYSTEM})
            state = await site.update(old, state, new)
            tree = site.fleet.switches[NAME].tree("applied")
            assert tree["interface"] == {
                "eth0": {"ip": {"vrf": "mgmt"}, "type": "eth"},
                "swp1": {"ip": {"address": {"10.1.1.1/31": {}}}, "type": "swp"},
                "swp2": {**PORTS["swp1-4"], "type": "swp"},
                "swp8": {"description": "by hand", "type": "swp"},
            }
            assert tree["qos"] == {"roce": {"cable-length": 40}}
            assert state["drift"] == {}

    asyncio.run(story())


def test_removals_and_settings_are_separate_requests(plant):
    async def story():
        async with plant(LEAF) as site:
            old = site.inputs(NAME, config={"interface": {"swp1": {"description": "a"}}, **SYSTEM})
            state = await site.create(old)
            new = site.inputs(NAME, config={"interface": {"swp2": {"description": "b"}}, **SYSTEM})
            await site.update(old, state, new)
            assert effects(site) == [*TRANSACTION, "created", "edited", *TRANSACTION[1:]]

    asyncio.run(story())


def test_drift_is_told_by_property_and_the_next_update_mends_it(plant):
    async def story():
        async with plant(LEAF) as site:
            inputs = site.inputs(NAME, config={"interface": PORTS, **SYSTEM})
            state = await site.create(inputs)
            interfaces = site.fleet.switches[NAME].tree("applied")["interface"]
            interfaces["swp2"]["link"]["mtu"] = 1500
            del interfaces["swp3"]["description"]
            seen = await site.read(inputs, state)
            assert seen["drift"] == {
                "config.interface.swp2.link.mtu": {"wanted": 9216, "found": 1500},
                "config.interface.swp3.description": {"wanted": "hosts", "found": None},
            }
            assert seen["stale"] is False
            found = site.kind.diff(inputs, seen, inputs)
            assert sorted(found.changes) == sorted(seen["drift"])
            mended = await site.update(inputs, seen, inputs)
            assert mended["drift"] == {}
            assert interfaces["swp2"]["link"]["mtu"] == 1500, "the old revision is history"
            now = site.fleet.switches[NAME].tree("applied")["interface"]
            assert now["swp2"]["link"]["mtu"] == 9216

    asyncio.run(story())


def test_reading_writes_nothing(plant):
    async def story():
        async with plant(LEAF) as site:
            inputs = site.inputs(NAME)
            await site.read(inputs, {"managed": True})
            assert {each["method"] for each in site.witness.requests()} == {"GET"}

    asyncio.run(story())


def test_a_new_switch_gets_its_name(plant):
    async def story():
        async with plant(SwitchSpec(NAME, "nvue", factory=True, ports=8)) as site:
            await site.create(site.inputs(NAME))
            assert site.fleet.switches[NAME].tree("applied")["system"] == {"hostname": NAME}

    asyncio.run(story())


def test_a_split_port_is_configured_by_its_parts(plant):
    async def story():
        async with plant(LEAF) as site:
            link = {"mtu": 9216, "state": {"up": {}}, "breakout": {"2x": {}}}
            config = {"interface": {"swp1-2": {"description": "hosts", "link": link}}, **SYSTEM}
            await site.create(site.inputs(NAME, config=config))
            interfaces = site.fleet.switches[NAME].tree("applied")["interface"]
            assert interfaces["swp1"] == {"link": {"breakout": {"2x": {}}}, "type": "swp"}
            assert interfaces["swp2s1"] == {
                "description": "hosts",
                "link": {"mtu": 9216, "state": {"up": {}}},
                "type": "swp",
            }

    asyncio.run(story())


def test_deleted_the_switch_keeps_its_configuration(plant):
    async def story():
        async with plant(LEAF) as site:
            inputs = site.inputs(NAME)
            state = await site.create(inputs)
            before = len(site.witness.entries)
            await site.kind.delete("fra1/storage/leaf", inputs, state, site.around)
            assert len(site.witness.entries) == before
            assert site.logged[-1] == (
                "info",
                "fra1/storage/leaf keeps its configuration, and is not managed any more",
            )

    asyncio.run(story())


def test_without_credentials_nothing_is_ever_sent(plant):
    async def story():
        async with plant(LEAF) as site:
            inputs = site.inputs(NAME, credentials=None)
            state = await site.create(inputs)
            assert (state["managed"], state["revision"]) == (False, "")
            state = await site.update(inputs, state, {**inputs, "role": "spine"})
            state = await site.read(inputs, state)
            assert state["managed"] is False
            assert site.witness.entries == []
            said = (
                f"{NAME} has no `credentials`, so it is unmanaged: nothing is written to it, and "
                "nothing is read from it"
            )
            assert site.logged[0] == ("warning", said)

    asyncio.run(story())


def test_a_preview_reaches_nothing(plant):
    async def story():
        async with plant(LEAF) as site:
            inputs = site.inputs(NAME, config={"interface": PORTS, **SYSTEM})
            planned = await site.kind.create("name", inputs, site.around, preview=True)
            changed = await site.kind.update(
                "id", inputs, {"serial": "X"}, inputs, site.around, preview=True
            )
            assert site.witness.entries == []
            assert repr(planned.state["revision"]) == repr(changed["revision"]) == "UNKNOWN"
            assert planned.state["managed"] is True
            assert changed["serial"] == "X"

    asyncio.run(story())


def test_an_import_by_id_alone_says_what_to_do_instead(plant):
    async def story():
        async with plant(LEAF) as site:
            with pytest.raises(ProviderError) as caught:
                await site.kind.read("fra1/storage/leaf", {}, {}, site.around)
            assert str(caught.value) == (
                "fra1/storage/leaf: a switch cannot be imported by its id alone; declare it with "
                "`address` and `credentials`: what already is as declared is adopted without a "
                "write"
            )

    asyncio.run(story())
