"""Programs and files of the operating system that booting for real takes, and who brings them."""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DEBIAN = (
    "busybox-static", "linux-image-cloud-amd64", "isolinux", "syslinux-common", "xorriso",
    "qemu-system-x86",
)  # fmt: skip
"""Packages that hold all of it; Debian 12 was tried."""
_ISOLINUX = ("usr/lib/ISOLINUX/isolinux.bin", "usr/lib/isolinux/isolinux.bin")
_LDLINUX = ("usr/lib/syslinux/modules/bios/ldlinux.c32", "usr/lib/syslinux/bios/ldlinux.c32")
_BUSYBOX = ("bin/busybox", "usr/bin/busybox")
_ELF_HEADER = 64
_INTERPRETER = 3
"""Type of the ELF program header that names a loader; a static program has none (elf(5))."""


class MissingError(Exception):
    """Something is not installed; the text says what, and which packages bring it."""


@dataclass(frozen=True, slots=True)
class HostFiles:
    """What was found. `modules` is the folder of the kernel's modules."""

    qemu: Path
    xorriso: Path
    busybox: Path
    kernel: Path
    modules: Path
    isolinux: Path
    ldlinux: Path


def missing(root: Path = Path("/"), path: str | None = None) -> tuple[str, ...]:
    """What is not there, in words; empty when everything is."""
    return tuple(_missing(root, path))


def found(root: Path = Path("/"), path: str | None = None) -> HostFiles:
    """What is there. Raises `MissingError`."""
    lacking = missing(root, path)
    if lacking:
        raise MissingError(
            f"booting for real needs {', '.join(lacking)}: apt-get install {' '.join(DEBIAN)}"
        )
    kernel, modules = _kernels(root)[-1]
    return HostFiles(
        qemu=Path(shutil.which("qemu-system-x86_64", path=path) or ""),
        xorriso=Path(shutil.which("xorriso", path=path) or ""),
        busybox=_first(root, _BUSYBOX) or Path(),
        kernel=kernel,
        modules=modules,
        isolinux=_first(root, _ISOLINUX) or Path(),
        ldlinux=_first(root, _LDLINUX) or Path(),
    )


def _missing(root: Path, path: str | None) -> Iterator[str]:
    for program in ("qemu-system-x86_64", "xorriso"):
        if shutil.which(program, path=path) is None:
            yield program
    busybox = _first(root, _BUSYBOX)
    if busybox is None or not _static(busybox.read_bytes()):
        yield "a static busybox"
    if not _kernels(root):
        yield "a readable cloud kernel with modules"
    if _first(root, _ISOLINUX) is None:
        yield "isolinux.bin"
    if _first(root, _LDLINUX) is None:
        yield "ldlinux.c32"


def _static(program: bytes) -> bool:
    """Whether a 64-bit ELF program runs where there are no libraries."""
    if len(program) < _ELF_HEADER or program[:5] != b"\x7fELF\x02":
        return False
    (start,) = struct.unpack_from("<Q", program, 0x20)
    size, count = struct.unpack_from("<HH", program, 0x36)
    places = range(start, start + size * count, size or 1)
    return all(struct.unpack_from("<I", program, place) != (_INTERPRETER,) for place in places)


def _kernels(root: Path) -> list[tuple[Path, Path]]:
    """Kernels that have their virtio drivers as modules beside them, oldest first."""
    pairs = (
        (kernel, root / "lib/modules" / kernel.name.removeprefix("vmlinuz-"))
        for kernel in sorted((root / "boot").glob("vmlinuz-*cloud-amd64"))
    )
    return [
        (kernel, modules)
        for kernel, modules in pairs
        if os.access(kernel, os.R_OK) and (modules / "modules.dep").is_file()
    ]


def _first(root: Path, names: tuple[str, ...]) -> Path | None:
    return next((root / name for name in names if (root / name).is_file()), None)
