"""JSON Schema (2020-12) of the catalog's files, derived from the typed facts.

One definition per field: the annotation in `facts.py` gives the type, the docstring under it the
description, and `LIMITS` what a type cannot say. The files in `schema/` are these documents, for
editors; `python -m aifactory_iac.catalog.schema` writes them, and a test keeps them equal.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import inspect
import json
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aifactory_iac.catalog import facts
from aifactory_iac.catalog.tables import TABLES, Table

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FOLDER = Path(__file__).resolve().parent / "schema"
PRECISIONS = ("fp32", "tf32", "bf16", "fp8", "fp6", "fp4", "int8")
TECHNOLOGIES = ("infiniband-ndr", "infiniband-xdr", "ethernet-roce", "ethernet", "efa")
ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
DATE_PATTERN = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"
_LARGEST = 10**15

_SHARE: Schema = {"maximum": 1}
_RATIO: Schema = {"minimum": 1, "maximum": 5}
_COUNT: Schema = {"minimum": 1}
_ALPHA2: Schema = {"pattern": "^[A-Z]{2}$"}
_DATE: Schema = {"pattern": DATE_PATTERN}
_PRECISION: Schema = {"propertyNames": {"enum": list(PRECISIONS)}}

LIMITS: Mapping[str, Schema] = {
    "accelerators.tflops_dense": _PRECISION,
    "accelerators.tflops_sparse": _PRECISION,
    "accelerators.mamf_tflops": _PRECISION,
    "accelerators.memory_gb": {"exclusiveMinimum": 0},
    "systems.trays": _COUNT,
    "systems.rack_units": _COUNT,
    "systems.liquid_share": _SHARE,
    "systems.recommended_per_rack": _COUNT,
    "systems.scalable_unit_nodes": _COUNT,
    "systems.scalable_units": {"propertyNames": {"enum": list(TECHNOLOGIES)}},
    "switches.rack_units": _COUNT,
    "nics.ports": _COUNT,
    "cables.links": _COUNT,
    "racks.rack_units": _COUNT,
    "aws_instances.price_date": _DATE,
    "aws_instances.capacity_block_price_date": _DATE,
    "aws_instances.accelerators": _COUNT,
    "aws_instances.network_cards": _COUNT,
    "aws_regions.country": _ALPHA2,
    "fsx_tiers.mb_s_per_tib": _COUNT,
    "fsx_tiers.efa_step_gib": _COUNT,
    "fsx_tiers.price_date": _DATE,
    "cooling_limits.max_kw": {"exclusiveMinimum": 0},
    "cooling_limits.pue": _RATIO,
    "electricity.date": _DATE,
    "NicPorts.role": {"enum": ["compute", "storage", "in-band", "out-of-band"]},
    "NicPorts.count": _COUNT,
    "NicPorts.gbps": _COUNT,
}
"""What the type of a field leaves open, by `table.field`."""


def record_schema(table: Table, *, partial: bool = False) -> Schema:
    """The schema of one record; `partial` is a record that overrides fields of another."""
    properties, required = _fields(table.fact, table.name)
    properties |= {
        "sources": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "string"},
            "description": "Keys of the sources, the one that most rests on first.",
        },
        "unverified": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Fields that no source is good enough for: shown, never gated on.",
        },
        "note": {"type": "string", "minLength": 1, "description": "What a reader should know."},
    }
    if table.name == "constants":
        required = [name for name in required if name not in ("low", "high")]
    required = [name for name in required if name not in table.defaults]
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": ["sources"] if partial else [*required, "sources"],
    }


def source_schema() -> Schema:
    """The schema of one source."""
    text = {"type": "string", "minLength": 1}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "title": text | {"description": "What it is called."},
            "url": text | {"description": "Where it is."},
            "document": text | {"description": "Which document it is, when it has no address."},
            "date": {"type": "string", **_DATE, "description": "Its date: 2026-11-21, or a year."},
            "kind": text | {"description": "What it is: vendor, quote, press, measurement."},
            "via": text | {"description": "Key of the source that it was read through."},
        },
        "required": ["title", "date"],
    }


def overlay_schema() -> Schema:
    """The schema of a catalog overlay. Records are partial: they may override shipped ones."""
    tables = {
        table.name: {
            "type": "object",
            "description": table.title.capitalize() + ".",
            "propertyNames": {"pattern": ID_PATTERN},
            "additionalProperties": record_schema(table, partial=True),
        }
        for table in TABLES.values()
    }
    sources = {
        "type": "object",
        "description": "Who says so; every record of the file refers to one of these.",
        "propertyNames": {"pattern": ID_PATTERN},
        "additionalProperties": source_schema()
        | {"anyOf": [{"required": ["url"]}, {"required": ["document"]}]},
    }
    return {
        "$schema": DIALECT,
        "title": "Catalog overlay",
        "description": "Facts of your own, laid over the shipped catalog.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "apiVersion": {"const": "aifactory/v1"},
            "kind": {"const": "Catalog"},
            "sources": sources,
            **tables,
        },
        "required": ["apiVersion", "kind", "sources"],
    }


def documents() -> Mapping[str, Schema]:
    """Every published schema by file name."""
    found = {f"{table.name}.json": _file_schema(table) for table in TABLES.values()}
    found["sources.json"] = _envelope("Sources", {"type": "object"}, source_schema())
    found["overlay.json"] = overlay_schema()
    return found


def _file_schema(table: Table) -> Schema:
    # An editor sees one record at a time, so what `defaults` may supply cannot be required of it.
    record = record_schema(table)
    shared = {"sources", "price_date"}
    record["required"] = [name for name in record["required"] if name not in shared]
    properties = {name: record["properties"][name] for name in sorted(record["properties"])}
    defaults = {"type": "object", "additionalProperties": False, "properties": properties}
    return _envelope(table.title.capitalize(), defaults, record)


def _envelope(title: str, defaults: Schema, record: Schema) -> Schema:
    return {
        "$schema": DIALECT,
        "title": title,
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "defaults": defaults,
            "records": {
                "type": "object",
                "propertyNames": {"pattern": ID_PATTERN},
                "additionalProperties": record,
            },
        },
        "required": ["records"],
    }


def _fields(fact: type[Any], prefix: str) -> tuple[dict[str, Schema], list[str]]:
    hints = typing.get_type_hints(fact)
    described = _descriptions().get(fact.__name__, {})
    properties: dict[str, Schema] = {}
    required: list[str] = []
    for item in dataclasses.fields(fact):
        if item.name in ("id", "provenance"):
            continue
        schema, optional = _of(hints[item.name], LIMITS.get(f"{prefix}.{item.name}", {}))
        if item.name in described:
            schema["description"] = described[item.name]
        properties[item.name] = schema
        has_default = (
            item.default is not dataclasses.MISSING
            or item.default_factory is not dataclasses.MISSING
        )
        if not optional and not has_default:
            required.append(item.name)
    return properties, required


def _of(hint: Any, limits: Schema) -> tuple[Schema, bool]:
    """The schema of a type with its limits, and whether a record may leave the field out."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        (inner,) = (part for part in arguments if part is not type(None))
        schema, _ = _of(inner, limits)
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
        schema["type"] = [schema["type"], "null"]
        return schema, True
    if origin is typing.Literal:
        return {"type": "string", "enum": list(arguments), **limits}, False
    if origin is tuple:
        return _array(arguments, limits), arguments[-1] is Ellipsis
    if origin is Mapping:
        return _mapping(arguments, limits), True
    if dataclasses.is_dataclass(hint):
        inner = typing.cast("type[Any]", hint)
        properties, required = _fields(inner, inner.__name__)
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": properties,
            "required": required,
        }, False
    if hint is str:
        return {"type": "string", "minLength": 1, **limits}, False
    if hint is bool:
        return {"type": "boolean", **limits}, False
    name = "integer" if hint is int else "number"
    floor = {} if "exclusiveMinimum" in limits else {"minimum": 0}
    return {"type": name, **floor, "maximum": _LARGEST, **limits}, False


