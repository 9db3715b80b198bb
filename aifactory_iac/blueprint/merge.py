"""Laying one document over another: mappings deeply, named lists by name, the rest replaced.

Removal follows JSON Merge Patch (RFC 7386): `key: null` removes an inherited key. A named item is
removed by `{name: ..., $remove: true}`, and `[]` empties an inherited list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from aifactory_iac.blueprint.nodes import Node, is_named_list
from aifactory_iac.blueprint.rules import found
from aifactory_iac.blueprint.suggest import did_you_mean
from aifactory_iac.findings import Finding, Path

REMOVE = "$remove"


def merge(base: Node, over: Node, path: Path = ()) -> tuple[Node, tuple[Finding, ...]]:
    """`over` laid over `base`; every changed node keeps what it replaced in `before`."""
    if isinstance(base.value, Mapping) and isinstance(over.value, Mapping):
        return _mappings(base, over, path)
    if is_named_list(over) and (is_named_list(base) or base.value == ()):
        return _lists(base, over, path)
    return replace(over, before=(*base.before, base)), ()


def _mappings(base: Node, over: Node, path: Path) -> tuple[Node, tuple[Finding, ...]]:
    entries = dict(base.entries)
    findings: list[Finding] = []
    for key, node in over.entries.items():
        below = (*path, key)
        if node.value is None and not node.broken:
            if entries.pop(key, None) is None:
                findings.append(_nothing(key, base.entries, below, node))
        elif key in entries:
            entries[key], wrong = merge(entries[key], node, below)
            findings.extend(wrong)
        else:
            entries[key] = node
    merged = replace(over, before=(*base.before, base)).with_value(entries)
    return merged, tuple(findings)


def _lists(base: Node, over: Node, path: Path) -> tuple[Node, tuple[Finding, ...]]:
    items = {str(item.name): item for item in base.items}
    findings: list[Finding] = []
    for item in over.items:
        name = str(item.name)
        below = (*path, name)
        if _removes(item):
            if items.pop(name, None) is None:
                findings.append(_nothing(name, items, below, item))
        elif name in items:
            items[name], wrong = merge(items[name], item, below)
            findings.extend(wrong)
        else:
            items[name] = item
    merged = replace(over, before=(*base.before, base)).with_value(tuple(items.values()))
    return merged, tuple(findings)


def _removes(item: Node) -> bool:
    removal = item.entries.get(REMOVE)
    return removal is not None and removal.value is True


def _nothing(name: str, known: Mapping[str, Node], path: Path, node: Node) -> Finding:
    place = node.key if node.key is not None else node.where
    return found(
        "034",
        f"nothing named `{name}` is inherited here, so nothing is removed",
        path,
        hint=did_you_mean(name, known) or "drop the line",
        span=place.span(),
    )
