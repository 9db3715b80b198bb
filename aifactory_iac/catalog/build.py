"""From the plain fields of a record to its typed fact."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from aifactory_iac.catalog.facts import Provenance, Source
from aifactory_iac.catalog.tables import Fact, Table

Record = Mapping[str, Any]
"""The plain fields of one record, as the data file or an overlay gives them."""

_Convert = Callable[[Any], Any]


def build(table: Table, key: str, record: Record, provenance: Provenance) -> Fact:
    """The typed fact. The record must already be valid under the table's schema.

    A field that is left out takes the table's default, then `None` or the empty collection.
    """
    values: dict[str, Any] = {}
    for name, (convert, absent) in fields_of(table).items():
        if name in record:
            value = record[name]
            values[name] = absent if value is None else convert(value)
        else:
            values[name] = table.defaults.get(name, absent)
    if table.name == "constants":
        for end in ("low", "high"):
            given = record.get(end)
            values[end] = float(record["value"] if given is None else given)
    fact: Fact = table.fact(id=key, provenance=provenance, **values)
    return fact


def provenance_of(
    record: Record, sources: Mapping[str, Source], layer: str = "catalog"
) -> Provenance:
    """The provenance of a record whose source keys are known to resolve."""
    return Provenance(
        sources=tuple(sources[name] for name in record["sources"]),
        unverified=frozenset(record.get("unverified", ())),
        note=record.get("note"),
        layer=layer,
    )


def explained(provenance: Provenance, field: str, layer: str) -> tuple[str, ...]:
    """Where a field comes from, as lines for people; a source of another layer is left out."""
    own = [each for each in provenance.sources if each.key.startswith(f"{layer}:")]
    shipped = [each for each in provenance.sources if ":" not in each.key]
    lines = [f"from {layer}"]
    if not provenance.verified(field):
        lines.append("unverified: no source is good enough to gate a design on this")
    for source in own if layer != "catalog" else shipped:
        where = f" {source.url}" if source.url else ""
        lines.append(f"{source.title} ({source.kind}, {source.date}){where}")
    if provenance.note:
        lines.append(provenance.note)
    return tuple(lines)


def source_of(key: str, record: Record) -> Source:
    """A source from its plain fields; `url` is empty where it is a document."""
    return Source(
        key=key,
        title=record["title"],
        url=record.get("url") or "",
        date=record["date"],
        kind=record.get("kind", "user"),
        via=record.get("via"),
    )


@functools.cache
def _fields(fact: Any) -> Mapping[str, tuple[_Convert, Any]]:
    hints = typing.get_type_hints(fact)
    return {
        item.name: (_converter(hints[item.name]), _absent(hints[item.name], item))
        for item in dataclasses.fields(fact)
        if item.name not in ("id", "provenance")
    }


def fields_of(table: Table) -> Mapping[str, tuple[_Convert, Any]]:
    """Field names of the table's fact with their conversion and their value when absent."""
    fact: Any = table.fact
    return _fields(fact)


def _absent(hint: Any, item: dataclasses.Field[Any]) -> Any:
    if item.default is not dataclasses.MISSING:
        return item.default
    origin = typing.get_origin(hint)
    if origin is tuple:
        return ()
    if origin is Mapping:
        return {}
    return None


def _converter(hint: Any) -> _Convert:
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        (inner,) = (part for part in typing.get_args(hint) if part is not type(None))
        return _converter(inner)
    if origin is tuple:
        inner = _converter(typing.get_args(hint)[0])
        return lambda items: tuple(inner(item) for item in items)
    if origin is Mapping:
        key, value = map(_converter, typing.get_args(hint))
        return lambda entries: {key(name): value(entry) for name, entry in entries.items()}
    if hint in (float, int):
        return typing.cast("_Convert", hint)
    if dataclasses.is_dataclass(hint):
        return lambda entry: _plain(typing.cast("type[Any]", hint), entry)
    return lambda value: value


def _plain(fact: Any, entry: Record) -> Any:
    return fact(**{name: entry.get(name, absent) for name, (_, absent) in _fields(fact).items()})
