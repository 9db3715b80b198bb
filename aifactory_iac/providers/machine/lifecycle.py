"""The life of a machine as one table: from which state it gets where, by what, for how long.

A state is entered only through this table, its one action is taken once, and only an observation
ends it. `limit` is in seconds of real time from the last act, 0 where a machine may stay for ever;
`retries` are how often an act of the state may be begun anew after it was seen to do nothing.
Budgets over the whole life are `intent.Budget`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where in its life a machine is."""

    DECLARED = "declared"
    REACHABLE = "reachable"
    IDENTIFIED = "identified"
    INSPECTED = "inspected"
    NONCONFORMANT = "nonconformant"
    CONFORMANT = "conformant"
    PREPARED = "prepared"
    AVAILABLE = "available"
    INSTALLING = "installing"
    INSTALLED = "installed"
    JOINING = "joining"
    IN_SERVICE = "in-service"
    CORDONED = "cordoned"
    DRAINED = "drained"
    MAINTENANCE = "maintenance"
    RELEASING = "releasing"
    CLEANING = "cleaning"
    RETIRED = "retired"
    QUARANTINED = "quarantined"
    EXTERNAL = "external"
    DETACHED = "detached"


@dataclass(frozen=True, slots=True)
class Stage:
    """One row: what must hold on entry, what is done, and what must be seen for it to be over."""

    entry: str
    action: str
    ends: str
    next: tuple[State, ...]
    limit: int
    retries: int = 0
    writes: bool = False
    """Whether its action writes to the machine at all."""


MINUTE, HOUR = 60, 3600

