"""The JSON form of a plan. Nothing secret, nothing of this machine or of the time is in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from aifactory_iac.deploy import property_path
from aifactory_iac.deploy.change import Change, Op
from aifactory_iac.deploy.diff import Kind, PropertyChange
from aifactory_iac.deploy.model import CERTAIN, UNCERTAIN, Plan, UnitPlan, count
from aifactory_iac.deploy.sealing import digest_of
from aifactory_iac.findings import Finding, in_order, render_path
from aifactory_iac.program.planned import PlannedResource, Secret, Unknown

SCHEMA_VERSION = 1


def plan_document(plan: Plan) -> dict[str, Any]:
    """The document without its seal. Unchanged resources are counted and not listed."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "kind": "Plan",
        "project": plan.project,
        "deployment": plan.deployment,
        "blueprint": dict(plan.blueprint),
        "counts": plan.counts,
        "uncertain": plan.uncertain,
        "impact": plan.impact.value,
        "units": [_unit(unit) for unit in plan.units],
        "changes": [_change(change) for change in plan.changes if change.op is not Op.SAME],
        "cost": dict(plan.cost),
        "findings": [_finding(finding) for finding in in_order(plan.findings)],
        "verdict": _verdict(plan.verdict),
        "versions": dict(sorted(plan.versions.items())),
        "digests": {
            **dict(sorted(plan.digests.items())),
            "program": digest_of([_resource(resource) for resource in plan.resources]),
            "states": {unit.name: unit.state for unit in plan.units},
        },
    }


def _unit(unit: UnitPlan) -> dict[str, Any]:
    return {
        "name": unit.name,
        "site": unit.site,
        "layer": unit.layer,
        "stack": unit.stack,
        "needs": list(unit.needs),
        "applied": unit.applied,
        "complete": unit.complete,
        "impact": unit.impact.value,
        "counts": count(unit.changes, CERTAIN),
        "uncertain": count(unit.changes, UNCERTAIN),
    }


def _change(change: Change) -> dict[str, Any]:
    document: dict[str, Any] = {
        "unit": change.unit,
        "urn": change.urn,
        "type": change.type,
        "name": change.name,
        "op": change.op.value,
        "impact": change.impact.value,
        "origin": render_path(change.origin) or None,
        "formerly": change.formerly,
        "protect": change.protect,
        "reasons": list(change.reasons),
        "replacedBy": list(change.replaced_by),
        "properties": [_property(each) for each in change.properties],
    }
    if change.inputs is not None:
        document["inputs"] = redacted(change.inputs)
    return document


def _property(change: PropertyChange) -> dict[str, Any]:
    """Old and new value where both the kind and secrecy let them be shown."""
    document: dict[str, Any] = {
        "path": property_path.render(change.path),
        "change": change.kind.value,
        "secret": change.secret,
    }
    if change.secret:
        return document
    if change.kind in (Kind.CHANGE, Kind.REMOVE):
        document["old"] = redacted(change.old)
    if change.kind in (Kind.CHANGE, Kind.ADD):
        document["new"] = redacted(change.new)
    return document


def redacted(value: Any) -> Any:
    """Plain JSON data: a secret is `{"secret": true}`, an unknown `{"unknown": true}`."""
    if isinstance(value, Secret):
        return {"secret": True}
    if isinstance(value, Unknown):
        return {"unknown": True}
    if isinstance(value, Mapping):
        return {key: redacted(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [redacted(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _resource(resource: PlannedResource) -> dict[str, Any]:
    """What of a registration decides what is provisioned; secrets stay out of the digest too."""
    return {
        "urn": resource.urn,
        "custom": resource.custom,
        "inputs": redacted(resource.inputs),
        "dependencies": list(resource.dependencies),
        "provider": resource.provider,
        "protect": resource.protect,
        "aliases": list(resource.aliases),
        "ignoreChanges": list(resource.ignore_changes),
        "version": resource.version,
        "import": resource.import_id,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "path": render_path(finding.path),
        "message": finding.message,
        "hint": finding.hint,
    }


def _verdict(verdict: Mapping[str, Any] | None) -> dict[str, Any]:
    """The gate's document without places in files, which differ from one checkout to the next."""
    if verdict is None:
        return {"outcome": "not-asked", "findings": []}
    kept = {
        key: value
        for key, value in verdict.items()
        if key not in ("schemaVersion", "kind", "exitCode", "findings", "rules")
    }
    kept["findings"] = [
        {key: value for key, value in finding.items() if key not in ("file", "line", "column")}
        for finding in verdict.get("findings", ())
    ]
    return kept
