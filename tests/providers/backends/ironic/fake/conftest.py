"""An Ironic that answers as the real one was seen to, and fails as it is told to; time by hand.

Its answers were taken from Ironic 39.0.0, which the tests in `real/` run.
"""

from __future__ import annotations

import asyncio
import http.server
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from aifactory_iac.providers.backends.choosing import provisioner, read_choice
from aifactory_iac.providers.install.installation import Installation, read_installation
from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.intent import Controller, MachineIntent
from aifactory_iac.providers.machine.provisioner import OpenGate
from aifactory_iac.providers.machine.result import MachineResult
from aifactory_iac.providers.provisioning.folder import Folder, to_json, write
from aifactory_iac.providers.secrets import SecretReader
from aifactory_iac.providers.surroundings import Settings, Surroundings

SECRET = "correct-horse-1"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKXv0sTJ7VYcV4cTqCZxBqB4hV4J0bqjWQZ0dOB0Vd ops"
_MOVES = {
    ("enroll", "manage"): ("verifying", "manageable", "enroll"),
    ("available", "manage"): ("verifying", "manageable", "available"),
    ("inspect failed", "manage"): ("verifying", "manageable", "inspect failed"),
    ("clean failed", "manage"): ("verifying", "manageable", "clean failed"),
    ("manageable", "inspect"): ("inspecting", "manageable", "inspect failed"),
    ("manageable", "clean"): ("cleaning", "manageable", "clean failed"),
    ("manageable", "provide"): ("cleaning", "available", "clean failed"),
    ("available", "active"): ("deploying", "active", "deploy failed"),
    ("active", "deleted"): ("deleting", "available", "error"),
    ("deploy failed", "deleted"): ("deleting", "available", "error"),
}
"""From a state, by a target: through, to, and where a failure ends."""


@dataclass
class Passing:
    """A clock that passes only when somebody sleeps."""

    slept: list[float] = field(default_factory=list)
    start: float = 1_800_000_000.0
    on_sleep: Callable[[], None] = lambda: None

    def now(self) -> float:
        return self.start + sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.on_sleep()


