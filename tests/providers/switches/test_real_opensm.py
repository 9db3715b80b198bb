"""Our files under a real opensm, on a simulated fabric; and a running one told of a new tenant."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import re
import shutil
import subprocess
import time

import pytest

from aifactory_iac.providers.resource import ProviderError
from aifactory_iac.providers.resources.fabric_partitions import FabricPartitionsType

PROGRAMS = ("opensm", "ibsim", "ibsim-run", "smpquery", "ibnetdiscover")
absent = [name for name in PROGRAMS if shutil.which(name) is None]
needs_opensm = pytest.mark.skipif(
    bool(absent),
    reason=f"{', '.join(absent)} not installed: partitions are not proven by a subnet manager "
    "(apt-get install opensm ibsim-utils libumad2sim0 infiniband-diags)",
)

NET = """
Switch 8 "leaf-1"
[1] "node-1"[1]
[2] "node-2"[1]
[3] "node-3"[1]
[4] "sm-host"[1]

Hca 1 "sm-host"
[1] "leaf-1"[4]

Hca 1 "node-1"
[1] "leaf-1"[1]

Hca 1 "node-2"
[1] "leaf-1"[2]

Hca 1 "node-3"
[1] "leaf-1"[3]
"""


class Fabric:
    """ibsim with a small net, and an opensm on it."""

    def __init__(self, folder):
        self.folder = folder
        self.env = {
            **os.environ,
            "IBSIM_SOCKNAME": f"aifactory-{os.getpid()}-{time.monotonic_ns()}",
            "SIM_HOST": "sm-host",
            "OSM_TMP_DIR": str(folder),
            "OSM_CACHE_DIR": str(folder),
        }
        (folder / "net").write_text(NET)
        self.processes = []
        with (folder / "ibsim.log").open("w") as log:
            self.start(["ibsim", "-s", "-n", "net"], log)
        self.until(lambda: "simulator ready" in (folder / "ibsim.log").read_text())

    def start(self, command, log):
        process = subprocess.Popen(
            command, cwd=self.folder, env=self.env, stdout=log, stderr=subprocess.STDOUT
        )
        self.processes.append(process)
        return process

    def run(self, *command):
        done = subprocess.run(
            ["ibsim-run", *command],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
        return done.stdout

    def until(self, happened, seconds=15.0):
        end = time.monotonic() + seconds
        while not happened():
            assert time.monotonic() < end, "did not happen in time"
            time.sleep(0.05)

    def ports(self):
        """Port GUID and lid by node name."""
        text = self.run("ibnetdiscover")
        found = re.findall(
            r'Ca\t1 "H-\w+"\s+# "([\w-]+)"\n\[1\]\((\w+)\)\s.*?# lid (\d+)', text, re.DOTALL
        )
        return {name: (f"0x{int(guid, 16):016x}", int(lid)) for name, guid, lid in found}

    def pkeys(self, name):
        """P_Keys of a node's port, as the port itself holds them."""
        lid = self.ports()[name][1]
        if not lid:
            return set()
        text = self.run("smpquery", "pkeys", str(lid))
        return {each for each in re.findall(r"0x\w{4}", text) if each != "0x0000"}

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
            process.kill()


@pytest.fixture
def fabric(tmp_path):
    folder = tmp_path / "fabric"
    folder.mkdir()
    found = Fabric(folder)
    yield found
    found.stop()


def declared(guids, partitions, **more):
    checked = FabricPartitionsType().check(
        None,
        {
            "site": "fra1",
            "network": "compute",
            "manager": "opensm",
            "routing": "minhop",
            "partitions": {"default": {"pkey": "0x7fff", "membership": "limited"}, **partitions},
            "guids": {"train": guids},
            **more,
        },
    )
    assert checked.failures == ()
    return dict(checked.inputs)


def tenant(pkey, count, membership="full"):
    return {"pkey": pkey, "membership": membership, "nodes": {"train": count}}


@needs_opensm
def test_a_real_subnet_manager_gives_every_port_the_keys_of_its_tenant(plant, fabric, tmp_path):
    ports = fabric.ports()
    guids = {name: [ports[name][0]] for name in ("node-1", "node-2", "node-3")}
    target = tmp_path / "etc"

    async def story():
        async with plant() as site:
            inputs = declared(
                guids,
                {"tenant-a": tenant("0x0101", 2), "tenant-b": tenant("0x0102", 1, "limited")},
                target=str(target),
            )
            await FabricPartitionsType().create("n", inputs, site.around, preview=False)

    asyncio.run(story())
    done = fabric.run("opensm", "-F", f"{target}/opensm.conf", "-o", "-f", "osm.log")
    assert "Loading Cached Option:routing_engine = minhop" in done
    log = (fabric.folder / "osm.log").read_text()
    assert "minhop tables configured on all switches" in log
    assert not re.search(r"ERR .*artition", log)
    assert fabric.pkeys("node-1") == fabric.pkeys("node-2") == {"0x7fff", "0x8101"}
    assert fabric.pkeys("node-3") == {"0x7fff", "0x0102"}
    assert fabric.pkeys("sm-host") == {"0xffff"}


