"""Machines of the lab behind a back end, and a real Ironic where one is installed."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import hashlib
import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from aifactory_iac.lab.redfish.fleet import Fleet
from aifactory_iac.lab.redfish.numbered import LOGIN, fleet_of
from aifactory_iac.lab.redfish.witness import Witness
from aifactory_iac.providers.backends.choosing import provisioner, read_choice
from aifactory_iac.providers.install.installation import Installation, read_installation
from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.intent import Controller, MachineIntent
from aifactory_iac.providers.machine.provisioner import OpenGate
from aifactory_iac.providers.machine.result import MachineResult
from aifactory_iac.providers.provisioning.folder import Folder, to_json, write
from aifactory_iac.providers.secrets import SecretReader
from aifactory_iac.providers.surroundings import Lab, Settings, Surroundings

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKXv0sTJ7VYcV4cTqCZxBqB4hV4J0bqjWQZ0dOB0Vd ops"
IMAGE = b"an ISO that runs from memory" * 1000
DIGEST = f"sha256:{hashlib.sha256(IMAGE).hexdigest()}"


@dataclass
class Plant:
    """A fleet, a provisioning folder that is served, and what acts on them."""

    fleet: Fleet
    folder: Path
    backend: Mapping[str, Any]
    served: Folder
    pace: float = 0.3
    said: list[str] = field(default_factory=list)
    password: str = LOGIN.password
    freeze: Path | None = None

    def intent(self, name: str, **wanted: Any) -> MachineIntent:
        spec = self.fleet.machines[name].spec
        controller = Controller(spec.address, {"store": "env", "path": "BMC"})
        identity = wanted.pop("identity", Identity.of(spec.serial, spec.uuid))
        return MachineIntent(name=name, controller=controller, identity=identity, **wanted)

    def install(self, name: str, **image: Any) -> Installation:
        spec = self.fleet.machines[name].spec
        made = {"os": "live", "url": (self.folder / "live.iso").as_uri(), "digest": DIGEST}
        value = {
            "machine": {"name": name, "serial": spec.serial, "uuid": spec.uuid},
            "image": {**made, **image},
            "config": {"cloudinit": {"users": {"ops": {"keys": [KEY], "admin": True}}}},
        }
        read = read_installation(value, ["127.0.0.0/8"])
        assert read.failures == ()
        assert read.value is not None
        return read.value

    def around(self) -> Surroundings:
        secret = f"{LOGIN.username}:{self.password}"
        return Surroundings(
            settings=Settings(
                self.folder / "state",
                freeze=self.freeze,
                pace=self.pace,
                lab=Lab(self.fleet.endpoints, ca=str(self.folder / "lab-ca.pem")),
            ),
            secrets=SecretReader({"env": lambda _path: secret}),
        )

    def run(
        self, verb: str, intent: MachineIntent, before: MachineResult | None = None,
        around: Surroundings | None = None,
    ) -> MachineResult:  # fmt: skip
        async def running() -> MachineResult:
            choice = read_choice(
                self.backend,
                provisioning=self.served,
                tell=lambda _name, what: self.said.append(what),
            )
            acting = provisioner(choice, around or self.around())
            try:
                if verb == "observe":
                    return await acting.observe(intent, before)
                return await getattr(acting, verb)(intent, before, OpenGate())
            finally:
                await acting.close()

        return asyncio.run(running())

    def writes(self, name: str) -> list[str]:
        """Writes that reached a machine's controller, but for sessions."""
        return [
            f"{each['method']} {each['path']}"
            for each in Witness.of(self.fleet.journal.records).requests(name)
            if each["method"] not in ("GET", "HEAD") and "/Sessions" not in each["path"]
        ]

    def effects(self, name: str) -> list[str]:
        return [
            str(each["effect"])
            for each in self.fleet.journal.records
            if each["kind"] == "effect" and each["machine"] == name
        ]


