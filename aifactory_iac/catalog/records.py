"""Checks the records of overlays against the schemas and lays them over the shipped ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from aifactory_iac.catalog.build import Record, fields_of, source_of
from aifactory_iac.catalog.complaints import complaints
from aifactory_iac.catalog.facts import Source
from aifactory_iac.catalog.laid import Laid, Overlays
from aifactory_iac.catalog.overlay import Overlay
from aifactory_iac.catalog.rules import found, near
from aifactory_iac.catalog.schema import ID_PATTERN, record_schema, source_schema
from aifactory_iac.catalog.tables import PROVENANCE_FIELDS, TABLES, Table
from aifactory_iac.findings import Finding, Path, in_order

_MOST = 100
"""Findings that are collected before the rest of a hopeless file is let be."""

Shipped = Callable[[str], Mapping[str, Record]]
"""Gives the shipped records of a table by id."""


@dataclass(frozen=True)
class _Entry:
    overlay: Overlay
    table: Table
    key: str
    record: Any
    shipped: Record | None

    @property
    def path(self) -> Path:
        return (self.table.name, self.key)


def lay_over(overlays: Sequence[Overlay], shipped: Shipped) -> Overlays:
    """Checks every record of every overlay and merges the sound ones.

    The order of the overlays changes nothing: they are taken by path. Source keys of an overlay
    become `<file>:<key>`, so that no overlay can speak in the name of another's source.
    """
    ordered = sorted(overlays, key=lambda overlay: overlay.shown)
    findings: list[Finding] = [finding for overlay in ordered for finding in overlay.findings]
    sources: dict[str, Source] = {}
    for overlay in ordered:
        wrong, sound = _sources(overlay)
        findings += wrong
        sources |= sound
    entries = list(_entries(ordered, shipped))
    known = _known_ids(entries, shipped)
    records: dict[str, dict[str, Laid]] = {}
    first: dict[Path, _Entry] = {}
    for entry in entries:
        if len(findings) > _MOST:
            break
        earlier = first.setdefault(entry.path, entry)
        wrong = [] if earlier is entry else [_twice(entry, earlier)]
        wrong += islice(_wrong(entry, known), _MOST)
        if not wrong:
            laid = _merge(entry)
            wrong += _disorder(entry, laid.record)
            # A record on a source that is wrong itself is left out; the source has the finding.
            if not wrong and sources.keys() >= laid.sources:
                records.setdefault(entry.table.name, {})[entry.key] = laid
        findings += wrong
    return Overlays(records, sources, in_order(findings))


def _known_ids(entries: Sequence[_Entry], shipped: Shipped) -> Mapping[str, frozenset[str]]:
    """Ids that a record may refer to, by table, for the tables that are referred to."""
    targets = {target for entry in entries for target in entry.table.refers.values()}
    return {
        name: frozenset(shipped(name)) | {each.key for each in entries if each.table.name == name}
        for name in targets
    }


def _entries(overlays: Sequence[Overlay], shipped: Shipped) -> Iterator[_Entry]:
    for overlay in overlays:
        for name, records in overlay.tables.items():
            known = shipped(name)
            for key, record in records.items():
                yield _Entry(overlay, TABLES[name], key, record, known.get(key))


def _sources(overlay: Overlay) -> tuple[list[Finding], dict[str, Source]]:
    findings: list[Finding] = []
    sound: dict[str, Source] = {}
    for key, given in overlay.sources.items():
        if len(findings) > _MOST:
            break
        path = ("sources", key)
        source = _with_year(given)
        every = complaints(source, source_schema(), path, overlay, missing="AIF-CAT-007")
        wrong = list(islice(every, _MOST))
        if not wrong and not source.get("url") and not source.get("document"):
            message = f"The source `{key}` says neither where it is nor which document it is."
            span = overlay.span(path, key=True)
            wrong = [found("AIF-CAT-007", message, path, hint="add `url` or `document`", span=span)]
        if not wrong:
            name = f"{overlay.layer}:{key}"
            sound[name] = source_of(
                name, {**source, "url": source.get("url", source.get("document"))}
            )
        findings += wrong
    return findings, sound


def _with_year(source: Any) -> Any:
    """A source whose date is a bare year, which YAML takes for a number, with a text instead."""
    if isinstance(source, dict) and type(source.get("date")) is int:
        return {**source, "date": str(source["date"])}
    return source


def _wrong(entry: _Entry, known: Mapping[str, frozenset[str]]) -> Iterator[Finding]:
    if not re.match(ID_PATTERN, entry.key):
        message = "An id is made of letters, digits, dots, dashes and underscores."
        yield found(
            "AIF-CAT-005", message, entry.path, span=entry.overlay.span(entry.path, key=True)
        )
        return
    schema = record_schema(entry.table, partial=entry.shipped is not None)
    wrong = list(complaints(entry.record, schema, entry.path, entry.overlay, missing="AIF-CAT-006"))
    yield from wrong
    if not wrong:
        yield from _broken_sources(entry)
        yield from _broken_references(entry, known)
        yield from _unknown_unverified(entry)


def _broken_sources(entry: _Entry) -> Iterator[Finding]:
    for index, key in enumerate(entry.record["sources"]):
        if key not in entry.overlay.sources:
            path = (*entry.path, "sources", index)
            yield found(
                "AIF-CAT-007",
                f"`{key}` is not a source of this file; a record brings its own.",
                path,
                hint=near(key, entry.overlay.sources, "sources of this file")
                if entry.overlay.sources
                else "list it under `sources:` with title, date, and url or document",
                span=entry.overlay.span(path),
            )


def _broken_references(entry: _Entry, known: Mapping[str, frozenset[str]]) -> Iterator[Finding]:
    for name, target in entry.table.refers.items():
        given = entry.record.get(name)
        for index, key in enumerate([given] if isinstance(given, str) else given or ()):
            if key in known[target]:
                continue
            path = (*entry.path, name) if isinstance(given, str) else (*entry.path, name, index)
            yield found(
                "AIF-CAT-008",
                f"There is no `{key}` among the {TABLES[target].title}.",
                path,
                hint=near(key, known[target], TABLES[target].title),
                span=entry.overlay.span(path),
            )


def _unknown_unverified(entry: _Entry) -> Iterator[Finding]:
    known = fields_of(entry.table)
    for index, name in enumerate(entry.record.get("unverified") or ()):
        if name != "*" and name.partition(".")[0] not in known:
            path = (*entry.path, "unverified", index)
            message = f"`unverified` names `{name}`, which the table does not have."
            hint = near(name, known, "fields")
            yield found("AIF-CAT-004", message, path, hint=hint, span=entry.overlay.span(path))


def _twice(entry: _Entry, earlier: _Entry) -> Finding:
    return found(
        "AIF-CAT-009",
        f"`{entry.key}` stands in `{earlier.overlay.shown}` too; which of them holds is not said.",
        entry.path,
        hint="keep one of them",
        span=entry.overlay.span(entry.path, key=True),
    )


def _merge(entry: _Entry) -> Laid:
    """The overlay's fields over the shipped ones, and what that means for the provenance."""
    prefix = entry.overlay.layer
    own = frozenset(name for name in entry.record if name not in PROVENANCE_FIELDS)
    sources = [f"{prefix}:{key}" for key in entry.record["sources"]]
    base = dict(entry.shipped or {})
    if entry.table.name == "constants" and "value" in own:
        # A new value without a band is a point: the old band says nothing about it.
        base = {name: value for name, value in base.items() if name not in ("low", "high")}
    merged = {**base, **entry.record}
    for name in own:
        old, new = base.get(name), entry.record[name]
        if isinstance(old, dict) and isinstance(new, dict):
            merged[name] = {
                **{str(k): v for k, v in old.items()},
                **{str(k): v for k, v in new.items()},
            }
    merged["sources"] = [*sources, *base.get("sources", ())]
    doubtful = _still_doubtful(base, entry.record) | set(entry.record.get("unverified") or ())
    merged["unverified"] = sorted(doubtful)
    return Laid(merged, prefix, own, frozenset(sources))


