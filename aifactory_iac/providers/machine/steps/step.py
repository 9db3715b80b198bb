"""What may be decided after a look at a machine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aifactory_iac.providers.install.plan import CallBack
from aifactory_iac.providers.machine.observation import Observation
from aifactory_iac.providers.machine.record import Record
from aifactory_iac.providers.provisioning.seeds import Published
from aifactory_iac.providers.redfish.client import RedfishClient
from aifactory_iac.providers.redfish.outcome import Answer
from aifactory_iac.providers.redfish.vendor import VendorProfile

SETTLE = 60.0
"""Seconds after which a write that shows no effect is believed to have none (Ironic waits 30)."""


@dataclass(frozen=True, slots=True)
class World:
    """What deciding needs beside intent, observation and record.

    `free` says that the machine may be disturbed: drained by proof, approved, or nothing runs;
    `pace` scales every limit; `published` and `called` are of the installation that is wanted.
    """

    now: float
    pace: float
    profile: VendorProfile
    published: Published | None = None
    called: CallBack | None = None
    written: bool = False

    def over(self, since: float, limit: float) -> bool:
        """Whether a limit in seconds has passed since a moment."""
        return self.now - since > limit * self.pace


Send = Callable[[RedfishClient, Observation], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Step:
    """One write to a BMC.

    `kind` and `purpose` name it for the record; `says` is for people. `once` steps are recorded
    before they are sent, and repeated only once they were seen to have done nothing, at most
    `retries` times, or as often as the machine's state allows; the others set absolute values.
    `resets` counts against the lifetime budget, `disturbs` needs a free machine and a place in
    every disruption budget, `destroys` ends data.
    """

    kind: str
    purpose: str
    says: str
    send: Send
    once: bool = False
    resets: bool = False
    disturbs: bool = False
    destroys: bool = False
    powers_on: bool = False
    flashes: bool = False
    retries: int | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do but look again."""

    what: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """It does not go on by itself; the machine is left as it is."""

    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something was learned that the record has to keep."""

    record: Record
    says: str


@dataclass(frozen=True, slots=True)
class Publish:
    """The installation has to be made bootable first."""


Decision = Step | Wait | Blocked | Note | Publish | None
"""None: nothing of this kind is left to do."""
