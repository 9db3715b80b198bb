"""The emulated shells of SONiC and MLNX-OS, and the UFM, as their documents have them."""

from __future__ import annotations

import asyncio
import json

import asyncssh
import pytest

from aifactory_iac.lab.switches.faults import Fault
from aifactory_iac.lab.switches.spec import SwitchSpec, UfmSpec

SONIC = SwitchSpec("leaf-2", "sonic", serial="FDO1", ports=2)
MLNX = SwitchSpec("ib-1", "mlnx-os", serial="MT1", ports=2)


async def connected(site, name):
    host, port = site.fleet.endpoints[name].split(":")
    return await asyncssh.connect(
        host,
        int(port),
        username="admin",
        password="staple",
        known_hosts=site.fleet.spec.known_hosts,
        client_keys=None,
        config=None,
    )


async def lines(connection, *commands):
    """Exit status and output of each command."""
    found = []
    for command in commands:
        done = await connection.run(command)
        found.append((done.exit_status, (done.stdout + done.stderr).strip()))
    return found


def cli(*words):
    return "cli -h " + " ".join(f'"{word}"' for word in words)


def test_sonic_checkpoints_patches_and_timers(lab):
    async def story():
        async with lab(SONIC) as site, await connected(site, "leaf-2") as ssh:
            switch = site.fleet.switches["leaf-2"]
            patch = [{"op": "replace", "path": "/PORT/Ethernet0/mtu", "value": "9216"}]
            await ssh.run("cat > /tmp/p.json", input=json.dumps(patch))
            unit = "systemd-run --quiet --unit=aifactory-x --on-active=300s"
            assert await lines(
                ssh,
                "sudo -n config list-checkpoints",
                "sudo -n config checkpoint before",
                "sudo -n config apply-patch --dry-run /tmp/p.json",
                f"sudo -n {unit} /usr/local/bin/config rollback before",
                f"sudo -n {unit} /usr/local/bin/config rollback before",
                "sudo -n config apply-patch /tmp/p.json",
            ) == [
                (0, "[]"),
                (0, "Checkpoint created successfully."),
                (0, "** DRY RUN EXECUTION **\nPatch applied successfully."),
                (0, ""),
                (
                    1,
                    "Failed to start transient timer unit: Unit aifactory-x.timer already exists.",
                ),
                (0, "Patch applied successfully."),
            ]
            assert switch.config["PORT"]["Ethernet0"]["mtu"] == "9216"
            site.clock.time += 301
            shown = await ssh.run("sonic-cfggen -d --print-data")
            assert json.loads(shown.stdout)["PORT"]["Ethernet0"]["mtu"] == "9100"
            assert site.fleet.witness.effects("leaf-2")[-1]["by"] == "timer"

    asyncio.run(story())


def test_what_sonic_refuses(lab):
    async def story():
        async with lab(SONIC) as site, await connected(site, "leaf-2") as ssh:
            files = {
                "empty": [{"op": "remove", "path": f"/PORT/Ethernet{n}"} for n in (0, 8)],
                "gone": [{"op": "remove", "path": "/VLAN"}],
                "deep": [{"op": "add", "path": "/VLAN/Vlan10/vlanid", "value": "10"}],
                "leafref": [
                    {"op": "add", "path": "/PORT_QOS_MAP", "value": {"Ethernet9": {"a": "1"}}}
                ],
            }
            for name, patch in files.items():
                await ssh.run(f"cat > /tmp/{name}", input=json.dumps(patch))
            answers = await lines(
                ssh,
                *(f"sudo -n config apply-patch /tmp/{name}" for name in (*files, "nothing")),
                "sudo -n config rollback nothing",
                "sudo -n config delete-checkpoint nothing",
                "sudo -n systemctl stop nothing.timer",
                "cat /tmp/nothing",
                "sonic-cfggen -d",
                "reboot",
                "pgrep -af config",
            )
            assert [status for status, _ in answers] == [2, 2, 2, 2, 2, 2, 2, 5, 1, 2, 127, 1]
            assert answers[0][1].endswith("not allowed in ConfigDb. Table: PORT")
            assert site.fleet.witness.effects("leaf-2") == []

    asyncio.run(story())


