"""How often something was asked of a controller in one run, and how the last request ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from aifactory_iac.providers.machine.record import Record
from aifactory_iac.providers.machine.steps.step import Step
from aifactory_iac.providers.machine.tools import LeftAloneError, StoppedError
from aifactory_iac.providers.redfish.outcome import (
    BusyError,
    CancelledWriteError,
    ForbiddenError,
    FrozenError,
    RedfishError,
    RejectedError,
    StaleError,
    UnauthorizedError,
    UntrustedError,
)

BUSY_WAIT, BUSY_TIMES = 5.0, 12
"""Seconds before a busy controller is asked again where it names no time, and how often."""

CONFLICT = 409
"""Not just now: a power state that still settles, a job that still runs."""


@dataclass
class Attempts:
    """Counts by kind and purpose, so that nothing is asked for ever."""

    _sent: Counter[tuple[str, str]] = field(default_factory=Counter)
    _busy: Counter[str] = field(default_factory=Counter)
    _refusals: dict[tuple[str, str], RejectedError] = field(default_factory=dict)

    def sent(self, step: Step) -> None:
        """Notes a request."""
        self._sent[step.kind, step.purpose] += 1

    def check(self, step: Step, record: Record, retries: int) -> None:
        """Ends what does not come about: refused outright, or taken and not done.

        `retries` are those of the machine's state, for a step that names none of its own.

        Raises:
            LeftAloneError: It was asked as often as it may be.
        """
        asked = (step.kind, step.purpose)
        refusal = self._refusals.get(asked)
        if refusal is not None and refusal.status != CONFLICT:
            raise LeftAloneError(f"its BMC refuses to {step.says}: {refusal.reason}")
        failures = record.failures(*asked) if step.once else self._sent[asked]
        if failures > (retries if step.retries is None else step.retries):
            times = "once" if failures == 1 else f"{failures} times"
            how = refusal.reason if refusal else "its BMC took it and did nothing"
            raise LeftAloneError(f"asked {times} to {step.says}: {how}")

    def ended(self, error: RedfishError, step: Step, pace: float) -> float | None:
        """Seconds to wait before the next look after an end without a 2xx; None for the usual.

        What a controller asks for in `Retry-After` is kept, whatever the pace.

        Raises:
            StoppedError: Nothing was sent, since nothing may be written just now.
            RedfishError: It is of no use to go on with this machine.
        """
        if isinstance(error, FrozenError | CancelledWriteError):
            raise StoppedError(error.reason) from None
        if isinstance(error, UnauthorizedError | ForbiddenError | UntrustedError):
            raise error
        if isinstance(error, BusyError):
            self._sent[step.kind, step.purpose] -= 1
            self._busy[step.purpose] += 1
            if self._busy[step.purpose] > BUSY_TIMES:
                raise error
            return BUSY_WAIT * pace if error.retry_after is None else error.retry_after
        if isinstance(error, StaleError):
            return 0.0
        if isinstance(error, RejectedError):
            # It may be so already, which only a look can tell.
            self._refusals[step.kind, step.purpose] = error
        return None
