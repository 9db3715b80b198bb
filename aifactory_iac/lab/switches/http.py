"""What the emulators over HTTPS share: the account, faults, and errors as NVUE shapes them."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from aifactory_iac.lab.switches.device import Surround
from aifactory_iac.lab.switches.faults import Fault
from aifactory_iac.lab.switches.spec import Login, Tls

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Front:
    """One server on loopback, in front of one emulator.

    `answer` does what is asked; `reachable` says whether anything answers at all; `lie` is called
    for a request that is to be answered as if done.
    """

    def __init__(
        self,
        name: str,
        around: Surround,
        login: Login,
        answer: Handler,
        reachable: Callable[[], bool] = lambda: True,
        isolate: Callable[[], None] = lambda: None,
        lie: Handler | None = None,
    ) -> None:
        self.name = name
        self._around = around
        self._login = login
        self._answer = answer
        self._reachable = reachable
        self._isolate = isolate
        self._lie = lie
        self._runner: web.AppRunner | None = None

    async def start(self, tls: Tls) -> str:
        """Listens on a free port; gives the base URL."""
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            app, access_log=None, handle_signals=False, shutdown_timeout=0.1
        )
        await self._runner.setup()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(tls.cert, tls.key)
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        return f"https://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Stops listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path = str(request.rel_url)
        answer = await self._answered(request, path)
        outcome = answer.status if answer is not None else "cut off"
        self._around.witness.request(self.name, request.method, path, outcome)
        if answer is not None:
            return answer
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _answered(self, request: web.Request, path: str) -> web.StreamResponse | None:
        """None when the connection is to be cut."""
        if not self._reachable():
            return None
        fault = self._around.faults.hit(self.name, request.method, path)
        if not self._known(request):
            return problem(401, "Unauthorized", "")
        return await (self._faulty(request, fault) if fault else self._answer(request))

    async def _faulty(self, request: web.Request, fault: Fault) -> web.StreamResponse | None:
        if fault.effect == "status":
            answer = problem(fault.status, "Fault", "on purpose")
            if fault.retry_after is not None:
                answer.headers["Retry-After"] = fault.retry_after
            return answer
        if fault.effect == "drop":
            return None
        if fault.effect == "lie":
            return await (self._lie or _nothing)(request)
        if fault.effect == "delay":
            await asyncio.sleep(fault.seconds)
        done = await self._answer(request)
        if fault.effect == "isolate":
            self._isolate()
        return None if fault.effect == "drop-answer" else done

    def _known(self, request: web.Request) -> bool:
        text = f"{self._login.username}:{self._login.password}"
        expected = "Basic " + base64.b64encode(text.encode()).decode()
        return request.headers.get("Authorization") == expected


def problem(status: int, title: str, detail: str) -> web.Response:
    """An error as RFC 7807 has it."""
    body: dict[str, Any] = {
        "detail": detail,
        "status": status,
        "title": title,
        "type": "about:blank",
    }
    return web.json_response(body, status=status)


async def _nothing(request: web.Request) -> web.StreamResponse:  # noqa: ARG001
    return web.json_response({})
