"""What a rollout would do, in words of operations: resets, minutes, watts, racks, lost data, waves.

Every figure is a bound, of what is known before anybody was asked: a machine that was never seen
may need everything that is wanted. Times are the limits of the life's table, not guesses.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from aifactory_iac.providers.fleet.budget import DisruptionBudget, Group, Held, Member, obstacle
from aifactory_iac.providers.fleet.group import Intents, Results
from aifactory_iac.providers.fleet.ramp import order
from aifactory_iac.providers.fleet.work import work
from aifactory_iac.providers.machine.intent import MachineIntent
from aifactory_iac.providers.machine.result import MachineResult


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a rollout may cost at most.

    `waves` are names of machines, in order; each wave begins when the one before it has ended.
    `resting` are left alone this time, `destroyed` lose what is on their root device.
    """

    machines: int
    resets: int
    minutes: float
    watts: float
    racks: tuple[str, ...]
    destroyed: tuple[str, ...]
    waves: tuple[tuple[str, ...], ...]
    resting: tuple[str, ...] = ()
    watts_per_minute: float | None = None

    def words(self) -> tuple[str, ...]:
        """Lines for people, the most important first."""
        if not self.waves:
            return (f"{_count(self.machines, 'machine')}: nothing to do", *self._left_alone())
        touched = sum(len(wave) for wave in self.waves)
        sizes = [str(len(wave)) for wave in self.waves[:8]] + ["..."] * (len(self.waves) > 8)
        waves = f"{_count(len(self.waves), 'wave')} ({', '.join(sizes)})"
        lines = []
        if self.destroyed:
            lost = _count(len(self.destroyed), "machine")
            lines.append(f"DATA IS DESTROYED on {lost}: {_listed(self.destroyed)}")
        lines.append(
            f"{touched} of {_count(self.machines, 'machine')} in {waves}, {self.waves[0][0]} first"
        )
        lines.append(f"at most {_count(self.resets, 'reset')}, {self.minutes:g} minutes")
        if self.racks:
            lines.append(f"in {_count(len(self.racks), 'rack')}: {_listed(self.racks)}")
        if self.watts:
            most = self.watts_per_minute
            bound = f", at most {most / 1000:g} kW of it in any minute" if most else ""
            lines.append(f"{self.watts / 1000:g} kW come on{bound}")
        return (*lines, *self._left_alone())

    def _left_alone(self) -> tuple[str, ...]:
        if not self.resting:
            return ()
        return (f"{_count(len(self.resting), 'machine')} in quarantine: {_listed(self.resting)}",)


def forecast(
    intents: Intents,
    known: Results,
    budget: DisruptionBudget,
    *,
    resting: AbstractSet[str] = frozenset(),
    exchanged: AbstractSet[str] = frozenset(),
    spares: AbstractSet[str] = frozenset(),
    parallel: int = 64,
) -> Forecast:
    """What bringing machines from what is known of them to their intents may cost."""
    works = {
        name: work(intent, known.get(name), exchanged=name in exchanged)
        for name, intent in intents.items()
        if intent.owner == "managed" and name not in resting
    }
    works = {name: each for name, each in works.items() if each.minutes}
    members = order(_member(intents[name], known.get(name), spare=name in spares) for name in works)
    waves = _waves(members, budget, len(intents), parallel)
    return Forecast(
        machines=len(intents),
        resets=sum(each.resets for each in works.values()),
        minutes=sum(max(works[name].minutes for name in wave) for wave in waves),
        watts=sum(each.watts for each in works.values()),
        racks=tuple(sorted({member.rack for member in members if member.rack})),
        destroyed=tuple(sorted(name for name, each in works.items() if each.destroys)),
        waves=waves,
        resting=tuple(sorted(resting)),
        watts_per_minute=budget.watts_per_minute,
    )


def _waves(
    members: Sequence[Member], budget: DisruptionBudget, total: int, parallel: int
) -> tuple[tuple[str, ...], ...]:
    """One machine, then one of each rack that has not been tried, then as many as may go at once.

    Machines that serve are counted against the places of the group, the others against `parallel`.
    """
    left = list(members)
    waves: list[tuple[str, ...]] = []
    tried: set[str] = set()
    while left:
        wave = _wave(left, tried, budget, total, parallel if waves else 1)
        if not wave:
            break
        waves.append(tuple(member.name for member in wave))
        tried |= {member.rack for member in wave}
        names = set(waves[-1])
        left = [member for member in left if member.name not in names]
    return tuple(waves)


def _wave(
    members: Sequence[Member],
    tried: AbstractSet[str],
    budget: DisruptionBudget,
    total: int,
    most: int,
) -> list[Member]:
    wave: list[Member] = []
    group, held = Group(total), Held()
    for member in members:
        if len(wave) == most:
            break
        if member.rack and member.rack not in tried and member.rack in held.racks:
            continue
        if not obstacle(budget, group, held, member):
            wave.append(member)
            held = held.taking(member)
            group = replace(group, serving=group.serving + member.serving)
        elif group.serving and member.serving and member.healthy:
            break  # the rest serves as well, and waits for the same places or racks
    return wave


def _member(intent: MachineIntent, known: MachineResult | None, *, spare: bool) -> Member:
    serving = not spare and known is not None and known.power not in ("Off", "unknown")
    healthy = known is None or known.settled
    return Member(intent.name, intent.place.rack, intent.place.breaker, 0.0, serving, healthy)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(names[:10]) + more
