"""Reading a seed as an installer does: the image, then what lies beside it or is named in it.

Understood are a seed volume (a small file beside the image, in another slot), the menu beside an
EFI loader, a script of iPXE, and what these name: a NoCloud folder, a kickstart, an Ignition
document. What is looked for in them is whom to call: cloud-init's `phone_home`, and shell of the
form `STAGE) url=URL ;;`.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import unquote_to_bytes, urljoin

from aifactory_iac.lab.redfish.plant.state import Seed

LARGEST = 2 * 1024 * 1024
"""Bytes; what is larger is an image, and is only asked whether it is there."""

_ARM = re.compile(rb"\b(written|ready|failed)\)\s+url='?(https?://[^\s';]+)'?\s*;;")
_PHONE_HOME = re.compile(
    rb"phone_home:\s*(?:\n\s+[^\n]*)*?\n?\s*[{]?\s*url:\s*[\"']?(https?://[^\s\"',}]+)"
)
_DIGEST = re.compile(rb"sha256:[0-9a-f]{64}")
_PERCENT = re.compile(rb"data:[^,\"'\s]*,([^\"'\s]*%[^\"'\s]*)")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{80,}={0,2}")
_NOCLOUD = re.compile(rb"ds=nocloud(?:-net)?;s=(https?://[^\s'\";]+)")
_NAMED = re.compile(
    rb"(?:inst\.ks|ignition\.config\.url|coreos\.inst\.ignition_url)=(https?://[^\s'\"]+)"
)


class Fetch(Protocol):
    """Fetches a URL: status, and its content, empty where it is larger than `LARGEST`."""

    async def __call__(self, url: str) -> tuple[int, bytes]:
        """Status 0 is no answer at all."""
        ...


@dataclass(slots=True)
class _Found:
    calls: dict[str, str] = field(default_factory=dict)
    digest: str | None = None

    def take(self, content: bytes) -> None:
        """Adds what stands in a file."""
        for stage, url in _ARM.findall(content):
            self.calls.setdefault(stage.decode(), url.decode())
        if home := _PHONE_HOME.search(content):
            self.calls.setdefault("ready", home.group(1).decode())
        if self.digest is None and (digest := _DIGEST.search(content)):
            self.digest = digest.group().decode()

    @property
    def seed(self) -> Seed:
        """What was found."""
        return Seed(self.calls, self.digest)


async def read(urls: Sequence[str], fetch: Fetch) -> Seed:
    """The seed of an installer whose image is the first URL; further ones are other media."""
    found = _Found()
    image, *others = urls
    status, content = await fetch(image)
    if status != 200:
        return Seed(missing=_why(image, status), of_image=True)
    documents = [content]
    if image.partition("?")[0].endswith(".efi"):
        status, menu = await fetch(urljoin(image, "grub.cfg"))
        documents += [menu] if status == 200 else []
    for other in others:
        status, content = await fetch(other)
        if status != 200:
            return Seed(missing=_why(other, status))
        documents.append(content)
    for document in documents:
        for url in _names(document):
            status, content = await fetch(url)
            if status != 200:
                return Seed(missing=_why(url, status))
            found.take(_unpacked(content))
        found.take(_unpacked(document))
    return found.seed


def _names(document: bytes) -> list[str]:
    """Documents that a menu or a script names on its kernel's command line."""
    folders = [url.decode() for url in _NOCLOUD.findall(document)]
    files = [url.decode() for url in _NAMED.findall(document)]
    return [*(f"{folder.rstrip('/')}/user-data" for folder in folders), *files]


def _unpacked(content: bytes) -> bytes:
    """A document, and after it the files that it carries in base64 or as percent-encoded data."""
    parts = [content, *(unquote_to_bytes(data) for data in _PERCENT.findall(content))]
    for word in _BASE64.findall(content):
        try:
            parts.append(base64.b64decode(word, validate=True))
        except binascii.Error:
            continue
    return b"\n".join(parts)


def _why(url: str, status: int) -> str:
    return f"{url.rpartition('/')[2] or url}: {status or 'no answer'}"


def told(seed: Seed) -> Mapping[str, object]:
    """What of a seed may be shown: stages, not URLs, which open doors."""
    return {"stages": sorted(seed.calls), "digest": seed.digest}
