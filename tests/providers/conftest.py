"""The plug-in over its gRPC interface, without an engine: `plugin` gives clients of it.

A client is asked with plain values and answers with them: `UNKNOWN` where something is not known
yet, `hidden(...)` around what is secret. It translates by itself, so that a mistake in the plug-in
cannot agree with itself.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc
from pulumi.runtime.proto.status_pb2 import Status

from aifactory_iac.providers.resource import UNKNOWN
from aifactory_iac.providers.surroundings import Lab, Settings, Surroundings

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@dataclass(frozen=True)
class Hidden:
    """A secret value, on its way in or out."""

    value: Any


class RefusedError(Exception):
    """The plug-in refused; nothing was done, unless `code` is `INTERNAL`."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class PartlyDoneError(RefusedError):
    """An operation was done in part; the rest is what the engine keeps."""

    def __init__(self, text: str, kept: provider_pb2.ErrorResourceInitFailed) -> None:
        super().__init__("UNKNOWN", text)
        self.id = kept.id
        self.state = plain(kept.properties)
        self.inputs = plain(kept.inputs)
        self.reasons = list(kept.reasons)


@dataclass(frozen=True)
class Diff:
    """What a diff says: `changes` is `DIFF_NONE`, `DIFF_SOME` or `DIFF_UNKNOWN`."""

    changes: str
    kinds: Mapping[str, str]
    """By property path: `ADD`, `DELETE`, `UPDATE`, or those with `_REPLACE`."""
    replaces: Sequence[str]
    stables: Sequence[str]
    raw: provider_pb2.DiffResponse


