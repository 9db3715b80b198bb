"""Which disk a machine is installed on, and how it is laid out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from aifactory_iac.providers.install.document import Document, joined
from aifactory_iac.providers.install.scalars import (
    AbsolutePath,
    DevicePath,
    DeviceText,
    Flag,
    Size,
    SizeOrRest,
    Thumbprint,
    Url,
    Word,
    mebibytes,
)
from aifactory_iac.providers.resource import Failure

Wipe = Literal["never", "metadata", "full"]
"""What an install may erase on the root device before it writes there.

`never`: the device must be empty, or the install stops; `metadata`: partition tables and
signatures; `full`: every block. Other disks are never touched.
"""


class DiskSize(Document):
    """Bounds of a disk's size, both included; a disk of "960 GB" has 894 GiB."""

    least: Size | None = None
    most: Size | None = None


class RootDevice(Document):
    """Which disk is meant; all hints must hold, and exactly one disk must fit.

    `name` is a path below /dev, best one of /dev/disk/by-id, because kernel names change between
    boots; `model` may hold `*`.
    """

    native: ClassVar[Mapping[str, str]] = {
        "deviceName": "name",
        "serialNumber": "serial",
        "minSizeGigabytes": "size.least",
        "path": "name",
    }

    name: DevicePath | None = None
    model: DeviceText | None = None
    serial: DeviceText | None = None
    wwn: DeviceText | None = None
    rotational: Flag | None = None
    size: DiskSize | None = None

    @property
    def empty(self) -> bool:
        """Whether it would fit every disk."""
        bounds = self.size and (self.size.least or self.size.most)
        texts = (self.name, self.model, self.serial, self.wwn, bounds)
        return self.rotational is None and not any(texts)


class Partition(Document):
    """One partition; exactly one of a layout takes the `rest`."""

    size: SizeOrRest
    filesystem: Literal["ext4", "xfs", "vfat", "swap"]
    mount: AbsolutePath | None = None
    label: Word | None = None


class Tang(Document):
    """A tang server, and the thumbprint of the key that it must sign with."""

    url: Url
    thumbprint: Thumbprint


class Encryption(Document):
    """LUKS 2 on everything but the EFI and boot partitions.

    The key is made on the machine while it is installed and is bound to its TPM or to tang
    servers; the first key is then removed. It is known nowhere else.
    """

    unlock: Literal["tpm2", "tang"]
    tang: tuple[Tang, ...] = ()


class Storage(Document):
    """Layout of the root device: `direct`, `lvm`, or the given `partitions`.

    `mirror` names a second disk that holds a copy of everything (RAID 1).
    """

    native: ClassVar[Mapping[str, str]] = {"config": "partitions", "match": "root"}

    layout: Literal["direct", "lvm", "partitions"] = "direct"
    partitions: dict[Word, Partition] = Field(default_factory=dict)
    swap: Size | None = None
    mirror: RootDevice | None = None
    encrypt: Encryption | None = None


EFI = Partition(size="1GiB", filesystem="vfat", mount="/boot/efi")
BOOT = Partition(size="2GiB", filesystem="ext4", mount="/boot")


def partitions_of(storage: Storage, root: Literal["ext4", "xfs"]) -> dict[str, Partition]:
    """All partitions in the order in which they lie on the disk; what takes the rest is last."""
    if storage.layout == "partitions":
        order = {"/boot/efi": 0, "/boot": 1}
        return dict(
            sorted(
                storage.partitions.items(),
                key=lambda item: (
                    item[1].size == "rest",
                    order.get(item[1].mount or "", 2),
                    item[0],
                ),
            )
        )
    found = {"efi": EFI, "boot": BOOT}
    if storage.swap:
        found["swap"] = Partition(size=storage.swap, filesystem="swap")
    found["root"] = Partition(size="rest", filesystem=root, mount="/")
    return found


def least_mebibytes(partitions: Mapping[str, Partition]) -> int:
    """What a layout takes at least, in MiB; what takes the rest gets 8 GiB as root, else 1 GiB."""
    rest = {"/": 8 * 1024}
    return sum(
        rest.get(one.mount or "", 1024) if one.size == "rest" else mebibytes(one.size)
        for one in partitions.values()
    )


def storage_failures(storage: Storage, at: str) -> Iterator[Failure]:
    """What no single field shows about a layout."""
    own = storage.layout == "partitions"
    if own and not storage.partitions:
        yield Failure(f"{at}.partitions", "is required with layout `partitions`")
    if not own and storage.partitions:
        yield Failure(
            f"{at}.partitions",
            f"means something only with layout `partitions`, not `{storage.layout}`",
        )
    if own and storage.swap:
        yield Failure(f"{at}.swap", "with layout `partitions`, swap is one of the partitions")
    if own and storage.partitions:
        yield from partition_failures(storage.partitions, joined(at, "partitions"))
        yield from _bootable(storage.partitions, joined(at, "partitions"))
    yield from encryption_failures(storage.encrypt, f"{at}.encrypt")
    if storage.mirror is not None and storage.mirror.empty:
        yield Failure(f"{at}.mirror", "fits every disk: give `serial`, `wwn`, `model` or `size`")


def encryption_failures(encrypt: Encryption | None, at: str) -> Iterator[Failure]:
    """Tang servers are given exactly when they are to unlock."""
    if encrypt is not None and (encrypt.unlock == "tang") != bool(encrypt.tang):
        yield Failure(
            f"{at}.tang",
            "is required with `unlock: tang`"
            if encrypt.unlock == "tang"
            else "means something only with `unlock: tang`",
        )


def partition_failures(partitions: Mapping[str, Partition], at: str) -> Iterator[Failure]:
    """Mounts are told apart, and at most one partition takes the rest."""
    mounts: dict[str, str] = {}
    rest = sorted(name for name, one in partitions.items() if one.size == "rest")
    if len(rest) > 1:
        yield Failure(at, f"only one can take the `rest`: {', '.join(f'`{n}`' for n in rest)}")
    for name, one in sorted(partitions.items()):
        place = joined(at, name)
        if one.filesystem == "swap" and one.mount:
            yield Failure(f"{place}.mount", "swap is mounted nowhere: leave it out")
        if one.filesystem != "swap" and not one.mount:
            yield Failure(f"{place}.mount", "is required: where the file system is mounted")
        if one.mount:
            other = mounts.setdefault(one.mount, name)
            if other != name:
                yield Failure(f"{place}.mount", f"{one.mount} is already that of `{other}`")


def _bootable(partitions: Mapping[str, Partition], at: str) -> Iterator[Failure]:
    by_mount = {one.mount: (name, one) for name, one in sorted(partitions.items())}
    if "/" not in by_mount:
        yield Failure(at, "none is mounted at `/`: there is no root file system")
    if "/boot/efi" not in by_mount:
        yield Failure(at, "none is mounted at `/boot/efi`: UEFI firmware could not boot it")
        return
    name, efi = by_mount["/boot/efi"]
    if efi.filesystem != "vfat":
        yield Failure(f"{at}.{name}.filesystem", "must be `vfat`: UEFI firmware reads nothing else")
    if efi.size == "rest" or mebibytes(efi.size) < 512:
        yield Failure(f"{at}.{name}.size", "must be given, and at least `512MiB`")
