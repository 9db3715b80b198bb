"""Budgets of a node group that could never be met, or that would bound nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from aifactory_iac.providers.install.document import joined
from aifactory_iac.providers.install.near import hint
from aifactory_iac.providers.resource import Failure, Properties

_LEAST: Mapping[str, float] = {"rack": 1, "breaker": 1, "failures": 0, "hourly": 1, "daily": 1}


def limit_failures(inputs: Properties) -> Iterator[Failure]:
    """What is wrong with `rollout`, `budget`, `breakers` and `watts`."""
    machines = inputs["machines"]
    if not isinstance(machines, Mapping):
        return
    racks = Counter(
        machine["rack"]
        for machine in machines.values()
        if isinstance(machine, Mapping) and isinstance(machine.get("rack"), str)
    )
    budget = inputs.get("budget")
    budget = budget if isinstance(budget, Mapping) else {}
    yield from _unavailable(inputs, budget, racks)
    yield from _budget(budget)
    yield from _watts(inputs.get("watts"), budget)
    yield from _breakers(inputs.get("breakers"), budget, racks)


def _unavailable(
    inputs: Properties, budget: Mapping[str, Any], racks: Mapping[str, int]
) -> Iterator[Failure]:
    rollout = inputs["rollout"]
    unavailable = rollout.get("unavailable") if isinstance(rollout, Mapping) else None
    if not isinstance(unavailable, int):
        return
    count, place = len(inputs["machines"]), "rollout.unavailable"
    if unavailable < 1:
        yield Failure(
            place, f"is {unavailable}, which lets no machine ever be updated: give at least 1"
        )
    elif unavailable >= count > 1:
        yield Failure(
            place,
            f"is {unavailable}, which lets all {count} machines be out of service at once: give at "
            f"most {count - 1}",
        )
    rack = budget.get("rack")
    if isinstance(rack, int) and rack >= 1:
        reachable = sum(min(standing, rack) for name, standing in racks.items() if name)
        reachable += racks.get("", 0)
        if unavailable > reachable > 0:
            yield Failure(
                place,
                f"is {unavailable}, which `budget.rack` never lets be reached: {rack} of each rack "
                f"are {reachable} machines",
            )


def _budget(budget: Mapping[str, Any]) -> Iterator[Failure]:
    percent = budget.get("percent")
    if isinstance(percent, int | float) and not 0 < percent <= 100:
        yield Failure("budget.percent", f"is {percent:g}; it has to be over 0 and at most 100")
    for key, least in _LEAST.items():
        value = budget.get(key)
        if isinstance(value, int) and value < least:
            yield Failure(f"budget.{key}", f"is {value}; it has to be at least {least:g}")
    hourly, daily = budget.get("hourly", 3), budget.get("daily", 8)
    if isinstance(hourly, int) and isinstance(daily, int) and 1 <= daily < hourly:
        yield Failure("budget.daily", f"is {daily}, less than the {hourly} of a single hour")


def _watts(watts: Any, budget: Mapping[str, Any]) -> Iterator[Failure]:
    most = budget.get("watts")
    if isinstance(watts, int | float) and watts <= 0:
        yield Failure("watts", f"is {watts:g}; a machine draws more than 0")
    if not isinstance(most, int | float):
        return
    if most <= 0:
        yield Failure("budget.watts", f"is {most:g}; nothing could ever come on")
    elif watts is None:
        yield Failure("watts", "is required with `budget.watts`: what does one machine draw?")
    elif isinstance(watts, int | float) and watts > most:
        yield Failure(
            "budget.watts",
            f"is {most:g} in any minute, and one machine alone draws {watts:g}: it could never "
            "come on",
        )


def _breakers(
    breakers: Any, budget: Mapping[str, Any], racks: Mapping[str, int]
) -> Iterator[Failure]:
    if breakers is None and budget.get("breaker") is not None:
        yield Failure("breakers", "is required with `budget.breaker`: which rack hangs on which?")
    if not isinstance(breakers, Mapping):
        return
    for rack in sorted(set(breakers) - set(racks)):
        yield Failure(joined("breakers", rack), f"no machine stands in it; {hint(rack, racks)}")
    for rack in sorted(set(racks) - set(breakers)):
        if budget.get("breaker") is not None:
            named = f"rack `{rack}` has none" if rack else "machines without a rack have none"
            yield Failure("breakers", f"{named}, so `budget.breaker` would not bound it")