def test_mlnx_os_by_its_modes(lab):
    async def story():
        async with lab(MLNX) as site, await connected(site, "ib-1") as ssh:
            answers = await lines(
                ssh,
                "uname -a",
                cli("show version"),
                cli("configure terminal"),
                cli("enable", "hostname x"),
                cli("enable", "configure terminal", "interface ib 1/9 mtu 4K"),
                cli("enable", "configure terminal", "interface ib 1/1 mtu 9K"),
                cli("enable", "configure terminal", "hostname ib-9", "show configuration"),
                cli("enable", "configure terminal", "configuration revert saved", "show jobs"),
            )
            assert answers == [
                (1, "UNIX shell commands cannot be executed using this account."),
                (1, '% Unrecognized command "version".'),
                (1, '% Unrecognized command "configure".'),
                (1, '% Unrecognized command "hostname".'),
                (1, "% Invalid interface ib 1/9"),
                (1, "% Invalid MTU 9K"),
                (
                    0,
                    (
                        "initial (active)\ninitial.bak\n\nActive configuration: initial\n"
                        "Unsaved changes     : yes"
                    ),
                ),
                (0, ""),
            ]
            assert site.fleet.switches["ib-1"].config["hostname"] == "ib-1"

    asyncio.run(story())


PARTITIONS = [
    ("ib partition a pkey 0x8001 force", "Invalid PKey"),
    ("ib partition a pkey 0x7fff force", "Invalid PKey"),
    ("ib partition a member ALL type full force", "Partition a does not exist"),
    ("ib partition Default member e41d:2d03 type full force", "Invalid port GUID"),
    ("no ib partition a", "Partition a does not exist"),
    ("no job 7", "Job 7 does not exist"),
    ("ib sm", 'Unrecognized command "ib".'),
]


def test_what_mlnx_os_refuses_of_partitions(lab):
    async def story():
        async with lab(MLNX) as site, await connected(site, "ib-1") as ssh:
            for command, text in PARTITIONS:
                (answer,) = await lines(ssh, cli("enable", "configure terminal", command))
                assert answer == (1, f"% {text}"), command
            one = "ib partition a pkey 0x0001 force"
            two = "ib partition b pkey 0x0001 force"
            (answer,) = await lines(ssh, cli("enable", "configure terminal", one, two))
            assert answer == (1, "% PKey is used by partition a")
            away = ("no ib partition a member ALL", "no interface ib 1/1 mtu")
            assert await lines(ssh, cli("enable", "configure terminal", *away)) == [(0, "")]

    asyncio.run(story())


def test_a_job_runs_on_the_switchs_own_clock(lab):
    async def story():
        async with lab(MLNX) as site, await connected(site, "ib-1") as ssh:
            commands = (
                'job 7 command 1 \\"configuration revert saved\\"',
                "job 7 schedule type once",
                "job 7 schedule once time 00:05:00 date 2026/01/01",
                "job 7 enable",
                "hostname ib-9",
            )
            await lines(ssh, cli("enable", "configure terminal", *commands))
            (answer,) = await lines(ssh, cli("enable", "show clock"))
            assert answer[1].startswith("Time: 00:00:00\nDate: 2026/01/01")
            site.clock.time += 299
            (answer,) = await lines(ssh, cli("enable", "show jobs"))
            assert "Status:              pending" in answer[1]
            site.clock.time += 2
            (answer,) = await lines(ssh, cli("enable", "show jobs"))
            assert "Status:              completed" in answer[1]
            assert site.fleet.switches["ib-1"].config["hostname"] == "ib-1"

    asyncio.run(story())


def test_a_new_switch_has_no_name_of_ours(lab):
    async def story():
        factory = (
            SwitchSpec("a", "sonic", factory=True, ports=1),
            SwitchSpec("b", "mlnx-os", factory=True, ports=1),
        )
        async with lab(*factory) as site:
            sonic, mlnx = (site.fleet.switches[name].config for name in "ab")
            assert sonic["DEVICE_METADATA"]["localhost"]["hostname"] == "sonic"
            assert mlnx["hostname"] == "switch-a1b2c3"

    asyncio.run(story())


