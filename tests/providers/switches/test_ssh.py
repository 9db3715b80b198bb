"""Switches over SSH: SONiC with checkpoints and a timer of ours, MLNX-OS with a job of its own."""

from __future__ import annotations

import asyncio
from copy import deepcopy

import pytest

from aifactory_iac.lab.switches.faults import Fault
from aifactory_iac.lab.switches.spec import SwitchSpec
from aifactory_iac.providers.resource import PartialError, ProviderError

NAME = "storage-leaf-001"
SONIC = SwitchSpec(NAME, "sonic", serial="FDO2345A001", ports=2)
MLNX = SwitchSpec(NAME, "mlnx-os", serial="MT2345X00002", ports=4)
SONIC_CONFIG = {
    "PORT": {"*": {"admin_status": "up", "mtu": 9216}},
    "DSCP_TO_TC_MAP": {"AIFACTORY": {"26": "3"}},
    "PORT_QOS_MAP": {"*": {"dscp_to_tc_map": "AIFACTORY", "pfc_enable": "3"}},
    "system": {"hostname": NAME},
}
MLNX_CONFIG = {
    "ib": {"mtu": 4096, "ports": {"hosts": "1/1-2", "spines": "1/3-1/4"}},
    "system": {"hostname": NAME},
}
BOTH = {"sonic": (SONIC, SONIC_CONFIG), "mlnx-os": (MLNX, MLNX_CONFIG)}


def effects(site):
    return [each["what"] for each in site.witness.effects(NAME)]


def test_a_sonic_switch_gets_its_tables_with_every_port_written_out(plant):
    async def story():
        async with plant(SONIC) as site:
            state = await site.create(site.inputs(NAME, config=SONIC_CONFIG))
            switch = site.fleet.switches[NAME]
            assert state["serial"] == "FDO2345A001"
            assert state["drift"] == {}
            assert {port: row["mtu"] for port, row in switch.config["PORT"].items()} == {
                "Ethernet0": "9216",
                "Ethernet8": "9216",
            }
            assert switch.config["PORT"]["Ethernet0"]["speed"] == "800000", "not ours, so it stays"
            row = {"dscp_to_tc_map": "AIFACTORY", "pfc_enable": "3"}
            assert switch.config["PORT_QOS_MAP"] == {"Ethernet0": row, "Ethernet8": row}
            assert switch.saved == switch.config
            assert effects(site) == ["armed", "applied", "disarmed", "saved"]
            assert (switch.checkpoints, switch.timers, switch.files) == ({}, {}, {})

    asyncio.run(story())


def test_an_infiniband_switch_gets_its_ports(plant):
    async def story():
        async with plant(MLNX) as site:
            state = await site.create(site.inputs(NAME, config=MLNX_CONFIG))
            switch = site.fleet.switches[NAME]
            assert (state["serial"], state["revision"]) == ("MT2345X00002", "initial")
            assert switch.config["interface"] == {
                "1/1": {"description": "hosts", "mtu": "4K"},
                "1/2": {"description": "hosts", "mtu": "4K"},
                "1/3": {"description": "spines", "mtu": "4K"},
                "1/4": {"description": "spines", "mtu": "4K"},
            }
            assert (switch.saved, switch.jobs) == (switch.config, {})
            assert effects(site) == ["armed", *["configured"] * 8, "disarmed", "saved"]

    asyncio.run(story())


@pytest.mark.parametrize("system", BOTH)
def test_a_second_run_changes_nothing(plant, system):
    spec, config = BOTH[system]

    async def story():
        async with plant(spec) as site:
            inputs = site.inputs(NAME, config=config)
            state = await site.create(inputs)
            count = len(effects(site))
            assert await site.update(inputs, state, inputs) == state
            assert await site.read(inputs, state) == state
            assert len(effects(site)) == count

    asyncio.run(story())


def test_what_is_no_longer_declared_goes_from_sonic_and_an_empty_table_with_it(plant):
    async def story():
        async with plant(SONIC) as site:
            old = site.inputs(NAME, config=SONIC_CONFIG)
            state = await site.create(old)
            config = {"PORT": SONIC_CONFIG["PORT"], "system": {"hostname": NAME}}
            state = await site.update(old, state, site.inputs(NAME, config=config))
            tables = site.fleet.switches[NAME].config
            assert sorted(tables) == ["DEVICE_METADATA", "MGMT_INTERFACE", "PORT"]
            assert state["drift"] == {}

    asyncio.run(story())


def test_what_is_no_longer_declared_goes_from_mlnx_os(plant):
    async def story():
        async with plant(MLNX) as site:
            old = site.inputs(NAME, config=MLNX_CONFIG)
            state = await site.create(old)
            config = {"ib": {"ports": {"hosts": "1/1"}}, "system": {"hostname": NAME}}
            state = await site.update(old, state, site.inputs(NAME, config=config))
            assert site.fleet.switches[NAME].config["interface"] == {
                "1/1": {"description": "hosts"},
                "1/2": {},
                "1/3": {},
                "1/4": {},
            }
            assert state["drift"] == {}

    asyncio.run(story())


