"""Puts a fleet together: machines, their ports, the service in front of them, and time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from aifactory_iac.lab.redfish.agenda import Agenda
from aifactory_iac.lab.redfish.front.port import Port
from aifactory_iac.lab.redfish.front.serving import Front, Served, call_back
from aifactory_iac.lab.redfish.front.tls import context
from aifactory_iac.lab.redfish.journal import Journal
from aifactory_iac.lab.redfish.plant.assembly import assemble
from aifactory_iac.lab.redfish.plant.state import Machine
from aifactory_iac.lab.redfish.service.reception import Reception
from aifactory_iac.lab.redfish.service.routes import router
from aifactory_iac.lab.redfish.spec import FleetSpec
from aifactory_iac.lab.redfish.sushy.application import Below


@dataclass(slots=True)
class Opened:
    """A fleet that answers."""

    machines: dict[str, Machine]
    endpoints: dict[str, str]
    below: Below
    ports: list[Port] = field(default_factory=list)
    timer: Timer | None = None
    reports: set[asyncio.Task[None]] = field(default_factory=set)

    def close(self) -> None:
        """Closes every port and stops time."""
        for port in self.ports:
            port.end()
        if self.timer is not None:
            self.timer.stop()
        for task in self.reports:
            task.cancel()
        self.below.leave()


class Timer:
    """Runs an agenda in real time: one timer of the loop, set to the next appointment."""

    def __init__(self, loop: asyncio.AbstractEventLoop, agenda: Agenda) -> None:
        self._loop = loop
        self._agenda = agenda
        self._handle: asyncio.TimerHandle | None = None
        agenda.wake = self._set

    def _set(self) -> None:
        self.stop()
        due = self._agenda.next_due()
        if due is not None:
            wait = max(0.0, due - self._agenda.clock())
            self._handle = self._loop.call_later(wait, self._ring)

    def _ring(self) -> None:
        self._handle = None
        self._agenda.run_due()
        self._set()

    def stop(self) -> None:
        """It rings no more, until something new is put on the agenda."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None


def open_fleet(
    spec: FleetSpec,
    agenda: Agenda,
    journal: Journal,
    loop: asyncio.AbstractEventLoop,
    *,
    timed: bool,
) -> Opened:
    """Opens every port on loopback. Raises `SpecError` and `OSError`."""
    below = Below()
    front = Front(Reception(router(below)))
    server = web.Server(front.answer, loop=loop, access_log=None)
    secured = context(spec.tls) if spec.tls else None
    opened = Opened({}, {}, below)
    for machine in assemble(spec, agenda, journal):
        for system in machine.model.systems:
            below.enter(machine, system)
        port = Port(loop, server)
        port.context = secured
        front.by_port[port.number] = Served(machine)
        _connect(machine, port, opened, loop)
        opened.ports.append(port)
        opened.machines[machine.spec.name] = machine
        scheme = "https" if secured else "http"
        opened.endpoints[machine.spec.address] = f"{scheme}://127.0.0.1:{port.number}"
    if timed:
        opened.timer = Timer(loop, agenda)
    return opened


def _connect(machine: Machine, port: Port, opened: Opened, loop: asyncio.AbstractEventLoop) -> None:
    def reachable(open_: bool) -> None:  # noqa: FBT001 - the machine's own signature
        (port.open if open_ else port.close)()

    def report(url: str, body: Mapping[str, Any]) -> None:
        async def send() -> None:
            status = await call_back(url, body)
            machine.effect("called-back", url=url, status=status)

        task = loop.create_task(send())
        opened.reports.add(task)
        task.add_done_callback(opened.reports.discard)

    machine.reachable = reachable
    machine.call_back = report
