"""The library on a terminal and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from aifactory_iac.api import Factory
from aifactory_iac.library import Volume
from aifactory_iac.report.legible import legible, one_line
from aifactory_iac.report.tables import heading, pairs, table

SCHEMA_VERSION = 1
Opened = Sequence[tuple[Volume, Factory]]


def library_view(opened: Opened) -> Iterator[RenderableType]:
    """One line a blueprint."""
    yield table(
        ("blueprint", "version", "what it is"),
        [
            (
                volume.name,
                factory.blueprint.metadata.version,
                factory.blueprint.metadata.title or "",
            )
            if factory.valid
            else (volume.name, "-", f"invalid: {factory.findings[0].message}")
            for volume, factory in opened
        ],
        wrapped=("what it is",),
    )


def library_document(opened: Opened) -> dict[str, Any]:
    """What `blueprint list --format json` prints."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "kind": "Library",
        "blueprints": [
            {
                "name": volume.name,
                "valid": factory.valid,
                "version": factory.blueprint.metadata.version if factory.valid else None,
                "title": factory.blueprint.metadata.title if factory.valid else None,
            }
            for volume, factory in opened
        ],
    }


def blueprint_view(factory: Factory) -> Iterator[RenderableType]:
    """What the blueprint is, its parameters, and what its layers hold."""
    blueprint = factory.blueprint
    yield heading(f"{blueprint.metadata.name} {blueprint.metadata.version}")
    if blueprint.metadata.title:
        yield Text(one_line(blueprint.metadata.title))
    if blueprint.metadata.description:
        yield Text(f"\n{legible(blueprint.metadata.description)}")
    if blueprint.parameters:
        yield heading("Parameters")
        yield table(
            ("parameter", "default", "allowed", "what it is"),
            [
                (name, _default(schema), _allowed(schema), schema.get("description", ""))
                for name, schema in sorted(blueprint.parameters.items())
            ],
            wrapped=("what it is",),
        )
    yield heading("Layers")
    yield pairs(_layers(factory))


def blueprint_document(factory: Factory) -> dict[str, Any]:
    """What `blueprint show --format json` prints."""
    blueprint = factory.blueprint
    return {
        "schemaVersion": SCHEMA_VERSION,
        "kind": "BlueprintSummary",
        "name": blueprint.metadata.name,
        "version": blueprint.metadata.version,
        "title": blueprint.metadata.title,
        "description": blueprint.metadata.description,
        "parameters": dict(sorted(blueprint.parameters.items())),
        "layers": dict(_layers(factory)),
    }


def _layers(factory: Factory) -> list[tuple[str, str]]:
    """What each layer holds, by name; layers that hold nothing are left out."""
    blueprint = factory.blueprint
    layers = [
        ("sites", [f"{site.name} ({site.kind})" for site in blueprint.sites]),
        (
            "compute",
            [f"{pool.name} ({pool.system or pool.instance})" for pool in blueprint.compute],
        ),
        ("fabric", [network.name for network in blueprint.fabric]),
        ("storage", [f"{tier.name} ({tier.kind})" for tier in blueprint.storage.tiers]),
        ("clusters", [cluster.name for cluster in blueprint.orchestration.clusters]),
        ("workloads", [work.name for work in blueprint.orchestration.workloads]),
        ("tenants", [tenant.name for tenant in blueprint.governance.tenants]),
    ]
    return [(name, ", ".join(held)) for name, held in layers if held]


def _default(schema: Mapping[str, Any]) -> str:
    if "default" not in schema:
        return "required"
    default = schema["default"]
    return default if isinstance(default, str) else json.dumps(default, ensure_ascii=False)


def _allowed(schema: Mapping[str, Any]) -> str:
    """Choices, bounds, or at least the type."""
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"])
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"{low} to {high}"
    if low is not None:
        return f"{low} or more"
    if high is not None:
        return f"{high} or less"
    return str(schema.get("type", "any"))
