"""What a machine boots and is installed from: by digest, and by a way that can be trusted."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Literal
from urllib.parse import unquote, urlsplit

from aifactory_iac.providers.install.document import Document, joined
from aifactory_iac.providers.install.scalars import Digest, ImageUrl, Word
from aifactory_iac.providers.resource import Failure

Media = Literal["iso", "http", "pxe"]


class ImagePart(Document):
    """One file that goes with an image: its kernel, its first file system, a boot loader."""

    native: ClassVar[Mapping[str, str]] = {"sha256": "digest", "checksum": "digest"}

    url: ImageUrl
    digest: Digest

    @property
    def filename(self) -> str:
        """Last part of its URL: what a boot loader asks for."""
        return unquote(urlsplit(self.url).path.rpartition("/")[2]) or "image"


class OsImage(Document):
    """An image of an operating system or its installer.

    `media` says how a machine boots it: `iso` as virtual media, `http` by its firmware over HTTP,
    `pxe` through iPXE. `kernel` and `initrd` are what a boot loader starts, with the image as what
    they install from; `loader` is an EFI program for firmware that boots over HTTP.
    """

    native: ClassVar[Mapping[str, str]] = {"sha256": "digest", "checksum": "digest"}

    os: Word
    url: ImageUrl
    digest: Digest
    media: Media = "iso"
    kernel: ImagePart | None = None
    initrd: ImagePart | None = None
    loader: ImagePart | None = None

    @property
    def filename(self) -> str:
        """Last part of its URL."""
        return unquote(urlsplit(self.url).path.rpartition("/")[2]) or "image"

    def parts(self) -> Iterator[tuple[str, ImagePart]]:
        """The parts that are given, by role."""
        for role, part in (
            ("kernel", self.kernel),
            ("initrd", self.initrd),
            ("loader", self.loader),
        ):
            if part is not None:
                yield role, part

    def files(self) -> Iterator[tuple[str, str]]:
        """URL and digest of everything that it is made of."""
        yield self.url, self.digest
        for _role, part in self.parts():
            yield part.url, part.digest


_WHY = {
    "kernel": "only a kernel's own line can say where the install document is",
    "initrd": "a kernel and its first file system go together",
    "loader": "firmware starts an EFI program, and that the kernel",
}


def image_failures(image: OsImage, networks: Sequence[str] | None, at: str) -> Iterator[Failure]:
    """Ways that cannot be trusted, and parts without which its medium cannot boot.

    `networks` are the provisioning networks, as CIDR: only inside them may plain http be used.
    While they are not known, any address will do, but no name.
    """
    yield from url_failures(image.url, networks, joined(at, "url"))
    for role, part in image.parts():
        yield from url_failures(part.url, networks, joined(at, role, "url"))
    needed = {"iso": (), "pxe": ("kernel", "initrd"), "http": ("kernel", "initrd", "loader")}
    for role in needed[image.media]:
        if getattr(image, role) is None:
            yield Failure(
                joined(at, role), f"is required with `media: {image.media}`: {_WHY[role]}"
            )
    if image.media == "iso":
        for role, _part in image.parts():
            yield Failure(joined(at, role), "means something only with `media: http` or `pxe`")


def url_failures(url: str, networks: Sequence[str] | None, at: str) -> Iterator[Failure]:
    """Plain http to a place outside of the provisioning networks, or to one that has no address."""
    parts = urlsplit(url)
    if parts.scheme != "http":
        return
    allowed = [ipaddress.ip_network(network) for network in networks or ()]
    listed = ", ".join(str(network) for network in allowed) or "none"
    try:
        address = ipaddress.ip_address(parts.hostname or "")
    except ValueError:
        yield Failure(
            at,
            f"is plain http to a name, which could lead anywhere: use https, or an address inside "
            f"the provisioning networks ({listed})",
        )
        return
    if networks is not None and not any(
        address in network for network in allowed if network.version == address.version
    ):
        yield Failure(
            at,
            f"is plain http to {address}, outside of the provisioning networks ({listed}): "
            "use https",
        )
