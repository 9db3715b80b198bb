"""Reads a document and all it builds on: stack, blueprint, parents; finds loops and versions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

from aifactory_iac.blueprint.files import Unreadable
from aifactory_iac.blueprint.library import Library, Located, library_name, relative, target
from aifactory_iac.blueprint.nodes import Node
from aifactory_iac.blueprint.ranges import newest, parse_range
from aifactory_iac.blueprint.reader import Document, read_document
from aifactory_iac.blueprint.rules import found
from aifactory_iac.blueprint.secrets import quoted
from aifactory_iac.blueprint.suggest import did_you_mean_or_list, listing
from aifactory_iac.findings import Finding, Span

MAX_PARENTS = 16


@dataclass(slots=True)
class Lineage:
    """What was read: blueprints, the outermost parent first, and the stack over them."""

    blueprints: list[Document] = field(default_factory=list)
    stack: Document | None = None
    stack_path: Path | None = None
    findings: list[Finding] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    """Path as shown → SHA-256 of the file."""
    complete: bool = True
    """Whether every document that another builds on was found and read."""

    def add(self, shown: str, data: bytes) -> None:
        """Notes that a file was read."""
        self.files[shown] = hashlib.sha256(data).hexdigest()


def lineage(text: str, library: Library) -> Lineage:
    """Everything that the target is made of. Never raises."""
    result = Lineage()
    located = _first(text, library, result)
    if located is None:
        return result
    document = _read(located, "blueprint", library, result)
    if document is not None and _text(document.root, "kind") == "Stack":
        result.stack, result.stack_path = _read(located, "stack", library, result), located.path
        located = _parent(document, "blueprint", located, library, result)
        document = _read(located, "blueprint", library, result) if located else None
    if document is not None and located is not None:
        _ascend(document, located, library, result)
    return result


def _first(text: str, library: Library, result: Lineage) -> Located | None:
    first: Located | str | Finding = target(text, library)
    if isinstance(first, str):
        first = _from_library(first, library, Span(text, 1, 1, layer="command line"), "002")
    if isinstance(first, Finding):
        result.findings.append(first)
        return None
    return first


def _ascend(document: Document, located: Located, library: Library, result: Lineage) -> None:
    """Follows `extends` upwards, keeping the outermost parent first."""
    trail = [located]
    result.blueprints.append(document)
    while _text(document.root, "extends") is not None:
        parent = _parent(document, "extends", trail[-1], library, result)
        if parent is None:
            return
        span = _span_of(document, "extends")
        real = [library.files.real(each.path) for each in trail]
        if library.files.real(parent.path) in real:
            way = " → ".join(library.files.shown(each.path) for each in [*trail, parent])
            message = f"the document extends itself: {way}"
            wrong = found("033", message, ("extends",), hint="remove one `extends`", span=span)
            result.findings.append(wrong)
            result.complete = False
            return
        if len(trail) > MAX_PARENTS:
            message = f"more than {MAX_PARENTS} documents extend one another"
            hint = "merge some of the parents"
            result.findings.append(found("036", message, ("extends",), hint=hint, span=span))
            result.complete = False
            return
        above = _read(parent, "parent", library, result)
        if above is None:
            return
        trail.append(parent)
        result.blueprints.insert(0, above)
        document = above


def _parent(
    document: Document, key: str, origin: Located, library: Library, result: Lineage
) -> Located | None:
    reference = _text(document.root, key)
    if reference is None:
        return None
    span = _span_of(document, key)
    found_parent = (
        _from_library(reference, library, span, "030")
        if library_name(reference) is not None
        else relative(reference, origin, library.files, span)
    )
    if isinstance(found_parent, Finding):
        result.complete = False
        result.findings.append(replace(found_parent, path=(key,)))
        return None
    return found_parent


def _from_library(reference: str, library: Library, span: Span, missing: str) -> Located | Finding:
    name, wanted = library_name(reference) or (reference, None)
    candidates = library.candidates(name)
    if not candidates:
        message = f"the library has no blueprint {quoted(name)}"
        hint = did_you_mean_or_list(name, library.names(), "library blueprints")
        return found(missing, message, hint=hint, span=span)
    if wanted is None:
        return candidates[0]
    accepts = parse_range(wanted)
    if accepts is None:
        message = f"{quoted(wanted)} is not a range of versions"
        return found("035", message, hint="write it like `^1`, `~1.2` or `1.0.0`", span=span)
    versions = {_version(each, library): each for each in reversed(candidates)}
    best = newest([version for version in versions if accepts(version)])
    if best is None:
        message = f"no version of `{name}` is in the range {quoted(wanted)}"
        return found("031", message, hint=f"there is {listing(sorted(versions))}", span=span)
    return versions[best]


def _version(located: Located, library: Library) -> str:
    """The version that a library document says it has; `0.0.0` when it says none."""
    try:
        data = library.files.read(located.path)
    except Unreadable:
        return "0.0.0"
    root = read_document(data, "", "parent").root
    metadata = root.entries.get("metadata") if root is not None else None
    return _text(metadata, "version") or "0.0.0"


def _read(located: Located, layer: str, library: Library, result: Lineage) -> Document | None:
    shown = library.files.shown(located.path)
    try:
        data = library.files.read(located.path)
    except Unreadable as error:
        message = f"`{shown}` cannot be read: {error}"
        wrong = found("001", message, hint="check the path", span=Span(shown, 1, 1, layer=layer))
        result.findings.append(wrong)
        return None
    result.add(shown, data)
    document = read_document(data, shown, layer)
    result.findings.extend(document.findings)
    return document


def _text(node: Node | None, key: str) -> str | None:
    value = node.entries[key].value if node is not None and key in node.entries else None
    return value if isinstance(value, str) else None


def _span_of(document: Document, key: str) -> Span:
    if document.root is None or key not in document.root.entries:
        return Span(document.source.shown, 1, 1, layer=document.source.layer)
    return document.root.entries[key].place.span()
