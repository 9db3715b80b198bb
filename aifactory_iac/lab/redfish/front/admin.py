"""The back door of a fleet: what a judge may look at and a person at the rack may do.

It is no part of what is emulated: one more port on loopback, without a login, for tests.

    GET    /machines                 state of all machines
    GET    /machines/NAME            state of one: power, stage, disk, firmware, sessions and more
    POST   /machines/NAME/button     presses the power button
    POST   /machines/NAME/mains      pulls the plug, and puts it back
    PUT    /faults                   exchanges all faults, by a fault file's JSON or YAML
    DELETE /faults                   takes all faults away
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from aifactory_iac.catalog.reading import ReadingError, read
from aifactory_iac.lab.redfish.faults.reading import Faults, parse
from aifactory_iac.lab.redfish.front.port import Port
from aifactory_iac.lab.redfish.plant import controller, power
from aifactory_iac.lab.redfish.plant.state import Machine
from aifactory_iac.lab.redfish.spec import SpecError

_DEEDS: Mapping[str, Callable[[Machine], None]] = {
    "button": lambda machine: power.reset(machine, "PushPowerButton"),
    "mains": controller.cut_mains,
}


class BackDoor:
    """Serves it."""

    def __init__(
        self,
        machines: Mapping[str, Machine],
        use: Callable[[Faults], None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._machines = machines
        self._use = use
        self._port = Port(loop, web.Server(self._answer, loop=loop, access_log=None))
        self.url = f"http://127.0.0.1:{self._port.number}"

    def close(self) -> None:
        """Closes it."""
        self._port.end()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        steps = request.path.strip("/").split("/")
        if request.method == "GET" and steps == ["machines"]:
            told = {name: state(machine) for name, machine in self._machines.items()}
            return web.json_response(told)
        if steps[0] == "machines" and len(steps) in (2, 3):
            return self._machine(request.method, steps)
        if steps == ["faults"] and request.method in ("PUT", "DELETE"):
            return self._faults(request.method, await request.text())
        return _problem(404, f"there is no {request.method} {request.path} here")

    def _machine(self, method: str, steps: list[str]) -> web.Response:
        machine = self._machines.get(steps[1])
        if machine is None:
            return _problem(404, f"there is no machine {steps[1]}")
        machine.agenda.run_due()
        if method == "GET" and len(steps) == 2:
            return web.json_response(state(machine))
        deed = _DEEDS.get(steps[-1]) if len(steps) == 3 else None
        if method != "POST" or deed is None:
            return _problem(404, f"there is no {method} /{'/'.join(steps)} here")
        deed(machine)
        return web.Response(status=204)

    def _faults(self, method: str, text: str) -> web.Response:
        try:
            self._use(parse(read(text)) if method == "PUT" else Faults())
        except ReadingError as error:
            return _problem(400, f"{error.line}:{error.column}: {error.message}")
        except SpecError as error:
            return _problem(400, *error.problems)
        return web.Response(status=204)


def _problem(status: int, *problems: str) -> web.Response:
    return web.json_response({"problems": list(problems)}, status=status)


def state(machine: Machine) -> dict[str, Any]:
    """What a machine is really like, whatever its controller says. Without secrets."""
    host = machine.host
    return {
        "power": host.power,
        "stage": host.stage,
        "disk": host.disk,
        "override": {
            "enabled": host.override.enabled,
            "target": host.override.target,
            "mode": host.override.mode,
            "httpUri": host.override.http_uri,
        },
        "bootOrder": list(host.boot_order),
        "bios": dict(host.bios),
        "secureBoot": host.secure_boot,
        "media": {name: slot.image for name, slot in machine.slots.items()},
        "firmware": {
            name: {"running": item.running, "staged": item.staged}
            for name, item in machine.firmware.items()
        },
        "sessions": len(machine.sessions),
        "accounts": {
            account.username: {
                "role": account.role,
                "enabled": account.enabled,
                "locked": account.locked_until > machine.now(),
                "mustChange": account.must_change,
            }
            for account in machine.accounts.values()
        },
        "tasks": {task.id: task.state for task in machine.tasks.values()},
    }