def _array(arguments: tuple[Any, ...], limits: Schema) -> Schema:
    schema, _ = _of(arguments[0], {})
    bounds: Schema = {}
    if arguments[-1] is not Ellipsis:
        bounds = {"minItems": len(arguments), "maxItems": len(arguments)}
    return {"type": "array", "items": schema, **bounds, **limits}


def _mapping(arguments: tuple[Any, ...], limits: Schema) -> Schema:
    value, _ = _of(arguments[1], {})
    if arguments[0] is int:
        limits = {"propertyNames": {"pattern": "^[1-9][0-9]*$"}, **limits}
    return {"type": "object", "additionalProperties": value, **limits}


@functools.cache
def _descriptions() -> Mapping[str, Mapping[str, str]]:
    """The docstring under each field of each fact, by class and field name."""
    found: dict[str, dict[str, str]] = {}
    for node in ast.parse(inspect.getsource(facts)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        fields: dict[str, str] = {}
        for line, following in zip(node.body, node.body[1:], strict=False):
            match (line, following):
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ):
                    fields[name] = " ".join(text.split())
        found[node.name] = fields
    return found


def write(folder: Path = FOLDER) -> None:
    """Writes the published schemas into a folder."""
    folder.mkdir(exist_ok=True)
    for name, document in documents().items():
        (folder / name).write_text(text_of(document), encoding="utf-8")


def text_of(document: Schema) -> str:
    """A schema as it stands in its file."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    write()
