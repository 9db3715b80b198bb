"""Puts a fleet together: machines, their ports, the service in front of them, and time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from aifactory_iac.lab.redfish.agenda import Agenda
from aifactory_iac.lab.redfish.faults.deciding import Decider
from aifactory_iac.lab.redfish.faults.reading import Faults
from aifactory_iac.lab.redfish.front import tls
from aifactory_iac.lab.redfish.front.admin import BackDoor
from aifactory_iac.lab.redfish.front.fault_file import FaultFile
from aifactory_iac.lab.redfish.front.open_files import make_room
from aifactory_iac.lab.redfish.front.port import Port
from aifactory_iac.lab.redfish.front.serving import Front, Served
from aifactory_iac.lab.redfish.front.standing import Standing
from aifactory_iac.lab.redfish.front.telephone import Telephone
from aifactory_iac.lab.redfish.front.timer import Timer
from aifactory_iac.lab.redfish.journal import Journal
from aifactory_iac.lab.redfish.plant.assembly import assemble
from aifactory_iac.lab.redfish.plant.state import Machine, Reach
from aifactory_iac.lab.redfish.service.reception import Reception
from aifactory_iac.lab.redfish.service.routes import router
from aifactory_iac.lab.redfish.spec import FleetSpec
from aifactory_iac.lab.redfish.sushy.application import Below


@dataclass(slots=True)
class Opened:
    """A fleet that answers."""

    front: Front
    below: Below
    standing: Standing
    telephone: Telephone
    journal: Journal
    machines: dict[str, Machine] = field(default_factory=dict)
    ports: dict[str, Port] = field(default_factory=dict)
    endpoints: dict[str, str] = field(default_factory=dict)
    admin: str = ""
    back_door: BackDoor | None = None
    fault_file: FaultFile | None = None
    timer: Timer | None = None

    def use(self, faults: Faults) -> None:
        """Exchanges all faults; counts begin anew."""
        self.front.decider = Decider(faults)
        pairs = {name: (machine, self.ports[name]) for name, machine in self.machines.items()}
        self.standing.put_on(self.front.decider, pairs)
        names = [rule.name for rule in faults.rules]
        self.journal.write("effect", "*", effect="faults-loaded", faults=names)

    async def close(self) -> None:
        """Closes every port and stops time."""
        for port in self.ports.values():
            port.end()
        if self.back_door is not None:
            self.back_door.close()
        if self.fault_file is not None:
            self.fault_file.stop()
        if self.timer is not None:
            self.timer.stop()
        await self.telephone.hang_up()
        self.below.leave()


def open_fleet(
    spec: FleetSpec,
    agenda: Agenda,
    journal: Journal,
    loop: asyncio.AbstractEventLoop,
    *,
    timed: bool,
) -> Opened:
    """Opens every port on loopback. Raises `SpecError` and `OSError`."""
    make_room(len(spec.machines))
    below = Below()
    front = Front(Reception(router(below)))
    opened = Opened(front, below, Standing(spec.tls), Telephone(loop), journal)
    server = web.Server(front.answer, loop=loop, access_log=None, keepalive_timeout=600)
    secured = tls.context(spec.tls) if spec.tls else None
    for machine in assemble(spec, agenda, journal):
        for system in machine.model.systems:
            below.enter(machine, system)
        port = Port(loop, server)
        port.context = secured
        if spec.tls is not None:
            _keep_certificate(machine, spec.tls.cert, spec.tls.key)
        front.by_port[port.number] = Served(machine)
        _connect(machine, port, opened.telephone)
        opened.ports[machine.spec.name] = port
        opened.machines[machine.spec.name] = machine
        scheme = "https" if secured else "http"
        opened.endpoints[machine.spec.address] = f"{scheme}://127.0.0.1:{port.number}"
    if timed:
        opened.timer = Timer(loop, agenda)
    if spec.faults is not None:
        opened.fault_file = FaultFile(Path(spec.faults), opened.use, journal, loop)
    opened.back_door = BackDoor(opened.machines, opened.use, loop)
    opened.admin = opened.back_door.url
    return opened


def _keep_certificate(machine: Machine, certificate: str, key: str) -> None:
    machine.certificate = Path(certificate).read_text(encoding="ascii")
    machine.private_key = Path(key).read_text(encoding="ascii")


def _connect(machine: Machine, port: Port, telephone: Telephone) -> None:
    def reachable(reach: Reach) -> None:
        if reach == "here":
            port.open()
        else:
            port.close()

    def present(certificate: str, key: str) -> None:
        if port.context is not None:
            port.context = tls.context_of(certificate, key)

    def call_back(url: str, body: Mapping[str, Any]) -> None:
        # A URL may be all that protects what it opens, so only its last step is told.
        stage = url.partition("?")[0].rpartition("/")[2]

        def over(status: int) -> None:
            machine.effect("called-back", stage=stage, status=status)

        telephone.call(url, body, over)

    machine.reachable = reachable
    machine.present = present
    machine.call_back = call_back
    machine.read_seed = telephone.read_seed
