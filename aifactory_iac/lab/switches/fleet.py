"""All switches of a lab in one process and one event loop, each on a port of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from aifactory_iac.lab.switches import mlnx_commands, sonic_commands
from aifactory_iac.lab.switches.device import Device, Surround
from aifactory_iac.lab.switches.faults import Faults
from aifactory_iac.lab.switches.http import Front
from aifactory_iac.lab.switches.mlnx_model import MlnxSwitch
from aifactory_iac.lab.switches.nvue_model import NvueSwitch
from aifactory_iac.lab.switches.nvue_service import NvueService
from aifactory_iac.lab.switches.sonic_model import SonicSwitch
from aifactory_iac.lab.switches.spec import FleetSpec, SwitchSpec
from aifactory_iac.lab.switches.ssh import SshFront
from aifactory_iac.lab.switches.ufm import Ufm
from aifactory_iac.lab.switches.witness import Witness


class Fleet:
    """Starts on entry, stops on exit. `now` is its time in seconds."""

    def __init__(self, spec: FleetSpec, now: Callable[[], float] = time.monotonic) -> None:
        self.spec = spec
        self.witness = Witness(now, Path(spec.log) if spec.log else None)
        self.faults = Faults(file=Path(spec.faults) if spec.faults else None)
        self.around = Surround(now, self.witness, self.faults, spec.pace)
        self.switches: dict[str, Device] = {}
        self.ufms: dict[str, Ufm] = {}
        self.endpoints: dict[str, str] = {}
        self.host_keys: dict[str, str] = {}
        self._fronts: list[Front | SshFront] = []

    async def __aenter__(self) -> Self:
        """Listens everywhere. Raises `SpecError`, `FaultError` or `OSError`."""
        lines = []
        for each in self.spec.switches:
            if each.os == "nvue":
                await self._nvue(each)
            else:
                lines.append(await self._ssh(each))
        for ufm in self.spec.ufms:
            manager = self.ufms[ufm.address] = Ufm(ufm, self.around)
            await self._https(
                ufm.address, Front(ufm.address, self.around, self.spec.login, manager.answer)
            )
        if self.spec.known_hosts:
            Path(self.spec.known_hosts).write_text("".join(lines), encoding="utf-8")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Stops listening; nothing is left running."""
        for front in self._fronts:
            await front.stop()

    async def _nvue(self, spec: SwitchSpec) -> None:
        switch = NvueSwitch(spec, self.around)
        service = NvueService(switch)
        self.switches[spec.hostname] = switch
        front = Front(
            spec.hostname,
            self.around,
            self.spec.login,
            service.answer,
            switch.reachable,
            lambda: setattr(switch, "isolated", True),
            service.lie,
        )
        await self._https(spec.key, front)

    async def _https(self, key: str, front: Front) -> None:
        if self.spec.tls is None:
            raise ValueError("HTTPS needs a certificate")
        self._fronts.append(front)
        self.endpoints[key] = await front.start(self.spec.tls)

    async def _ssh(self, spec: SwitchSpec) -> str:
        login = self.spec.login
        if spec.os == "sonic":
            sonic = SonicSwitch(spec, self.around)
            self.switches[spec.hostname] = sonic
            front = SshFront(
                sonic,
                login,
                lambda command, text: sonic_commands.run(sonic, command, text),
                sonic_commands.lied,
            )
        else:
            mlnx = MlnxSwitch(spec, self.around)
            self.switches[spec.hostname] = mlnx
            front = SshFront(
                mlnx,
                login,
                lambda command, text: mlnx_commands.run(mlnx, command, text),
                mlnx_commands.lied,
            )
        self._fronts.append(front)
        self.endpoints[spec.key] = await front.start()
        self.host_keys[spec.hostname] = front.host_key
        return front.known_host + "\n"
