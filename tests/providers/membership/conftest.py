"""An API server that keeps to what a membership depends on, at the HTTP border only.

Server-side apply, locks, uid preconditions and evictions behave as a real one's, which
`test_real_api_server.py` asks. Every request is in `log`; `faults` break some of them.
"""

from __future__ import annotations

import asyncio
import base64
import contextvars
import datetime as dt
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from aifactory_iac.lab.certificates import Authority
from aifactory_iac.providers.secrets import SecretReader, standard_stores
from aifactory_iac.providers.surroundings import Settings, Surroundings

TOKEN = "an-administrators-token"


class Clock:
    """Time that passes in a task only when that task sleeps: many nodes wait side by side."""

    def __init__(self) -> None:
        self._now: contextvars.ContextVar[float] = contextvars.ContextVar("now", default=1000.0)
        self.latest = 1000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self._now.get()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now.set(self._now.get() + seconds)
        self.latest = max(self.latest, self._now.get())
        await asyncio.sleep(0)


@dataclass
class Pod:
    """`leaves` is how many looks at it after its eviction it takes to end."""

    namespace: str
    name: str
    node: str
    app: str = "train"
    owner: str | None = "ReplicaSet"
    volumes: list[dict[str, Any]] = field(default_factory=list)
    annotations: dict[str, str] = field(default_factory=dict)
    leaves: int = 1
    phase: str = "Running"
    deleted: bool = False

    def __post_init__(self) -> None:
        self.uid = f"uid-of-{self.namespace}-{self.name}"

    def document(self) -> dict[str, Any]:
        meta: dict[str, Any] = {"namespace": self.namespace, "name": self.name, "uid": self.uid}
        meta["annotations"] = self.annotations
        if self.owner:
            owner = {"kind": self.owner, "name": self.app, "controller": True}
            meta["ownerReferences"] = [owner]
        if self.deleted:
            meta["deletionTimestamp"] = "2026-01-01T00:00:00Z"
        spec = {"nodeName": self.node, "volumes": self.volumes}
        return {"metadata": meta, "spec": spec, "status": {"phase": self.phase}}


@dataclass
class Node:
    """Fields by path, each with its value and its managers; who updates is not who applies."""

    name: str
    uid: str
    ready: bool = True
    version: int = 1
    fields: dict[tuple[str, ...], Any] = field(default_factory=dict)
    managers: dict[tuple[str, ...], set[str]] = field(default_factory=dict)

    def put(self, path: tuple[str, ...], value: Any, manager: str) -> None:
        """An update: the field is this manager's alone then."""
        self.version += 1
        if value is None:
            self.fields.pop(path, None)
            self.managers.pop(path, None)
        elif self.fields.get(path) != value:
            self.fields[path], self.managers[path] = value, {f"{manager} (Update)"}

    def apply(self, wanted: Mapping[tuple[str, ...], Any], manager: str, force: bool) -> list[str]:
        """Server-side apply; the fields that others hold with another value."""
        conflicts = [
            path
            for path, value in wanted.items()
            if self.managers.get(path, set()) - {manager} and self.fields.get(path) != value
        ]
        if conflicts and not force:
            return [".".join(("", *path)) for path in conflicts]
        self.version += 1
        for path, value in wanted.items():
            kept = set() if path in conflicts else self.managers.get(path, set())
            self.fields[path], self.managers[path] = value, kept | {manager}
        for path in [p for p, held in self.managers.items() if manager in held and p not in wanted]:
            self.managers[path].discard(manager)
            if not self.managers[path]:
                del self.managers[path], self.fields[path]
        return []

    def document(self) -> dict[str, Any]:
        meta: dict[str, Any] = {"name": self.name, "uid": self.uid}
        meta["resourceVersion"] = str(self.version)
        spec = {path[1]: value for path, value in self.fields.items() if path[0] == "spec"}
        for path, value in self.fields.items():
            if path[0] == "metadata":
                meta.setdefault(path[1], {})[path[2]] = value
        meta["managedFields"] = self._managed()
        status = {"conditions": [{"type": "Ready", "status": "True" if self.ready else "Unknown"}]}
        return {"kind": "Node", "metadata": meta, "spec": spec, "status": status}

    def _managed(self) -> list[dict[str, Any]]:
        entries: dict[str, dict[str, Any]] = {}
        for path, managers in self.managers.items():
            for manager in managers:
                fields = entries.setdefault(manager, {})
                for part in path[:-1]:
                    fields = fields.setdefault(f"f:{part}", {})
                fields[f"f:{path[-1]}"] = {}
        return [
            {
                "manager": manager.removesuffix(" (Update)"),
                "operation": "Update" if manager.endswith(" (Update)") else "Apply",
                "fieldsV1": fields,
            }
            for manager, fields in sorted(entries.items())
        ]


