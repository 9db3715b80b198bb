"""An explanation: what a value means, where it came from, what a change of it would do."""

from __future__ import annotations

import json
from typing import Any

import click

from aifactory_iac.blueprint.explain import Explanation, Step

SCHEMA_VERSION = 1
_IMPACT = {
    "none": "nothing in the running factory",
    "in-place": "resources are updated in place",
    "rolling": "nodes are updated one wave after the other",
    "drain": "nodes are drained first",
    "replace": "resources are replaced",
    "data-loss": "data is lost",
}


def explanation_text(explained: Explanation) -> str:
    """For a terminal: value, meaning, chain of layers, impact."""
    lines = [f"{click.style(explained.path, bold=True)} = {_value(explained.value)}"]
    if explained.doc:
        lines += ["", f"  {explained.doc}"]
    lines.append("")
    rows = [("type", explained.type + (", required" if explained.required else ""))]
    if explained.unit:
        rows.append(("unit", explained.unit))
    if explained.allowed:
        rows.append(("allowed", ", ".join(explained.allowed)))
    if explained.refers_to:
        rows.append(("names one of", explained.refers_to))
    if explained.catalog:
        rows.append(("in the catalog", explained.catalog))
    rows.append(("a change", f"{explained.impact.value}: {_IMPACT[explained.impact.value]}"))
    if explained.shrink is not None:
        what = f"{explained.shrink.value}: {_IMPACT[explained.shrink.value]}"
        rows.append(("a decrease", what))
    lines += [f"  {click.style(f'{name:<16}', dim=True)}{value}" for name, value in rows]
    if explained.chain:
        lines += ["", "  where it comes from, the last one wins:"]
        lines += [_step(step) for step in explained.chain]
    return "\n".join(lines) + "\n"


def explanation_document(explained: Explanation) -> dict[str, Any]:
    """What `explain --format json` prints."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "kind": "Explanation",
        "path": explained.path,
        "value": _plain(explained.value),
        "written": explained.written,
        "doc": explained.doc,
        "type": explained.type,
        "unit": explained.unit,
        "required": explained.required,
        "default": _plain(explained.default),
        "allowed": list(explained.allowed),
        "refersTo": explained.refers_to,
        "catalog": explained.catalog,
        "impact": explained.impact.value,
        "shrink": explained.shrink.value if explained.shrink else None,
        "chain": [
            {
                "layer": step.layer,
                "text": step.text,
                "file": step.span.file if step.span else None,
                "line": step.span.line if step.span else None,
                "note": step.note,
            }
            for step in explained.chain
        ],
    }


def _step(step: Step) -> str:
    place = f"  {step.span.file}:{step.span.line}" if step.span else ""
    note = f"  ({step.note})" if step.note else ""
    return f"    {step.layer:<13} {step.text}{click.style(place, dim=True)}{note}"


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(_plain(value), ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:197]}..."


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
