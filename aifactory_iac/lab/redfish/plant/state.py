"""The state of a machine: what its controller remembers, and what is on its disk.

Everything here is changed by one event loop only, so nothing is locked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5

from aifactory_iac.lab.redfish.agenda import Agenda, Appointment
from aifactory_iac.lab.redfish.journal import Journal
from aifactory_iac.lab.redfish.model import Component, Model
from aifactory_iac.lab.redfish.spec import MachineSpec

PowerState = Literal["On", "Off", "PoweringOn", "PoweringOff"]
Stage = Literal[
    "off", "post", "booting", "os", "loading", "installer", "installer-waits", "no-boot-device"
]
"""Where the host is between power and an operating system."""
Reach = Literal["here", "gone"]
TaskState = Literal["New", "Running", "Completed", "Exception", "Cancelled"]


@dataclass(slots=True)
class Override:
    """The boot override, `HttpBootUri` included."""

    enabled: str = "Disabled"
    target: str = "None"
    mode: str = "UEFI"
    http_uri: str = ""


@dataclass(slots=True)
class Slot:
    """A virtual media slot."""

    types: tuple[str, ...]
    image: str | None = None
    write_protected: bool = True
    protocol: str | None = None
    user: str | None = None


@dataclass(slots=True)
class Account:
    """An account of the controller. Times on the agenda's clock."""

    username: str
    password: str = field(repr=False)
    role: str = "Administrator"
    enabled: bool = True
    must_change: bool = False
    failures: int = 0
    locked_until: float = 0.0


@dataclass(slots=True)
class Session:
    """A session; `last_used` on the agenda's clock."""

    id: str
    username: str
    token: str = field(repr=False)
    last_used: float = 0.0


@dataclass(slots=True)
class Task:
    """A long-running operation, as TaskService shows it."""

    id: str
    name: str
    target: str
    state: TaskState = "New"
    percent: int = 0
    messages: list[dict[str, Any]] = field(default_factory=list)
    steps: list[Appointment] = field(default_factory=list)
    failed: Callable[[], None] | None = None
    """What is to be cleared up when it ends badly."""
    ends: str | None = None
    """How a fault makes it end, as `faults.behaviour.TaskEnds` names it."""
    then_gone: float | None = None
    """Seconds that the controller is away once it is over."""
    critical: bool = False
    unmonitored: bool = False


@dataclass(slots=True)
class Firmware:
    """One component: what runs, and what is written but not yet active."""

    component: Component
    running: str
    staged: str | None = None
    task: Task | None = None
    """The task that is writing it just now."""


@dataclass(frozen=True, slots=True)
class Seed:
    """What an installer found beside its image: whom to call at which stage, and for what image.

    `missing` says why an image or a seed that should be there is not; `of_image` that it is the
    image itself.
    """

    calls: Mapping[str, str] = field(default_factory=dict)
    digest: str | None = None
    missing: str | None = None
    of_image: bool = False


@dataclass(slots=True)
class Host:
    """The host system."""

    power: PowerState
    stage: Stage = "off"
    last_reset: float | None = None
    off_since: float | None = None
    override: Override = field(default_factory=Override)
    boot_order: list[str] = field(default_factory=list)
    pending_boot: dict[str, Any] = field(default_factory=dict)
    bios: dict[str, Any] = field(default_factory=dict)
    pending_bios: dict[str, Any] = field(default_factory=dict)
    bios_job: Task | None = None
    """The job that the next boot runs, on makes that have jobs."""
    bios_scheduled: bool = False
    """Whether the next boot takes up the pending attributes."""
    secure_boot: bool = False
    secure_boot_next: bool = False
    indicator: str = "Off"
    seed: Seed | None = None
    """What the system on the disk was told by the seed that it was installed with."""
    boots: int = 0
    """Counts boots, so that what one of them has begun ends with it."""
    disk: str | None = None
    """Digest (or URL, where no digest is known) of what the root disk holds; None is blank."""
    coming: list[Appointment] = field(default_factory=list)
    """What the current power change or boot still has ahead of it."""


