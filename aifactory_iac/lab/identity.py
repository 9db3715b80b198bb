"""What an emulated machine says it is: the same in every lab of the same blueprint.

Everything follows from the blueprint's name and the host's, so that growth, order and other
machines change nothing, and a state file of yesterday's lab still fits today's.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass

_NAMESPACE = uuid.UUID("5b0f3a52-6f3c-5d0e-9d5f-8a7b1c2d3e4f")
"""Names of ours, so that no UUID of a lab is one of anybody else's."""
_SERIAL_DIGITS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without I and O, as vendors leave them out of labels."""
_SERIAL_LENGTH = 12
_LOCAL = 0x02
"""First octet of a locally administered, individual MAC address (IEEE 802, bits 1 and 0)."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Serial number, UUID and MAC addresses; `macs` are those of the host's own ports."""

    serial: str
    uuid: str
    macs: tuple[str, ...]
    bmc_mac: str


def identity(blueprint: str, host: str, ports: int = 2) -> Identity:
    """The identity of a host that has so many Ethernet ports of its own."""
    name = f"{blueprint}/{host}"
    return Identity(
        serial=_serial(name),
        uuid=str(uuid.uuid5(_NAMESPACE, name)),
        macs=tuple(_mac(name, f"port{number}") for number in range(1, ports + 1)),
        bmc_mac=_mac(name, "bmc"),
    )


def _serial(name: str) -> str:
    number = int.from_bytes(_digest(f"{name}/serial"))
    digits = []
    for _ in range(_SERIAL_LENGTH):
        number, digit = divmod(number, len(_SERIAL_DIGITS))
        digits.append(_SERIAL_DIGITS[digit])
    return "".join(digits)


def _mac(name: str, port: str) -> str:
    octets = bytes((_LOCAL, *_digest(f"{name}/{port}")[:5]))
    return octets.hex(":")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
