"""What a blueprint defers to the environment, as it was when its units were last applied.

A plan never reads the environment, so that it is the same on every machine. Yet a factory that was
applied with `${env:AWS_ACCOUNT_ID}` has the account in its state: there the plan finds it again.
Without this, a deferred value would be unknown in each plan, and everything behind it uncertain.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aifactory_iac.deploy import naming
from aifactory_iac.deploy import urn as urns
from aifactory_iac.deploy.offline import Deployment
from aifactory_iac.deploy.rules import found
from aifactory_iac.deploy.state import NEVER_APPLIED, State
from aifactory_iac.findings import Finding
from aifactory_iac.program.unit import FromEnvironment, Unit

_Found = Iterator[tuple[str, Any]]


def recalled(
    units: Iterable[Unit], deployment: Deployment, states: Mapping[str, State]
) -> dict[str, str]:
    """Values of environment variables by name, for those that the states agree on.

    Read from the inputs of components and explicit providers, which hold them as they were given.
    A variable that was different in two units is left out: no plan can tell which it will be.
    """
    values: dict[str, set[str]] = {}
    for unit in units:
        stack = naming.stack_name(unit, deployment.stack)
        state = states.get(unit.name, NEVER_APPLIED)
        for variable, value in _of_unit(unit, stack, deployment.project, state):
            if isinstance(value, str):
                values.setdefault(variable, set()).add(value)
    return {name: min(found) for name, found in sorted(values.items()) if len(found) == 1}


def deferred(unit: Unit) -> frozenset[str]:
    """The environment variables that the unit's programs read when they are applied."""
    given = (*(call.args for call in unit.calls), *(each.args for each in unit.providers))
    return frozenset(variable for args in given for variable, _ in _matches(args, None))


def assumed(variables: Iterable[str]) -> tuple[Finding, ...]:
    """Says which variables a plan takes to be what they were."""
    listed = sorted(variables)
    if not listed:
        return ()
    are, were = ("is", "it was") if len(listed) == 1 else ("are", "they were")
    names = ", ".join(f"`{name}`" for name in listed)
    message = f"{names} {are} taken to be what {were} when the factory was last applied."
    hint = "apply with the same values, or expect what hangs on them to change"
    return (found("AIF-PLN-015", message, hint=hint),)


def _of_unit(unit: Unit, stack: str, project: str, state: State) -> _Found:
    from aifactory_iac.program.run import component_token

    for call in unit.calls:
        urn = urns.build(stack, project, component_token(call), call.name, None)
        if urn in state.resources:
            yield from _matches(call.args, state.resources[urn].inputs)
    for provider in unit.providers:
        type_ = f"{urns.PROVIDER_PREFIX}{provider.package}"
        urn = urns.build(stack, project, type_, provider.name, None)
        if urn in state.resources:
            inputs = state.resources[urn].inputs
            held = {name: _decoded(inputs.get(_camel(name))) for name in provider.args}
            yield from _matches(provider.args, held)


def _matches(wanted: Any, held: Any) -> _Found:
    """Every deferred variable in `wanted`, with what stands at its place in `held`."""
    if isinstance(wanted, FromEnvironment):
        yield wanted.variable, held
    elif isinstance(wanted, Mapping):
        known = held if isinstance(held, Mapping) else {}
        for key, item in wanted.items():
            yield from _matches(item, known.get(key))
    elif isinstance(wanted, tuple | list):
        items = held if isinstance(held, list | tuple) and len(held) == len(wanted) else ()
        for index, item in enumerate(wanted):
            yield from _matches(item, items[index] if items else None)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def _decoded(setting: Any) -> Any:
    """Settings of a provider that are no plain text travel as JSON."""
    if isinstance(setting, str) and setting[:1] in ("[", "{"):
        try:
            return json.loads(setting)
        except ValueError:
            return setting
    return setting