@dataclass(slots=True)
class Conditions:
    """What faults have done to the controller: some until they are lifted, some for one request."""

    session_limit: int | None = None
    certificate: str | None = None
    serial: str | None = None
    uuid: str | None = None
    macs: tuple[str, ...] | None = None
    reset_factor: float = 1.0
    task_ends: str | None = None
    gone_after_task: float | None = None


@dataclass(slots=True)
class Machine:
    """One machine and its controller."""

    spec: MachineSpec
    model: Model
    agenda: Agenda
    journal: Journal
    images: Mapping[str, str]
    packages: Mapping[str, Mapping[str, str]]
    host: Host
    accounts: dict[str, Account]
    slots: dict[str, Slot]
    firmware: dict[str, Firmware]
    protocols: dict[str, bool] = field(
        default_factory=lambda: {"HTTP": False, "HTTPS": True, "SSH": True, "IPMI": True}
    )
    """Network protocols of the controller, and whether each is on."""
    sessions: dict[str, Session] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    conditions: Conditions = field(default_factory=Conditions)
    last_manager_reset: float = 0.0
    gone_until: float = 0.0
    """Of several absences the longest counts."""
    baseboard_hidden_until: float = 0.0
    """While the baseboard's own controller starts, nothing of the baseboard answers."""
    certificate: str | None = None
    private_key: str | None = field(default=None, repr=False)
    pending_key: str | None = field(default=None, repr=False)
    counter: int = 0
    version: int = 0
    """Changes whenever anything does; answers to GET are kept as long as it stays."""
    cause: int | None = None
    """Number of the request that is being served."""
    reachable: Callable[[Reach], None] = lambda _: None
    """Set by the front: opens and closes the controller's port."""
    present: Callable[[str, str], None] = lambda _certificate, _key: None
    """Set by the front: what TLS answers with from now on, as PEM."""
    call_back: Callable[[str, Mapping[str, Any]], None] = lambda _url, _body: None
    """Set by the front: posts what an installer reports."""
    read_seed: Callable[[Sequence[str], Callable[[Seed], None]], None] = lambda _urls, then: then(
        Seed()
    )
    """Set by the front: fetches an image and what lies beside it, and hands on what it found."""

    def next_id(self) -> str:
        """A number that this controller has not used yet."""
        self.counter += 1
        return str(self.counter)

    def controller_uuid(self, part: str) -> str:
        """A UUID of a part that the specification does not name."""
        return str(uuid5(NAMESPACE_URL, f"{self.spec.uuid}/{part}"))

    def now(self) -> float:
        """Time on the agenda's clock."""
        return self.agenda.clock()

    def after(self, seconds: float, action: Callable[[], None]) -> Appointment:
        """Does it later, as a consequence of the request that is being served."""
        cause = self.cause

        def act() -> None:
            self.version += 1
            before, self.cause = self.cause, cause
            try:
                action()
            finally:
                self.cause = before

        return self.agenda.after(seconds, act)

    def effect(self, what: str, **facts: Any) -> None:
        """Says in the log that something happened; `cause` is the request that made it so."""
        self.version += 1
        self.journal.write("effect", self.spec.name, effect=what, cause=self.cause, **facts)

    def vanish(self, seconds: float, why: str) -> None:
        """The controller is gone for so long, or for ever; after its present answer is out."""

        def go() -> None:
            until = math.inf if seconds == math.inf else self.now() + seconds * self.agenda.pace
            self.gone_until = max(self.gone_until, until)
            told = seconds if seconds != math.inf else "for ever"
            self.effect("unreachable", seconds=told, why=why)
            self.reachable("gone")
            if seconds != math.inf:
                self.after(seconds, come_back)

        def come_back() -> None:
            if self.now() < self.gone_until:
                return
            self.reachable("here")
            self.effect("reachable")

        self.after(0, go)

    def hide_baseboard(self, seconds: float) -> None:
        """The baseboard's controller is gone for so long."""
        self.baseboard_hidden_until = self.now() + seconds * self.agenda.pace
        self.effect("baseboard-unreachable", seconds=seconds)
