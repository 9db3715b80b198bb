"""What came of one machine: kept in state, shown in plans, and never more than was observed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.lifecycle import State


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Why a machine is left alone; `attempts` so far, `next_attempt` in seconds since the epoch."""

    reason: str
    attempts: int
    next_attempt: float


@dataclass(frozen=True, slots=True)
class MachineResult:
    """Where a machine is in its life, and how it was when it was last seen.

    `stale` says that it could not be reached this time: everything else is then from before.
    `did` names the steps that were taken in this run, in order, for people.
    """

    name: str
    state: State
    identity: Identity = field(default_factory=Identity)
    power: str = "unknown"
    observed: Mapping[str, Any] = field(default_factory=dict)
    installed: str = ""
    error: str = ""
    quarantine: Quarantine | None = None
    stale: bool = False
    seen: float = 0.0
    did: tuple[str, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether the machine is as it was wanted."""
        return not self.error and self.quarantine is None and not self.stale
