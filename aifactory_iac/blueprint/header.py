"""What a document says it is: `apiVersion` and `kind`."""

from __future__ import annotations

from aifactory_iac.blueprint.nodes import Node, Place
from aifactory_iac.blueprint.reader import Document
from aifactory_iac.blueprint.rules import found
from aifactory_iac.blueprint.secrets import quoted
from aifactory_iac.blueprint.suggest import did_you_mean_or_list
from aifactory_iac.findings import Finding

API_VERSION = "aifactory/v1"


def header_findings(document: Document, kind: str) -> tuple[Finding, ...]:
    """What is wrong with a document's first two keys; `kind` is what it must be."""
    if document.root is None:
        return ()
    wanted = {"apiVersion": API_VERSION, "kind": kind}
    return tuple(
        finding
        for key, value in wanted.items()
        if (finding := _checked(document, key, value)) is not None
    )


def is_foreign(document: Document) -> bool:
    """Whether the document is plainly something else: neither header key is ours."""
    root = document.root
    if root is None:
        return False
    return _value(root, "apiVersion") != API_VERSION and _value(root, "kind") not in (
        "Blueprint",
        "Stack",
    )


def _checked(document: Document, key: str, wanted: str) -> Finding | None:
    root = document.root
    if root is None or _value(root, key) == wanted:
        return None
    node = root.entries.get(key)
    if node is None:
        span = Place(document.source, 1, 1).span()
        message = f"the document has no `{key}`"
        return found("020", message, (key,), hint=f"write `{key}: {wanted}`", span=span)
    message = f"`{key}` is {quoted(node.value if node.is_scalar else 'a mapping')}, not `{wanted}`"
    kinds = ("Blueprint", "Stack") if key == "kind" else (API_VERSION,)
    hint = did_you_mean_or_list(str(node.value), kinds, "values")
    return found("020", message, (key,), hint=hint, span=node.where.span())


def _value(root: Node, key: str) -> object:
    node = root.entries.get(key)
    return node.value if node is not None and node.is_scalar else None
