"""Ubuntu's autoinstall (subiquity): what the server installer is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from aifactory_iac.providers.install.document import Document, joined
from aifactory_iac.providers.install.node import Node, node_failures
from aifactory_iac.providers.install.scalars import (
    Channel,
    Command,
    Flag,
    Locale,
    Package,
    Unordered,
    Url,
    Word,
)
from aifactory_iac.providers.install.storage import (
    Storage,
    least_mebibytes,
    partitions_of,
    storage_failures,
)
from aifactory_iac.providers.resource import Failure


class Keyboard(Document):
    """Layout of the console's keyboard."""

    layout: Word = "us"
    variant: Word | None = None


class Snap(Document):
    """One snap; its channel is `latest/stable` when not given."""

    channel: Channel | None = None
    classic: Flag = False


class Apt(Document):
    """Where packages come from. `offline` says what to do when the mirror cannot be reached."""

    mirror: Url | None = None
    offline: Literal["abort", "offline-install", "continue-anyway"] = "abort"


class Autoinstall(Node):
    """One unattended install of Ubuntu.

    `early` run before disks are looked at, `late` when the system stands under /target, `errors`
    when it failed; each is one shell command, run in the installer. `drivers` lets the installer
    pick third-party drivers by itself, which is not wanted where a driver is pinned.
    """

    native: ClassVar[Mapping[str, str]] = {
        **Node.native,
        "early-commands": "early",
        "late-commands": "late",
        "error-commands": "errors",
        "runcmd": "late",
        "user-data": "files",
        "refresh-installer": "updates",
    }

    locale: Locale = "en_US.UTF-8"
    keyboard: Keyboard = Field(default_factory=Keyboard)
    source: Literal["ubuntu-server", "ubuntu-server-minimal"] = "ubuntu-server"
    flavor: Literal["generic", "hwe", "nvidia", "nvidia-64k"] = "generic"
    apt: Apt = Field(default_factory=Apt)
    storage: Storage = Field(default_factory=Storage)
    packages: Unordered[Package] = ()
    snaps: dict[Word, Snap] = Field(default_factory=dict)
    drivers: Flag = False
    updates: Literal["security", "all"] = "security"
    early: tuple[Command, ...] = ()
    late: tuple[Command, ...] = ()
    errors: tuple[Command, ...] = ()

    def least_mebibytes(self) -> int:
        """What its layout takes at least on the root device."""
        return least_mebibytes(partitions_of(self.storage, "ext4"))


def autoinstall_failures(document: Autoinstall, at: str) -> Iterator[Failure]:
    """What no single field shows."""
    yield from node_failures(document, at)
    yield from storage_failures(document.storage, joined(at, "storage"))
    proxy = document.proxy
    if proxy is not None and proxy.http != proxy.https and proxy.https is not None:
        yield Failure(
            joined(at, "proxy", "https"),
            "the installer knows one proxy for both: leave it out, or give the address of `http`",
        )
