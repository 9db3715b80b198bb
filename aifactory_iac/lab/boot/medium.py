"""Builds the installer's medium: an ISO that a virtual drive boots, from Debian's own pieces.

A kernel, a first file system with busybox and three drivers, and isolinux: 16 MB, built in about a
second, and never shipped.
"""

from __future__ import annotations

import lzma
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from aifactory_iac.lab.boot.archive import Entry, archived, file, folder
from aifactory_iac.lab.boot.host_files import HostFiles

DRIVERS = ("virtio_pci", "virtio_net", "virtio_blk")
HOST = "10.0.2.2"
"""The host's loopback, as a guest behind QEMU's user network sees it."""


class MediumError(Exception):
    """The medium could not be built."""


def build(target: Path, report: str, host: HostFiles) -> Path:
    """Writes the ISO; its agent posts to the URL `report`. Raises `MediumError`."""
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        root = Path(work)
        boot = root / "isolinux"
        boot.mkdir()
        shutil.copy(host.isolinux, boot / "isolinux.bin")
        shutil.copy(host.ldlinux, boot / "ldlinux.c32")
        shutil.copy(host.kernel, boot / "vmlinuz")
        (boot / "initrd.gz").write_bytes(archived(first_file_system(host)))
        (boot / "isolinux.cfg").write_text(_menu(report), encoding="ascii")
        _burn(root, target, host)
    return target


def first_file_system(host: HostFiles) -> Iterator[Entry]:
    """What the kernel finds when it starts."""
    yield folder("bin")
    yield file("bin/busybox", host.busybox.read_bytes(), runs=True)
    yield folder("modules")
    order = []
    for module in _in_order(_dependencies(host.modules), DRIVERS):
        name = Path(module).name.removesuffix(".xz")
        order.append(name)
        yield file(f"modules/{name}", _content(host.modules / module))
    yield file("modules/order", "\n".join(order).encode() + b"\n")
    agent = files("aifactory_iac.lab.boot").joinpath("agent.sh")
    yield file("init", agent.read_bytes(), runs=True)


def _menu(report: str) -> str:
    if any(sign.isspace() or not sign.isascii() for sign in report):
        raise MediumError(f"`{report}` is not a URL that fits on a kernel's command line")
    return (
        "serial 0 115200\ndefault agent\nprompt 0\nlabel agent\n  kernel vmlinuz\n"
        f"  append initrd=initrd.gz console=ttyS0 quiet panic=5 agent.report={report}\n"
    )


def _dependencies(modules: Path) -> dict[str, tuple[str, ...]]:
    """By module's path, the paths of those that it needs, nearest first (modules.dep(5))."""
    found = {}
    for line in (modules / "modules.dep").read_text(encoding="utf-8").splitlines():
        module, _, needs = line.partition(":")
        found[module] = tuple(needs.split())
    return found


def _in_order(needs: dict[str, tuple[str, ...]], wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Paths of the wanted modules, each after all that it needs; those built in are left out."""
    names = {Path(module).name.partition(".ko")[0]: module for module in needs}
    loaded: dict[str, None] = {}
    for name in wanted:
        if name in names:
            module = names[name]
            loaded |= dict.fromkeys((*reversed(needs[module]), module))
    return tuple(loaded)


def _content(module: Path) -> bytes:
    content = module.read_bytes()
    return lzma.decompress(content) if module.suffix == ".xz" else content


def _burn(root: Path, target: Path, host: HostFiles) -> None:
    done = subprocess.run(  # noqa: S603 - a program of the system's, paths of ours
        [
            str(host.xorriso), "-as", "mkisofs", "-quiet", "-o", str(target), "-V", "AIFACTORY",
            "-b", "isolinux/isolinux.bin", "-c", "isolinux/boot.cat", "-no-emul-boot",
            "-boot-load-size", "4", "-boot-info-table", str(root),
        ],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    if done.returncode:
        raise MediumError(f"xorriso: {done.stderr.strip()[-300:]}")
