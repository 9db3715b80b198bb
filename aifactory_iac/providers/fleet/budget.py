"""How many machines may be out of service at once: numbers only, nothing waits in here.

The bound of a group is that of NVIDIA's Infra Controller: `min(absolute, ceil(percent x total) -
unhealthy)` (`MaxConcurrentUpdates` in `crates/api/src/cfg/file.rs` of bare-metal-manager-core).
`absolute` bounds what we take out of service ourselves, so that one broken machine does not keep
the others from ever being updated; `percent` bounds what is out of service for any reason.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DisruptionBudget:
    """What a group may lose at once; what is not given does not bound.

    `unavailable` machines that serve, from 1; `percent` of the group, over 0 to 100; `rack` and
    `breaker` machines below one of those, from 1, whether they serve or not;
    `watts_per_minute` that may come on; `failures` after which nothing more is touched.
    """

    unavailable: int | None = None
    percent: float | None = None
    rack: int | None = None
    breaker: int | None = None
    watts_per_minute: float | None = None
    failures: int | None = None

    def places(self, total: int, unhealthy: int) -> int | None:
        """How many serving machines may be out at once; None when nothing bounds it."""
        if self.percent is None:
            return self.unavailable
        # Rounded up: 10 % of 9 machines is one, or a small group could never be updated.
        left = max(0, math.ceil(self.percent * total / 100) - unhealthy)
        return left if self.unavailable is None else min(self.unavailable, left)

    def most_failures(self, total: int) -> int:
        """How many may fail before the rollout stops: one in ten, and two in a small group."""
        return self.failures if self.failures is not None else max(2, math.ceil(total / 10))


@dataclass(frozen=True, slots=True)
class Member:
    """A machine as its budgets see it.

    `serving` says that work may run on it, so that disturbing it takes something away; `healthy`
    that it was as wanted when it was last seen, or has never been asked for.
    """

    name: str
    rack: str = ""
    breaker: str = ""
    watts: float = 0.0
    serving: bool = True
    healthy: bool = True


@dataclass(frozen=True, slots=True)
class Held:
    """How many machines are disturbed just now: in all, and below each rack and breaker."""

    total: int = 0
    racks: Mapping[str, int] = field(default_factory=dict)
    breakers: Mapping[str, int] = field(default_factory=dict)

    def taking(self, member: Member) -> Held:
        """With one machine more."""
        return self._changed(member, 1)

    def without(self, member: Member) -> Held:
        """With one machine less."""
        return self._changed(member, -1)

    def _changed(self, member: Member, by: int) -> Held:
        return Held(
            self.total + by,
            _changed(self.racks, member.rack, by),
            _changed(self.breakers, member.breaker, by),
        )


@dataclass(frozen=True, slots=True)
class Group:
    """How a group stands: its size, who is unwell, and how many that serve are disturbed by us."""

    total: int
    unhealthy: frozenset[str] = frozenset()
    serving: int = 0


def obstacle(budget: DisruptionBudget, group: Group, held: Held, member: Member) -> str:
    """Why a machine may not be disturbed just now; empty when it may.

    A machine that does not serve takes nothing away, so only its rack and breaker bound it:
    otherwise a group whose machines are all still blank could never be installed.
    """
    places = budget.places(group.total, len(group.unhealthy - {member.name}))
    if member.serving and places is not None and group.serving >= places:
        return _out_of_service(places, group)
    for kind, name, counted, most in (
        ("rack", member.rack, held.racks, budget.rack),
        ("breaker", member.breaker, held.breakers, budget.breaker),
    ):
        if name and most is not None and counted.get(name, 0) >= most:
            return f"{counted[name]} of {kind} {name} are disturbed, and {most} may be"
    return ""


def _out_of_service(places: int, group: Group) -> str:
    unwell = f", with {len(group.unhealthy)} unwell" if group.unhealthy else ""
    return f"{group.serving} of {group.total} machines are disturbed, and {places} may be{unwell}"


def _changed(counts: Mapping[str, int], key: str, by: int) -> Mapping[str, int]:
    if not key:
        return counts
    changed = {**counts, key: counts.get(key, 0) + by}
    if not changed[key]:
        del changed[key]
    return changed
