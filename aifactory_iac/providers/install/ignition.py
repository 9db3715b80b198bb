"""Ignition 3: what Fedora CoreOS and its like are told at their first boot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from aifactory_iac.providers.install.document import Document, joined
from aifactory_iac.providers.install.node import Node, node_failures
from aifactory_iac.providers.install.scalars import Flag, SizeOrRest, Text, Word, mebibytes
from aifactory_iac.providers.install.storage import (
    Encryption,
    Partition,
    encryption_failures,
    least_mebibytes,
    partition_failures,
)
from aifactory_iac.providers.resource import Failure


class RootStorage(Document):
    """The disk that the image was written to.

    The image brings EFI, boot and root; `root` is how far root may grow, and `partitions` come
    after it.
    """

    native: ClassVar[Mapping[str, str]] = {"disks": "partitions", "luks": "encrypt"}

    root: SizeOrRest = "rest"
    partitions: dict[Word, Partition] = Field(default_factory=dict)
    encrypt: Encryption | None = None


class Unit(Document):
    """One systemd unit; without `text` it is one that the image has."""

    native: ClassVar[Mapping[str, str]] = {"contents": "text", "mask": "masked"}

    enabled: Flag | None = None
    masked: Flag = False
    text: Text | None = None


class Ignition(Node):
    """One Ignition document. Such an image has no package manager: what runs comes as units."""

    native: ClassVar[Mapping[str, str]] = {
        **Node.native,
        "passwd": "users",
        "systemd": "units",
        "packages": "units",
        "runcmd": "units",
    }

    version: Literal["3.3.0", "3.4.0"] = "3.3.0"
    storage: RootStorage = Field(default_factory=RootStorage)
    units: dict[Word, Unit] = Field(default_factory=dict)

    def least_mebibytes(self) -> int:
        """What its layout takes at least on the root device; the image itself takes 10 GiB."""
        root = 0 if self.storage.root == "rest" else mebibytes(self.storage.root)
        return max(root, 10 * 1024) + least_mebibytes(self.storage.partitions)


_SUFFIXES = (".service", ".socket", ".mount", ".timer", ".target", ".path", ".slice", ".swap")


def ignition_failures(document: Ignition, at: str) -> Iterator[Failure]:
    """What no single field shows."""
    yield from node_failures(document, at)
    storage, place = document.storage, joined(at, "storage")
    yield from encryption_failures(storage.encrypt, joined(place, "encrypt"))
    yield from partition_failures(storage.partitions, joined(place, "partitions"))
    if storage.partitions and storage.root == "rest":
        yield Failure(
            f"{place}.root", "must have a size: it lies before the other partitions and cannot grow"
        )
    for name, one in sorted(storage.partitions.items()):
        if one.mount and not (one.mount == "/var" or one.mount.startswith("/var/")):
            yield Failure(
                joined(place, "partitions", name, "mount"),
                "must be below /var: nothing else of such a system can be written to",
            )
    yield from _units(document, at)


def _units(document: Ignition, at: str) -> Iterator[Failure]:
    for name, unit in sorted(document.units.items()):
        place = joined(at, "units", name)
        if not name.endswith(_SUFFIXES):
            yield Failure(place, f"is no unit: its name ends in one of {', '.join(_SUFFIXES)}")
        if unit.masked and (unit.enabled or unit.text):
            yield Failure(place, "is masked, and so can neither be enabled nor have a text")
        if unit.enabled and unit.text is not None and "[Install]" not in unit.text:
            yield Failure(place, "is enabled, but its text has no [Install] section")
        if unit.text is None and unit.enabled is None and not unit.masked:
            yield Failure(place, "says nothing: give `text`, `enabled` or `masked`")