@pytest.mark.parametrize("system", BOTH)
def test_drift_is_told_by_property(plant, system):
    spec, config = BOTH[system]

    async def story():
        async with plant(spec) as site:
            inputs = site.inputs(NAME, config=config)
            state = await site.create(inputs)
            tree = site.fleet.switches[NAME].config
            if system == "sonic":
                tree["PORT"]["Ethernet8"]["mtu"] = "9100"
                expected = {"config.PORT.Ethernet8.mtu": {"wanted": "9216", "found": "9100"}}
            else:
                tree["interface"]["1/3"]["mtu"] = "2K"
                expected = {'config.interface["1/3"].mtu': {"wanted": "4K", "found": "2K"}}
            assert (await site.read(inputs, state))["drift"] == expected

    asyncio.run(story())


LOST = {
    "sonic": (
        "sudo -n config checkpoint *",
        "cat > *",
        "sudo -n systemd-run *",
        "sudo -n config apply-patch /*",
        "sudo -n systemctl stop *",
        "sudo -n config save *",
    ),
    "mlnx-os": ('*"job *', '*"interface *', '*"no job *', '*"configuration write"'),
}


@pytest.mark.parametrize("effect", ["drop", "drop-answer"])
@pytest.mark.parametrize(
    ("system", "command"), [(name, each) for name in LOST for each in LOST[name]]
)
def test_a_command_that_is_lost_is_looked_for(plant, system, command, effect):
    spec, config = BOTH[system]

    async def story():
        async with plant(spec) as site:
            site.fail(Fault(effect, method="RUN", path=command))
            inputs = site.inputs(NAME, config=config)
            if (command, effect) == ("sudo -n config apply-patch /*", "drop"):
                # It cannot be told from one that is still at work: the timer undoes it.
                with pytest.raises(ProviderError) as caught:
                    await site.create(inputs)
                assert str(caught.value).startswith(f"{NAME} did not take aifactory-")
                assert "applied" not in effects(site)
            state = await site.create(inputs)
            assert state["drift"] == {}
            done = effects(site)
            assert done.count("applied") <= 1
            assert "rolled-back" not in done
            assert site.fleet.switches[NAME].saved == site.fleet.switches[NAME].config

    asyncio.run(story())


@pytest.mark.parametrize("system", BOTH)
def test_a_switch_that_loses_its_management_rolls_back(plant, system):
    spec, config = BOTH[system]
    apply = {"sonic": "sudo -n config apply-patch /*", "mlnx-os": '*"interface *'}[system]

    async def story():
        async with plant(spec) as site:
            before = deepcopy(site.fleet.switches[NAME].config)
            site.fail(Fault("isolate", method="RUN", path=apply))
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=config))
            assert "by itself, because it was not confirmed within 300 s" in str(caught.value)
            assert site.fleet.switches[NAME].config == before
            assert effects(site)[-1] == "rolled-back"

    asyncio.run(story())


def test_a_patch_that_sonic_refuses_is_never_applied(plant):
    async def story():
        async with plant(SONIC) as site:
            config = {"PORT": {"*": {"mtu": 12_000}}, "system": {"hostname": NAME}}
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=config))
            assert str(caught.value) == (
                f"{NAME} refuses the patch; Failed to apply patch due to: Data Loading Failed: "
                'Invalid value "12000" in "mtu" element of Ethernet0'
            )
            assert effects(site) == []

    asyncio.run(story())


def test_a_patch_that_fails_half_way_is_taken_back(plant):
    async def story():
        async with plant(SONIC) as site:
            site.fail(Fault("status", method="RUN", path="sudo -n config apply-patch /*", status=2))
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=SONIC_CONFIG))
            assert str(caught.value).endswith("; on purpose")
            assert effects(site) == ["armed", "rolled-back", "disarmed"]

    asyncio.run(story())


def test_a_command_that_mlnx_os_refuses_is_taken_back_with_all_before_it(plant):
    async def story():
        async with plant(MLNX) as site:
            before = deepcopy(site.fleet.switches[NAME].config)
            config = {
                "ib": {"mtu": 2048, "ports": {"hosts": "1/4-5"}},
                "system": {"hostname": NAME},
            }
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=config))
            assert str(caught.value).startswith(f"{NAME} refused job-")
            assert str(caught.value).endswith("; Invalid interface ib 1/5")
            assert site.fleet.switches[NAME].config == before
            assert effects(site)[-2:] == ["rolled-back", "disarmed"]
            assert 1000 <= site.witness.effects(NAME)[0]["job"] < 10_000

    asyncio.run(story())


