"""Outputs of one unit as arguments of the next.

A unit gives typed outputs (`Give`); another takes them by port, `<site>/<layer>.<name>`. In a plan
a port has the value that the giving unit's construction or last state shows, as plain data with
`UNKNOWN` and `Secret`; a port of a unit that was never applied is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aifactory_iac.program.planned import UNKNOWN, Secret, Unknown
from aifactory_iac.program.ports import takes
from aifactory_iac.program.unit import Unit


def given(unit: Unit, outputs: Mapping[str, Any]) -> dict[str, Any]:
    """The ports of a unit with their values; what its program did not export is unknown."""
    return {
        f"{unit.name}.{give.name}": outputs.get(give.name, UNKNOWN)
        for give in sorted(unit.gives, key=lambda give: give.name)
    }


def taken(unit: Unit) -> tuple[str, ...]:
    """The ports that the unit's components and providers take, sorted."""
    return tuple(sorted({take.port for _, take in takes(unit)}))


def as_inputs(values: Mapping[str, Any], ports: Iterable[str]) -> dict[str, Any]:
    """What a program can work with: plain values, and Pulumi outputs for unknowns and secrets.

    Has to be called while the program runs: an output belongs to an event loop.
    """
    return {port: _input(values.get(port, UNKNOWN)) for port in ports}


def _input(value: Any) -> Any:
    import pulumi

    if isinstance(value, Unknown):
        return pulumi.Output.from_input(pulumi.UNKNOWN)
    if isinstance(value, Secret):
        return pulumi.Output.secret(_input(value.value))
    if isinstance(value, Mapping):
        return {key: _input(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_input(item) for item in value]
    return value
