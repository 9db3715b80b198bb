"""What is wanted of one machine. Only what is declared counts; the rest stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from aifactory_iac.providers.install.installation import Installation
from aifactory_iac.providers.machine.identity import Identity

Owner = Literal["managed", "observed", "external"]
"""Who decides about a machine: us, us without a write, or somebody else."""

Power = Literal["On", "Off"]
Attribute = str | int | bool
Trust = Literal["site-ca", "system-ca", "pinned", "insecure"]

SecretReference = Mapping[str, str]
"""`store` and `path`: where a secret is kept."""


@dataclass(frozen=True, slots=True)
class Controller:
    """How a machine's BMC is reached: never a secret, only where it is kept.

    `fingerprint` is the SHA-256 of the certificate, for `pinned`; `system` names the ComputerSystem
    where the vendor's profile does not; `concurrency` bounds the requests in flight, from 1 to 8.
    """

    address: str
    credentials: SecretReference | None
    trust: Trust = "site-ca"
    fingerprint: str = ""
    system: str = ""
    concurrency: int = 4


@dataclass(frozen=True, slots=True)
class Place:
    """Where a machine stands, which is what goes down with it. `watts` is its most."""

    rack: str = ""
    unit: int = 0
    breaker: str = ""
    watts: float | None = None


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a firmware baseline.

    `name` is its id in the firmware inventory, such as `HostBIOS_0`; `allowed` are the versions to
    be left alone, `version` the one to bring; `url` and `digest` (`sha256:...`) are its package.
    """

    name: str
    version: str
    allowed: tuple[str, ...] = ()
    url: str = ""
    digest: str = ""

    def conforms(self, found: str) -> bool:
        """Whether a version may stay."""
        return found == self.version or found in self.allowed


@dataclass(frozen=True, slots=True)
class BootOnce:
    """One boot from somewhere else, as an event: another `event` is another one.

    `source` is a Redfish boot source such as `Cd` or `UefiHttp`. Nothing is reset for it.
    """

    event: str
    source: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """Who allowed what, and until when (seconds since the epoch).

    `actions` are `reset` (a machine that may be in use), `power-off`, `install`, `wipe`, `retire`.
    A wipe is allowed only on the machines that `serials` names.
    """

    by: str
    until: float
    actions: frozenset[str]
    serials: frozenset[str] = frozenset()

    def allows(self, action: str, now: float) -> bool:
        """Whether it still allows that."""
        return action in self.actions and now <= self.until


@dataclass(frozen=True, slots=True)
class Budget:
    """How often a machine may be reset in its life, whatever happens; both are at least 1.

    A count per step would start anew whenever a state is entered again (infra-controller #2504).
    """

    resets_per_hour: int = 3
    resets_per_day: int = 8


@dataclass(frozen=True, slots=True)
class MachineIntent:
    """One machine as it is to be.

    `power`, `secure_boot` and `bios` that are not given are not touched. `install` is done once for
    each image digest and content; a machine without it is never erased.
    """

    name: str
    controller: Controller
    identity: Identity = field(default_factory=Identity)
    place: Place = Place()
    owner: Owner = "managed"
    system: str = ""
    """Id of the system in the catalog, such as `dgx-h100`: hints at the vendor profile."""
    power: Power | None = None
    bios: Mapping[str, Attribute] = field(default_factory=dict)
    secure_boot: bool | None = None
    firmware: tuple[Component, ...] = ()
    boot_order: tuple[str, ...] = ()
    """References of boot options, such as `Boot0003`; the others follow in their own order."""
    boot_once: BootOnce | None = None
    media: tuple[str, ...] = ()
    """Images that stay attached for as long as they are declared."""
    install: Installation | None = None
    protected: bool = False
    drain: bool = True
    """Whether a machine that is in use must be drained before it is disturbed."""
    drain_seconds: int = 3600
    approval: Approval | None = None
    budget: Budget = Budget()
    wipe: bool = False
    """Whether a release erases its drives; an approval has to name its serial number for it."""
