"""Typed wiring of units: which unit gives what another takes, and in which order they go.

A port is `<site>/<layer>.<output>`, such as `aws-fra/network.vpc_id`. Wiring is by that name and by
type. Nothing raises: a take that no unit gives, that two units give, or that has another type is a
finding that points at the blueprint path of the component that asked for it.
"""

from __future__ import annotations

import graphlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from aifactory_iac.findings import Finding, Path, in_order
from aifactory_iac.program.rules import found
from aifactory_iac.program.unit import Call, Give, Ref, Take, Unit

_Kind = TypeVar("_Kind")


@dataclass(frozen=True, slots=True)
class Wiring:
    """Units in dependency order, what each needs of others, and what does not fit together."""

    units: tuple[Unit, ...]
    """Upstream units first; among units that are ready at once, by name."""
    needs: Mapping[str, tuple[str, ...]]
    """By unit name, the units that must be applied before it."""
    findings: tuple[Finding, ...]


def port(site: str, layer: str, output: str) -> str:
    """Name of a port: `<site>/<layer>.<output>`."""
    return f"{site}/{layer}.{output}"


def output_name(owner: str, what: str) -> str:
    """Name of a unit's output that belongs to one named thing, such as `lake_bucket_arn`.

    Names in a blueprint have hyphens and never underscores, so two names never meet here.
    """
    return f"{owner.replace('-', '_')}_{what}"


def takes(unit: Unit) -> tuple[tuple[Path, Take], ...]:
    """Every take of the unit with the blueprint path that asked for it, in a stable order."""
    found = {
        (call.origin, take.port, take.type): (call.origin, take)
        for call in unit.calls
        for take in _within(call.args, Take)
    }
    for provider in unit.providers:
        for take in _within(provider.args, Take):
            found[((), take.port, take.type)] = ((), take)
    return tuple(found[key] for key in sorted(found, key=repr))


def wire(units: Iterable[Unit]) -> Wiring:
    """Checks every port and orders the units; those of a circle follow the others, by name."""
    by_identity = sorted(units, key=lambda unit: unit.name)
    findings = [*_duplicate_units(by_identity)]
    for unit in by_identity:
        findings += _inner(unit)
    givers = _givers(by_identity)
    needs: dict[str, set[str]] = {unit.name: set() for unit in by_identity}
    for unit in by_identity:
        for origin, take in takes(unit):
            fitting, problems = _match(unit, take, origin, givers)
            findings += problems
            needs[unit.name].update(name for name in fitting if name != unit.name)
    ordered, cyclic = _order(needs)
    findings += cyclic
    position = {name: index for index, name in enumerate(ordered)}
    return Wiring(
        units=tuple(sorted(by_identity, key=lambda unit: position[unit.name])),
        needs={name: tuple(sorted(needs[name])) for name in ordered},
        findings=in_order(findings),
    )


def _within(value: Any, kind: type[_Kind]) -> Iterator[_Kind]:
    if isinstance(value, kind):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _within(item, kind)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _within(item, kind)


def refs(call: Call) -> tuple[Ref, ...]:
    """What the call takes from other components of its unit, in a stable order."""
    found = {(ref.component, ref.output): ref for ref in _within(call.args, Ref)}
    return tuple(found[key] for key in sorted(found))


def _duplicate_units(units: Iterable[Unit]) -> Iterator[Finding]:
    for name, count in sorted(Counter(unit.name for unit in units).items()):
        if count > 1:
            message = f"{count} units are named `{name}`."
            yield found("AIF-PRG-001", message, hint="give each its own site or layer")


