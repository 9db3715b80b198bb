"""Which certificate a BMC must show. Verified by default; `insecure` has to be asked for."""

from __future__ import annotations

import functools
import ssl
from dataclasses import dataclass
from typing import Literal

import aiohttp


class TrustError(Exception):
    """A policy cannot be had; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """What is verified.

    `ca` is the file of the site's authority, for `site-ca`; `fingerprint` is the SHA-256 of the
    certificate in hex, with or without colons, for `pinned`.
    """

    kind: Literal["site-ca", "system-ca", "pinned", "insecure"]
    ca: str = ""
    fingerprint: str = ""

    def context(self) -> ssl.SSLContext | aiohttp.Fingerprint | bool:
        """What aiohttp takes as `ssl`. Raises `TrustError`."""
        match self.kind:
            case "site-ca":
                if not self.ca:
                    raise TrustError("`tls: site-ca` needs the provider's setting `siteCa`")
                return _context(self.ca)
            case "system-ca":
                return _context("")
            case "pinned":
                return aiohttp.Fingerprint(_digest(self.fingerprint))
            case "insecure":
                return False


@functools.cache
def _context(ca: str) -> ssl.SSLContext:
    """Loading authorities costs ten milliseconds and more: once a file, not once a machine."""
    try:
        context = ssl.create_default_context(cafile=ca or None)
    except (OSError, ssl.SSLError) as error:
        raise TrustError(f"the authority in {ca} cannot be read: {error}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _digest(fingerprint: str) -> bytes:
    plain = fingerprint.removeprefix("sha256:").replace(":", "").strip()
    try:
        digest = bytes.fromhex(plain)
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise TrustError("`tls: pinned` needs the SHA-256 of the certificate, 64 hex digits")
    return digest
