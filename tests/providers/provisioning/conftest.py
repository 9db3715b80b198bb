"""A site's service, and a folder in which it is in force."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aifactory_iac.providers.install.installation import Installation, read_installation
from aifactory_iac.providers.install.outside import Passed
from aifactory_iac.providers.install.outside.verdict import installed
from aifactory_iac.providers.provisioning import generation
from aifactory_iac.providers.provisioning.control_agent import ControlAgent, KeaError
from aifactory_iac.providers.provisioning.examining import Examiner
from aifactory_iac.providers.provisioning.files import service_files
from aifactory_iac.providers.provisioning.folder import Folder, own_folder
from aifactory_iac.providers.provisioning.seeds import Seeds
from aifactory_iac.providers.provisioning.service import Service, read_service
from aifactory_iac.providers.resources.provisioning_server import ProvisioningServerType

IMAGE = b"an installer, in its entirety\n" * 5000
DIGEST = f"sha256:{hashlib.sha256(IMAGE).hexdigest()}"
LOADER = b"an EFI program"
LOADER_DIGEST = f"sha256:{hashlib.sha256(LOADER).hexdigest()}"
KEY = "ssh-ed25519 " + base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0 " + bytes(32)).decode()


def inputs_of(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "site": "fra1",
        "domain": "fra1.internal",
        "subnets": {
            "in-band": {
                "cidr": "10.0.0.0/24",
                "range": {"first": "10.0.0.100", "last": "10.0.0.199"},
                "gateway": "10.0.0.1",
                "dns": ["10.0.0.2", "10.0.0.3"],
                "ntp": ["10.0.0.4"],
            },
            "out-of-band": {"cidr": "10.1.0.0/24"},
            "loopback": {"cidr": "127.0.0.0/8"},
        },
        "images": {
            "train": {"os": "ubuntu-24.04", "digest": DIGEST},
            "old": {"os": "ubuntu-22.04"},
        },
        "bootMethods": ["http", "media", "pxe"],
        "reservations": {
            "n1": {"mac": "aa:bb:cc:00:11:22", "address": "10.0.0.11"},
            "n2": {"mac": "AA-BB-CC-00-11-23", "address": "127.0.0.1"},
            "n1-bmc": {"mac": "aa:bb:cc:00:22:22", "address": "10.1.0.11", "boot": False},
        },
        "endpoint": "http://10.0.0.9:8080",
        "tftp": {"address": "10.0.0.9", "root": "/srv/tftp"},
    }
    return found | changes


@pytest.fixture
def inputs() -> Callable[..., dict[str, Any]]:
    """Inputs of a `ProvisioningServer`."""
    return inputs_of


@pytest.fixture
def service() -> Callable[..., Service]:
    """The same, read; nothing is wrong with them."""

    def make(**changes: Any) -> Service:
        found = read_service(inputs_of(**changes))
        assert found.failures == ()
        assert found.value is not None
        return found.value

    return make


@pytest.fixture
def image() -> bytes:
    return IMAGE


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder in which the service is in force, with its images."""
    found = read_service(inputs_of()).value
    assert found is not None
    made = Folder(tmp_path / "fra1")
    generation.enforce(made, generation.stage(made, service_files(found)))
    for content in (IMAGE, LOADER):
        place = made.image(hashlib.sha256(content).hexdigest())
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(content)
    return made


@pytest.fixture
def wanted() -> Callable[..., Installation]:
    """An installation of one machine from the image: `wanted(name, **machine)`."""

    def make(name: str = "n2", media: str = "iso", **machine: Any) -> Installation:
        image = {
            "os": "ubuntu-24.04",
            "url": "https://images.internal/installer.iso",
            "digest": DIGEST,
            "media": media,
        }
        part = {"url": "https://images.internal/grubx64.efi", "digest": LOADER_DIGEST}
        if media != "iso":
            image |= {"kernel": part, "initrd": part}
        if media == "http":
            image["loader"] = part
        told = {"serial": "S2", "macs": ["aa:bb:cc:00:11:23"], "disks": 1} | machine
        found = read_installation(
            {
                "machine": {"name": name, **told},
                "image": image,
                "config": {"cloudinit": {"users": {"ops": {"keys": [KEY]}}}},
            },
            ("127.0.0.0/8",),
        )
        assert found.failures == ()
        assert found.value is not None
        return found.value

    return make


class Clock:
    """Seconds since the epoch, that a test moves."""

    def __init__(self) -> None:
        self.time = 1_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def now() -> Clock:
    return Clock()


@pytest.fixture
def seeds(folder: Folder, now: Clock) -> Seeds:
    """Without real programs, which have tests of their own."""
    return Seeds.of(folder, now, Examiner(()))


@dataclass(frozen=True)
class Kea:
    """A real Kea with its control agent."""

    url: str
    config: Path

    @property
    def on_disk(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.config.read_text())["Dhcp4"]
        return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def kea(tmp_path_factory) -> Iterator[Kea]:
    server, agent = installed("kea-dhcp4"), installed("kea-ctrl-agent")
    if server is None or agent is None:
        pytest.skip("NOT CHECKED: kea-dhcp4 or kea-ctrl-agent is not installed")
    folder: Path = tmp_path_factory.mktemp("kea")
    sock = {"socket-type": "unix", "socket-name": str(folder / "s")}
    port = free_port()
    config = {
        "interfaces-config": {"interfaces": []},
        "lease-database": {"type": "memfile", "name": str(folder / "leases.csv")},
        "control-socket": sock,
        "subnet4": [{"id": 1, "subnet": "192.0.2.0/24"}],
        "client-classes": [{"name": "voip", "test": "option[60].exists"}],
    }
    (folder / "dhcp4.json").write_text(json.dumps({"Dhcp4": config}))
    listening = {"http-host": "127.0.0.1", "http-port": port, "control-sockets": {"dhcp4": sock}}
    (folder / "agent.json").write_text(json.dumps({"Control-agent": listening}))
    own = {**os.environ, "KEA_LOCKFILE_DIR": "none", "KEA_PIDFILE_DIR": str(folder)}
    log = (folder / "log").open("w")
    running = [
        subprocess.Popen(command, stdout=log, stderr=log, env=own)
        for command in (
            [server, "-c", str(folder / "dhcp4.json"), "-p", str(free_port())],
            [agent, "-c", str(folder / "agent.json")],
        )
    ]
    try:
        found = Kea(f"http://127.0.0.1:{port}", folder / "dhcp4.json")
        until = time.monotonic() + 20
        while True:
            try:
                asyncio.run(ControlAgent(found.url).running())
                break
            except KeaError:
                assert time.monotonic() < until, (folder / "log").read_text()
                time.sleep(0.05)
        yield found
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait(10)
        log.close()


@pytest.fixture
def key() -> str:
    return KEY


class Checker:
    """A program that says what it is told to, and counts."""

    def __init__(self, verdict=None, program: str = "kea-dhcp4") -> None:
        self.verdict, self.program, self.asked = verdict or Passed(), program, 0

    async def check(self, _files):
        self.asked += 1
        return self.verdict


@pytest.fixture
def checker() -> Checker:
    return Checker()


@pytest.fixture
def client(plugin, checker):
    """A plug-in whose programs pass everything, so that only the resource is tested here."""
    return plugin(types=lambda _token: ProvisioningServerType(lambda: [checker]))


@pytest.fixture
def place(tmp_path: Path) -> Folder:
    return own_folder(tmp_path / "state", "fra1")


@pytest.fixture
def small(inputs):
    """Inputs without images."""

    def make(**changes):
        return inputs(images={}, **changes)

    return make
