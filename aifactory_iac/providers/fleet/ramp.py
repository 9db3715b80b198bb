"""Slowly at first: one machine, then one of each rack, then as many as the budget lets.

What is wrong with an image or a firmware package is wrong on every machine. So the first one has to
end well before a second is touched, and in each rack the first one before its neighbours. After
that the budget alone says how many go at once. Too many failures end the rollout: in all, among the
very first, or among the last few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from aifactory_iac.providers.fleet.budget import Member

CANARIES = 3
"""First machines, of which one at least has to end well: one or two may simply be broken. They
stand in different racks where there are any."""

WAVE = 10
"""Machines that ended last, of which more than half failing ends the rollout: what served the first
hundred well may have gone away since."""


@dataclass(frozen=True, slots=True)
class Ramp:
    """Who is being tried, and what came of those that were; `trials` hold racks by name."""

    trials: Mapping[str, str] = field(default_factory=dict)
    proven: frozenset[str] = frozenset()
    went_well: int = 0
    failed: int = 0
    wave: tuple[bool, ...] = ()

    def trying(self, member: Member) -> Ramp:
        """With one more that is tried."""
        return replace(self, trials={**self.trials, member.name: member.rack})

    def ended(self, member: Member, *, well: bool | None) -> Ramp:
        """With what came of one; None says nothing about the others, as when it was stopped."""
        if member.name not in self.trials:
            return self
        trials = {name: rack for name, rack in self.trials.items() if name != member.name}
        if well is None:
            return replace(self, trials=trials)
        return Ramp(
            trials,
            self.proven | {member.rack} if well else self.proven,
            self.went_well + well,
            self.failed + (not well),
            (*self.wave, well)[-WAVE:],
        )


def obstacle(ramp: Ramp, member: Member) -> str:
    """Why a machine may not be tried yet; empty when it may."""
    if member.name in ramp.trials:
        return ""
    if not ramp.went_well and ramp.trials:
        return f"{min(ramp.trials)} goes first, and has to end well"
    first = sorted(name for name, rack in ramp.trials.items() if rack == member.rack)
    if member.rack and member.rack not in ramp.proven and first:
        return f"{first[0]} goes first in rack {member.rack}, and has to end well"
    return ""


def closing(ramp: Ramp, most: int) -> str:
    """Why nothing more may be touched; empty while the rollout goes on."""
    if not ramp.went_well and ramp.failed >= CANARIES:
        return f"the first {ramp.failed} machines that were touched failed, and none went well"
    if ramp.failed > most:
        return f"failed after they were touched: {ramp.failed} machines, where {most} may"
    bad = ramp.wave.count(False)
    if len(ramp.wave) == WAVE and bad > WAVE // 2:
        return f"{bad} of the last {WAVE} machines that were touched failed"
    return ""


def order(members: Iterable[Member]) -> tuple[Member, ...]:
    """Who goes when: those that do no work or are unwell before those that would be missed.

    Among them the first of each rack goes before its neighbours; between equals the name decides.
    """
    by_name = sorted(members, key=lambda each: each.name)
    missed = [each for each in by_name if each.serving and each.healthy]
    others = [each for each in by_name if not (each.serving and each.healthy)]
    return (*_racks_first(others), *_racks_first(missed))


def _racks_first(members: Iterable[Member]) -> Iterator[Member]:
    seen: set[str] = set()
    neighbours = []
    for member in members:
        if member.rack and member.rack in seen:
            neighbours.append(member)
        else:
            seen.add(member.rack)
            yield member
    yield from neighbours
