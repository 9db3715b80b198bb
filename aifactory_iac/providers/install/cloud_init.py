"""cloud-init: what an image that is already bootable is told at its first boot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from aifactory_iac.providers.install.document import Document, joined
from aifactory_iac.providers.install.node import Node, node_failures
from aifactory_iac.providers.install.scalars import (
    AbsolutePath,
    Command,
    DevicePath,
    Flag,
    Locale,
    Package,
    Unordered,
    Word,
)
from aifactory_iac.providers.resource import Failure


class Mount(Document):
    """A file system that is there already; cloud-init is never told to make or erase one."""

    device: DevicePath
    filesystem: Literal["ext4", "xfs", "vfat"]
    options: tuple[Word, ...] = ("defaults", "nofail")


class Sources(Document):
    """Packages: whether the list is brought up to date, and what is installed is upgraded."""

    native: ClassVar[Mapping[str, str]] = {
        "package_update": "update",
        "package_upgrade": "upgrade",
    }

    update: Flag = True
    upgrade: Flag = False


class CloudInit(Node):
    """user-data, meta-data and network-config of one machine.

    `bootcmd` run at every boot, early; `runcmd` run once, at the end of the first boot. `grow`
    lets the root file system take the whole disk.
    """

    native: ClassVar[Mapping[str, str]] = {
        **Node.native,
        "package_update": "sources.update",
        "package_upgrade": "sources.upgrade",
        "growpart": "grow",
        "fs_setup": "mounts",
        "disk_setup": "mounts",
        "late-commands": "runcmd",
    }

    locale: Locale = "en_US.UTF-8"
    sources: Sources = Field(default_factory=Sources)
    packages: Unordered[Package] = ()
    mounts: dict[AbsolutePath, Mount] = Field(default_factory=dict)
    grow: Flag = True
    bootcmd: tuple[Command, ...] = ()
    runcmd: tuple[Command, ...] = ()

    def least_mebibytes(self) -> int:
        """Nothing: its image is on a disk already."""
        return 0


def cloud_init_failures(document: CloudInit, at: str) -> Iterator[Failure]:
    """What no single field shows."""
    yield from node_failures(document, at)
    devices: dict[str, str] = {}
    for path, mount in sorted(document.mounts.items()):
        other = devices.setdefault(mount.device, path)
        if other != path:
            yield Failure(joined(at, "mounts", path, "device"), f"is already mounted at {other}")
