"""One machine that really runs: QEMU without hardware acceleration, as anyone may start it.

The network is QEMU's own (no bridge, no privilege): the guest reaches the host's loopback as
10.0.2.2. KVM is left out on purpose: inside containers it is often there and does not work.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from aifactory_iac.lab.child import dying_with

MEMORY_MIB = 256
CPUS = 2
DISK_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Hardware:
    """What the machine says it is. `disk` is a raw image; it is made where it is missing."""

    name: str
    uuid: str
    serial: str
    mac: str
    disk: Path
    memory_mib: int = MEMORY_MIB
    cpus: int = CPUS


class Guest:
    """A machine that is powered on with a medium in its drive."""

    def __init__(self, qemu: Path, hardware: Hardware, medium: Path, folder: Path) -> None:
        """Powers it on. Raises `OSError`."""
        if not hardware.disk.exists():
            with hardware.disk.open("wb") as disk:
                disk.truncate(DISK_BYTES)
        with (folder / f"{hardware.name}.qemu.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - a program of the system's
                arguments(qemu, hardware, medium, folder / f"{hardware.name}.console"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=dying_with(os.getpid(), signal.SIGKILL),  # noqa: PLW1509 - no threads here
            )

    @property
    def pid(self) -> int:
        """QEMU's process number."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it is still powered on."""
        return self._process.poll() is None

    def power_off(self) -> None:
        """Takes its power away, at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()


def arguments(qemu: Path, hardware: Hardware, medium: Path, console: Path) -> list[str]:
    """QEMU's command line."""
    smbios = f"type=1,uuid={hardware.uuid},serial={hardware.serial},product={hardware.name}"
    return [
        str(qemu), "-name", hardware.name, "-machine", "q35,accel=tcg", "-nodefaults",
        "-no-user-config", "-display", "none", "-m", str(hardware.memory_mib),
        "-smp", str(hardware.cpus), "-no-reboot", "-smbios", smbios,
        "-serial", f"file:{console}", "-cdrom", str(medium), "-boot", "d",
        "-drive", f"file={hardware.disk},format=raw,if=virtio",
        "-netdev", "user,id=net0", "-device", f"virtio-net-pci,netdev=net0,mac={hardware.mac}",
    ]  # fmt: skip
