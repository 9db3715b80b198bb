"""A user's overlay file: facts of one's own, each with its own source.

    apiVersion: aifactory/v1
    kind: Catalog
    sources:
      quote-4711: {title: Quote 4711, document: quotes/4711.pdf, date: 2026-10-01}
    systems:
      dgx-h100: {price_usd: [231000, 231000], sources: [quote-4711]}

A record with the id of a shipped one overrides the fields it names (mappings by key, lists as a
whole); any other record is new and must be complete. This module reads one file into a document
with positions and checks its outer shape; `records.py` checks and merges the records.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from aifactory_iac.catalog.reading import Position, Positions, ReadingError, read
from aifactory_iac.catalog.rules import found, in_yaml, near
from aifactory_iac.catalog.tables import TABLES
from aifactory_iac.findings import Finding, Path, Span

MAX_BYTES = 256 * 1024
"""Twice the whole shipped catalog."""
_TEXT_SHOWN = 200
_MOST = 100


@dataclass(frozen=True)
class Overlay:
    """One overlay file as read. `tables` and `sources` hold only what has the right outer shape.

    `layer` is the name of the file, as `Provenance.layer` shows it; `shown` is the path as it was
    given. `digest` is over the bytes, empty for a file that could not be read.
    """

    layer: str
    shown: str
    digest: str
    sources: Mapping[str, Any]
    tables: Mapping[str, Mapping[str, Any]]
    findings: tuple[Finding, ...]
    lines: tuple[str, ...]
    positions: Positions

    def span(self, path: Path, *, key: bool = False) -> Span:
        """Where the value at the path stands, or its key; the nearest parent when it has none."""
        place = self.positions.keys.get(path) if key else None
        return self._span(place or self.positions.nearest(path) or (1, 1, 1))

    def _span(self, place: Position) -> Span:
        return _span(self.shown, self.lines, place)


def read_overlay(file: File) -> Overlay:
    """Reads one file. Whatever it holds, the answer is an overlay, with findings where due."""
    shown = file.as_posix()
    try:
        # Asked before it is opened: opening a pipe would wait for a writer that never comes.
        if file.exists() and not file.is_file():
            return _unreadable(file, f"The catalog overlay `{shown}` is not a regular file.")
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not a file name"
        return _unreadable(file, f"The catalog overlay `{shown}` cannot be read: {reason}.")
    digest = hashlib.sha256(content).hexdigest()
    if len(content) > MAX_BYTES:
        return _unreadable(file, f"The catalog overlay `{shown}` is larger than 256 KiB.", digest)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"The catalog overlay `{shown}` is not UTF-8 text (byte {error.start})."
        return _unreadable(file, message, digest)
    return _parse(file.name, shown, digest, text)


def _unreadable(file: File, message: str, digest: str = "") -> Overlay:
    finding = found("AIF-CAT-001", message, span=Span(file.as_posix(), 1, 1, layer=file.name))
    return Overlay(file.name, file.as_posix(), digest, {}, {}, (finding,), (), Positions())


def _parse(layer: str, shown: str, digest: str, text: str) -> Overlay:
    lines = tuple(text.splitlines())
    positions = Positions()
    try:
        document = read(text, positions)
    except ReadingError as error:
        span = _span(shown, lines, (error.line, error.column, 1))
        finding = found("AIF-CAT-002", f"This is not plain YAML: {error.message}.", span=span)
        return Overlay(layer, shown, digest, {}, {}, (finding,), lines, positions)
    bare = Overlay(layer, shown, digest, {}, {}, (), lines, positions)
    findings = tuple(_shape(document, bare))
    sources, tables = _contents(document)
    return Overlay(layer, shown, digest, sources, tables, findings, lines, positions)


def _contents(document: Any) -> tuple[Mapping[str, Any], Mapping[str, Mapping[str, Any]]]:
    if not isinstance(document, dict):
        return {}, {}
    sources = document.get("sources")
    tables = {
        name: {str(key): record for key, record in document[name].items()}
        for name in TABLES
        if isinstance(document.get(name), dict)
    }
    return ({str(k): v for k, v in sources.items()} if isinstance(sources, dict) else {}), tables


def _shape(document: Any, overlay: Overlay) -> list[Finding]:
    if not isinstance(document, dict):
        message = "A catalog overlay is a mapping that starts with `apiVersion` and `kind`."
        return [_outer(overlay, (), message, "start with `apiVersion: aifactory/v1`")]
    findings = []
    for name, wanted in (("apiVersion", "aifactory/v1"), ("kind", "Catalog")):
        if document.get(name) != wanted:
            message = f"A catalog overlay says `{name}: {wanted}`."
            findings.append(_outer(overlay, (name,), message, f"write `{name}: {wanted}`"))
    known = ("apiVersion", "kind", "sources", *TABLES)
    for name in list(document)[:_MOST]:
        if name not in known:
            message = f"The catalog has no table `{in_yaml(name)}`."
            hint = near(str(name), known[2:], "tables")
            findings.append(_outer(overlay, (str(name),), message, hint, key=True))
        elif name not in ("apiVersion", "kind") and not isinstance(document[name], dict):
            message = f"`{name}` is a mapping from id to record."
            findings.append(
                _outer(overlay, (name,), message, "write `id: {field: value}` under it")
            )
    return findings


def _outer(overlay: Overlay, path: Path, text: str, hint: str, *, key: bool = False) -> Finding:
    return found("AIF-CAT-003", text, path, hint=hint, span=overlay.span(path, key=key))


def _span(shown: str, lines: tuple[str, ...], place: Position) -> Span:
    line, column, length = place
    text = lines[line - 1] if line <= len(lines) else ""
    layer = shown.rpartition("/")[2]
    return Span(shown, line, column, length, text[:_TEXT_SHOWN], layer)
