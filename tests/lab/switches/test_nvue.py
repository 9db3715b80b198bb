"""The emulated NVUE API says what NVIDIA's pages say, to a client that knows nothing of us."""

from __future__ import annotations

import asyncio
import os

import pytest

from aifactory_iac.lab.switches.device import serial_of
from aifactory_iac.lab.switches.faults import Fault
from aifactory_iac.lab.switches.nvue_rules import apply_problems, schema_problems
from aifactory_iac.lab.switches.nvue_service import difference
from aifactory_iac.lab.switches.spec import SwitchSpec

LEAF = SwitchSpec("leaf-1", "nvue", serial="MT1", ports=4)
YES = {"state": "apply", "auto-prompt": {"ays": "ays_yes"}}
CONFIRM = {**YES, "state-controls": {"confirm": 600}}
EMPTY = {"issue": {}, "progress": ""}


def test_a_change_as_the_documentation_makes_one(lab):
    async def story():
        async with lab(LEAF) as site:
            nv = site.ask("leaf-1")
            assert await nv("POST", "/nvue_v1/revision") == (
                200,
                {"2": {"state": "pending", "transition": EMPTY}},
            )
            assert await nv(
                "PATCH", "/nvue_v1/interface/swp1/ip/address?rev=2", {"10.1.1.1/31": {}}
            ) == (200, {"interface": {"swp1": {"ip": {"address": {"10.1.1.1/31": {}}}}}})
            assert await nv("GET", "/nvue_v1/?rev=2&diff=applied&filled=false") == (
                200,
                {"interface": {"swp1": {"ip": {"address": {"10.1.1.1/31": {}}}, "type": "swp"}}},
            )
            assert await nv("GET", "/nvue_v1/?rev=applied&diff=2&filled=false") == (
                200,
                {"interface": {"swp1": None}},
            )
            assert await nv("PATCH", "/nvue_v1/revision/2", YES) == (
                200,
                {"state": "apply", "transition": EMPTY},
            )
            site.clock.time += 10
            assert (await nv("GET", "/nvue_v1/revision/2"))[1]["state"] == "applied"
            assert (await nv("GET", "/nvue_v1/interface/swp1/ip/address"))[1] == {"10.1.1.1/31": {}}
            assert (await nv("GET", "/nvue_v1/?rev=startup&diff=applied"))[1] == {
                "interface": {"swp1": None}
            }
            save = {"state": "save", "auto-prompt": {"ays": "ays_yes"}}
            await nv("PATCH", "/nvue_v1/revision/applied", save)
            assert (await nv("GET", "/nvue_v1/?rev=startup&diff=applied"))[1] == {}
            assert (await nv("GET", "/nvue_v1/revision/1"))[1]["state"] == "inactive"

    asyncio.run(story())


def test_unset_is_null_and_a_delete_empties_a_revision(lab):
    async def story():
        async with lab(LEAF) as site:
            nv = site.ask("leaf-1")
            await nv("POST", "/nvue_v1/revision")
            await nv("PATCH", "/nvue_v1/?rev=2", {"interface": {"eth0": None}})
            assert (await nv("GET", "/nvue_v1/?rev=2"))[1]["interface"] == {}
            assert (await nv("DELETE", "/nvue_v1/?rev=2"))[0] == 204
            assert (await nv("GET", "/nvue_v1/?rev=2"))[1] == {}

    asyncio.run(story())


def test_unconfirmed_it_rolls_back_by_itself_and_confirmed_it_stays(lab):
    async def story():
        async with lab(LEAF) as site:
            nv = site.ask("leaf-1")
            for name in ("2", "3"):
                await nv("POST", "/nvue_v1/revision")
                await nv("PATCH", f"/nvue_v1/?rev={name}", {"system": {"timezone": "Etc/UTC"}})
                await nv("PATCH", f"/nvue_v1/revision/{name}", CONFIRM)
                site.clock.time += 10
                assert (await nv("GET", f"/nvue_v1/revision/{name}"))[1]["state"] == "confirm"
                assert "timezone" in (await nv("GET", "/nvue_v1/?rev=applied"))[1]["system"]
                if name == "2":
                    site.clock.time += 600
                    assert (await nv("GET", "/nvue_v1/revision/2"))[1]["state"] == "confirm_fail"
                    assert "timezone" not in (await nv("GET", "/nvue_v1/?rev=applied"))[1]["system"]
            await nv("PATCH", "/nvue_v1/revision/3", {"state": "confirm_yes"})
            site.clock.time += 3600
            assert (await nv("GET", "/nvue_v1/revision/3"))[1]["state"] == "applied"
            assert "timezone" in (await nv("GET", "/nvue_v1/?rev=applied"))[1]["system"]

    asyncio.run(story())


