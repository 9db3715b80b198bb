"""HTTP in front of the machines: reads requests, lets faults have their say, answers, logs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from aiohttp import web

from aifactory_iac.lab.redfish.faults.behaviour import (
    Answers,
    CutsBody,
    Drops,
    Gone,
    LosesAnswer,
    SlowBody,
)
from aifactory_iac.lab.redfish.faults.deciding import Decider, Verdict
from aifactory_iac.lab.redfish.front import acting
from aifactory_iac.lab.redfish.front.reading import logged, read_request
from aifactory_iac.lab.redfish.plant.state import Machine
from aifactory_iac.lab.redfish.service.exchange import Request
from aifactory_iac.lab.redfish.service.reception import Reception, Rendered

_PIECES = 10
"""Pieces that a slow body comes in."""


@dataclass(slots=True)
class Served:
    """A machine with what the front counts of it."""

    machine: Machine
    in_flight: int = 0


@dataclass(slots=True)
class Handled:
    """What became of a request; None for a status means that no answer was attempted."""

    rendered: Rendered | None = None
    done: bool = False
    delivered: bool = False


@dataclass(slots=True)
class Front:
    """Answers the requests of all connections; which machine is meant, the port says."""

    reception: Reception
    decider: Decider = field(default_factory=Decider)
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
        handled, verdict, request = Handled(), Verdict(), None
        try:
            request = await read_request(given)
            verdict = self.decider.decide(
                machine.spec, request.method, request.path, request.body, flight
            )
            if verdict.delay:
                await asyncio.sleep(verdict.delay)
            return await self._handle(given, machine, request, verdict, number, handled)
        finally:
            served.in_flight -= 1
            if request is not None:
                _log(machine, number, request, verdict, handled, flight)

    async def _handle(
        self,
        given: web.BaseRequest,
        machine: Machine,
        request: Request,
        verdict: Verdict,
        number: int,
        handled: Handled,
    ) -> web.StreamResponse:
        do = verdict.rule.do if verdict.rule else None
        if isinstance(do, Drops) or (isinstance(do, Gone) and do.when == "instead"):
            if isinstance(do, Gone):
                machine.vanish(acting.seconds(do), "fault")
                machine.agenda.run_due()
            return _hang_up(given)
        if isinstance(do, Answers):
            handled.rendered = acting.said(do)
        else:
            machine.agenda.run_due()
            if _is_closed(given):
                return _hang_up(given)
            machine.cause = number
            try:
                handled.rendered, handled.done = acting.serve(self.reception, machine, request, do)
            finally:
                machine.cause = None
        if isinstance(do, LosesAnswer):
            return _hang_up(given)
        if isinstance(do, CutsBody):
            return await _send_half(given, handled.rendered)
        response = await _send(given, handled.rendered, do)
        handled.delivered = not _is_closed(given)
        return response


def _log(
    machine: Machine,
    number: int,
    request: Request,
    verdict: Verdict,
    handled: Handled,
    flight: int,
) -> None:
    machine.journal.write(
        "request",
        machine.spec.name,
        number,
        method=request.method,
        path=request.path,
        user=request.username or None,
        body=logged(request),
        status=handled.rendered[0] if handled.rendered else None,
        fault=verdict.names,
        done=handled.done if request.method not in ("GET", "HEAD") else None,
        delivered=handled.delivered,
        in_flight=flight,
        sessions=len(machine.sessions),
    )


def _is_closed(given: web.BaseRequest) -> bool:
    return given.transport is None or given.transport.is_closing()


def _hang_up(given: web.BaseRequest) -> web.StreamResponse:
    if given.transport is not None:
        given.transport.abort()
    return web.Response()


async def _send(given: web.BaseRequest, rendered: Rendered, do: object) -> web.StreamResponse:
    status, headers, body = rendered
    if isinstance(do, SlowBody) and body:
        return await _send_slowly(given, rendered, do.seconds)
    response = web.Response(status=status, headers=headers, body=body or None)
    await response.prepare(given)
    await response.write_eof()
    return response


async def _send_slowly(
    given: web.BaseRequest, rendered: Rendered, seconds: float
) -> web.StreamResponse:
    status, headers, body = rendered
    response = web.StreamResponse(status=status, headers=headers)
    response.content_length = len(body)
    await response.prepare(given)
    size = -(-len(body) // _PIECES)
    for start in range(0, len(body), size):
        await asyncio.sleep(seconds / _PIECES)
        if _is_closed(given):
            return response
        await response.write(body[start : start + size])
    await response.write_eof()
    return response


async def _send_half(given: web.BaseRequest, rendered: Rendered) -> web.StreamResponse:
    """The head promises the whole body; half of it comes, and then the end."""
    status, headers, body = rendered
    response = web.StreamResponse(status=status, headers=headers)
    response.content_length = len(body)
    await response.prepare(given)
    await response.write(body[: len(body) // 2])
    if given.transport is not None:
        # Closing, unlike aborting, lets what is written get out first.
        given.transport.close()
    return response
