"""A group brought to its intents in the order in which it is safe.

Everybody is looked at first, and nobody is touched before it is known of all of them who they are.
Then those on which something is to be done go through the gate; the others were only read.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from aifactory_iac.providers.fleet.budget import DisruptionBudget, Member
from aifactory_iac.providers.fleet.floor import Floor
from aifactory_iac.providers.fleet.gate import FleetGate
from aifactory_iac.providers.fleet.group import (
    AS_WANTED,
    Crew,
    Intents,
    Results,
    converge_group,
    observe_group,
)
from aifactory_iac.providers.fleet.identities import shared
from aifactory_iac.providers.fleet.quarantine import left_alone
from aifactory_iac.providers.fleet.ramp import order
from aifactory_iac.providers.machine.intent import MachineIntent
from aifactory_iac.providers.machine.result import MachineResult


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is wanted of a group.

    `resting` machines are left alone this time; `spares` stand by, so that nobody misses them.
    `refuse` says why a machine that was looked at may not be touched, should it need to be.
    """

    intents: Intents
    before: Results
    budget: DisruptionBudget
    site: str = ""
    resting: AbstractSet[str] = frozenset()
    spares: AbstractSet[str] = frozenset()
    refuse: Callable[[MachineIntent, MachineResult, float], str] = lambda _intent, _seen, _now: ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: every machine's result, and why the rollout stopped, if it did."""

    results: Results
    closed: str = ""


async def bring_group(wishes: Wishes, floor: Floor, crew: Crew) -> Outcome:
    """Looks at all, then brings those that need it."""
    results = await _seen(wishes, crew)
    members = order(_member(wishes, results[name]) for name in wishes.intents)
    wanting = {
        member.name: _known(wishes.intents[member.name], results[member.name])
        for member in members
        if _wanting(wishes.intents[member.name], results[member.name])
    }
    for name, intent in tuple(wanting.items()):
        reason = wishes.refuse(intent, results[name], crew.clock.now())
        if reason:
            results[name] = replace(results[name], error=reason)
            del wanting[name]
    before = {name: _tried(results[name], wishes.before.get(name)) for name in wanting}
    gate = FleetGate(wishes.budget, members, floor, crew.clock, site=wishes.site, pace=crew.pace)
    brought = await converge_group(wanting, before, gate, crew)
    return Outcome(
        {name: brought.get(name, results[name]) for name in sorted(results)}, gate.closed
    )


async def _seen(wishes: Wishes, crew: Crew) -> dict[str, MachineResult]:
    """What every machine is, with those that must not be touched marked as such."""
    looked_at = {
        name: intent for name, intent in wishes.intents.items() if name not in wishes.resting
    }
    seen = await observe_group(looked_at, wishes.before, crew)
    results = {**{name: wishes.before[name] for name in wishes.resting}, **seen}
    twins = shared({name: result.identity for name, result in results.items()})
    for name, reason in twins.items():
        if results[name].quarantine is None:
            was = wishes.before.get(name)
            results[name] = left_alone(results[name], was, reason, crew.clock.now())
    return results


def _wanting(intent: MachineIntent, result: MachineResult) -> bool:
    """Whether there is something to do on a machine that may be touched."""
    return intent.owner == "managed" and result.settled and result.state not in AS_WANTED


def _known(intent: MachineIntent, seen: MachineResult) -> MachineIntent:
    """The intent for that very machine: whoever answers a write has to be who answered the look."""
    return replace(intent, identity=intent.identity.completed(seen.identity))


def _tried(seen: MachineResult, before: MachineResult | None) -> MachineResult:
    """What was seen, with the attempts that failed before."""
    return replace(seen, quarantine=before.quarantine if before is not None else None)


def _member(wishes: Wishes, seen: MachineResult) -> Member:
    place = wishes.intents[seen.name].place
    return Member(
        name=seen.name,
        rack=place.rack,
        breaker=place.breaker,
        watts=place.watts or 0.0,
        serving=seen.power != "Off" and seen.name not in wishes.spares,
        healthy=seen.settled,
    )