def test_answered_with_no_it_rolls_back_at_once(lab):
    async def story():
        async with lab(LEAF) as site:
            nv = site.ask("leaf-1")
            await nv("POST", "/nvue_v1/revision")
            await nv("PATCH", "/nvue_v1/revision/2", CONFIRM)
            site.clock.time += 10
            await nv("GET", "/nvue_v1/revision/2")
            answer = await nv("PATCH", "/nvue_v1/revision/2", {"state": "confirm_no"})
            assert answer[1]["state"] == "confirm_fail"

    asyncio.run(story())


def test_a_second_revision_waits_for_its_turn(lab):
    async def story():
        async with lab(LEAF) as site:
            nv = site.ask("leaf-1")
            for name in ("2", "3"):
                await nv("POST", "/nvue_v1/revision")
                await nv("PATCH", f"/nvue_v1/revision/{name}", CONFIRM)
            site.clock.time += 60
            states = {
                key: each["state"]
                for key, each in (await nv("GET", "/nvue_v1/revision"))[1].items()
            }
            assert states == {
                "1": "applied",
                "2": "confirm",
                "3": "apply",
                "applied": "confirm",
                "startup": "confirm",
            }

    asyncio.run(story())


def test_auto_save_saves_with_the_confirmation(lab):
    async def story():
        async with lab(LEAF) as site:
            site.fleet.switches["leaf-1"].auto_save = True
            nv = site.ask("leaf-1")
            await nv("POST", "/nvue_v1/revision")
            await nv("PATCH", "/nvue_v1/revision/2", CONFIRM)
            site.clock.time += 10
            await nv("GET", "/nvue_v1/revision/2")
            answer = await nv("PATCH", "/nvue_v1/revision/2", {"state": "confirm_yes"})
            assert answer[1]["state"] == "applied_and_saved"

    asyncio.run(story())


def test_an_invalid_configuration_has_the_documented_shape(lab):
    async def story():
        async with lab(LEAF) as site:
            nv = site.ask("leaf-1")
            await nv("POST", "/nvue_v1/revision")
            await nv("PATCH", "/nvue_v1/router/bgp?rev=2", {"enable": "on"})
            await nv("PATCH", "/nvue_v1/revision/2", YES)
            site.clock.time += 10
            reason = "BGP requires router-id to be set globally or in the VRF.\n"
            assert (await nv("GET", "/nvue_v1/revision/2"))[1] == {
                "state": "invalid",
                "transition": {
                    "issue": {
                        "0": {
                            "code": "config_invalid",
                            "data": {"location": "router.bgp.enable", "reason": reason},
                            "message": f"Config invalid at router.bgp.enable: {reason}",
                            "severity": "error",
                        }
                    },
                    "progress": "Invalid config",
                },
            }
            await nv("PATCH", "/nvue_v1/router/bgp?rev=2", {"router-id": "10.0.0.1"})
            await nv("PATCH", "/nvue_v1/revision/2", YES)
            site.clock.time += 10
            assert (await nv("GET", "/nvue_v1/revision/2"))[1]["state"] == "applied"

    asyncio.run(story())


def test_what_is_not_there_and_what_may_not_be(lab):
    async def story():
        async with lab(LEAF) as site:
            nv = site.ask("leaf-1")
            missing = [
                ("GET", "/nvue_v1/revision/9"),
                ("GET", "/nvue_v1/?rev=9"),
                ("GET", "/nvue_v1/?rev=applied&diff=9"),
                ("GET", "/nvue_v1/interface/swp3"),
                ("PATCH", "/nvue_v1/?rev=9"),
                ("GET", "/elsewhere"),
            ]
            for method, path in missing:
                assert (await nv(method, path))[0] == 404, path
            assert (await nv("PATCH", "/nvue_v1/?rev=1", {}))[0] == 409
            await nv("POST", "/nvue_v1/revision")
            for path in ("/nvue_v1/?rev=2", "/nvue_v1/revision/2"):
                assert (await nv("PATCH", path, ["list"]))[0] == 400
            assert await nv("PATCH", "/nvue_v1/?rev=2", {"interfaces": {}}) == (
                400,
                {
                    "detail": "'interfaces' does not match any of the regexes or properties - "
                    "'interfaces'",
                    "status": 400,
                    "title": "Bad Request",
                    "type": "about:blank",
                },
            )
            assert (await nv("GET", "/nvue_v1/system", Authorization="Basic eDp5"))[0] == 401
            assert (await nv("GET", "/nvue_v1/system", Authorization="Bearer x"))[0] == 401

    asyncio.run(story())


