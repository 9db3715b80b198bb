"""How firmware says what it is when it asks for an address, and what it is then given.

Architectures: IANA, "Processor Architecture Types" (RFC 5970); firmware that boots over HTTP also
calls itself `HTTPClient` and wants that said back (UEFI 2.10, section 24.7). iPXE calls itself
`iPXE` in its user class (RFC 3004).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Client:
    """One kind of firmware: its architecture numbers, how it boots, the first file it is given."""

    name: str
    architectures: tuple[int, ...]
    method: Literal["http", "pxe"]
    file: str


CLIENTS = (
    Client("uefi-http-x64", (0x0010,), "http", "loader"),
    Client("uefi-http-arm64", (0x0013,), "http", "loader"),
    Client("uefi-pxe-x64", (0x0007, 0x0009), "pxe", "ipxe-x64.efi"),
    Client("uefi-pxe-arm64", (0x000B,), "pxe", "ipxe-arm64.efi"),
    Client("bios-pxe", (0x0000,), "pxe", "undionly.kpxe"),
)

SCRIPT = "boot.ipxe"
"""What iPXE itself is given, whatever it was loaded by."""

BOOT_TAG = "aifactory-boot"
"""Class or tag of the cards that may boot from here: those with a reservation that says so."""


def offered(methods: tuple[str, ...], *, tftp: bool) -> tuple[Client, ...]:
    """The kinds of firmware that are given something; those on TFTP only where there is one."""
    return tuple(
        client
        for client in CLIENTS
        if client.method in methods and (client.method == "http" or tftp)
    )