@dataclass
class FakeIronic:
    """Nodes by name, and what goes wrong. A move takes `looks` looks at the node."""

    url: str = ""
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    inventories: dict[str, dict[str, Any]] = field(default_factory=dict)
    media: dict[str, list[str]] = field(default_factory=dict)
    boots: dict[str, dict[str, Any]] = field(default_factory=dict)
    coming: dict[str, dict[str, Any]] = field(default_factory=dict)
    looks: int = 2
    fails: dict[str, str] = field(default_factory=dict)
    """Error by target: that move fails."""
    ignores: set[str] = field(default_factory=set)
    """Targets that are answered with 202, and nothing else."""
    locked: int = 0
    """How many writes are answered with 409, locked."""
    wrong: Callable[[str, str], tuple[int, dict[str, str], Any] | None] = lambda _method, _path: (
        None
    )
    cleans: bool = True
    """Whether the conductor cleans (`[conductor]automated_clean`)."""
    erased: list[str] = field(default_factory=list)
    """Names of nodes whose disks a cleaning erased."""
    passed: list[tuple[str, str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def writes(self) -> list[str]:
        return [
            f"{method} {path.rpartition('/')[2]}" + (f" {body['target']}" if "target" in
            (body or {}) and isinstance(body, dict) else "")
            for method, path, body in self.passed
            if method != "GET"
        ]  # fmt: skip

    def add(self, name: str, provision: str = "manageable", **fields: Any) -> dict[str, Any]:
        made = {
            "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, name)), "name": name, "driver": "redfish",
            "provision_state": provision, "target_provision_state": None,
            "provision_updated_at": "0", "power_state": "power off", "target_power_state": None,
            "reservation": None, "maintenance": False, "maintenance_reason": None,
            "protected": False, "protected_reason": None, "retired": False, "owner": None,
            "lessee": None, "instance_uuid": None, "allocation_uuid": None,
            "automated_clean": None, "last_error": None, "driver_info": {}, "instance_info": {},
            "deploy_interface": "ramdisk", "extra": {},
        }  # fmt: skip
        self.nodes[name] = {**made, **fields}
        return self.nodes[name]

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        parts = urlsplit(path).path.removeprefix("/v1").strip("/").split("/")
        if parts == ["nodes"] and method == "GET":
            return 200, {"nodes": [self._shown(each) for each in self.nodes.values()]}
        if method != "GET" and self.locked:
            self.locked -= 1
            return 409, _fault("Node x is locked by host lab, please retry after the current "
                               "operation is completed.")  # fmt: skip
        if parts == ["nodes"]:
            made = {key: value for key, value in body.items() if key != "name"}
            return 201, self._shown(self.add(body["name"], "enroll", **made))
        node = next(
            (each for each in self.nodes.values() if parts[1] in (each["name"], each["uuid"])), None
        )
        if node is None:
            return 404, _fault(f"Node {parts[1]} could not be found.")
        return self._of_node(method, parts[2:], node, body)

    def _of_node(self, method: str, rest: list[str], node: Any, body: Any) -> tuple[int, Any]:
        name = node["name"]
        match method, rest:
            case "GET", []:
                self._tick(node)
                return 200, self._shown(node)
            case "GET", ["inventory"]:
                found = self.inventories.get(name)
                return (200, found) if found else (404, _fault("no inventory"))
            case _, ["vmedia"] | ["management", "boot_device"]:
                return self._media(method, name, rest[-1], body)
            case "PUT", ["maintenance"]:
                node |= {"maintenance": True, "maintenance_reason": body["reason"]}
                return 202, None
            case "DELETE", []:
                if not node["maintenance"] and node["provision_state"] == "active":
                    return 409, _fault("Can not delete node while it is in provision state")
                del self.nodes[name]
                return 204, None
            case "PATCH", []:
                return self._patched(node, body)
            case "PUT", ["states", "provision"]:
                return self._provision(node, body)
            case "PUT", ["states", "power"]:
                return self._power(node, body["target"])
        return 404, _fault("no such thing")

    def _media(self, method: str, name: str, what: str, body: Any) -> tuple[int, Any]:
        if what == "boot_device":
            if method == "PUT":
                self.boots[name] = body
                return 204, None
            return 200, self.boots.get(name, {"boot_device": None, "persistent": None})
        if method == "DELETE":
            self.media[name] = []
            return 204, None
        drives = [{"inserted": True, "image": each} for each in self.media.get(name, [])]
        return 200, [*drives, {"inserted": False, "image": ""}]

    def _patched(self, node: Any, changes: Any) -> tuple[int, Any]:
        for change in changes:
            *way, last = change["path"].strip("/").split("/")
            place = node
            for step in way:
                place = place[step]
            if change["op"] == "remove":
                del place[last]
            else:
                place[last] = change["value"]
        return 200, self._shown(node)

    def _provision(self, node: Any, body: Any) -> tuple[int, Any]:
        target, here = body["target"], node["provision_state"]
        if target in self.ignores:
            return 202, None
        if (here, target) not in _MOVES:
            return 400, _fault(f'The requested action "{target}" can not be performed on node '
                               f'"x" while it is in state "{here}".')  # fmt: skip
        through, to, failed = _MOVES[here, target]
        error = self.fails.get(target)
        after = {"provision_state": failed if error else to, "last_error": error,
                 "target_provision_state": None, "reservation": None}  # fmt: skip
        if target == "active" and not error:
            after["power_state"] = "power on"
            self.media[node["name"]] = ["http://files/boot.iso"]
            self.boots[node["name"]] = {"boot_device": "cdrom", "persistent": True}
        if target == "deleted":
            after["power_state"] = "power off"
        cleans = node["automated_clean"] is True or (
            node["automated_clean"] is None and self.cleans
        )
        if to == "available" and cleans:
            self.erased.append(node["name"])
        if target == "clean" and not error:
            self.erased.append(node["name"])
        if target == "inspect" and not error:
            self.inventories.setdefault(node["name"], self.inventory(node["name"]))
        node |= {"provision_state": through, "target_provision_state": to, "last_error": None,
                 "reservation": "lab"}  # fmt: skip
        self.coming[node["name"]] = {**after, "looks": self.looks}
        return 202, None

    def _power(self, node: Any, target: str) -> tuple[int, Any]:
        if target in self.ignores:
            return 202, None
        error = self.fails.get(target)
        to = "power on" if target == "power on" else "power off"
        after = {"last_error": error, "target_power_state": None, "reservation": None}
        if not error:
            after["power_state"] = to
        node |= {"target_power_state": to, "last_error": None, "reservation": "lab"}
        self.coming[node["name"]] = {**after, "looks": self.looks}
        return 202, None

    def _tick(self, node: Any) -> None:
        coming = self.coming.get(node["name"])
        if coming is None:
            return
        coming["looks"] -= 1
        if coming["looks"] <= 0:
            del self.coming[node["name"]]
            changed = "provision_state" in coming
            del coming["looks"]
            node |= coming
            if changed:
                node["provision_updated_at"] = str(int(node["provision_updated_at"]) + 1)

    def inventory(self, name: str) -> dict[str, Any]:
        number = int(name[1:])
        return {"inventory": {
            "system_vendor": {"serial_number": f"SN{number:04}",
                              "system_uuid": f"00000000-0000-0000-0000-{number:012}"},
            "interfaces": [{"mac_address": f"02:00:00:00:00:{number:02x}"}],
        }}  # fmt: skip

    @staticmethod
    def _shown(node: Any) -> Any:
        info = dict(node["driver_info"])
        if "redfish_password" in info:
            info["redfish_password"] = "******"
        return {**node, "driver_info": info}


def _fault(text: str) -> dict[str, str]:
    inner = {"faultcode": "Client", "faultstring": text, "debuginfo": None}
    return {"error_message": json.dumps(inner)}


@pytest.fixture
def ironic() -> Iterator[FakeIronic]:
    fake = FakeIronic()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(raw) if raw else None
            fake.passed.append((self.command, urlsplit(self.path).path, body))
            fake.headers.append(dict(self.headers))
            found = fake.wrong(self.command, urlsplit(self.path).path)
            if found is not None and found[0] == 0:
                fake.answer(self.command, self.path, body)
                self.close_connection = True
                return
            if found is None:
                status, answer = fake.answer(self.command, self.path, body)
                headers: dict[str, str] = {}
            else:
                status, headers, answer = found
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(0 if answer is None else len(content)))
            self.end_headers()
            if answer is not None:
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    yield fake
    server.shutdown()
    server.server_close()


@dataclass
class Bench:
    """The back end over the fake, and time that passes only when somebody waits."""

    ironic: FakeIronic
    folder: Path
    clock: Passing = field(default_factory=Passing)
    backend: dict[str, Any] = field(default_factory=dict)
    around: Surroundings | None = None
    drains: Any = None
    said: list[str] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=lambda: {"BMC": f"operator:{SECRET}"})

    def __post_init__(self) -> None:
        self.around = Surroundings(
            settings=Settings(self.folder / "state"),
            secrets=SecretReader({"env": lambda path: self.secrets[path]}),
            clock=self.clock,
        )

    def enrolled(self, number: int = 1, provision: str = "manageable", **fields: Any) -> Any:
        """A node of ours, as enrolling would have left it."""
        name = f"n{number:04}"
        info = {
            "redfish_address": f"https://10.0.0.{number}", "redfish_verify_ca": True,
            "redfish_username": "operator", "redfish_password": SECRET,
        }  # fmt: skip
        mark = {"aifactory": {"machine": name, "enrolled": True}}
        made = {"driver_info": info, "automated_clean": False, "extra": mark}
        if provision != "enroll":
            self.ironic.inventories[name] = self.ironic.inventory(name)
        return self.ironic.add(name, provision, **{**made, **fields})

    def intent(self, number: int = 1, **wanted: Any) -> MachineIntent:
        reached = {
            key: wanted.pop(key) for key in ("trust", "system", "credentials") if key in wanted
        }
        controller = Controller(
            f"10.0.0.{number}",
            reached.pop("credentials", {"store": "env", "path": "BMC"}),
            **reached,
        )
        identity = wanted.pop("identity", Identity.of(f"SN{number:04}"))
        return MachineIntent(f"n{number:04}", controller, identity, **wanted)

    def install(self, number: int = 1, config: Any = None, **image: Any) -> Installation:
        made = {"os": "live", "url": "https://images/live.iso", "digest": "sha256:" + "a" * 64}
        users = {"users": {"ops": {"keys": [KEY], "admin": True}}}
        value = {
            "machine": {"name": f"n{number:04}", "serial": f"SN{number:04}", "disks": 1},
            "image": {**made, **image},
            "config": config or {"cloudinit": users},
        }
        read = read_installation(value, ["127.0.0.0/8"])
        assert read.failures == ()
        assert read.value is not None
        return read.value

    def run(
        self, verb: str, intent: MachineIntent, before: MachineResult | None = None,
        gate: Any = None,
    ) -> MachineResult:  # fmt: skip
        async def running() -> MachineResult:
            served = Folder(self.folder / "served")
            write(served.running, to_json({"url": "http://127.0.0.1:1"}))
            write(served.image("a" * 64), b"measured already")
            choice = read_choice(
                {"kind": "ironic", "url": self.ironic.url, **self.backend},
                provisioning=served,
                drains=self.drains,
                tell=lambda _name, what: self.said.append(what),
            )
            assert self.around is not None
            acting = provisioner(choice, self.around)
            try:
                if verb == "observe":
                    return await acting.observe(intent, before)
                return await getattr(acting, verb)(intent, before, gate or OpenGate())
            finally:
                await acting.close()

        return asyncio.run(running())

    def frozen(self) -> None:
        freeze = self.folder / "freeze"
        freeze.touch()
        assert self.around is not None
        self.around = replace(self.around, settings=replace(self.around.settings, freeze=freeze))


@pytest.fixture
def bench(ironic: FakeIronic, tmp_path: Path) -> Bench:
    return Bench(ironic, tmp_path)
