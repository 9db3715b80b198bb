"""How far a drain may go, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aifactory_iac.providers.membership.scheduler import Workload

Hold = Literal["wait", "evict"]

Late = Literal["leave", "requeue", "cancel"]


@dataclass(frozen=True, slots=True)
class DrainPolicy:
    """The mildest by default: what would be lost is waited for, what is late is left running.

    `unmanaged` and `local` say what becomes of pods that nothing makes anew and of pods with data
    on the node's disk; `late` says what becomes of Slurm jobs that still run at the deadline;
    `unavailable` is how many nodes an update may have closed at once.
    """

    unmanaged: Hold = "wait"
    local: Hold = "wait"
    late: Late = "leave"
    unavailable: int = 1

    @classmethod
    def of(cls, inputs: Mapping[str, Any]) -> DrainPolicy:
        """From the resource's `policy`, which may lack any field."""
        return cls(**inputs)

    def obstacle(self, work: Workload) -> str:
        """Why a drain must wait for it instead of moving it; empty when it may move it."""
        if work.held == "unmanaged" and self.unmanaged == "wait":
            return "nothing makes it anew; policy.unmanaged: evict would end it"
        if work.held == "local" and self.local == "wait":
            return "it has data on the node's disk; policy.local: evict would give that up"
        return ""
