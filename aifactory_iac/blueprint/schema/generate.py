"""Builds the published JSON Schemas from the typed model.

pydantic gives the schema of finished values. A document may also have a `${...}` reference where a
value is expected, and a document that extends another, or an overlay, only parts of everything:
so each layer has a second definition, `<Layer>Part`, without required keys, with `null` and
`$remove` for removing what is inherited.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from aifactory_iac.blueprint.merge import REMOVE
from aifactory_iac.blueprint.model import Blueprint, Stack
from aifactory_iac.blueprint.schema import schema_id
from aifactory_iac.blueprint.shapes import all_models, fields_of

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_FIXED = frozenset({"apiVersion", "kind", "name", "extends", "secret"})
"""Keys that tell documents, layers and items apart: no reference stands there in the schema."""

_REFERENCE = {
    "type": "string",
    "pattern": r"\$\{[^{}]+\}",
    "description": "A reference, such as `${parameter}` or `${sites.fra1.region}`.",
}
_PARAMETERS = {
    "type": "object",
    "description": "Declared parameters; each is a JSON Schema with a `default`.",
    "propertyNames": {"pattern": "^[A-Za-z][A-Za-z0-9_-]{0,62}$"},
    "additionalProperties": {
        "type": "object",
        "properties": {
            "type": {"enum": ["integer", "number", "string", "boolean", "array", "object"]},
            "default": {"description": "The value when nobody sets one."},
            "description": {"type": "string"},
            "minimum": {"type": "number"},
            "maximum": {"type": "number"},
            "enum": {"type": "array"},
            "pattern": {"type": "string", "format": "regex"},
        },
    },
}


def generated(name: str) -> str:
    """The text of the schema file of a `blueprint` or a `stack`."""
    document = _blueprint() if name == "blueprint" else _stack()
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _blueprint() -> dict[str, Any]:
    return _pruned(
        {
            "$schema": _DRAFT,
            "$id": schema_id("blueprint"),
            "title": "aifactory blueprint",
            "description": "One document that describes a whole AI factory.",
            "type": "object",
            "required": ["apiVersion", "kind", "metadata"],
            "if": {"required": ["extends"]},
            "then": {"$ref": "#/$defs/BlueprintPart"},
            "else": {"$ref": "#/$defs/Blueprint"},
            "$defs": _definitions(),
        }
    )


def _stack() -> dict[str, Any]:
    schema, docs = Stack.model_json_schema(by_alias=True), _docs(Stack)
    definitions = {
        name: _layer(each, docs[name], part=False)
        for name, each in sorted(schema.pop("$defs").items())
    }
    layer = _layer(schema, docs["Stack"], part=False)
    layer["properties"]["parameters"] = {
        "type": "object",
        "description": "Values of the blueprint's parameters.",
    }
    overlay = {"$ref": "#/$defs/BlueprintPart"}
    layer["properties"]["overlay"] = overlay | {
        "description": "A partial blueprint, merged over the blueprint by name."
    }
    return _pruned(
        {
            "$schema": _DRAFT,
            "$id": schema_id("stack"),
            "title": "aifactory stack",
            **layer,
            "$defs": _definitions() | definitions,
        }
    )


def _pruned(document: dict[str, Any]) -> dict[str, Any]:
    """The document with only those definitions that something in it leads to."""
    definitions = document.pop("$defs")
    kept: dict[str, Any] = {}
    queue = [*_references(document)]
    while queue:
        name = queue.pop()
        if name not in kept:
            kept[name] = definitions[name]
            queue.extend(_references(definitions[name]))
    return document | {"$defs": {name: kept[name] for name in sorted(kept)}}


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref":
                yield value.rsplit("/", 1)[-1]
            else:
                yield from _references(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from _references(item)


def _definitions() -> dict[str, Any]:
    schema = Blueprint.model_json_schema(by_alias=True)
    layers = schema.pop("$defs") | {"Blueprint": schema}
    docs = _docs(Blueprint)
    definitions: dict[str, Any] = {"Reference": _REFERENCE, "Parameters": _PARAMETERS}
    for name, layer in sorted(layers.items()):
        definitions[name] = _layer(layer, docs[name], part=False)
        definitions[f"{name}Part"] = _layer(layer, docs[name], part=True)
    for name in ("Blueprint", "BlueprintPart"):
        definitions[name]["properties"]["parameters"] = {"$ref": "#/$defs/Parameters"}
    return definitions


def _docs(document: type[BaseModel]) -> dict[str, dict[str, str]]:
    """What each field of each layer means; pydantic drops it where the layer says the same."""
    return {
        model.__name__: {key: field.spec.doc for key, field in fields_of(model).items()}
        for model in all_models(document)
    }


def _layer(layer: dict[str, Any], docs: Mapping[str, str], *, part: bool) -> dict[str, Any]:
    properties = {
        key: _property(key, {"description": docs.get(key, "")} | each, part=part)
        for key, each in layer.get("properties", {}).items()
    }
    required = layer.get("required", [])
    if part:
        required = [key for key in required if key == "name"]
        if "name" in properties:
            properties[REMOVE] = {
                "const": True,
                "description": "Removes the inherited item of this name.",
            }
    built = {
        "type": "object",
        "description": layer.get("description", ""),
        "properties": properties,
        "additionalProperties": False,
    }
    return built | ({"required": required} if required else {})


_NOTES = ("description", "default", "examples", "x-impact", "x-shrink")


def _property(key: str, schema: dict[str, Any], *, part: bool) -> dict[str, Any]:
    notes = {note: schema[note] for note in _NOTES if note in schema}
    if notes.get("default", ...) is None:
        del notes["default"]
    core = _value({name: each for name, each in schema.items() if name not in _NOTES}, part=part)
    if key in _FIXED:
        return core | notes
    return _or_reference(core, part=part) | notes


def _value(schema: dict[str, Any], *, part: bool) -> dict[str, Any]:
    """A value's schema with its inner values opened for references, and our own definitions."""
    if "$ref" in schema:
        return {"$ref": schema["$ref"] + ("Part" if part else "")}
    if "oneOf" in schema:
        members = [_value(each, part=part) for each in schema["oneOf"]]
        return {"anyOf" if part else "oneOf": members}
    if "anyOf" in schema:
        members = [_value(each, part=part) for each in schema["anyOf"]]
        kept = [each for each in members if each != {"type": "null"}]
        return kept[0] if len(kept) == 1 else {"anyOf": kept}
    core = {name: each for name, each in schema.items() if name not in ("title", "discriminator")}
    if "items" in core:
        core["items"] = _item(core["items"], part=part)
    if "prefixItems" in core:
        core["prefixItems"] = [_item(each, part=part) for each in core["prefixItems"]]
    if isinstance(core.get("additionalProperties"), dict):
        inner = _value(core["additionalProperties"], part=part)
        core["additionalProperties"] = _or_reference(inner, part=part)
    return core


def _item(schema: dict[str, Any], *, part: bool) -> dict[str, Any]:
    core = _value(schema, part=part)
    is_layer = "$ref" in core or "oneOf" in core or "anyOf" in core
    return core if is_layer else _or_reference(core, part=False)


def _or_reference(core: dict[str, Any], *, part: bool) -> dict[str, Any]:
    """The value, or a reference to one; in a part also `null`, which removes what is inherited."""
    takes_any_text = core.get("type") == "string" and not {"pattern", "enum", "const"} & set(core)
    members = [core] if takes_any_text else [core, {"$ref": "#/$defs/Reference"}]
    if part:
        members.append({"type": "null"})
    return members[0] if len(members) == 1 else {"anyOf": members}
