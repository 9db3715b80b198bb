"""HTTP in front of the machines: reads requests, has them answered, and logs both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from typing import Any

from aiohttp import web

from aifactory_iac.lab.redfish.journal import without_secrets
from aifactory_iac.lab.redfish.plant.refusal import RefusalError
from aifactory_iac.lab.redfish.plant.state import Machine
from aifactory_iac.lab.redfish.service.exchange import Request, Upload
from aifactory_iac.lab.redfish.service.reception import Reception, Rendered

MAX_BODY = 256 * 1024 * 1024


@dataclass(slots=True)
class Served:
    """A machine with what the front counts of it."""

    machine: Machine
    in_flight: int = 0


@dataclass(slots=True)
class Front:
    """Answers the requests of all connections; which machine is meant, the port says."""

    reception: Reception
    by_port: dict[int, Served] = field(default_factory=dict)

    async def answer(self, given: web.BaseRequest) -> web.StreamResponse:
        """One request from arrival to the end of its answer."""
        transport = given.transport
        if transport is None:
            raise ConnectionResetError("the client left before its request was read")
        served = self.by_port[transport.get_extra_info("sockname")[1]]
        machine = served.machine
        number = machine.journal.number()
        served.in_flight += 1
        flight = served.in_flight
        request = _request(given, await given.read())
        rendered: Rendered | None = None
        delivered = False
        try:
            rendered = self._served(machine, request, number)
            response = web.Response(
                status=rendered[0], headers=rendered[1], body=rendered[2] or None
            )
            await response.prepare(given)
            await response.write_eof()
            delivered = True
            return response
        finally:
            served.in_flight -= 1
            machine.journal.write(
                "request",
                machine.spec.name,
                number,
                method=request.method,
                path=request.path,
                user=request.username or None,
                body=_logged(request),
                status=rendered[0] if rendered else None,
                delivered=delivered,
                in_flight=flight,
                sessions=len(machine.sessions),
            )

    def _served(self, machine: Machine, request: Request, number: int) -> Rendered:
        machine.agenda.run_due()
        machine.cause = number
        try:
            return self.reception.answer(machine, request)
        finally:
            machine.cause = None


def _request(given: web.BaseRequest, body: bytes) -> Request:
    path = given.path.rstrip("/") or "/"
    headers = {name.lower(): value for name, value in given.headers.items()}
    parts: list[Upload] = []
    if headers.get("content-type", "").startswith("multipart/"):
        parts = _parts(headers["content-type"], body)
        body = b""
    return Request(
        given.method,
        path,
        headers,
        body,
        parts,
        dict(given.query),
        f"{given.scheme}://{given.host}",
    )


def _parts(content_type: str, body: bytes) -> list[Upload]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    found = []
    for part in BytesParser().parsebytes(head + body).walk():
        if not isinstance(part, Message) or part.is_multipart():
            continue
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        found.append(Upload(str(name), bytes(content or b""), part.get_filename()))
    return found


def _logged(request: Request) -> Any:
    """The body as it may be logged: without secrets, an upload by its size."""
    if request.parts:
        return {part.name: {"bytes": len(part.content)} for part in request.parts}
    if not request.body:
        return None
    try:
        return without_secrets(request.document())
    except RefusalError:
        return {"bytes": len(request.body)}


async def call_back(url: str, body: Mapping[str, Any]) -> int:
    """Posts an installer's report; the status of the answer, 0 when there was none."""
    import aiohttp

    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
            session.post(url, json=dict(body)) as answer,
        ):
            return answer.status
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return 0
