"""What a make of machine is: parts, limits, how long things take, and quirks, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter

from aifactory_iac.catalog.reading import read

_CLOSED = ConfigDict(extra="forbid", use_attribute_docstrings=True)

Activation = Literal["at-once", "host-reset", "bmc-reset", "chassis-cycle", "ac-cycle"]
"""What makes staged firmware run: nothing more, a host reset, a controller reset, a power cycle of
the chassis, or taking its mains away."""

QuirkName = Literal[
    "already-in-state",
    "bios-reset-needed-is-told",
    "bios-waits-for-a-job",
    "boot-order-through-settings",
    "boot-through-settings",
    "empty-eject-refused",
    "etag-demanded",
    "host-off-for-ac-cycle",
    "media-through-system",
    "settle-after-power-off",
    "settings-name",
    "unreachable-after-gpu-reset",
]


@dataclass(frozen=True, slots=True)
class Quirk:
    """One way in which this make differs; `source` is the document or issue that says so."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    source: str
    value: int | float | str | bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """`count` like parts; `{n}` in its id counts from `first`."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    id: str
    model: str
    count: int = 1
    first: int = 0
    manufacturer: str = "NVIDIA"
    detail: Mapping[str, Any] = field(default_factory=dict)
    """Further Redfish properties, such as `CapacityBytes` of a drive."""

    def ids(self) -> tuple[str, ...]:
        """The ids of all of them."""
        return tuple(self.id.format(n=n) for n in range(self.first, self.first + self.count))


@dataclass(frozen=True, slots=True)
class SystemModel:
    """A computer system. Only a `host` has power, boot and BIOS of its own."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    id: str
    kind: Literal["host", "baseboard"]
    manufacturer: str
    model: str
    chassis: tuple[str, ...]
    managers: tuple[str, ...]
    ports: tuple[Part, ...] = ()
    processors: tuple[Part, ...] = ()
    memory: tuple[Part, ...] = ()
    drives: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class ManagerModel:
    """A management controller; `firmware` is the inventory id of what it runs."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    id: str
    type: Literal["BMC", "ManagementController", "Service"] = "BMC"
    firmware: str | None = None


@dataclass(frozen=True, slots=True)
class ChassisModel:
    """`count` like chassis; `{n}` in the id counts from `first`.

    `serial` says whose serial number it carries, null for one of its own.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    id: str
    type: str
    model: str
    part_number: str
    manufacturer: str = "NVIDIA"
    count: int = 1
    first: int = 0
    serial: Literal["system", "chassis"] | None = None
    power: bool = False
    """Whether it has a power subsystem that reads watts."""
    aux_power_reset: bool = False
    """Whether it can take its own mains away (`NvidiaChassis.AuxPowerReset`)."""

    def ids(self) -> tuple[str, ...]:
        """The ids of all of them."""
        return tuple(self.id.format(n=n) for n in range(self.first, self.first + self.count))


@dataclass(frozen=True, slots=True)
class Attribute:
    """A BIOS attribute as the attribute registry describes it."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    default: str | int | bool
    values: tuple[str, ...] = ()
    """Allowed values of an enumeration; empty for text, numbers and booleans."""
    lower: int | None = None
    upper: int | None = None
    reset_required: bool = True
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Component:
    """Firmware that is updated by itself. `flash_seconds` is writing it, without activation."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    id: str
    version: str
    activation: Activation
    flash_seconds: float = 60.0
    count: int = 1
    first: int = 0
    updateable: bool = True


@dataclass(frozen=True, slots=True)
class Boot:
    """Where the host can be told to boot from, and its boot options in factory order."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    targets: tuple[str, ...]
    modes: tuple[str, ...]
    options: Mapping[str, str]
    """Boot option reference → display name."""
    progress: bool = True
    """Whether `BootProgress` and `LastResetTime` are told."""


@dataclass(frozen=True, slots=True)
class MediaModel:
    """Virtual media slots, and what they take."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    slots: Mapping[str, tuple[str, ...]]
    """Slot id → media types."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the controller bears. Times in seconds."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    sessions: int = 8
    session_timeout: float = 1800.0
    lockout_threshold: int = 5
    lockout_seconds: float = 300.0
    password_min_length: int = 8


@dataclass(frozen=True, slots=True)
class Times:
    """How long things take, in seconds of a real machine; the fleet's pace is applied later."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    power_on: float = 4.0
    force_off: float = 5.0
    graceful_off: float = 45.0
    post: float = 180.0
    os_boot: float = 60.0
    install: float = 600.0
    bmc_reset: float = 120.0
    aux_power_reset: float = 150.0


@dataclass(frozen=True, slots=True)
class Watts:
    """Draw of the whole machine."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    off: int
    idle: int
    busy: int


@dataclass(frozen=True, slots=True)
class Model:
    """A make of machine."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    name: str
    title: str
    vendor: str
    product: str
    source: str
    redfish: str
    factory: tuple[str, str] = field(repr=False)
    """User and password that the factory leaves, as the vendor publishes them."""
    systems: tuple[SystemModel, ...]
    managers: tuple[ManagerModel, ...]
    chassis: tuple[ChassisModel, ...]
    bios: Mapping[str, Attribute]
    boot: Boot
    media: MediaModel
    firmware: tuple[Component, ...]
    """Firmware; that of the host, its BIOS, comes first."""
    watts: Watts
    limits: Limits = Limits()
    times: Times = Times()
    quirks: Mapping[QuirkName, Quirk] = field(default_factory=dict)

    @property
    def host(self) -> SystemModel:
        """The system that boots."""
        return next(system for system in self.systems if system.kind == "host")

    def components(self) -> dict[str, Component]:
        """Firmware components by inventory id."""
        return {
            component.id.format(n=n): component
            for component in self.firmware
            for n in range(component.first, component.first + component.count)
        }

    @property
    def settings(self) -> str:
        """Last step of the path of settings resources."""
        quirk = self.quirks.get("settings-name")
        return str(quirk.value) if quirk else "Settings"

    def quirk(self, name: QuirkName) -> Quirk | None:
        """The quirk, when this make has it."""
        return self.quirks.get(name)


_ADAPTER: TypeAdapter[Model] = TypeAdapter(Model)


@cache
def names() -> tuple[str, ...]:
    """Names of the models that there are, sorted."""
    folder = files("aifactory_iac.lab.redfish").joinpath("models")
    return tuple(
        sorted(
            entry.name.removesuffix(".yaml")
            for entry in folder.iterdir()
            if entry.name.endswith(".yaml")
        )
    )


@cache
def load(name: str) -> Model:
    """The model of that name. Raises `KeyError` when there is none."""
    if name not in names():
        raise KeyError(name)
    path = files("aifactory_iac.lab.redfish").joinpath("models").joinpath(f"{name}.yaml")
    return _ADAPTER.validate_python(read(path.read_text(encoding="utf-8")))
