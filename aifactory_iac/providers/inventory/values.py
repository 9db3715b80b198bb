"""Devices and cables as an inventory records them. What is not recorded is empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aifactory_iac.providers.machine.identity import Identity


@dataclass(frozen=True, slots=True)
class Device:
    """One device; `id` is the inventory's own.

    `unit` is the lowest rack unit that it takes, from 1 at the bottom, 0 when it is in none; `face`
    is `front` or `rear`: two devices may share a unit back to back.
    `address` and `controller` are without a prefix length; `macs` are by interface.
    """

    id: str
    name: str
    site: str = ""
    role: str = ""
    kind: str = ""
    rack: str = ""
    unit: int = 0
    face: str = ""
    serial: str = ""
    status: str = ""
    address: str = ""
    controller: str = ""
    macs: Mapping[str, str] = field(default_factory=dict)

    @property
    def identity(self) -> Identity:
        """Serial number and MAC addresses, in the spelling in which they are compared."""
        return Identity.of(self.serial, macs=tuple(self.macs.values()))


@dataclass(frozen=True, slots=True, order=True)
class End:
    """One end of a cable."""

    device: str
    interface: str


@dataclass(frozen=True, slots=True)
class Cable:
    """One cable with its ends in order; one that ends in more or fewer places has others."""

    ends: tuple[End, ...]
    status: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Inventory:
    """All that was read, sorted by name; `source` is the URL that it came from."""

    source: str
    devices: tuple[Device, ...] = ()
    cables: tuple[Cable, ...] = ()


@dataclass(frozen=True, slots=True)
class Intended:
    """One machine as the blueprint places it. `seen` is what its controller said, if it was asked.

    `serial`, `uuid` and `macs` are those that are declared.
    """

    name: str
    site: str = ""
    pool: str = ""
    rack: str = ""
    unit: int = 0
    controller: str = ""
    address: str = ""
    declared: Identity = field(default_factory=Identity)
    seen: Identity | None = None
