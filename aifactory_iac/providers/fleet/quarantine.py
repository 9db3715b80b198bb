"""A machine that failed is left alone for a while, longer each time, and is reported meanwhile.

Two minutes, then four, then eight, up to six hours; of each wait between half and all of it, how
much the machine's name says, so that a rack that failed together is not tried together again (the
same growth as metal3's 2^n minutes, but capped). A machine to which nothing was done when it failed
may be looked at again at once. A change of what is wanted of it ends its quarantine, and so does a
person who raises its `attempt`.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from aifactory_iac.providers.machine.lifecycle import State
from aifactory_iac.providers.machine.result import MachineResult, Quarantine

FIRST = 120.0
LONGEST = 6 * 3600.0


def back_off(name: str, attempts: int) -> float:
    """Seconds until the next attempt, after so many that failed (from 1)."""
    longest = min(LONGEST, FIRST * 2.0 ** min(attempts - 1, 30))
    seed = hashlib.sha256(f"{name}:{attempts}".encode()).digest()
    return longest * (0.5 + int.from_bytes(seed[:4], "big") / 2**33)


def quarantined(
    result: MachineResult, before: MachineResult | None, now: float, pace: float = 1.0
) -> MachineResult:
    """A machine that failed as one that is left alone until a time; others are as they are.

    One that was not reached, and on which nothing was done, is no such machine: looking at it again
    harms nobody. Neither is one whose run was only stopped.
    """
    if not failed(result, before) or (result.quarantine is None and not result.did):
        return result
    wait = 0.0
    if result.did:
        wait = back_off(result.name, _attempts(before) + 1) * pace
    return left_alone(result, before, result.error, now + wait)


def failed(result: MachineResult, before: MachineResult | None) -> bool:
    """Whether it failed, and was not only stopped: it was left alone, or was not reached."""
    anew = result.quarantine is not None and (
        before is None or result.quarantine != before.quarantine
    )
    return bool(result.error) and (anew or result.stale)


def left_alone(
    result: MachineResult, before: MachineResult | None, reason: str, until: float
) -> MachineResult:
    """The machine in quarantine, with one attempt more than before."""
    return replace(
        result,
        state=State.QUARANTINED,
        error=reason,
        quarantine=Quarantine(reason, _attempts(before) + 1, until),
    )


def resting(before: MachineResult | None, now: float, *, same_intent: bool) -> bool:
    """Whether a machine is to be left alone this time."""
    if before is None or before.quarantine is None:
        return False
    return same_intent and now < before.quarantine.next_attempt


def released(before: MachineResult) -> MachineResult:
    """The machine as it was, tried anew from the first attempt, because its intent has changed."""
    return replace(before, state=State.DECLARED, quarantine=None, error="")


def _attempts(before: MachineResult | None) -> int:
    return before.quarantine.attempts if before is not None and before.quarantine else 0
