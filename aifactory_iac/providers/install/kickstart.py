"""Kickstart: what the installer of the RHEL 9 family (Anaconda) is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from aifactory_iac.providers.install.document import Document, joined
from aifactory_iac.providers.install.node import Node, node_failures
from aifactory_iac.providers.install.scalars import Command, Locale, Package, Unordered, Url, Word
from aifactory_iac.providers.install.storage import (
    Storage,
    least_mebibytes,
    partitions_of,
    storage_failures,
)
from aifactory_iac.providers.resource import Failure

Service = Annotated[Word, Field(description="A systemd service, without its suffix.")]


class Repository(Document):
    """A further repository that packages are installed from."""

    url: Url
    cost: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 1000


class Services(Document):
    """Services that run, and that do not, from the first boot on."""

    enabled: Unordered[Service] = ()
    disabled: Unordered[Service] = ()


class Firewall(Document):
    """Services that may be reached; `ssh` is one of them unless left out."""

    allow: Unordered[Word] = ("ssh",)


class Kickstart(Node):
    """One unattended install of RHEL 9 or one of its like.

    `source` is the installation tree; without one it is the medium that booted. `pre` run before
    disks are looked at, `post` in the installed system. Packages are named as in `%packages`:
    `@group`, `@^environment`, names, or `-name` to leave one out.
    """

    native: ClassVar[Mapping[str, str]] = {
        **Node.native,
        "url": "source",
        "lang": "locale",
        "part": "storage",
        "autopart": "storage",
        "late-commands": "post",
        "runcmd": "post",
        "early-commands": "pre",
    }

    locale: Locale = "en_US.UTF-8"
    keyboard: Word = "us"
    source: Url | None = None
    repositories: dict[Word, Repository] = Field(default_factory=dict)
    storage: Storage = Field(default_factory=Storage)
    packages: Unordered[Package] = ("@^minimal-environment",)
    exclude: Unordered[Package] = ()
    selinux: Literal["enforcing", "permissive"] = "enforcing"
    firewall: Firewall = Field(default_factory=Firewall)
    services: Services = Field(default_factory=Services)
    pre: tuple[Command, ...] = ()
    post: tuple[Command, ...] = ()

    def least_mebibytes(self) -> int:
        """What its layout takes at least on the root device."""
        return least_mebibytes(partitions_of(self.storage, "xfs"))


def kickstart_failures(document: Kickstart, at: str) -> Iterator[Failure]:
    """What no single field shows."""
    yield from node_failures(document, at)
    yield from storage_failures(document.storage, joined(at, "storage"))
    services = document.services
    for name in sorted(set(services.enabled) & set(services.disabled)):
        yield Failure(joined(at, "services"), f"`{name}` is both enabled and disabled")
    if not any(name.startswith("@^") for name in document.packages):
        yield Failure(
            joined(at, "packages"),
            "name no environment: add one, such as `@^minimal-environment`",
        )
    if document.ntp is None and "chronyd" in services.enabled:
        yield Failure(joined(at, "services"), "`chronyd` needs `ntp`, or it asks public pools")
