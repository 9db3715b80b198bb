"""The library on a terminal and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from aifactory_iac.api import Factory
from aifactory_iac.library import Volume
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
        yield Text(blueprint.metadata.title)
    if blueprint.metadata.description:
        yield Text(f"\n{blueprint.metadata.description}")
    yield heading("Parameters")
    yield table(
        ("parameter", "default", "allowed", "what it is"),
        [
            (
                name,
                json.dumps(schema.get("default")),
                _allowed(schema),
                schema.get("description", ""),
            )
            for name, schema in sorted(blueprint.parameters.items())
        ],
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
    blueprint = factory.blueprint
    return [
        ("sites", ", ".join(f"{site.name} ({site.kind})" for site in blueprint.sites)),
        (
            "compute",
            ", ".join(
                f"{pool.name} ({pool.system or pool.instance})" for pool in blueprint.compute
            ),
        ),
        ("fabric", ", ".join(network.name for network in blueprint.fabric)),
        ("storage", ", ".join(f"{tier.name} ({tier.kind})" for tier in blueprint.storage.tiers)),
        ("clusters", ", ".join(cluster.name for cluster in blueprint.orchestration.clusters)),
        ("workloads", ", ".join(work.name for work in blueprint.orchestration.workloads)),
        ("tenants", ", ".join(tenant.name for tenant in blueprint.governance.tenants)),
    ]


def _allowed(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"])
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None or high is not None:
        return f"{low if low is not None else ''} .. {high if high is not None else ''}".strip()
    return str(schema.get("type", "any"))