@dataclass
class Client:
    """Asks one plug-in as an engine would. Refusals raise `RefusedError` or `PartlyDoneError`."""

    stub: provider_pb2_grpc.ResourceProviderStub
    port: int
    lines: list[tuple[str, str, str]]
    """What was shown to the user: severity, resource name, text."""
    engine_address: str = ""
    hidden: Callable[[Any], Hidden] = Hidden
    refused: type[RefusedError] = RefusedError
    partly_done: type[PartlyDoneError] = PartlyDoneError

    def check(
        self, token: str, inputs: Mapping[str, Any], old: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], list[str]]:
        """Inputs with defaults, and failures as texts that begin with the property's path."""
        about = _about(token, "r")
        request = provider_pb2.CheckRequest(**about, olds=struct(old or {}), news=struct(inputs))
        answer = self.ask("Check", request)
        return plain(answer.inputs), [failure.reason for failure in answer.failures]

    def diff(
        self,
        token: str,
        old: Mapping[str, Any],
        state: Mapping[str, Any],
        new: Mapping[str, Any],
        ignore: Sequence[str] = (),
    ) -> Diff:
        """What an update from `old` inputs to `new` would change."""
        request = provider_pb2.DiffRequest(
            **_about(token, "r"),
            id="an-id",
            old_inputs=struct(old),
            olds=struct(state),
            news=struct(new),
            ignoreChanges=ignore,
        )
        return read_diff(self.ask("Diff", request))

    def create(
        self,
        token: str,
        inputs: Mapping[str, Any],
        *,
        name: str = "r",
        preview: bool = False,
        timeout: float = 0,
    ) -> tuple[str, dict[str, Any]]:
        """Id and state of what was made."""
        request = provider_pb2.CreateRequest(
            **_about(token, name), properties=struct(inputs), preview=preview, timeout=timeout
        )
        answer = self.ask("Create", request)
        return answer.id, plain(answer.properties)

    def read(
        self,
        token: str,
        id_: str,
        inputs: Mapping[str, Any] | None = None,
        state: Mapping[str, Any] | None = None,
    ) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """State and inputs as they are now; None when it is gone. An import gives neither."""
        request = provider_pb2.ReadRequest(
            **_about(token, "r"),
            id=id_,
            inputs=struct(inputs or {}),
            properties=struct(state or {}),
        )
        answer = self.ask("Read", request)
        return (plain(answer.properties), plain(answer.inputs)) if answer.id else None

    def update(
        self,
        token: str,
        id_: str,
        old: Mapping[str, Any],
        state: Mapping[str, Any],
        new: Mapping[str, Any],
        *,
        preview: bool = False,
        ignore: Sequence[str] = (),
        timeout: float = 0,
    ) -> dict[str, Any]:
        """The new state."""
        request = provider_pb2.UpdateRequest(
            **_about(token, "r"),
            id=id_,
            old_inputs=struct(old),
            olds=struct(state),
            news=struct(new),
            preview=preview,
            ignoreChanges=ignore,
            timeout=timeout,
        )
        return plain(self.ask("Update", request).properties)

    def delete(
        self, token: str, id_: str, inputs: Mapping[str, Any], state: Mapping[str, Any]
    ) -> None:
        """Lets it go."""
        about = _about(token, "r")
        request = provider_pb2.DeleteRequest(
            **about, id=id_, old_inputs=struct(inputs), properties=struct(state)
        )
        self.ask("Delete", request)

    def cancel(self) -> None:
        """What the engine does at the user's Ctrl-C."""
        self.ask("Cancel", empty_pb2.Empty())

    def configure(self, config: Mapping[str, Any]) -> None:
        """Configures it as the engine would."""
        request = provider_pb2.ConfigureRequest(args=struct(config), acceptSecrets=True)
        self.ask("Configure", request)

    def check_config(self, config: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """Configuration as it is kept, and what is wrong with it."""
        answer = self.ask("CheckConfig", provider_pb2.CheckRequest(news=struct(config)))
        return plain(answer.inputs), [failure.reason for failure in answer.failures]

    def ask(self, method: str, request: Any) -> Any:
        """Any method with a message of its own."""
        try:
            return getattr(self.stub, method)(request, timeout=60)
        except grpc.RpcError as error:
            raise _refusal(error) from None


def _refusal(error: Any) -> RefusedError:
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            kept = provider_pb2.ErrorResourceInitFailed()
            assert Status.FromString(value).details[0].Unpack(kept)
            return PartlyDoneError(error.details(), kept)
    return RefusedError(error.code().name, error.details())


def read_diff(raw: provider_pb2.DiffResponse) -> Diff:
    """The engine's words for a difference."""
    kinds = {
        path: provider_pb2.PropertyDiff.Kind.Name(change.kind)
        for path, change in sorted(raw.detailedDiff.items())
    }
    changes = provider_pb2.DiffResponse.DiffChanges.Name(raw.changes)
    return Diff(changes, kinds, list(raw.replaces), list(raw.stables), raw)


def _about(token: str, name: str) -> dict[str, str]:
    return {"urn": f"urn:pulumi:test::project::{token}::{name}", "name": name, "type": token}


def struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    """Plain values as a message."""
    return json_format.ParseDict(_encoded(dict(values)), struct_pb2.Struct())


def plain(message: struct_pb2.Struct) -> dict[str, Any]:
    """A message as plain values."""
    found: dict[str, Any] = _decoded(json_format.MessageToDict(message))
    return found


def _encoded(value: Any) -> Any:
    if isinstance(value, Hidden):
        return {SIGNATURE: SECRET, "value": _encoded(value.value)}
    if value is UNKNOWN:
        return UNKNOWN_TEXT
    if isinstance(value, Mapping):
        return {key: _encoded(item) for key, item in value.items()}
    return [_encoded(item) for item in value] if isinstance(value, list | tuple) else value


def _decoded(value: Any) -> Any:
    if value == UNKNOWN_TEXT:
        return UNKNOWN
    if isinstance(value, dict):
        if SIGNATURE in value:
            return Hidden(_decoded(value["value"]))
        return {key: _decoded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_decoded(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@dataclass
class _Engine(engine_pb2_grpc.EngineServicer):
    """Takes the lines that an engine would show."""

    lines: list[tuple[str, str, str]] = field(default_factory=list)

    def Log(self, request: Any, context: Any) -> Any:  # noqa: N802
        severity = engine_pb2.LogSeverity.Name(request.severity).lower()
        self.lines.append((severity, re.sub(".*::", "", request.urn), request.message))
        return empty_pb2.Empty()


@contextmanager
def _engine() -> Iterator[tuple[_Engine, str]]:
    server, engine = grpc.server(ThreadPoolExecutor(2)), _Engine()
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield engine, f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


@contextmanager
def _serving(provider: Callable[[], Any]) -> Iterator[int]:
    """Serves in a thread with an event loop of its own."""
    from aifactory_iac.providers.plugin.serving import listening

    ports: list[int] = []
    started, ending = threading.Event(), []

    async def serve() -> None:
        over = asyncio.Event()
        ending.append((asyncio.get_running_loop(), over))
        async with listening(provider()) as port:
            ports.append(port)
            started.set()
            await over.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    assert started.wait(10), "the plug-in did not start"
    try:
        yield ports[0]
    finally:
        loop, over = ending[0]
        loop.call_soon_threadsafe(over.set)
        thread.join(20)
        assert not thread.is_alive(), "an operation of the plug-in does not end"


@pytest.fixture
def hidden() -> type[Hidden]:
    """Wraps a value that is secret."""
    return Hidden


@pytest.fixture
def plugin(tmp_path: Path) -> Iterator[Callable[..., Client]]:
    """Starts plug-ins and gives clients of them.

    Without arguments it works with settings of a fresh folder. `lab`, `clock`, `secrets` (a
    `SecretReader`) and other fields of `Settings` may be given; `types` stands in for the registry;
    `configured=False` leaves configuring to the test.
    """
    from aifactory_iac.providers.plugin.diagnostics import NotedSecrets
    from aifactory_iac.providers.plugin.registry import resource_type
    from aifactory_iac.providers.plugin.servicer import Provider
    from aifactory_iac.providers.secrets import standard_stores
    from aifactory_iac.providers.surroundings import WallClock

    with ExitStack() as stack:

        def start(
            *,
            lab: Lab | None = None,
            clock: Any = None,
            secrets: Any = None,
            types: Callable[[str], Any] = resource_type,
            configured: bool = True,
            **settings: Any,
        ) -> Client:
            engine, address = stack.enter_context(_engine())

            def provider() -> Provider:
                if not configured:
                    return Provider(types)
                made = Provider(types)
                reader = secrets or NotedSecrets(
                    standard_stores(), lab.credentials if lab else {}, made.scrub.learn
                )
                around = Surroundings(
                    Settings(**{"state_dir": tmp_path / "state", "lab": lab, **settings}),
                    reader,
                    clock or WallClock(),
                )
                return made.within(around)

            port = stack.enter_context(_serving(provider))
            channel = stack.enter_context(
                grpc.insecure_channel(
                    f"127.0.0.1:{port}",
                    [
                        ("grpc.max_receive_message_length", -1),
                        # What is kept of an operation that was done in part comes as a trailer; the
                        # engine takes 16 MiB of those, where a Python client takes 16 KiB.
                        ("grpc.max_metadata_size", 16 * 2**20),
                        ("grpc.absolute_max_metadata_size", 16 * 2**20),
                        ("grpc.max_send_message_length", -1),
                    ],
                )
            )
            client = Client(
                provider_pb2_grpc.ResourceProviderStub(channel), port, engine.lines, address
            )
            client.ask("Handshake", provider_pb2.ProviderHandshakeRequest(engine_address=address))
            return client

        yield start
