"""A fleet for each test that wants one, a client that knows nothing of it, and time by hand."""

from __future__ import annotations

import base64
import http.server
import json
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from aifactory_iac.lab.redfish.agenda import HandClock
from aifactory_iac.lab.redfish.fleet import Fleet, trusting
from aifactory_iac.lab.redfish.numbered import LOGIN, fleet_of
from aifactory_iac.lab.redfish.spec import FleetSpec


@dataclass
class Told:
    """What a controller answered."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def message(self) -> str:
        """Id of its Redfish message, without the registry."""
        return str(self.body["error"]["code"]).rpartition(".")[2]


@dataclass
class Client:
    """Plain HTTP by the standard library: basic auth, or a token once `token` is set."""

    base: str
    login: tuple[str, str] | None = (LOGIN.username, LOGIN.password)
    token: str | None = None
    context: ssl.SSLContext | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Told:
        sent = {"Content-Type": "application/json", **self.headers}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent["X-Auth-Token"] = self.token
        elif self.login:
            pair = ":".join(self.login).encode()
            sent["Authorization"] = "Basic " + base64.b64encode(pair).decode()
        data = (
            body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        )
        request = urllib.request.Request(self.base + path, data, sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10, context=self.context) as answer:
                return _told(answer.status, answer.read(), dict(answer.headers))
        except urllib.error.HTTPError as error:
            return _told(error.code, error.read(), dict(error.headers))

    def log_in(self) -> Told:
        """Opens a session with the login; the token is not used by itself."""
        assert self.login is not None
        body = {"UserName": self.login[0], "Password": self.login[1]}
        return self("POST", "/redfish/v1/SessionService/Sessions", body)

    def get(self, path: str) -> Any:
        """The body of a GET that must succeed."""
        told = self("GET", path)
        assert told.status == 200, told
        return told.body


def _told(status: int, content: bytes, headers: dict[str, str]) -> Told:
    return Told(status, json.loads(content) if content else None, headers)


@dataclass
class Plant:
    """A running fleet and a client for each of its machines."""

    fleet: Fleet
    ca: Path | None = None

    def client(self, name: str = "n0001", **how: Any) -> Client:
        """A client of that machine's controller."""
        machine = self.fleet.machines[name]
        context = trusting(str(self.ca)) if self.ca else None
        return Client(self.fleet.endpoints[machine.spec.address], context=context, **how)

    def effects(self, name: str = "n0001") -> list[str]:
        """What happened to that machine, in order."""
        return [
            record["effect"]
            for record in self.fleet.records
            if record["kind"] == "effect" and record["machine"] == name
        ]


@pytest.fixture
def plant() -> Iterator[Callable[..., Plant]]:
    """Starts fleets: by default one generic machine, no TLS, and time by hand."""
    started: list[Fleet] = []

    def start(
        spec: FleetSpec | None = None,
        *,
        count: int = 1,
        folder: Path | None = None,
        real_time: bool = False,
        pace: float | None = None,
        **differences: Any,
    ) -> Plant:
        pace = pace if pace is not None else 1.0
        spec = spec or fleet_of(count, folder, pace=pace, **differences)
        fleet = Fleet(spec, None if real_time else HandClock(1_800_000_000.0))
        started.append(fleet)
        fleet.start()
        return Plant(fleet, folder / "lab-ca.pem" if folder else None)

    yield start
    for fleet in started:
        fleet.stop()


@dataclass
class Shelf:
    """A server on loopback: files by path, and what was asked for and posted."""

    base: str
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    calls: list[tuple[str, Any]] = field(default_factory=list)


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """Serves files, and takes calls."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def do_GET(self) -> None:
            kept.asked.append(self.path)
            self._answer(with_body=True)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.calls.append((self.path, json.loads(body)))
            self.send_response(204)
            self.end_headers()

        def _answer(self, *, with_body: bool) -> None:
            content = kept.files.get(self.path)
            self.send_response(200 if content is not None else 404)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            if with_body:
                self.wfile.write(content or b"")

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    kept = Shelf(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield kept
    server.shutdown()
    server.server_close()
