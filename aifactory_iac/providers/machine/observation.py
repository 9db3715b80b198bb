"""What one look at a machine found: values only, nothing of it guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.intent import Attribute

PowerState = Literal["On", "Off", "PoweringOn", "PoweringOff", "Paused", "unknown"]
Running = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True)
class BootOverride:
    """What the next boot comes from; `enabled` is `Disabled`, `Once` or `Continuous`."""

    enabled: str = "Disabled"
    target: str = "None"
    url: str = ""
    mode: str = ""
    """`UEFI` or `Legacy`, empty where the BMC tells of no modes."""

    @property
    def armed(self) -> bool:
        """Whether the next boot is another one than usual."""
        return self.enabled != "Disabled" and self.target not in ("None", "")


@dataclass(frozen=True, slots=True)
class Medium:
    """One virtual drive: path of its resource, and the image in it, empty when there is none."""

    path: str
    types: tuple[str, ...]
    image: str = ""


@dataclass(frozen=True, slots=True)
class Drive:
    """One drive inside; `erase` is where it is told to erase itself, empty when it cannot."""

    path: str
    name: str
    erase: str = ""


@dataclass(frozen=True, slots=True)
class RunningTask:
    """A task of the BMC's that has not ended, or has just now; `path` finds it again."""

    path: str
    state: str
    name: str = ""
    started: str = ""

    @property
    def ended(self) -> bool:
        """Whether it does no more."""
        return self.state in ("Completed", "Exception", "Killed", "Cancelled", "Interrupted")


@dataclass(frozen=True, slots=True)
class Observation:
    """One look at one machine, `at` seconds since the epoch.

    `running` says whether an operating system runs, as far as the BMC knows (`BootProgress`).
    `pending_bios` are attributes that the next reset brings. `last_reset` is the BMC's own time
    stamp, empty where it keeps none: the only proof that a reset happened. `etags` are by path.
    """

    at: float
    identity: Identity
    vendor: str
    model: str
    power: PowerState
    running: Running = "unknown"
    progress: str = ""
    """The BMC's own `BootProgress`, empty where it keeps none."""
    last_reset: str = ""
    manager_reset: str = ""
    """The same of its controller's own last restart."""
    bios: Mapping[str, Attribute | None] = field(default_factory=dict)
    pending_bios: Mapping[str, Attribute | None] = field(default_factory=dict)
    secure_boot: bool | None = None
    secure_boot_next: bool | None = None
    boot: BootOverride = BootOverride()
    boot_order: tuple[str, ...] = ()
    """As the next boot will find it."""
    media: tuple[Medium, ...] = ()
    firmware: Mapping[str, str] = field(default_factory=dict)
    tasks: tuple[RunningTask, ...] = ()
    drives: tuple[Drive, ...] = ()
    etags: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)
    """Where things are on this BMC: `system`, `bios`, `bios-settings`, `boot`, `reset`, ..."""
    targets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values that the BMC says it takes: `reset`, `boot`."""
    raw: Mapping[str, Any] = field(default_factory=dict)
    """What a vendor's profile needs beside."""