@pytest.mark.parametrize("system", BOTH)
def test_a_switch_that_lies_about_the_change_is_rolled_back(plant, system):
    spec, config = BOTH[system]
    apply = {"sonic": "sudo -n config apply-patch /*", "mlnx-os": '*"interface *'}[system]

    async def story():
        async with plant(spec) as site:
            site.fail(Fault("lie", method="RUN", path=apply))
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=config))
            assert "put something else in force than it was told, and was rolled back" in str(
                caught.value
            )
            assert "applied" not in effects(site)

    asyncio.run(story())


@pytest.mark.parametrize("system", BOTH)
def test_without_something_to_roll_back_with_nothing_is_applied(plant, system):
    spec, config = BOTH[system]
    arm = {"sonic": "sudo -n systemd-run *", "mlnx-os": '*"job *'}[system]
    missing = {"sonic": "timer", "mlnx-os": "job"}[system]

    async def story():
        async with plant(spec) as site:
            site.fail(Fault("lie", method="RUN", path=arm))
            with pytest.raises(PartialError) as caught:
                await site.create(site.inputs(NAME, config=config))
            assert caught.value.reasons == (
                f"{NAME} has no {missing} to roll back with, so nothing is applied",
            )
            assert effects(site) == []

    asyncio.run(story())


def test_another_change_that_waits_on_sonic_is_not_overrun(plant):
    async def story():
        async with plant(SONIC) as site:
            switch = site.fleet.switches[NAME]
            switch.timers["aifactory-0123456789ab"] = (
                1e9,
                "config rollback aifactory-0123456789ab",
            )
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=SONIC_CONFIG))
            assert str(caught.value) == (
                f"{NAME}: the change aifactory-0123456789ab waits for its confirmation; it rolls "
                "back by itself when that time is over: run again then"
            )
            assert effects(site) == []

    asyncio.run(story())


def test_unsaved_changes_of_somebody_else_on_mlnx_os_are_not_overrun(plant):
    async def story():
        async with plant(MLNX) as site:
            site.fleet.switches[NAME].configure("interface ib 1/4 description by-hand")
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=MLNX_CONFIG))
            assert str(caught.value) == (
                f"{NAME}: it has unsaved changes, which a rollback would take back too; save them "
                "(`configuration write`) or drop them (`configuration revert saved`)"
            )

    asyncio.run(story())


def test_somebody_elses_job_that_reverts_is_not_overrun(plant):
    async def story():
        async with plant(MLNX) as site:
            switch = site.fleet.switches[NAME]
            for line in (
                'job 7 command 1 "configuration revert saved"',
                "job 7 schedule type once",
                "job 7 schedule once time 10:00:00 date 2031/01/01",
                "job 7 enable",
            ):
                switch.configure(line)
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=MLNX_CONFIG))
            assert str(caught.value) == (
                f"{NAME}: job 7 (`configuration revert saved`) is set for 2031/01/01 10:00:00 "
                "+0000; run again after that"
            )

    asyncio.run(story())


def test_an_unknown_host_key_gets_no_password(plant):
    async def story():
        async with plant(SONIC, known_hosts=False) as site:
            site.around.settings.lab.endpoints  # noqa: B018 - the lab knows no host keys
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=SONIC_CONFIG))
            assert str(caught.value) == (
                f"{NAME} does not show the host key that is known of it; the password was not sent"
            )
            assert site.witness.requests() == []

    asyncio.run(story())


def test_a_pinned_host_key_must_be_that_one(plant):
    import asyncssh

    async def story():
        async with plant(SONIC, known_hosts=False) as site:
            tls = {"trust": "pinned", "hostkey": site.fleet.host_keys[NAME]}
            await site.create(site.inputs(NAME, config=SONIC_CONFIG, tls=tls))
            other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
            wrong = {"trust": "pinned", "hostkey": other.strip()}
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=SONIC_CONFIG, tls=wrong))
            assert "does not show the host key" in str(caught.value)

    asyncio.run(story())


def test_a_refused_password_is_sent_once(plant, monkeypatch):
    async def story():
        async with plant(MLNX) as site:
            monkeypatch.setenv("SWITCHES", "admin:wrong")
            with pytest.raises(ProviderError) as caught:
                await site.create(site.inputs(NAME, config=MLNX_CONFIG))
            assert str(caught.value) == (
                f"{NAME} refused user and password; they are not tried again, so that the account "
                "is not locked"
            )
            assert [each["outcome"] for each in site.witness.requests()] == ["refused"]

    asyncio.run(story())


def test_a_password_is_on_no_command_line(plant):
    async def story():
        async with plant(SONIC) as site:
            await site.create(site.inputs(NAME, config=SONIC_CONFIG))
            assert "battery staple" not in str(site.witness.entries)

    asyncio.run(story())


def test_an_unreachable_switch_is_stale(plant):
    async def story():
        async with plant(SONIC) as site:
            inputs = site.inputs(NAME, config=SONIC_CONFIG)
            state = await site.create(inputs)
            site.fleet.switches[NAME].isolated = True
            assert await site.read(inputs, state) == {**state, "stale": True}

    asyncio.run(story())
