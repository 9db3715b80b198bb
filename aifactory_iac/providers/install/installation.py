"""One machine, what it is installed from, and what may happen to its disk."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from aifactory_iac.providers.install.config import InstallConfig, config_failures
from aifactory_iac.providers.install.document import (
    Document,
    Read,
    SecretReference,
    beside,
    joined,
    read,
)
from aifactory_iac.providers.install.identity import Target
from aifactory_iac.providers.install.image import OsImage, image_failures, url_failures
from aifactory_iac.providers.install.scalars import mebibytes
from aifactory_iac.providers.install.storage import RootDevice, Wipe
from aifactory_iac.providers.resource import Failure


def _template(value: str) -> str:
    if not re.match(r"https?://[^/\s@]+/", value) or value.count("{token}") != 1:
        raise ValueError("is no URL with `{token}` once in its path")
    return value


class Callback(Document):
    """How an installed machine says that it is there.

    `url` is a template with `{token}` for a receiver of one's own; without one it is the
    provisioning service, and only that answers the provider. `token` names a secret; without one
    a token is made for each install. `minutes` is how long an install may take.
    """

    native: ClassVar[Mapping[str, str]] = {"timeout": "minutes", "phone_home": "url"}

    url: Annotated[str, AfterValidator(_template)] | None = None
    token: SecretReference | None = None
    minutes: Annotated[int, Field(strict=True, ge=5, le=24 * 60)] = 90


class Installation(Document):
    """Everything that decides what is published for a machine, and what is waited for."""

    machine: Target
    image: OsImage
    config: InstallConfig
    root: RootDevice = Field(default_factory=RootDevice)
    wipe: Wipe = "never"
    callback: Callback = Field(default_factory=Callback)


def read_installation(
    value: Mapping[str, Any], networks: Sequence[str] | None, at: str = ""
) -> Read[Installation]:
    """Reads an installation, with everything that is wrong with it.

    `networks` are the provisioning networks, inside which alone plain http may be used; None while
    they are not known.
    """
    found = read(Installation, value, at)
    if not found.complete:
        return found
    image = read(OsImage, value.get("image"), joined(at, "image")).value
    config = read(InstallConfig, value.get("config"), joined(at, "config")).value
    meaning: list[Failure] = []
    if image is not None:
        meaning += image_failures(image, networks, joined(at, "image"))
    if config is not None:
        meaning += config_failures(config, joined(at, "config"))
    if found.value is not None and not any(
        failure.property == joined(at, "config") for failure in meaning
    ):
        meaning += _together(found.value, networks, at)
    return Read(found.value, beside(found.failures, meaning), complete=True)


def _together(wanted: Installation, networks: Sequence[str] | None, at: str) -> Iterator[Failure]:
    """What no part shows: disks that are not told apart, media that lead nowhere."""
    if wanted.callback.url is not None:
        yield from url_failures(wanted.callback.url, networks, joined(at, "callback", "url"))
    yield from _name(wanted, at)
    yield from _root(wanted, at)
    yield from _wipe(wanted, at)
    yield from _medium(wanted, networks, at)


def _name(wanted: Installation, at: str) -> Iterator[Failure]:
    kind = wanted.config.kind
    if wanted.config.document.hostname not in (None, wanted.machine.name):
        yield Failure(
            joined(at, "config", kind, "hostname"),
            f"is not the machine's own, `{wanted.machine.name}`: leave it out",
        )


def _root(wanted: Installation, at: str) -> Iterator[Failure]:
    place, kind = joined(at, "root"), wanted.config.kind
    if kind == "cloudinit":
        if not wanted.root.empty:
            yield Failure(place, "cloud-init chooses no disk: its image is on one already")
        return
    if wanted.root.empty and wanted.machine.disks != 1:
        many = "may have several" if wanted.machine.disks is None else f"has {wanted.machine.disks}"
        yield Failure(
            place,
            f"fits every disk, and the machine {many}: give `serial`, `wwn`, `model` or `size`",
        )
    yield from _room(wanted, place)


def _room(wanted: Installation, place: str) -> Iterator[Failure]:
    """Bounds that no disk can keep, and layouts that no such disk could hold."""
    size, kind = wanted.root.size, wanted.config.kind
    most = mebibytes(size.most) if size and size.most else None
    if most is None or size is None:
        return
    if size.least and mebibytes(size.least) > most:
        yield Failure(joined(place, "size"), "no disk is both that large and that small")
    needed = wanted.config.document.least_mebibytes()
    if needed > most:
        yield Failure(
            joined(place, "size", "most"),
            f"no such disk could hold the {kind} layout, which takes {needed} MiB",
        )


def _wipe(wanted: Installation, at: str) -> Iterator[Failure]:
    if wanted.wipe != "never" and wanted.config.kind == "cloudinit":
        yield Failure(joined(at, "wipe"), "cloud-init erases no disk: leave it at `never`")


def _medium(wanted: Installation, networks: Sequence[str] | None, at: str) -> Iterator[Failure]:
    """Ways to boot on which a document cannot reach what is to read it."""
    kind, image = wanted.config.kind, wanted.image
    if kind == "ignition" and image.media == "iso":
        yield Failure(
            joined(at, "image", "media"),
            "an Ignition document is named on the kernel's line, which a medium brings with it: "
            "use `http` or `pxe`",
        )
    yield from _trees(wanted, networks, at)
    kickstart = wanted.config.kickstart
    if kickstart is not None and kickstart.source is None and image.media != "iso":
        yield Failure(
            joined(at, "config", "kickstart", "source"),
            f"is required with `media: {image.media}`: there is no medium to install from",
        )


def _trees(wanted: Installation, networks: Sequence[str] | None, at: str) -> Iterator[Failure]:
    """Trees that an installer comes from are fetched unmeasured, so their way must be trusted."""
    kickstart = wanted.config.kickstart
    if kickstart is None:
        return
    place = joined(at, "config", "kickstart")
    if kickstart.source is not None:
        yield from url_failures(kickstart.source, networks, joined(place, "source"))
    for name, repository in sorted(kickstart.repositories.items()):
        yield from url_failures(
            repository.url, networks, joined(place, "repositories", name, "url")
        )
