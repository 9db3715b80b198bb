"""The whole life of a switch that speaks NVUE, with the emulator's own log as the witness."""

from __future__ import annotations

import asyncio

from aifactory_iac.lab.switches.spec import SwitchSpec

LEAF = SwitchSpec("storage-leaf-001", "nvue", serial="MT2345X00001", ports=8)
PORTS = {"swp1-4": {"description": "hosts", "link": {"mtu": 9216, "state": {"up": {}}}}}


def config(**more):
    return {"interface": PORTS, "system": {"hostname": "storage-leaf-001"}, **more}


def test_created_the_switch_has_what_is_declared_and_would_start_with_it(plant):
    async def story():
        async with plant(LEAF) as site:
            state = await site.create(site.inputs("storage-leaf-001", config=config()))
            assert {
                key: state[key] for key in ("managed", "revision", "serial", "drift", "stale")
            } == {
                "managed": True,
                "revision": "2",
                "serial": "MT2345X00001",
                "drift": {},
                "stale": False,
            }
            switch = site.fleet.switches["storage-leaf-001"]
            port = {
                "description": "hosts",
                "link": {"mtu": 9216, "state": {"up": {}}},
                "type": "swp",
            }
            assert {
                name: switch.tree("applied")["interface"][name] for name in ("swp1", "swp4")
            } == {
                "swp1": port,
                "swp4": port,
            }
            assert switch.startup == switch.tree("applied")
            assert [each["what"] for each in site.witness.effects("storage-leaf-001")] == [
                "created",
                "edited",
                "apply-asked",
                "applied",
                "confirmed",
                "saved",
            ]

    asyncio.run(story())
