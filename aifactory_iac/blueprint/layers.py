"""Lays the documents of a lineage over one another: parents, blueprint, the stack's overlay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aifactory_iac.blueprint.inherit import Lineage
from aifactory_iac.blueprint.merge import merge
from aifactory_iac.blueprint.nodes import Node
from aifactory_iac.blueprint.rules import found
from aifactory_iac.findings import Finding

OWN = ("apiVersion", "kind", "metadata", "extends")
"""Keys that a document has for itself and never inherits."""


def layered(read: Lineage) -> tuple[Node | None, tuple[Finding, ...]]:
    """The merged document, `None` when a layer below is unreadable, and what did not merge."""
    roots = [document.root for document in read.blueprints]
    if not roots or any(root is None for root in roots):
        return None, ()
    findings: list[Finding] = []
    merged: Node | None = None
    for root in roots:
        if root is None:
            continue
        if merged is None:
            merged = root
            continue
        kept = {key: node for key, node in merged.entries.items() if key not in OWN}
        merged, wrong = merge(merged.with_value(kept), root)
        findings.extend(wrong)
    overlay = stack_entries(read, "overlay")
    if merged is not None and overlay is not None:
        findings.extend(_own_in(overlay))
        kept = {key: node for key, node in overlay.entries.items() if key not in _FIXED}
        merged, wrong = merge(merged, overlay.with_value(kept))
        findings.extend(wrong)
    return merged, tuple(findings)


_FIXED = ("apiVersion", "kind", "extends")


def _own_in(overlay: Node) -> Iterator[Finding]:
    for key in _FIXED:
        node = overlay.entries.get(key)
        if node is not None:
            message = f"an overlay cannot change `{key}`"
            span = (node.key or node.place).span()
            yield found("021", message, ("overlay", key), hint="drop the key", span=span)


def stack_entries(read: Lineage, key: str) -> Node | None:
    """A mapping of the stack file, such as its `overlay`; `None` when there is none."""
    root = read.stack.root if read.stack is not None else None
    node = root.entries.get(key) if root is not None else None
    return node if node is not None and isinstance(node.value, Mapping) else None
