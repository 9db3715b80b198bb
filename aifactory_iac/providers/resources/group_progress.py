"""How far a group is, for whoever watches: a line at every tenth of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aifactory_iac.providers.machine.result import MachineResult
from aifactory_iac.providers.surroundings import Severity

SMALL = 20
"""Groups that are smaller need no progress."""


@dataclass
class Progress:
    """Counts machines of one pass over a group after the other."""

    name: str
    log: Callable[[Severity, str], None]
    failed: int = 0

    def ended(self, result: MachineResult, ended: int, of: int) -> None:
        """One machine more has ended."""
        if ended == 1:
            self.failed = 0
        if not result.settled:
            self.failed += 1
            self.log("debug", f"{result.name}: {result.error}")
        if of >= SMALL and ended * 10 // of > (ended - 1) * 10 // of:
            failed = f", {self.failed} not as wanted" if self.failed else ""
            self.log("info", f"{self.name}: {ended} of {of} machines{failed}")