TABLE: Mapping[State, Stage] = {
    State.DECLARED: Stage(
        entry="the blueprint names it",
        action="ask its service root",
        ends="the service root answered over TLS that is trusted",
        next=(State.REACHABLE, State.QUARANTINED, State.EXTERNAL, State.DETACHED),
        limit=MINUTE,
        retries=3,
    ),
    State.REACHABLE: Stage(
        entry="its BMC answers",
        action="log in and read serial, UUID and MAC addresses",
        ends="they are those that were declared, or none were",
        next=(State.IDENTIFIED, State.QUARANTINED, State.EXTERNAL, State.DETACHED),
        limit=MINUTE,
        retries=3,
    ),
    State.IDENTIFIED: Stage(
        entry="it is the machine that is meant",
        action="read power, BIOS, boot, media, firmware and tasks",
        ends="all that is declared was read",
        next=(State.INSPECTED, State.QUARANTINED, State.EXTERNAL, State.DETACHED),
        limit=2 * MINUTE,
        retries=3,
    ),
    State.INSPECTED: Stage(
        entry="it was read",
        action="compare with what is wanted",
        ends="it conforms, or the steps that it needs are known",
        next=(State.CONFORMANT, State.NONCONFORMANT, State.QUARANTINED, State.DETACHED),
        limit=MINUTE,
    ),
    State.NONCONFORMANT: Stage(
        entry="managed, not in use, within every budget",
        action="bring firmware, BIOS attributes and secure boot, one reset for all that wait",
        ends="firmware, attributes and secure boot read back as wanted",
        next=(State.CONFORMANT, State.CORDONED, State.QUARANTINED, State.DETACHED),
        limit=90 * MINUTE,
        retries=1,
        writes=True,
    ),
    State.CONFORMANT: Stage(
        entry="everything that is declared reads back as wanted",
        action="bring it to the wanted power state, when one is declared",
        ends="the power state reads back as wanted",
        next=(State.PREPARED, State.NONCONFORMANT, State.QUARANTINED, State.DETACHED),
        limit=15 * MINUTE,
        retries=1,
        writes=True,
    ),
    State.PREPARED: Stage(
        entry="it conforms",
        action="see that nothing is attached and no boot is overridden",
        ends="every drive is empty and the boot override is off",
        next=(State.AVAILABLE, State.NONCONFORMANT, State.QUARANTINED, State.DETACHED),
        limit=5 * MINUTE,
        retries=2,
        writes=True,
    ),
    State.AVAILABLE: Stage(
        entry="it is prepared and nobody's",
        action="wait for an installation to be wanted",
        ends="an installation is wanted that it does not have",
        next=(
            State.INSTALLING,
            State.INSTALLED,
            State.NONCONFORMANT,
            State.CORDONED,
            State.RELEASING,
            State.QUARANTINED,
            State.DETACHED,
        ),
        limit=0,
    ),
    State.INSTALLING: Stage(
        entry="not in use, identity read in this operation, image with a digest, disk may be lost",
        action="attach the installer for one boot, and boot it once",
        ends="the machine called back with its identity and the image's digest",
        next=(State.INSTALLED, State.CORDONED, State.QUARANTINED, State.DETACHED),
        limit=2 * HOUR,
        retries=1,
        writes=True,
    ),
    State.INSTALLED: Stage(
        entry="it called back",
        action="detach the installer and end the boot override",
        ends="every drive is empty and the boot override is off",
        next=(
            State.JOINING,
            State.AVAILABLE,
            State.INSTALLING,
            State.NONCONFORMANT,
            State.CORDONED,
            State.QUARANTINED,
            State.RELEASING,
            State.DETACHED,
        ),
        limit=HOUR,
        retries=3,
        writes=True,
    ),
    State.JOINING: Stage(
        entry="its operating system runs",
        action="wait for its node in the cluster",
        ends="the node is ready",
        next=(State.IN_SERVICE, State.QUARANTINED, State.DETACHED),
        limit=HOUR,
    ),
    State.IN_SERVICE: Stage(
        entry="its node is ready",
        action="none: somebody's work runs on it",
        ends="maintenance, another image or its release is wanted",
        next=(State.CORDONED, State.QUARANTINED, State.DETACHED),
        limit=0,
    ),
    State.CORDONED: Stage(
        entry="within the budgets of its group, rack and breaker",
        action="drain it",
        ends="the scheduler says that nothing runs on it, or that it never was a node",
        next=(
            State.DRAINED,
            State.IN_SERVICE,
            State.NONCONFORMANT,
            State.QUARANTINED,
            State.DETACHED,
        ),
        limit=24 * HOUR,
    ),
    State.DRAINED: Stage(
        entry="a proof of the drain that is not older than its term",
        action="none: it is free to be touched",
        ends="the step that it was drained for begins",
        next=(
            State.MAINTENANCE,
            State.RELEASING,
            State.INSTALLING,
            State.IN_SERVICE,
            State.QUARANTINED,
            State.DETACHED,
        ),
        limit=5 * MINUTE,
    ),
    State.MAINTENANCE: Stage(
        entry="drained, within every budget",
        action="the steps of `nonconformant`",
        ends="firmware, attributes and secure boot read back as wanted",
        next=(State.PREPARED, State.NONCONFORMANT, State.QUARANTINED, State.DETACHED),
        limit=90 * MINUTE,
        retries=1,
        writes=True,
    ),
    State.RELEASING: Stage(
        entry="its resource was deleted",
        action="detach what we attached; power and disks stay as they are",
        ends="nothing of ours is attached",
        next=(State.CLEANING, State.CORDONED, State.DETACHED, State.QUARANTINED),
        limit=10 * MINUTE,
        retries=2,
        writes=True,
    ),
    State.CLEANING: Stage(
        entry="`wipe` is the policy, drain proven, serial read again, approval given",
        action="boot the eraser once",
        ends="the eraser called back",
        next=(State.AVAILABLE, State.RETIRED, State.CORDONED, State.QUARANTINED),
        limit=24 * HOUR,
        retries=1,
        writes=True,
    ),
    State.RETIRED: Stage(
        entry="cleaned, and approved to go",
        action="none",
        ends="never",
        next=(),
        limit=0,
    ),
    State.QUARANTINED: Stage(
        entry="a step failed, an outcome is unknown, or it is not the machine that was meant",
        action="none: it is left as it is",
        ends="its next attempt is due, or somebody lifts it",
        next=(State.DECLARED, State.DETACHED, State.EXTERNAL),
        limit=0,
    ),
    State.EXTERNAL: Stage(
        entry="somebody else decides about it",
        action="read it",
        ends="it is given to us",
        next=(State.DECLARED, State.DETACHED),
        limit=0,
    ),
    State.DETACHED: Stage(
        entry="it was released",
        action="none: it is forgotten",
        ends="never",
        next=(),
        limit=0,
    ),
}
"""Every state has a row; a test says so, and that every way leads to the end or around."""


PASSING = frozenset(
    {
        State.REACHABLE,
        State.IDENTIFIED,
        State.INSPECTED,
        State.NONCONFORMANT,
        State.CONFORMANT,
        State.PREPARED,
        State.AVAILABLE,
        State.INSTALLED,
        State.RELEASING,
    }
)
"""States that are passed at one look, when what ends them is seen already."""


def leads(before: State, after: State) -> bool:
    """Whether a machine can get from one state to another in one look, as the table has it."""
    reached, ahead = set(), [before]
    while ahead:
        now = ahead.pop()
        if now in reached:
            continue
        reached.add(now)
        if now is before or now in PASSING:
            ahead.extend(TABLE[now].next)
    return after in reached


def may_follow(before: State, after: State) -> bool:
    """Whether the table leads from one state to the other."""
    return after in TABLE[before].next