@pytest.mark.parametrize("effect", ["drop", "drop-answer", "isolate"])
def test_faults_over_ssh_cut_the_connection(lab, effect):
    async def story():
        async with lab(SONIC) as site:
            site.fleet.faults.faults = (Fault(effect, method="RUN", path="sudo -n config save*"),)
            ssh = await connected(site, "leaf-2")
            with pytest.raises((asyncssh.Error, OSError, AssertionError)):
                done = await ssh.run("sudo -n config save -y")
                assert done.exit_status is not None
            saved = site.fleet.witness.effects("leaf-2", "saved")
            assert len(saved) == (0 if effect == "drop" else 1)
            if effect == "isolate":
                with pytest.raises((asyncssh.Error, OSError)):
                    await connected(site, "leaf-2")

    asyncio.run(story())


def test_a_wrong_password_is_told_the_witness(lab):
    async def story():
        async with lab(SONIC) as site:
            host, port = site.fleet.endpoints["leaf-2"].split(":")
            with pytest.raises(asyncssh.PermissionDenied):
                await asyncssh.connect(
                    host,
                    int(port),
                    username="admin",
                    password="wrong",
                    known_hosts=None,
                    client_keys=None,
                    config=None,
                )
            assert site.fleet.witness.requests()[0]["outcome"] == "refused"

    asyncio.run(story())


def test_ufm_as_its_guide_and_its_clients_have_it(lab):
    async def story():
        pkeys = "/ufmRest/resources/pkeys"
        one, two = "0002c90300445566", "0x0002C90300445577"
        async with lab(ufms=(UfmSpec("ufm", pkeys={"0x5": {one: "full"}}),)) as site:
            ufm = site.ask("ufm")
            assert (await ufm("GET", "/ufmRest/app/ufm_version"))[0] == 200
            assert sorted((await ufm("GET", pkeys))[1]) == ["0x5", "0x7fff"]
            body = {"pkey": "0x12", "guids": [one, two], "memberships": ["limited", "full"]}
            assert (await ufm("PUT", pkeys, body))[0] == 200
            _, shown = await ufm("GET", f"{pkeys}/0x12?guids_data=true")
            assert [each["membership"] for each in shown["guids"]] == ["limited", "full"]
            # Adding ignores a list of memberships.
            await ufm("POST", pkeys, {**body, "memberships": ["limited", "limited"]})
            __, shown = await ufm("GET", f"{pkeys}/0x12?guids_data=true")
            assert {each["membership"] for each in shown["guids"]} == {"full"}
            # The last port takes its partition along.
            await ufm("DELETE", f"{pkeys}/0x12/guids/{one},{two}")
            assert (await ufm("GET", f"{pkeys}/0x12"))[0] == 404
            assert (await ufm("POST", f"{pkeys}/add", {"pkey": "0x12"}))[0] == 200
            refused = [
                ("POST", f"{pkeys}/add", {"pkey": "0x12"}, 409),
                ("POST", f"{pkeys}/add", {"pkey": "0x7fff"}, 400),
                ("PUT", pkeys, {"pkey": "x", "guids": [one]}, 400),
                ("PUT", pkeys, {"pkey": "0x12", "guids": []}, 400),
                ("PUT", pkeys, {"pkey": "0x12", "guids": ["12"]}, 400),
                ("PUT", pkeys, {"pkey": "0x12", "guids": [one], "memberships": []}, 400),
                ("POST", pkeys, {"pkey": "0x99", "guids": [one]}, 404),
                ("DELETE", f"{pkeys}/0x7fff", None, 404),
                ("GET", "/ufmRest/resources/systems", None, 404),
            ]
            for method, path, body, expected in refused:
                assert (await ufm(method, path, body))[0] == expected, (method, path, body)

    asyncio.run(story())
