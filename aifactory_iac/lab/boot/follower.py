"""Follows a fleet's witness log, so that what the log says of a machine truly happens.

The controllers are emulated, and know nothing of this: when the log says that a machine boots from
a medium, QEMU boots it; when it says that the machine lost power, QEMU is ended. What was done is
written to a log of our own, one JSON value a line.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from aifactory_iac.lab.boot.drive import DriveError, fetch
from aifactory_iac.lab.boot.guest import Guest, Hardware
from aifactory_iac.lab.boot.spec import Bootable, BootSpec
from aifactory_iac.lab.boot.witness import Witness

_CUTS = ("mains-cut", "install-interrupted")


class PoweredOn(Protocol):
    """A machine that runs."""

    @property
    def pid(self) -> int:
        """Process number."""
        ...

    @property
    def running(self) -> bool:
        """Whether it still does."""
        ...

    def power_off(self) -> None:
        """Ends it."""
        ...


PowerOn = Callable[[Hardware, Path], PoweredOn]
"""Boots the hardware from a medium."""


def qemu(program: Path, folder: Path) -> PowerOn:
    """Boots with QEMU, its logs in a folder."""
    return lambda hardware, medium: Guest(program, hardware, medium, folder)


@dataclass(slots=True)
class Follower:
    """The machines of one fleet that truly boot."""

    spec: BootSpec
    power_on: PowerOn
    guests: dict[str, PoweredOn] = field(default_factory=dict)
    _witness: Witness = field(init=False)

    def __post_init__(self) -> None:
        """Begins at the log's beginning."""
        self._witness = Witness(self.spec.log)

    def turn(self) -> None:
        """Does what the log has said since the last turn."""
        machines = {each.name: each for each in self.spec.machines}
        for record in self._witness.news():
            machine = machines.get(str(record.get("machine")))
            if machine is not None and record.get("kind") == "effect":
                self._follow(machine, record)
        for name, guest in tuple(self.guests.items()):
            if not guest.running:
                del self.guests[name]
                self._write(name, "powered-itself-off")

    def end(self) -> None:
        """Takes the power of all machines."""
        for name in tuple(self.guests):
            self._cut(name)

    def _follow(self, machine: Bootable, record: Mapping[str, Any]) -> None:
        effect = record.get("effect")
        if effect == "boot" and record.get("image"):
            self._cut(machine.name)
            self._boot(machine, str(record["image"]))
        elif effect in _CUTS or (effect == "power" and record.get("state") == "Off"):
            self._cut(machine.name)

    def _boot(self, machine: Bootable, image: str) -> None:
        medium = self.spec.folder / f"{machine.name}.iso"
        hardware = Hardware(
            machine.name, machine.uuid, machine.serial, machine.mac,
            self.spec.folder / f"{machine.name}.disk",
        )  # fmt: skip
        try:
            digest = fetch(image, medium, self.spec.ca)
            guest = self.power_on(hardware, medium)
        except (DriveError, OSError) as error:
            self._write(machine.name, "cannot-boot", reason=str(error))
            return
        self.guests[machine.name] = guest
        self._write(machine.name, "booted", image=image, digest=digest, pid=guest.pid)

    def _cut(self, name: str) -> None:
        guest = self.guests.pop(name, None)
        if guest is not None:
            guest.power_off()
            self._write(name, "power-cut")

    def _write(self, machine: str, effect: str, **facts: Any) -> None:
        record = {"time": round(time.time(), 4), "machine": machine, "effect": effect, **facts}
        with (self.spec.folder / "boot.log").open("a", encoding="utf-8") as log:
            log.write(json.dumps(record) + "\n")