def _still_doubtful(base: Record, record: Record) -> set[str]:
    """The shipped record's unverified names that the overlay does not replace."""
    names: set[str] = set()
    for name in base.get("unverified", ()):
        names |= set(base) - set(PROVENANCE_FIELDS) if name == "*" else {name}
    left: set[str] = set()
    for name in names:
        top, _, inner = name.partition(".")
        new, old = record.get(top), base.get(top)
        if top not in record:
            left.add(name)
        elif isinstance(new, dict) and isinstance(old, dict):
            given = {str(key) for key in new}
            doubtful = {inner} if inner else {str(key) for key in old}
            left |= {f"{top}.{key}" for key in doubtful - given}
    return left


_RISING = (
    ("constants", ("low", "value", "high")),
    ("cooling_limits", ("review_kw", "max_kw")),
)
_RISING_LISTS = ("power_kw_typical", "price_usd", "usd_kwh")


def _disorder(entry: _Entry, merged: Record) -> Iterator[Finding]:
    for table, names in _RISING:
        values = [merged[name] for name in names if merged.get(name) is not None]
        if entry.table.name == table and values != sorted(values):
            yield _unordered(entry, entry.path, " <= ".join(names))
    for name in _RISING_LISTS:
        value = entry.record.get(name)
        if isinstance(value, list) and value != sorted(value):
            yield _unordered(entry, (*entry.path, name), "low first")


def _unordered(entry: _Entry, path: Path, order: str) -> Finding:
    message = f"`{path[-1]}` of {entry.table.name} is a range and must rise: {order}."
    return found(
        "AIF-CAT-005", message, path, hint="put the lowest first", span=entry.overlay.span(path)
    )
