"""An explanation: what a value means, where it came from, what a change of it would do."""

from __future__ import annotations

import json
from typing import Any

import click

from aifactory_iac.blueprint.explain import Explanation, Step
from aifactory_iac.report.legible import one_line

SCHEMA_VERSION = 1
_LONGEST = 200
_WIDEST_STEP = 32
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
    lines = [f"{click.style(one_line(explained.path), bold=True)} = {_value(explained.value)}"]
    if explained.doc:
        lines += ["", f"  {one_line(explained.doc)}"]
    lines.append("")
    rows = [("type", explained.type + (", required" if explained.required else ""))]
    if explained.unit:
        rows.append(("unit", explained.unit))
    if explained.allowed:
        rows.append(("allowed", one_line(", ".join(explained.allowed))))
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
        lines += _chain(explained.chain)
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


def _chain(steps: tuple[Step, ...]) -> list[str]:
    """One line a layer: what it says, where, and what it refers to; short texts in a column."""
    texts = [_cut(one_line(step.text), _LONGEST) for step in steps]
    wide = max((len(text) for text in texts if len(text) <= _WIDEST_STEP), default=0)
    lines = []
    for step, text in zip(steps, texts, strict=True):
        ends = []
        if step.span:
            ends.append(click.style(f"{one_line(step.span.file)}:{step.span.line}", dim=True))
        if step.note:
            ends.append(f"({one_line(step.note)})")
        lines.append("  ".join([f"    {step.layer:<13} {text:<{wide}}", *ends]).rstrip())
    return lines


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(_plain(value), ensure_ascii=False)
    return _cut(one_line(text), _LONGEST)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
