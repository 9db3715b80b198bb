"""Puts parameters and references into a merged document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.nodes import Node, plain
from aifactory_iac.blueprint.parameters import checked, declarations, from_command_line, values
from aifactory_iac.blueprint.references import Resolver
from aifactory_iac.blueprint.rules import found
from aifactory_iac.blueprint.trace import fields_in
from aifactory_iac.findings import Finding


@dataclass(frozen=True, slots=True)
class Resolved:
    """A document without references, and the values of its parameters, as data and with history."""

    root: Node
    values: Mapping[str, Any]
    parameters: Mapping[str, Node]
    findings: tuple[Finding, ...]


def resolved(
    merged: Node, stack: Node | None, file: Node | None, command_line: Mapping[str, str]
) -> Resolved:
    """The document with all references resolved; `stack` and `file` are mappings of values."""
    declared, findings = declarations(merged)
    typed, typed_findings = from_command_line(command_line, declared)
    written = merged.entries.get("parameters")
    undeclared = set(written.entries) - set(declared) if written is not None else set()
    layers = [layer.entries for layer in (stack, file) if layer is not None]
    chosen, value_findings = values(declared, [*layers, typed], undeclared)
    undecided = frozenset((undeclared | set(declared)) - set(chosen))
    resolver = Resolver(merged, chosen, undecided)
    settled, fit_findings = _settled(resolver, declared, chosen)
    final = Resolver(merged, settled, undecided)
    root = final.document()
    return Resolved(
        root,
        {name: plain(node) for name, node in sorted(settled.items()) if not node.broken},
        settled,
        (
            *findings,
            *typed_findings,
            *value_findings,
            *resolver.findings,
            *fit_findings,
            *final.findings,
            *_environment(root),
        ),
    )


def _settled(
    resolver: Resolver, declared: Mapping[str, Any], chosen: Mapping[str, Node]
) -> tuple[dict[str, Node], list[Finding]]:
    """Each parameter's value, references resolved, as its schema means it."""
    settled: dict[str, Node] = {}
    findings: list[Finding] = []
    for name in sorted(chosen):
        value, wrong = checked(declared[name], resolver.parameter(name))
        settled[name] = replace(value, broken=True) if wrong else value
        findings.extend(wrong)
    return settled, findings


def _environment(root: Node) -> Iterator[Finding]:
    """`${env:NAME}` in fields that a plan must know."""
    for path, field, node in fields_in(root, Blueprint):
        if node.deferred and not field.shape.deferred:
            yield found(
                "053",
                f"`{field.key}` is needed for planning, so it cannot come from the environment",
                path,
                hint="use a parameter and `-p`",
                span=node.place.span(),
            )
