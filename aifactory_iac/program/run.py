"""Constructs a unit with Pulumi: its providers, its components in order, one stack output per give.

The same function runs under the engine (`pulumi up`), under the Automation API, and under the
offline planner's own monitor. What differs is passed in: upstream values and deferred values.
"""

from __future__ import annotations

import graphlib
import importlib
from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from aifactory_iac.program.ports import refs, takes
from aifactory_iac.program.unit import (
    Call,
    FromEnvironment,
    FromSecret,
    Options,
    ProviderCall,
    Ref,
    Take,
    Unit,
)
from aifactory_iac.program.values import RuntimeValues, Unresolved, unknown

PROVIDERS: Mapping[str, str] = {
    "aws": "pulumi_aws:Provider",
    "kubernetes": "pulumi_kubernetes:Provider",
}
"""Provider classes by `ProviderCall.package`."""

COMPONENTS = "aifactory_iac.program.components"


def run_unit(
    unit: Unit,
    upstream: Mapping[str, Any],
    values: RuntimeValues | None = None,
) -> Mapping[str, pulumi.ComponentResource]:
    """Registers everything of the unit and exports its gives; returns the components by name.

    `upstream` maps ports (`<site>/<layer>.<output>`) to values or outputs; a port that is missing
    is unknown, so that a unit can be previewed before those that it builds on are applied.
    `values` gives deferred values; every one is unknown when it is not given.
    """
    resolve = _Resolver(upstream, values or Unresolved())
    for provider in sorted(unit.providers, key=lambda item: item.name):
        resolve.providers[provider.name] = _provider(provider, resolve)
    for call in construction_order(unit):
        resolve.components[call.name] = _component(call, resolve)
    for give in sorted(unit.gives, key=lambda item: item.name):
        value = resolve(give.value)
        pulumi.export(give.name, pulumi.Output.secret(value) if give.secret else value)
    return resolve.components


def construction_order(unit: Unit) -> tuple[Call, ...]:
    """The unit's calls, each after those that it refers to or depends on; by name among equals.

    Raises `graphlib.CycleError` when components refer to each other in a loop.
    """
    calls = {call.name: call for call in unit.calls}
    sorter = graphlib.TopologicalSorter(
        {
            name: {ref.component for ref in refs(call)} | set(call.options.depends_on)
            for name, call in calls.items()
        }
    )
    sorter.prepare()
    ordered: list[Call] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        ordered += [calls[name] for name in ready]
        sorter.done(*ready)
    return tuple(ordered)


def component_token(call: Call) -> str:
    """Type token of the call's component: `aws.network:Network` is `aifactory:aws:Network`."""
    module, _, name = call.component.partition(":")
    return f"aifactory:{module.split('.', 1)[0]}:{name}"


def upstream_from_stacks(unit: Unit, stack_of: Callable[[str], str]) -> dict[str, Any]:
    """What the unit takes, read through one `StackReference` per upstream unit.

    `stack_of` gives the full stack name (`organization/project/stack`) of a unit by its name
    (`<site>/<layer>`). What an upstream stack does not give yet is unknown in a preview, and stops
    an update with a message that names it.
    """
    stacks: dict[str, tuple[str, pulumi.StackReference]] = {}
    found: dict[str, Any] = {}
    for _, take in takes(unit):
        giver, _, output = take.port.rpartition(".")
        if giver not in stacks:
            stack = stack_of(giver)
            stacks[giver] = (stack, pulumi.StackReference(stack))
        found[take.port] = _read(*stacks[giver], output)
    return found


def _read(stack: str, reference: pulumi.StackReference, output: str) -> pulumi.Output[Any]:
    """One output of another stack; the SDK gives null for one that is not there."""

    def present(value: Any) -> Any:
        if value is not None:
            return value
        if pulumi.runtime.is_dry_run():
            return pulumi.UNKNOWN
        raise pulumi.RunError(f"stack {stack} has no output {output}: bring it up first")

    found: pulumi.Output[Any] = reference.get_output(output).apply(present)
    return found


class _Resolver:
    """Replaces deferred values by inputs, at any depth of plain data."""

    def __init__(self, upstream: Mapping[str, Any], values: RuntimeValues) -> None:
        self.upstream = upstream
        self.values = values
        self.providers: dict[str, pulumi.ProviderResource] = {}
        self.components: dict[str, pulumi.ComponentResource] = {}

    def __call__(self, value: Any) -> Any:
        match value:
            case Take():
                return self.upstream[value.port] if value.port in self.upstream else unknown()
            case Ref():
                return getattr(self.components[value.component], value.output)
            case FromEnvironment():
                return self.values.environment(value.variable)
            case FromSecret():
                return self.values.secret(value.store, value.path)
            case Mapping():
                return {key: self(item) for key, item in value.items()}
            case tuple() | list():
                return [self(item) for item in value]
        return value


def _load(path: str) -> Any:
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


def _provider(call: ProviderCall, resolve: _Resolver) -> pulumi.ProviderResource:
    provider: pulumi.ProviderResource = _load(PROVIDERS[call.package])(
        call.name, **resolve(call.args)
    )
    return provider


def _component(call: Call, resolve: _Resolver) -> pulumi.ComponentResource:
    where = f"{COMPONENTS}.{call.component}"
    arguments = _load(f"{where}Args")(**resolve(call.args))
    component: pulumi.ComponentResource = _load(where)(
        call.name, arguments, _options(call.options, resolve)
    )
    return component


def _options(options: Options, resolve: _Resolver) -> pulumi.ResourceOptions:
    provider = options.provider
    return pulumi.ResourceOptions(
        depends_on=[resolve.components[name] for name in options.depends_on] or None,
        providers=[resolve.providers[provider]] if provider is not None else None,
        protect=options.protect or None,
        aliases=[_alias(alias) for alias in options.aliases] or None,
    )


def _alias(alias: str) -> str | pulumi.Alias:
    """A full URN stays one; anything else is a former name of the component."""
    return alias if alias.startswith("urn:") else pulumi.Alias(name=alias)