@contextmanager
def served_folder(place: Path) -> Iterator[Folder]:
    """A provisioning folder, and a plain server of its images."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = self.path.split("/")
            file = place / "images" / parts[2] if len(parts) == 4 else None
            if file is None or not file.is_file():
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(file.stat().st_size))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(file.read_bytes())

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    folder = Folder(place)
    write(folder.running, to_json({"url": f"http://127.0.0.1:{server.server_port}"}))
    try:
        yield folder
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Proxy:
    """Stands in front of a server, records what passes, and can lose answers on the way back."""

    to: str
    url: str = ""
    passed: list[tuple[str, str]] = field(default_factory=list)
    lose: list[tuple[str, str]] = field(default_factory=list)
    """Method and part of a path: the next such request is carried out, and its answer dropped."""
    meanwhile: Callable[[str, str], None] = lambda _method, _path: None

    def lost(self, method: str, path: str) -> bool:
        for rule in self.lose:
            if rule[0] == method and rule[1] in path:
                self.lose.remove(rule)
                return True
        return False

    def writes(self) -> list[str]:
        return [f"{method} {path}" for method, path in self.passed if method != "GET"]


@contextmanager
def standing_before(url: str) -> Iterator[Proxy]:
    proxy = Proxy(url)

    class Handler(http.server.BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
            headers = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in ("host", "content-length", "connection", "accept-encoding")
            }
            proxy.passed.append((self.command, self.path))
            proxy.meanwhile(self.command, self.path)
            request = urllib.request.Request(url + self.path, body, headers, method=self.command)
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    status, raw = answer.status, answer.read()
            except urllib.error.HTTPError as error:
                status, raw = error.code, error.read()
            if proxy.lost(self.command, self.path):
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = handle_any  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    proxy.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def before_ironic(real_ironic: RealIronic) -> Iterator[Proxy]:
    with standing_before(real_ironic.url) as proxy:
        yield proxy


def _program(name: str) -> str | None:
    own = os.environ.get("AIFACTORY_IRONIC_BIN")
    return shutil.which(name, path=own) if own else shutil.which(name)


CONFIG = Path(__file__).with_name("ironic.conf").read_text()
"""One process, SQLite, no authentication, and cleaning on, as is Ironic's default."""


@dataclass
class RealIronic:
    """An Ironic that we started: its API, asked without any code of ours."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.url}/v1{path}",
            None if body is None else json.dumps(body).encode(),
            {"X-OpenStack-Ironic-API-Version": "1.93", "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            raw = answer.read()
            return json.loads(raw) if raw.strip() else None

    def node(self, name: str) -> Any:
        return self.ask("GET", f"/nodes/{name}")

    def knows(self, name: str) -> bool:
        try:
            self.node(name)
        except urllib.error.HTTPError as error:
            assert error.code == 404
            return False
        return True

    def until(self, name: str, state: str, seconds: float = 90) -> Any:
        end = time.monotonic() + seconds
        while (node := self.node(name))["provision_state"] != state or node["reservation"]:
            assert time.monotonic() < end, node["provision_state"]
            time.sleep(0.3)
        return node


def _end_with_us() -> None:
    """Linux ends the child when we are killed (PR_SET_PDEATHSIG); elsewhere it is only nice."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running_ironic(folder: Path) -> Iterator[RealIronic]:
    program, schema = _program("ironic"), _program("ironic-dbsync")
    if program is None or schema is None:
        pytest.skip("no Ironic: `make ironic`, or AIFACTORY_IRONIC_BIN=<folder of its programs>")
    port, files = _free_port(), _free_port()
    (folder / "http").mkdir(parents=True)
    config = folder / "ironic.conf"
    config.write_text(CONFIG.format(folder=folder, port=port, files=files))
    subprocess.run([schema, "--config-file", config, "create_schema"], check=True,
                   capture_output=True, timeout=120)  # fmt: skip
    media = http.server.ThreadingHTTPServer(("127.0.0.1", files), _quiet(folder / "http"))
    threading.Thread(target=media.serve_forever, daemon=True).start()
    log = folder / "ironic.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [program, "--config-file", config], stdout=stream, stderr=stream,
            start_new_session=True, preexec_fn=_end_with_us,
        )  # fmt: skip
    found = RealIronic(f"http://127.0.0.1:{port}", process, log)
    try:
        _until_up(found)
        yield found
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        media.shutdown()
        media.server_close()


def _quiet(root: Path) -> Callable[..., http.server.SimpleHTTPRequestHandler]:
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    return lambda *arguments: Handler(*arguments, directory=str(root))


def _until_up(ironic: RealIronic) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        assert ironic.process.poll() is None, ironic.log.read_text()[-2000:]
        try:
            if ironic.ask("GET", "/drivers")["drivers"]:
                return
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.3)
    raise AssertionError(ironic.log.read_text()[-2000:])


@pytest.fixture(scope="session")
def real_ironic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealIronic]:
    with running_ironic(tmp_path_factory.mktemp("ironic") / "home") as found:
        yield found


@pytest.fixture(scope="module")
def ironic_plant(
    real_ironic: RealIronic, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Plant]:
    """Six machines behind a real Ironic; their certificates are of an authority it is told of."""
    folder = tmp_path_factory.mktemp("plant")
    (folder / "live.iso").write_bytes(IMAGE)
    # Ironic boots an ISO at every power-on, and the lab takes each for an installer: without time
    # between its boots the lab would install for ever.
    with Fleet(fleet_of(6, folder, pace=0.1)) as fleet, served_folder(folder / "served") as served:
        ca = str(folder / "lab-ca.pem")
        backend = {"kind": "ironic", "url": real_ironic.url, "options": {"authority": ca}}
        yield Plant(fleet, folder, backend, served)


@pytest.fixture
def serving() -> Callable[[Path], AbstractContextManager[Folder]]:
    """Serves a provisioning folder."""
    return served_folder