def test_who_it_is(lab):
    async def story():
        async with lab(LEAF, SwitchSpec("leaf-2", "nvue", factory=True)) as site:
            assert (await site.ask("leaf-1")("GET", "/nvue_v1/platform"))[1] == {
                "manufacturer": "Mellanox",
                "product-name": "SN5600",
                "serial-number": "MT1",
            }
            status, system = await site.ask("leaf-2")("GET", "/nvue_v1/system")
            assert (status, system["hostname"]) == (200, "cumulus")
            assert (
                site.fleet.switches["leaf-2"].serial == serial_of("leaf-2") != serial_of("leaf-1")
            )

    asyncio.run(story())


PROBLEMS = {
    "a list": ({"qos": {"pfc": {"p": {"switch-priority": [3]}}}}, "[3] is not of type 'object'"),
    "an unknown path": (
        {"interface": {"swp1": {"linc": {}}}},
        "Additional properties are not allowed",
    ),
    "a small MTU": (
        {"interface": {"swp1": {"link": {"mtu": 68}}}},
        "68 is less than the minimum of 552",
    ),
    "no number": (
        {"interface": {"swp1": {"link": {"mtu": "9216"}}}},
        "'9216' is not of type 'integer'",
    ),
    "no mode": ({"qos": {"roce": {"mode": "fast"}}}, "'fast' is not one of ['lossless', "),
}


@pytest.mark.parametrize("case", PROBLEMS)
def test_the_schema_refuses(case):
    tree, text = PROBLEMS[case]
    assert next(schema_problems(tree)).startswith(text)


def test_the_schema_takes_removals_and_objects_that_it_does_not_look_into():
    assert list(schema_problems({"interface": {"swp1": {"link": {"mtu": None}}}})) == []
    assert list(schema_problems({"vrf": {"default": {"router": {"bgp": {"x": {"y": 1}}}}}})) == []
    assert list(schema_problems({"acl": {"A": {"rule": {}}}})) == []


def test_what_an_apply_finds():
    tree = {
        "interface": {
            "swp5": {},
            "swp1": {"link": {"breakout": {"2x": {}}, "mtu": 9216}},
            "swp1s0": {"link": {"mtu": 9216}},
        }
    }
    assert sorted(location for location, _ in apply_problems(tree, 4)) == [
        "interface.swp1.link",
        "interface.swp5",
    ]


def test_a_difference_shows_what_only_the_other_has_as_null():
    assert difference({"a": 1, "b": {"c": 2}, "d": 0}, {"a": 2, "b": {"c": 2}, "e": 3, "d": 0}) == {
        "a": 1,
        "e": None,
    }


def test_faults_as_a_file_has_them(lab, tmp_path):
    async def story():
        file = tmp_path / "faults.yaml"
        file.write_text(
            "faults:\n"
            "- {effect: status, switch: 'leaf-*', path: '/nvue_v1/system', status: 429,\n"
            "   retry_after: '9', after: 1}\n"
        )
        async with lab(LEAF, faults=str(file)) as site:
            nv = site.ask("leaf-1")
            statuses = [(await nv("GET", "/nvue_v1/system"))[0] for _ in range(3)]
            assert statuses == [200, 429, 200]
            file.write_text("faults: [{effect: lie, method: POST}]")
            os.utime(file, (1, 1))
            assert (await nv("POST", "/nvue_v1/revision"))[1] == {}
            assert list(site.fleet.switches["leaf-1"].revisions) == ["1"]
            file.write_text("faults: {")
            os.utime(file, (2, 2))
            assert (await nv("GET", "/nvue_v1/system"))[0] == 200

    asyncio.run(story())


def test_the_witness_holds_requests_and_effects_and_no_secret(lab, tmp_path):
    async def story():
        log = tmp_path / "witness.jsonl"
        async with lab(LEAF, log=str(log)) as site:
            site.fleet.faults.faults = (Fault("drop-answer", method="POST"),)
            with pytest.raises(Exception, match="Server disconnected"):
                await site.ask("leaf-1")("POST", "/nvue_v1/revision")
            assert site.fleet.witness.effects("leaf-1") == [
                {
                    "at": 0.0,
                    "switch": "leaf-1",
                    "kind": "effect",
                    "what": "created",
                    "revision": "2",
                }
            ]
            assert site.fleet.witness.requests()[0]["outcome"] == "cut off"
            assert len(log.read_text().splitlines()) == len(site.fleet.witness.entries) == 2
            assert "staple" not in log.read_text()

    asyncio.run(story())
