"""One machine of the lab, the direct back end, and time that passes only when somebody waits."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from aifactory_iac.lab.redfish.agenda import HandClock
from aifactory_iac.lab.redfish.fleet import Fleet
from aifactory_iac.lab.redfish.numbered import LOGIN, fleet_of
from aifactory_iac.providers.install.installation import Installation, read_installation
from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.intent import Controller, MachineIntent
from aifactory_iac.providers.machine.provisioner import OpenGate
from aifactory_iac.providers.machine.redfish_provisioner import RedfishProvisioner
from aifactory_iac.providers.machine.result import MachineResult
from aifactory_iac.providers.provisioning.boot_server import boot_app
from aifactory_iac.providers.provisioning.folder import Folder
from aifactory_iac.providers.redfish.client import ReadRetries
from aifactory_iac.providers.secrets import SecretReader
from aifactory_iac.providers.surroundings import Lab, Settings, Surroundings

START = 1_800_000_000.0
TOKEN = "a-token-that-only-this-test-knows"


@dataclass
class LabTime:
    """A clock whose sleep moves the lab's time on."""

    fleet: Fleet
    hands: HandClock
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.hands()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.to_thread(self.fleet.advance, seconds)


@dataclass
class Bench:
    """A running fleet, and what acts on it."""

    fleet: Fleet
    hands: HandClock
    state: Path
    password: str = LOGIN.password
    freeze: Path | None = None
    options: dict[str, Any] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def intent(self, name: str = "n0001", **wanted: Any) -> MachineIntent:
        """A managed machine of the fleet, known by what its label says."""
        spec = self.fleet.machines[name].spec
        reached = {key: wanted.pop(key) for key in ("system", "trust") if key in wanted}
        controller = Controller(
            spec.address, {"store": "env", "path": "BMC"}, **{"trust": "insecure", **reached}
        )
        return MachineIntent(
            name=name,
            controller=controller,
            identity=wanted.pop("identity", Identity.of(spec.serial, spec.uuid)),
            **wanted,
        )

    def around(self) -> Surroundings:
        secret = f"{LOGIN.username}:{self.password}"
        return Surroundings(
            settings=Settings(self.state, freeze=self.freeze, lab=Lab(self.fleet.endpoints)),
            secrets=SecretReader({"env": lambda path: TOKEN if path == "TOKEN" else secret}),
            clock=LabTime(self.fleet, self.hands),
        )

    def run(
        self,
        verb: str,
        intent: MachineIntent,
        before: MachineResult | None = None,
        gate: Any = None,
        around: Surroundings | None = None,
    ) -> MachineResult:
        """One run of the back end, in a loop of its own, as a process of its own would have."""

        async def running() -> MachineResult:
            options = {"retries": ReadRetries(most=2, first=0.5), **self.options}
            provisioner = RedfishProvisioner(
                around or self.around(),
                tell=lambda _name, what: self.said.append(what),
                **options,
            )
            try:
                if verb == "observe":
                    return await provisioner.observe(intent, before)
                return await getattr(provisioner, verb)(intent, before, gate or OpenGate())
            finally:
                await provisioner.close()

        return asyncio.run(running())

    def converge(self, intent: MachineIntent, **how: Any) -> MachineResult:
        return self.run("converge", intent, **how)

    def effects(self, *kinds: str, name: str = "n0001") -> list[Mapping[str, Any]]:
        """What happened to a machine, as the lab saw it."""
        return [
            record
            for record in self.fleet.journal.records
            if record["kind"] == "effect"
            and record["machine"] == name
            and (not kinds or record["effect"] in kinds)
        ]

    def requests(self, *methods: str, name: str = "n0001") -> list[str]:
        """`METHOD path` of the requests that reached a machine's controller."""
        return [
            f"{record['method']} {record['path']}"
            for record in self.fleet.journal.records
            if record["kind"] == "request"
            and record["machine"] == name
            and (not methods or record["method"] in methods)
        ]

    def writes(self, name: str = "n0001") -> list[str]:
        """Requests that could have changed something; sessions come and go beside them."""
        return [
            each
            for each in self.requests("POST", "PATCH", "PUT", "DELETE", name=name)
            if "/SessionService/" not in each
        ]