@dataclass
class Fault:
    """What happens to a request instead of, or after, being done. `times` counts down."""

    method: str = ""
    path: str = ""
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = "injected"
    drop: bool = False
    done: bool = False
    times: int = 1

    def hits(self, method: str, path: str) -> bool:
        return self.times > 0 and self.method in ("", method) and self.path in path


class ApiServer:
    """The emulator. Its state is plain data that a test may change between requests."""

    url = authority = ""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.pods: list[Pod] = []
        self.budgets: dict[str, int] = {}
        self.cluster = "uid-of-this-cluster"
        self.version = "v1.34.2+rke2r1"
        self.metrics = 'apiserver_encryption_config_controller_last_config_info{hash="x"} 1'
        self.log: list[tuple[str, str]] = []
        self.faults: list[Fault] = []
        self.before: Callable[[int], None] = lambda _count: None
        self.after: Callable[[int], None] = lambda _count: None
        self.page = 500

    def node(self, name: str, *, ready: bool = True) -> Node:
        self.nodes[name] = Node(name, f"uid-of-{name}", ready)
        return self.nodes[name]

    def pod(self, node: str, name: str, **more: Any) -> Pod:
        self.pods.append(Pod("jobs", name, node, **more))
        return self.pods[-1]

    @property
    def writes(self) -> list[tuple[str, str]]:
        return [each for each in self.log if each[0] != "GET"]

    def kubeconfig(self, token: str = TOKEN, url: str = "", authority: str = "") -> str:
        data = base64.b64encode((authority or self.authority).encode()).decode()
        return (
            "kind: Config\ncurrent-context: here\n"
            "contexts: [{name: here, context: {cluster: c, user: u}}]\n"
            f"users: [{{name: u, user: {{token: {token}}}}}]\n"
            "clusters: [{name: c, cluster: "
            f"{{server: '{url or self.url}', certificate-authority-data: {data}}}}}]\n"
        )

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.log.append((request.method, request.path_qs))
        count = len(self.log)
        self.before(count)
        fault = next((f for f in self.faults if f.hits(request.method, request.path_qs)), None)
        if fault is not None:
            fault.times -= 1
            if fault.done:
                await self._answer(request)
            if not fault.drop:
                return _status(fault.status, fault.message, headers=dict(fault.headers))
            assert request.transport is not None
            request.transport.abort()
        answer = await self._answer(request)
        self.after(count)
        return answer

    async def _answer(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _status(401, "Unauthorized")
        if request.method == "GET":
            return self._read(request)
        match request.method, request.path.strip("/").split("/"):
            case "PATCH", ["api", "v1", "nodes", name]:
                return self._patch(request, name, await request.json())
            case "DELETE", ["api", "v1", "nodes", name]:
                return self._delete(name, await request.json())
            case "POST", ["api", "v1", "namespaces", _, "pods", name, "eviction"]:
                return self._evict(name, await request.json())
        return _status(404, f"no such path {request.path}")

    def _read(self, request: web.Request) -> web.Response:
        match request.path.strip("/").split("/"):
            case ["version"]:
                return web.json_response({"gitVersion": self.version})
            case ["metrics"]:
                return web.Response(text=self.metrics)
            case ["api", "v1", "namespaces", "kube-system"]:
                return web.json_response({"metadata": {"uid": self.cluster}})
            case ["api", "v1", "nodes"]:
                return self._page(request, list(self.nodes.values()))
            case ["api", "v1", "nodes", name] if name in self.nodes:
                return web.json_response(self.nodes[name].document())
            case ["api", "v1", "pods"]:
                return self._list(request)
        return _status(404, "not found")

    def _list(self, request: web.Request) -> web.Response:
        node = request.query["fieldSelector"].removeprefix("spec.nodeName=")
        for pod in [each for each in self.pods if each.deleted and each.node == node]:
            pod.leaves -= 1
            if pod.leaves < 0:
                self.pods.remove(pod)
        return self._page(request, [each for each in self.pods if each.node == node])

    def _page(self, request: web.Request, every: list[Any]) -> web.Response:
        start = int(request.query.get("continue") or 0)
        end = start + self.page
        more = {"continue": str(end)} if end < len(every) else {}
        items = [each.document() for each in every[start:end]]
        return web.json_response({"metadata": more, "items": items})

    def _patch(self, request: web.Request, name: str, body: Any) -> web.Response:
        node, manager = self.nodes.get(name), request.query["fieldManager"]
        uid = body.get("metadata", {}).get("uid")
        if node is None:
            return _status(409 if uid else 404, "uid mismatch: no existing object was found")
        if uid is not None and uid != node.uid:
            return _status(422, "metadata.uid: field is immutable")
        if request.content_type == "application/merge-patch+json":
            if body["metadata"].pop("resourceVersion", str(node.version)) != str(node.version):
                return _status(409, "the object has been modified")
            for path, value in _fields(body).items():
                node.put(path, value, manager)
            return web.json_response(node.document())
        conflicts = node.apply(_fields(body), manager, request.query["force"] == "true")
        if conflicts:
            return _status(409, f"Apply failed with conflicts: {conflicts}")
        return web.json_response(node.document())

    def _delete(self, name: str, body: Any) -> web.Response:
        node = self.nodes.get(name)
        if node is None:
            return _status(404, "not found")
        if body["preconditions"]["uid"] != node.uid:
            return _status(409, "the UID in the precondition does not match")
        del self.nodes[name]
        return _status(200, "")

    def _evict(self, name: str, body: Any) -> web.Response:
        pod = next((each for each in self.pods if each.name == name), None)
        if pod is None:
            return _status(404, "not found")
        if body["deleteOptions"]["preconditions"]["uid"] != pod.uid:
            return _status(409, "the UID in the precondition does not match")
        budget = self.budgets.get(pod.app)
        if budget is not None and budget <= 0:
            why = f"The disruption budget {pod.app} needs 3 healthy pods and has 3"
            cause = {"reason": "DisruptionBudget", "message": why}
            said = "Cannot evict pod as it would violate the pod's disruption budget."
            return _status(429, said, causes=[cause])
        if budget is not None:
            self.budgets[pod.app] -= 1
        pod.deleted = True
        return _status(201, "")


def _fields(body: Mapping[str, Any]) -> dict[tuple[str, ...], Any]:
    meta = body.get("metadata", {})
    found = {
        ("metadata", table, key): value
        for table in ("labels", "annotations")
        for key, value in meta.get(table, {}).items()
    }
    return {**found, **{("spec", key): value for key, value in body.get("spec", {}).items()}}


def _status(
    code: int,
    message: str,
    causes: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> web.Response:
    document: dict[str, Any] = {"kind": "Status", "code": code, "message": message}
    if causes:
        document["details"] = {"causes": causes}
    return web.json_response(document, status=code, headers=headers)


@pytest.fixture(scope="session")
def _running_server() -> Iterator[ApiServer]:
    server, started, ending = ApiServer(), threading.Event(), []
    authority = Authority("membership tests", dt.datetime.now(tz=dt.UTC))
    issued = authority.issue("api")
    server.authority = authority.certificate

    async def serve() -> None:
        over = asyncio.Event()
        ending.append((asyncio.get_running_loop(), over))
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", server.handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=_context(issued)).start()
        server.url = f"https://127.0.0.1:{runner.addresses[0][1]}"
        started.set()
        await over.wait()
        await runner.cleanup()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    assert started.wait(10)
    yield server
    loop, over = ending[0]
    loop.call_soon_threadsafe(over.set)
    thread.join(10)


def _context(issued: Any) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as pair:
        pair.write(issued.certificate + issued.key)
        pair.flush()
        context.load_cert_chain(pair.name)
    return context


@pytest.fixture
def api(_running_server: ApiServer) -> ApiServer:
    """An empty cluster that answers."""
    _running_server.reset()
    return _running_server


@pytest.fixture
def fault() -> type[Fault]:
    return Fault


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def around(tmp_path: Path, clock: Clock, api: ApiServer) -> Surroundings:
    """Surroundings whose reference `env:KUBE` leads to the emulator."""
    access = tmp_path / "kubeconfig"
    access.write_text(api.kubeconfig())
    return Surroundings(
        Settings(state_dir=tmp_path / "state", freeze=tmp_path / "freeze"),
        SecretReader(standard_stores(), {"env:KUBE": str(access)}),
        clock,
    )
