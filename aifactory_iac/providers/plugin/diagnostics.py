"""What the user is told while an operation runs: lines to the engine, without any secret."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from aifactory_iac.providers.secrets import Credentials, SecretReader
from aifactory_iac.providers.surroundings import Severity

_SEVERITIES = {
    "debug": engine_pb2.DEBUG,
    "info": engine_pb2.INFO,
    "warning": engine_pb2.WARNING,
    "error": engine_pb2.ERROR,
}
_SHORTEST = 4
"""Shorter secrets are not looked for: every other word would have them in it."""
_LONGEST_WAIT = 5.0
"""Seconds that an engine has to take the lines before an operation answers without it."""


class Scrubber:
    """Takes every secret that came by out of texts."""

    def __init__(self) -> None:
        """Knows no secrets yet."""
        self.known: set[str] = set()

    def learn(self, text: str) -> None:
        """A text that must not be shown from now on."""
        if len(text.strip()) >= _SHORTEST:
            self.known |= {text, text.strip()}

    def __call__(self, text: str) -> str:
        """The text with `[secret]` in the place of every secret, the longest first."""
        for secret in sorted(self.known, key=lambda each: (-len(each), each)):
            text = text.replace(secret, "[secret]")
        return text


@dataclass(frozen=True)
class NotedSecrets(SecretReader):
    """Reads secrets, and has every one of them taken out of what is shown later."""

    learn: Callable[[str], None] = field(default=lambda _text: None)

    def text(self, reference: Mapping[str, str]) -> str:
        """The secret's text. Raises `SecretError`."""
        found = super().text(reference)
        self.learn(found)
        return found

    def credentials(self, reference: Mapping[str, str]) -> Credentials:
        """The secret as user and password. Raises `SecretError`."""
        found = super().credentials(reference)
        self.learn(found.password)
        return found


class EngineLog:
    """Lines to the engine in the order in which they were said; to stderr while there is none."""

    def __init__(self, scrub: Scrubber) -> None:
        """Not connected yet."""
        self._scrub = scrub
        self._address = ""
        self._engine: Any = None
        self._channel: grpc.aio.Channel | None = None
        self._waiting: asyncio.Queue[engine_pb2.LogRequest] = asyncio.Queue()
        self._sender: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def connect(self, address: str) -> None:
        """Tells lines to the engine at this address from now on; an empty one changes nothing."""
        if address in ("", self._address):
            return
        self._address = address
        # A proxy of the environment is for the plant, not for the process next door.
        self._channel = grpc.aio.insecure_channel(address, [("grpc.enable_http_proxy", 0)])
        self._engine = engine_pb2_grpc.EngineStub(self._channel)
        self._loop = asyncio.get_running_loop()

    def say(self, urn: str, severity: Severity, text: str) -> None:
        """Has a line shown under a resource; any thread may."""
        clean = self._scrub(text)
        if self._engine is None or self._loop is None:
            print(f"{severity}: {clean}", file=sys.stderr)  # noqa: T201 - the engine reads stderr
            return
        request = engine_pb2.LogRequest(severity=_SEVERITIES[severity], message=clean, urn=urn)
        if _is_running(self._loop):
            self._put(request)
        else:
            self._loop.call_soon_threadsafe(self._put, request)

    async def said(self) -> None:
        """Returns when the engine has all lines, or does not take them."""
        await asyncio.sleep(0)  # lines of other threads are put in first
        try:
            await asyncio.wait_for(self._waiting.join(), _LONGEST_WAIT)
        except TimeoutError:
            self._drop()

    async def close(self) -> None:
        """Ends the connection."""
        if self._sender is not None:
            self._sender.cancel()
            await asyncio.gather(self._sender, return_exceptions=True)
        if self._channel is not None:
            await self._channel.close()

    def _put(self, request: engine_pb2.LogRequest) -> None:
        self._waiting.put_nowait(request)
        if self._sender is None:
            self._sender = asyncio.create_task(self._send())

    async def _send(self) -> None:
        while True:
            request = await self._waiting.get()
            try:
                await self._engine.Log(request, timeout=_LONGEST_WAIT)
            except grpc.aio.AioRpcError:
                self._engine = None  # it is gone, and with it whoever would read this
            finally:
                self._waiting.task_done()

    def _drop(self) -> None:
        while not self._waiting.empty():
            self._waiting.get_nowait()
            self._waiting.task_done()


def _is_running(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False
