"""Loading: from a target and its layers to a typed blueprint, with everything that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from aifactory_iac import shipped
from aifactory_iac.blueprint.digest import digest
from aifactory_iac.blueprint.files import Disk, Files, Unreadable
from aifactory_iac.blueprint.header import API_VERSION, header_findings, is_foreign
from aifactory_iac.blueprint.inherit import Lineage, lineage
from aifactory_iac.blueprint.layers import layered, stack_entries
from aifactory_iac.blueprint.library import Library
from aifactory_iac.blueprint.meaning import meaning_findings
from aifactory_iac.blueprint.model import Blueprint, Stack
from aifactory_iac.blueprint.names import duplicate_findings, name_findings
from aifactory_iac.blueprint.nodes import Node
from aifactory_iac.blueprint.origins import Origins
from aifactory_iac.blueprint.parameters import declarations
from aifactory_iac.blueprint.reader import Document, read_document
from aifactory_iac.blueprint.resolve import Resolved, resolved
from aifactory_iac.blueprint.rules import first_of, found
from aifactory_iac.blueprint.secrets import (
    Redactions,
    joined,
    redacted,
    redactions,
    secret_findings,
    secret_parameters,
    secrets_in,
)
from aifactory_iac.blueprint.validate import Validated, validated
from aifactory_iac.findings import Finding, Path, Span, has_blocking, in_order

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog


_IS_SECRET, _LOOKS_SECRET = "AIF-DOC-070", "AIF-DOC-071"

_OF_WHAT_IS_MISSING = frozenset(
    f"AIF-DOC-{number}" for number in ("022", "034", "041", "050", "060", "102", "101", "140")
)
"""Findings that a parent which could not be read may be the reason of: not said without it."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to load: a library name, folder or file, and what is laid over it."""

    target: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    values: FilePath | None = None
    library: tuple[FilePath, ...] = ()


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading gave. `blueprint` is `None` when a finding is blocking.

    `files` maps the path of every file read, as shown, to its SHA-256; `parameters` are the values
    in force, and `stack_path` is the stack file, whose relative paths start at its folder.
    """

    blueprint: Blueprint | None
    stack: Stack | None
    findings: tuple[Finding, ...]
    origins: Origins
    files: Mapping[str, str]
    parameters: Mapping[str, Any]
    digest: str
    stack_path: FilePath | None = None

    @property
    def valid(self) -> bool:
        """Whether there is a blueprint to go on with."""
        return self.blueprint is not None

    def locate(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """The findings of later rooms with the place of each path, in order."""
        return in_order(self.origins.locate(findings))


def load(request: Request, catalog: Catalog, files: Files | None = None) -> Loaded:
    """Loads the target with all its layers. Never raises for what a user wrote."""
    adapter = files if files is not None else Disk()
    library = Library((*request.library, shipped.folder("blueprints")), adapter)
    read = lineage(request.target, library)
    given = _values_file(request.values, adapter, read)
    return _judged(read, given, request.parameters, catalog)


def declared_parameters(
    target: str, library: tuple[FilePath, ...] = (), files: Files | None = None
) -> Mapping[str, Mapping[str, Any]]:
    """The parameters that a target declares, by name, each with its schema; none if unreadable."""
    adapter = files if files is not None else Disk()
    read = lineage(target, Library((*library, shipped.folder("blueprints")), adapter))
    merged, _ = layered(read)
    if merged is None:
        return {}
    return {name: each.schema for name, each in declarations(merged)[0].items()}


def _values_file(path: FilePath | None, files: Files, read: Lineage) -> Document | None:
    """The file of parameter values; it is one more file of the lineage."""
    if path is None:
        return None
    shown = files.shown(path)
    try:
        data = files.read(path)
    except Unreadable as error:
        message = f"`{shown}` cannot be read: {error}"
        span = Span(shown, 1, 1, layer="values file")
        read.findings.append(found("001", message, hint="check `--values`", span=span))
        return None
    read.add(shown, data)
    document = read_document(data, shown, "values file")
    read.findings.extend(document.findings)
    return document


def _judged(
    read: Lineage, given: Document | None, command_line: Mapping[str, str], catalog: Catalog
) -> Loaded:
    findings = [*read.findings, *_headers(read), *_as_read(read, given)]
    hidden = _hidden(read, given)
    stack, stack_findings = _stack(read)
    findings.extend(stack_findings)
    merged, merge_findings = layered(read)
    findings.extend(merge_findings)
    if merged is None or any(is_foreign(document) for document in read.blueprints):
        found_all = in_order(redacted(findings, hidden))
        return Loaded(None, None, found_all, Origins(), read.files, {}, "", read.stack_path)
    values = given.root if given is not None else None
    result = resolved(merged, stack_entries(read, "parameters"), values, command_line)
    findings.extend(result.findings)
    hidden = joined(hidden, redactions(node for _, node in secrets_in(result.root)))
    typed = validated(Blueprint, result.root, {"apiVersion": API_VERSION, "kind": "Blueprint"})
    findings.extend(typed.findings)
    hidden = joined(hidden, redactions(_secret_literals(typed.findings, result.root)))
    findings.extend(first_of(secret_findings([result.root])))
    findings.extend(secret_parameters(result.parameters))
    findings.extend(name_findings(result.root, Blueprint, catalog))
    findings.extend(_meaning(typed, catalog, result))
    origins = Origins(result.root, hidden, result.parameters)
    if not read.complete:
        findings = [each for each in findings if each.rule not in _OF_WHAT_IS_MISSING]
    located = in_order(origins.locate(_said_once(findings)))
    whole = typed.model if typed.whole and not has_blocking(located) else None
    return Loaded(
        blueprint=whole,
        stack=stack,
        findings=located,
        origins=origins,
        files=read.files,
        parameters=result.values,
        digest=digest(whole, result.values) if whole is not None else "",
        stack_path=read.stack_path,
    )


def _headers(read: Lineage) -> list[Finding]:
    documents = [(document, "Blueprint") for document in read.blueprints]
    if read.stack is not None:
        documents.append((read.stack, "Stack"))
    return [each for document, kind in documents for each in header_findings(document, kind)]


def _as_read(read: Lineage, given: Document | None) -> list[Finding]:
    """What can only be seen in a document as it was read: names twice, secrets."""
    roots = [document.root for document in _documents(read, given) if document.root is not None]
    twice = first_of(finding for root in roots for finding in duplicate_findings(root))
    return [*twice, *first_of(secret_findings(roots))]


def _documents(read: Lineage, given: Document | None) -> list[Document]:
    others = [document for document in (read.stack, given) if document is not None]
    return [*read.blueprints, *others]


def _hidden(read: Lineage, given: Document | None) -> Redactions:
    roots = [document.root for document in _documents(read, given)]
    return redactions(node for root in roots if root is not None for _, node in secrets_in(root))


def _secret_literals(findings: tuple[Finding, ...], root: Node) -> list[Node]:
    """The values that stand where a reference to a secret belongs."""
    origins = Origins(root)
    nodes = [origins.node(finding.path) for finding in findings if finding.rule == _IS_SECRET]
    return [node for node in nodes if node is not None]


def _stack(read: Lineage) -> tuple[Stack | None, tuple[Finding, ...]]:
    root = read.stack.root if read.stack is not None else None
    if root is None:
        return None, ()
    typed = validated(Stack, root, {"apiVersion": API_VERSION, "kind": "Stack"})
    return (typed.model if typed.whole else None), typed.findings


def _meaning(
    typed: Validated[Blueprint], catalog: Catalog, result: Resolved
) -> tuple[Finding, ...]:
    """The semantic findings on what is sound, less those about what had to be left out."""
    if typed.model is None:
        return ()
    del result
    return tuple(
        finding
        for finding in meaning_findings(typed.model, catalog)
        if not any(_related(finding.path, path) for path in typed.dropped)
    )


def _related(one: Path, other: Path) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _said_once(findings: list[Finding]) -> tuple[Finding, ...]:
    """Without a second finding of one rule at one place: layers share what they inherit."""
    seen: dict[tuple[object, ...], Finding] = {}
    known: set[tuple[str, tuple[object, ...]]] = set()
    for finding in sorted(findings, key=lambda each: each.rule):
        place = (finding.span.file, finding.span.line, finding.span.column) if finding.span else ()
        if finding.rule == _LOOKS_SECRET and (_IS_SECRET, place) in known:
            continue
        known.add((finding.rule, place))
        seen.setdefault((finding.rule, place or finding.path, finding.message), finding)
    return tuple(seen.values())