def _inner(unit: Unit) -> Iterator[Finding]:
    """What is wrong inside one unit: names of components and outputs."""
    origins = {call.name: call.origin for call in unit.calls}
    for name, count in sorted(Counter(call.name for call in unit.calls).items()):
        if count > 1:
            yield found(
                "AIF-PRG-002",
                f"Unit `{unit.name}` has {count} components named `{name}`.",
                origins[name],
                hint="give each a name of its own",
            )
    for name, count in sorted(Counter(give.name for give in unit.gives).items()):
        if count > 1:
            message = f"Unit `{unit.name}` gives `{name}` {count} times."
            yield found("AIF-PRG-003", message, hint="give each output a name of its own")
    asked: list[tuple[str, str, Path]] = [
        (give.value.component, f"Output `{give.name}`", ()) for give in unit.gives
    ]
    for call in unit.calls:
        asked += [(ref.component, f"Component `{call.name}`", call.origin) for ref in refs(call)]
        asked += [
            (name, f"Component `{call.name}`", call.origin) for name in call.options.depends_on
        ]
    for name, asker, origin in sorted(set(asked), key=repr):
        if name not in origins:
            yield found(
                "AIF-PRG-004",
                f"{asker} of unit `{unit.name}` refers to `{name}`, which the unit does not have.",
                origin,
                hint=_listed("components of the unit", origins),
            )


def _givers(units: Iterable[Unit]) -> dict[str, list[tuple[str, Give]]]:
    givers: dict[str, list[tuple[str, Give]]] = {}
    for unit in units:
        for give in unit.gives:
            givers.setdefault(port(unit.site, unit.layer, give.name), []).append((unit.name, give))
    return givers


def _match(
    unit: Unit, take: Take, origin: Path, givers: Mapping[str, list[tuple[str, Give]]]
) -> tuple[tuple[str, ...], list[Finding]]:
    """Names of the units that the take is wired to, and what is wrong with it."""
    named = givers.get(take.port, [])
    fitting = [name for name, give in named if give.type == take.type]
    if len(fitting) == 1:
        return tuple(fitting), []
    if len(fitting) > 1:
        listed = " and ".join(f"`{name}`" for name in sorted(fitting))
        return (), [
            found(
                "AIF-PRG-007",
                f"Unit `{unit.name}` takes `{take.port}`, which more than one unit gives: "
                f"{listed}.",
                origin,
                hint="let one of them give it",
            )
        ]
    if named:
        types = ", ".join(sorted({give.type for _, give in named}))
        return (), [
            found(
                "AIF-PRG-006",
                f"Unit `{unit.name}` takes `{take.port}` as {take.type}, but it is {types}.",
                origin,
                hint=f"take it as {types}, or take another port",
            )
        ]
    like = sorted(
        name
        for name, gives in givers.items()
        if name.split("/", 1)[0] == unit.site and any(give.type == take.type for _, give in gives)
    )
    message = f"Unit `{unit.name}` takes `{take.port}`, which no unit gives."
    hint = _listed(f"ports of type {take.type} at the site", like)
    return (), [found("AIF-PRG-005", message, origin, hint=hint)]


def _listed(what: str, names: Iterable[str]) -> str:
    listed = ", ".join(f"`{name}`" for name in sorted(names))
    return f"{what}: {listed or 'none'}"


def _order(needs: Mapping[str, Iterable[str]]) -> tuple[tuple[str, ...], list[Finding]]:
    """Topological order, by name among those that are ready at once."""
    sorter = graphlib.TopologicalSorter(needs)
    ordered: list[str] = []
    findings = []
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        # The error names one cycle, from its end to its start; rotated so that the text is stable.
        cycle = list(reversed(error.args[1]))[:-1]
        first = cycle.index(min(cycle))
        loop = cycle[first:] + cycle[:first] + [min(cycle)]
        message = f"Units need each other: {' -> '.join(f'`{name}`' for name in loop)}."
        hint = "move what one of them takes into a unit of its own"
        findings = [found("AIF-PRG-008", message, hint=hint)]
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        if not ready:
            break
        ordered += ready
        sorter.done(*ready)
    return (*ordered, *sorted(set(needs) - set(ordered))), findings
