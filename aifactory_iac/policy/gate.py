"""The gate's own state, which its own rules judge: fates of waivers and faults of policy data."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from aifactory_iac.findings import Path, Span


class WaiverState(enum.StrEnum):
    """How a waiver fared. Only `APPLIED` and `EXPIRING` excuse anything."""

    APPLIED = "applied"
    EXPIRING = "expiring"
    UNUSED = "unused"
    EXPIRED = "expired"
    MALFORMED = "malformed"
    TOO_LONG = "too-long"
    SELF_APPROVED = "self-approved"
    NOT_WAIVABLE = "not-waivable"

    @property
    def excuses(self) -> bool:
        """Whether the finding it names is waived."""
        return self in (WaiverState.APPLIED, WaiverState.EXPIRING)


@dataclass(frozen=True, slots=True)
class WaiverUse:
    """One waiver of the file, what became of it, and why, in one sentence."""

    path: Path
    state: WaiverState
    reason: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class DataProblem:
    """One fault in packs, profiles, control maps or what a blueprint asks of them.

    `path` is a path in the blueprint where the blueprint is at fault, else empty.
    """

    key: str
    message: str
    path: Path = ()
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class GateState:
    """What rules that need `gate` look at; they run after all others."""

    waivers: tuple[WaiverUse, ...] = ()
    problems: tuple[DataProblem, ...] = ()
