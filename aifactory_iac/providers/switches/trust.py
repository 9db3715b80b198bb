"""Where a switch is and what it must show before it is told a password."""

from __future__ import annotations

import binascii
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aifactory_iac.providers.secrets import Credentials, SecretError
from aifactory_iac.providers.surroundings import Surroundings
from aifactory_iac.providers.switches.errors import SwitchError

if TYPE_CHECKING:
    from aiohttp import Fingerprint

FINGERPRINT_BYTES = 32
"""Length of a SHA-256 fingerprint."""


@dataclass(frozen=True, slots=True)
class Reach:
    """One management interface. `name` is what the user calls it; `host` and `port` where it is."""

    name: str
    host: str
    port: int
    credentials: Credentials = field(repr=False)
    trust: str = "site-ca"
    fingerprint: str | None = None
    hostkey: str | None = None
    authority: Path | None = None
    """File with the authority that `site-ca` means."""
    known_hosts: tuple[Path, ...] = ()
    """Files of OpenSSH's `known_hosts` format that host keys are looked up in."""

    @property
    def url(self) -> str:
        """Base URL over HTTPS."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"https://{host}:{self.port}"

    def tls(self) -> ssl.SSLContext | Fingerprint | bool:
        """What aiohttp takes as `ssl`.

        Raises:
            SwitchError: The authority cannot be read, or the fingerprint is none.
        """
        if self.trust == "insecure":
            return False
        if self.trust == "pinned":
            from aiohttp import Fingerprint

            return Fingerprint(fingerprint_bytes(self.fingerprint or ""))
        if self.trust == "system-ca":
            return ssl.create_default_context()
        if self.authority is None:
            raise SwitchError(
                f"{self.name}: trusts the site's authority, and the provider's setting `siteCa` "
                "names no file"
            )
        try:
            return ssl.create_default_context(cafile=str(self.authority))
        except OSError as error:
            wrong = isinstance(error, ssl.SSLError)
            reason = "no certificate in it" if wrong else error.strerror
            raise SwitchError(
                f"{self.name}: the site's authority {self.authority} cannot be read ({reason})"
            ) from None


def fingerprint_bytes(text: str) -> bytes:
    """A SHA-256 fingerprint written as hex, with or without colons. Raises `SwitchError`."""
    try:
        found = binascii.unhexlify(text.replace(":", "").strip())
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != FINGERPRINT_BYTES:
        raise SwitchError(f"`{text}` is no SHA-256 fingerprint of {FINGERPRINT_BYTES} bytes in hex")
    return found


def reach(
    address: str,
    port: int,
    tls: Mapping[str, Any],
    credentials: Mapping[str, str],
    around: Surroundings,
) -> Reach:
    """How to get at an address of the blueprint, in the plant or in the lab that stands in for it.

    Raises:
        SwitchError: User and password cannot be had, or the lab has no such switch.
    """
    try:
        secret = around.credentials(credentials)
    except SecretError as error:
        raise SwitchError(str(error)) from None
    lab = around.settings.lab
    endpoint = around.endpoint(address)
    if lab is not None and not endpoint:
        raise SwitchError(
            f"{address}: the lab that stands in for the plant has nothing at this address, and the "
            "plant itself is left alone"
        )
    host, at = _place(endpoint, port) if endpoint else (address, port)
    authority = around.settings.site_ca
    known = _usual_known_hosts()
    if lab is not None:
        authority = Path(lab.ca) if lab.ca else authority
        known = (Path(lab.known_hosts),) if lab.known_hosts else known
    return Reach(
        name=address,
        host=host,
        port=at,
        credentials=secret,
        trust=str(tls.get("trust", "site-ca")),
        fingerprint=tls.get("fingerprint"),
        hostkey=tls.get("hostkey"),
        authority=authority,
        known_hosts=known,
    )


def _place(endpoint: str, port: int) -> tuple[str, int]:
    """Host and port of `https://127.0.0.1:8080` or `127.0.0.1:8080`."""
    bare = endpoint.split("://", 1)[-1].split("/", 1)[0]
    host, colon, number = bare.rpartition(":")
    return (host.strip("[]"), int(number)) if colon else (bare, port)


def _usual_known_hosts() -> tuple[Path, ...]:
    """Where OpenSSH looks, as far as it is there."""
    usual = (Path("~/.ssh/known_hosts").expanduser(), Path("/etc/ssh/ssh_known_hosts"))
    return tuple(path for path in usual if path.is_file())
