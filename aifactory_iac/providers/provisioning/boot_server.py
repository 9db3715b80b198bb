"""The HTTP server that machines boot from and call back to.

    GET  /images/<hex>/<name>   a measured image, whole or in ranges
    GET  /boot/<file>           the file of the install for the asking machine: by ?mac= ?serial=
                                ?uuid=, else by its reserved address; 404 for one not known
    GET  /m/<token>/<file>      the files of one install, until its machine has said anything
    POST /m/<token>/<stage>     `written`, `ready` or `failed`, each once (409 afterwards)
    GET  /m/<token>/called      whether and when the machine said each of them

Only this machine and the provisioning networks are answered, and nothing at all while no service
is in force. Tokens are in no log.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from aifactory_iac.providers.install.links import STAGES
from aifactory_iac.providers.provisioning.folder import Folder, read_json, to_json, write_once
from aifactory_iac.providers.provisioning.images import ImageError, Images, Measured
from aifactory_iac.providers.provisioning.orders import Index, Order, Orders

_CHUNK = 1 << 20
_LONGEST_BODY = 64 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")
_LOG = logging.getLogger("aifactory.provisioning")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def boot_app(folder: Folder, now: Callable[[], float]) -> web.Application:
    """The application; `now` gives seconds since the epoch."""
    orders = Orders(folder, now, Index(folder))
    server = _BootServer(folder, now, orders, Images(folder))
    app = web.Application(middlewares=[_only_ours(orders)], client_max_size=_LONGEST_BODY)
    app.add_routes(
        [
            web.get("/images/{digest:[0-9a-f]{64}}/{name}", server.image),
            web.get("/boot/{file:.+}", server.boot),
            web.get("/m/{token}/called", server.called),
            web.get("/m/{token}/{file:.+}", server.file),
            web.post("/m/{token}/{stage}", server.say),
        ]
    )
    return app


def _only_ours(orders: Orders) -> Any:
    @web.middleware
    async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
        peer = request.remote or ""
        if orders.service() is None:
            raise web.HTTPServiceUnavailable(text="no provisioning service is in force\n")
        if not peer or not orders.admits(peer):
            _LOG.warning("refused %s: outside of the provisioning networks", peer)
            raise web.HTTPForbidden(text="not a provisioning network\n")
        return await handler(request)

    return admit


@dataclass(frozen=True, slots=True)
class _BootServer:
    folder: Folder
    now: Callable[[], float]
    orders: Orders
    images: Images

    async def image(self, request: web.Request) -> web.StreamResponse:
        """A measured image."""
        return await self._measured(request, request.match_info["digest"])

    async def boot(self, request: web.Request) -> web.StreamResponse:
        """The file of the install for the machine that asks."""
        order = self.orders.of_machine(request.query, request.remote or "")
        if order is None:
            _LOG.info("nothing to boot for %s", request.remote)
            raise web.HTTPNotFound(text="nothing to boot for this machine\n")
        return await self._of_order(request, order, request.match_info["file"])

    async def file(self, request: web.Request) -> web.StreamResponse:
        """A file of the install that a token opens."""
        return await self._of_order(request, self._order(request), request.match_info["file"])

    async def called(self, request: web.Request) -> web.StreamResponse:
        """What the machine of a token has said."""
        order = self._order(request)
        said = {stage: read_json(self.folder.call(order.mark, stage)) for stage in STAGES}
        return web.json_response(said)

    async def say(self, request: web.Request) -> web.StreamResponse:
        """Keeps what a machine says, each stage once."""
        order, stage = self._order(request), request.match_info["stage"]
        if stage not in STAGES:
            raise web.HTTPNotFound(text=f"a machine may say {', '.join(STAGES)}\n")
        if order.expires <= self.now():
            raise web.HTTPGone(text="this install has expired\n")
        said = _said(await request.read())
        kept = {**said, "stage": stage, "at": self.now(), "machine": order.machine}
        if not write_once(self.folder.call(order.mark, stage), to_json(kept)):
            raise web.HTTPConflict(text=f"`{stage}` was said already\n")
        _LOG.info("%s said %s", order.machine, stage)
        return web.Response(status=204)

    def _order(self, request: web.Request) -> Order:
        order = self.orders.of_token(request.match_info["token"])
        if order is None:
            raise web.HTTPNotFound(text="there is no such install\n")
        return order

    async def _of_order(self, request: web.Request, order: Order, file: str) -> web.StreamResponse:
        closed = self.orders.closed(order)
        if closed is not None:
            raise web.HTTPGone(text=f"nothing to boot: {closed}\n")
        if order.loader is not None and file in ("loader", _filename(order.loader["url"])):
            return await self._measured(request, order.loader["digest"].removeprefix("sha256:"))
        place = self.folder.published(order.mark) / file
        root = self.folder.published(order.mark)
        if place.name == "order.json" or not place.resolve().is_relative_to(root.resolve()):
            raise web.HTTPNotFound(text="there is no such file\n")
        try:
            content = await asyncio.to_thread(place.read_bytes)
        except OSError:
            raise web.HTTPNotFound(text="there is no such file\n") from None
        kind = "application/octet-stream" if file.endswith(".iso") else "text/plain"
        return web.Response(body=content, content_type=kind)

    async def _measured(self, request: web.Request, digest: str) -> web.StreamResponse:
        try:
            found = await self.images.open(digest)
        except ImageError as error:
            _LOG.error("%s", error)
            raise web.HTTPConflict(text="the image does not have its digest\n") from None
        if found is None:
            raise web.HTTPNotFound(text="there is no such image\n")
        with found.file:
            return await _streamed(request, found, digest)


async def _streamed(request: web.Request, image: Measured, digest: str) -> web.StreamResponse:
    start, end = _span(request.headers.get("Range"), image.size)
    partial = (start, end) != (0, image.size)
    response = web.StreamResponse(status=206 if partial else 200)
    response.content_type = "application/octet-stream"
    response.content_length = end - start
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = f'"{digest}"'
    if partial:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{image.size}"
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    while start < end:
        try:
            chunk = await asyncio.to_thread(image.read, start, min(_CHUNK, end - start))
        except ImageError as error:
            # Half an image must not look like a whole one: the connection ends early.
            _LOG.error("%s: %s", digest, error)
            if request.transport is not None:
                request.transport.abort()
            return response
        await response.write(chunk)
        start += len(chunk)
    await response.write_eof()
    return response


def _span(header: str | None, size: int) -> tuple[int, int]:
    """First byte and the one after the last that are wanted; the whole when nothing is said."""
    asked = _RANGE.match(header or "")
    if asked is None or asked.group(1) == asked.group(2) == "":
        return 0, size
    first, last = asked.groups()
    if not first:
        return max(0, size - int(last)), size
    start, end = int(first), min(int(last) + 1, size) if last else size
    if start >= end:
        raise web.HTTPRequestRangeNotSatisfiable(headers={"Content-Range": f"bytes */{size}"})
    return start, end


def _said(body: bytes) -> dict[str, Any]:
    """What a machine says, in the shape that is kept."""
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    texts = ("uuid", "serial", "digest")
    lists = ("macs", "lines")
    if (
        not isinstance(found, dict)
        or not all(isinstance(found.get(name, ""), str) for name in texts)
        or not all(
            isinstance(found.get(name, []), list)
            and all(isinstance(item, str) for item in found.get(name, []))
            for name in lists
        )
    ):
        raise web.HTTPBadRequest(
            text="a machine says a JSON object with texts uuid, serial, digest and lists of texts "
            "macs, lines\n"
        )
    return {name: found.get(name, "") for name in texts} | {
        name: found.get(name, [])[:64] for name in lists
    }


def _filename(url: str) -> str:
    return url.rpartition("/")[2]