@contextlib.asynccontextmanager
async def host(folder, programs, known_hosts):
    """A host with SSH and a shell of its own, where `sudo` and `systemctl` are what we say."""
    import asyncssh

    for name, text in programs.items():
        script = folder / name
        script.write_text(f"#!/bin/sh\n{text}\n")
        script.chmod(0o755)

    class Server(asyncssh.SSHServer):
        def password_auth_supported(self):
            return True

        def validate_password(self, username, password):
            return username == "admin" and password.endswith("staple")

    async def handle(process):
        text = await process.stdin.read() if " tee " in process.command else ""
        child = await asyncio.create_subprocess_shell(
            process.command,
            env={"PATH": f"{folder}:{os.environ['PATH']}"},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await child.communicate(text.encode())
        process.stdout.write(output.decode())
        process.stderr.write(errors.decode())
        process.exit(child.returncode)

    key = asyncssh.generate_private_key("ssh-ed25519")
    acceptor = await asyncssh.create_server(
        Server, "127.0.0.1", 0, server_host_keys=[key], process_factory=handle
    )
    address = f"127.0.0.1:{acceptor.get_port()}"
    public = key.export_public_key().decode().strip()
    known_hosts.write_text(f"[127.0.0.1]:{acceptor.get_port()} {public}\n")
    try:
        yield address
    finally:
        acceptor.close()
        await acceptor.wait_closed()


SUDO = 'shift; exec "$@"'


@needs_opensm
def test_a_running_one_is_told_of_a_new_tenant_and_runs_on(plant, fabric, tmp_path):
    ports = fabric.ports()
    guids = {name: [ports[name][0]] for name in ("node-1", "node-2", "node-3")}
    target, folder = tmp_path / "etc", tmp_path / "bin"
    target.mkdir()
    folder.mkdir()
    first = declared(guids, {"tenant-a": tenant("0x0101", 1)}, target=str(target))
    credentials = {"store": "env", "path": "SWITCHES"}
    remote = {"address": "sm-host.fra1", "credentials": credentials}

    async def story():
        async with plant() as site:
            state = (
                await FabricPartitionsType().create("n", first, site.around, preview=False)
            ).state
            with (fabric.folder / "out.log").open("w") as log:
                command = ["ibsim-run", "opensm", "-F", f"{target}/opensm.conf", "-f", "osm.log"]
                opensm = fabric.start(command, log)
            fabric.until(lambda: fabric.pkeys("node-1") == {"0x7fff", "0x8101"})
            systemctl = (
                f'case "$*" in "kill --signal=HUP opensm") kill -HUP {opensm.pid};; '
                f'"is-active opensm") kill -0 {opensm.pid} && echo active;; esac'
            )
            known = tmp_path / "known_hosts"
            programs = {"sudo": SUDO, "systemctl": systemctl}
            async with host(folder, programs, known) as address:
                lab = dataclasses.replace(
                    site.around.settings.lab, endpoints={"sm-host.fra1": address}
                )
                settings = dataclasses.replace(site.around.settings, lab=lab)
                around = dataclasses.replace(site.around, settings=settings)
                second = declared(
                    guids,
                    {"tenant-a": tenant("0x0101", 2), "tenant-b": tenant("0x0102", 1)},
                    target=str(target),
                    **remote,
                )
                kind = FabricPartitionsType()
                state = await kind.update("id", first, state, second, around, preview=False)
                assert state["drift"] == {}
                found = await kind.read("id", second, state, around)
                assert found.state == state
            await asyncio.to_thread(
                fabric.until, lambda: fabric.pkeys("node-3") == {"0x7fff", "0x8102"}
            )
            assert fabric.pkeys("node-2") == {"0x7fff", "0x8101"}
            assert opensm.poll() is None

    asyncio.run(story())


def test_partitions_that_opensm_does_not_survive_are_taken_back(plant, tmp_path):
    target, folder = tmp_path / "etc", tmp_path / "bin"
    target.mkdir()
    folder.mkdir()
    guids = {"node-1": ["0x0000000000100003"]}
    remote = {
        "address": "sm-host.fra1",
        "credentials": {"store": "env", "path": "SWITCHES"},
        "target": str(target),
    }
    (target / "partitions.conf").write_text("Default=0x7fff,ipoib:ALL=full;\n")

    async def story():
        async with plant() as site:
            programs = {"sudo": SUDO, "systemctl": "case $1 in is-active) echo failed;; esac"}
            async with host(folder, programs, tmp_path / "known_hosts") as address:
                lab = dataclasses.replace(
                    site.around.settings.lab, endpoints={"sm-host.fra1": address}
                )
                settings = dataclasses.replace(site.around.settings, lab=lab)
                around = dataclasses.replace(site.around, settings=settings)
                inputs = declared(guids, {"tenant-a": tenant("0x0101", 1)}, **remote)
                with pytest.raises(ProviderError) as caught:
                    await FabricPartitionsType().create("n", inputs, around, preview=False)
                assert str(caught.value) == (
                    "sm-host.fra1: opensm does not run (failed); the partitions from before are in "
                    "place again"
                )
                text = (target / "partitions.conf").read_text()
                assert text == "Default=0x7fff,ipoib:ALL=full;\n"

    asyncio.run(story())