def autoinstall(timezone: str) -> dict[str, Any]:
    """The smallest document, told apart by its time zone."""
    user = {
        "keys": [
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDsXVCvTtHSbTQZhBQXtHhZ4CzfE7oWTpuBZW4ihZCgP ops"
        ]
    }
    return {"autoinstall": {"timezone": timezone, "users": {"ops": user}}}


@dataclass(frozen=True)
class Site:
    """A provisioning service that runs, and an image that it serves."""

    folder: Folder
    base: str
    image: Path
    digest: str

    @property
    def link(self) -> str:
        """Where machines find the image."""
        return f"{self.base}/images/{self.digest.removeprefix('sha256:')}/{self.image.name}"

    def installation(
        self, name: str = "n0001", timezone: str = "UTC", **wanted: Any
    ) -> Installation:
        """An Ubuntu from virtual media, with a call-back whose token the test knows."""
        value = {
            "machine": {"name": name, "disks": 1},
            "image": {
                "os": "ubuntu-24.04",
                "url": f"file://{self.image}",
                "digest": self.digest,
                "media": "iso",
            },
            "config": autoinstall(timezone),
            "callback": {"token": {"store": "env", "path": "TOKEN"}},
            **wanted,
        }
        found = read_installation(value, ["127.0.0.0/8"])
        assert found.value is not None, found.failures
        return found.value


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A provisioning service on loopback, in a thread of its own."""
    folder = Folder(tmp_path / "provisioning")
    image = tmp_path / "ubuntu.iso"
    image.write_bytes(b"an installer")
    digest = f"sha256:{hashlib.sha256(image.read_bytes()).hexdigest()}"
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def begin() -> tuple[web.AppRunner, str]:
        runner = web.AppRunner(boot_app(folder, lambda: START))
        await runner.setup()
        place = web.TCPSite(runner, "127.0.0.1", 0)
        await place.start()
        port = runner.addresses[0][1]
        return runner, f"http://127.0.0.1:{port}"

    runner, base = asyncio.run_coroutine_threadsafe(begin(), loop).result()
    folder.service.parent.mkdir(parents=True)
    folder.service.write_text(json.dumps({"url": base, "networks": ["127.0.0.0/8"]}))
    yield Site(folder, base, image, digest)
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def ready_to_install(bench: Callable[..., Bench], site: Site) -> Callable[..., Bench]:
    """Machines that can be installed from the site's service, and call back to it."""

    def start(**differences: Any) -> Bench:
        usual = {
            "model": "dgx-h100",
        }
        started = bench(**{**usual, **differences})
        started.options["provisioning"] = site.folder
        return started

    return start


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """Starts fleets of one generic machine, without TLS, with time by hand."""
    started: list[Fleet] = []

    def start(count: int = 1, **differences: Any) -> Bench:
        faults = differences.pop("faults", None)
        images = differences.pop("images", {})
        folder = differences.pop("tls_folder", None)
        spec = fleet_of(count, folder, pace=1.0, **differences)
        spec = replace(spec, images=images)
        if faults is not None:
            place = tmp_path / "faults.yaml"
            place.write_text(faults, encoding="utf-8")
            spec = replace(spec, faults=str(place))
        hands = HandClock(START)
        fleet = Fleet(spec, hands)
        started.append(fleet)
        fleet.start()
        return Bench(fleet, hands, tmp_path / "state")

    yield start
    for fleet in started:
        fleet.stop()


@pytest.fixture
def token() -> str:
    """What the site's call-backs are opened by."""
    return TOKEN
