"""The rules of the gate on a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from aifactory_iac.policy import Rule, RuleLibrary
from aifactory_iac.report.legible import legible
from aifactory_iac.report.tables import heading, pairs, table

SCHEMA_VERSION = 1


def policies_view(library: RuleLibrary) -> Iterator[RenderableType]:
    """One line a rule, then profiles, then what of the rules and their data is broken."""
    yield table(
        ("rule", "severity", "layer", "holds that"),
        [(rule.id, rule.severity.value, rule.layer, rule.title) for rule in library.rules.values()],
        wrapped=("holds that",),
    )
    yield heading("Profiles")
    yield pairs((name, profile.title) for name, profile in library.profiles.items())
    faults = [(each.file, each.reason) for each in library.broken]
    faults += [(each.key, each.message) for each in library.problems]
    if faults:
        yield heading("Cannot be used; the gate will not pass")
        yield pairs(faults)


def policies_document(library: RuleLibrary) -> dict[str, Any]:
    """What `policy list --format json` prints."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "kind": "Policies",
        "rules": [_rule(rule, library) for rule in library.rules.values()],
        "profiles": [
            {"name": name, "title": profile.title} for name, profile in library.profiles.items()
        ],
    }


def policy_view(
    rule: Rule, library: RuleLibrary, examples: tuple[int, int]
) -> Iterator[RenderableType]:
    """Why the rule is, what it reads, its parameters and its controls with their rationale.

    `examples` are the numbers of good and of bad ones beside it.
    """
    yield heading(f"{rule.id}  {rule.title}")
    yield Text(f"\n{legible(rule.description)}\n")
    good, bad = examples
    rows = [
        ("severity", rule.severity.value),
        ("layer", rule.layer),
        ("reads", ", ".join(rule.needs)),
        ("packs", ", ".join(library.packs_of(rule.id)) or "none"),
        ("file", rule.file),
        ("examples", f"{good} good, {bad} bad; `aifactory policy test {rule.id}` proves them"),
    ]
    if rule.zone:
        rows.append(("zone", rule.zone))
    yield pairs(rows)
    if rule.parameters:
        yield heading("Parameters")
        yield pairs(
            (name, f"{schema.get('description', '')} (default {schema['default']})")
            for name, schema in sorted(rule.parameters.items())
        )
    if rule.controls:
        yield heading("Controls it supports")
        yield pairs(
            (control, why or "no rationale") for control, why in library.rationale(rule).items()
        )


def policy_document(rule: Rule, library: RuleLibrary) -> dict[str, Any]:
    """What `policy show --format json` prints."""
    return {"schemaVersion": SCHEMA_VERSION, "kind": "Policy", **_rule(rule, library)}


def _rule(rule: Rule, library: RuleLibrary) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": rule.severity.value,
        "layer": rule.layer,
        "zone": rule.zone,
        "description": rule.description,
        "needs": list(rule.needs),
        "packs": list(library.packs_of(rule.id)),
        "parameters": dict(sorted(rule.parameters.items())),
        "controls": dict(library.rationale(rule)),
    }
