"""Inputs against the package schema: unknown and missing properties, types, choices; all at once.

The schema itself is walked, not a JSON Schema made from it: its objects are closed, unknown values
fit everywhere, and each complaint has to name a property path and a way out.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from aifactory_iac.providers.plugin.property_path import Path, path_text
from aifactory_iac.providers.resource import UNKNOWN, Checked, Failure
from aifactory_iac.providers.schema import choices_of, package_schema

_NAMES = {
    str: "a text",
    bool: "a truth value",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "an object",
    type(None): "nothing",
}
_WANTED: Mapping[str, tuple[tuple[type, ...], str]] = {
    "string": ((str,), "a text"),
    "boolean": ((bool,), "a truth value"),
    "integer": ((int,), "a whole number"),
    "number": ((int, float), "a number"),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """The properties of an object of the schema."""

    properties: Mapping[str, Mapping[str, Any]]
    required: Sequence[str]


@cache
def _schema() -> Mapping[str, Any]:
    return package_schema()


@cache
def inputs_of(token: str) -> Shape | None:
    """Inputs of a resource type; None when the schema has no such type."""
    body = _schema()["resources"].get(token)
    return Shape(body["inputProperties"], body["requiredInputs"]) if body else None


@cache
def secret_outputs(token: str) -> frozenset[Path]:
    """Properties of a resource type that are secret whatever they come from."""
    body: Mapping[str, Any] = _schema()["resources"].get(token, {})
    return frozenset(
        (name,) for name, field in body.get("properties", {}).items() if field.get("secret")
    )


@cache
def settings() -> Mapping[str, Mapping[str, Any]]:
    """Settings of the provider."""
    fields: Mapping[str, Mapping[str, Any]] = _schema()["config"]["variables"]
    return fields


@cache
def tokens() -> tuple[str, ...]:
    """All resource types."""
    return tuple(_schema()["resources"])


@cache
def _nested(reference: str) -> Shape | None:
    """A type of this schema; None for `Any`."""
    body = _schema()["types"].get(reference.removeprefix("#/types/"))
    return Shape(body["properties"], body["required"]) if body else None


def checked(shape: Shape, inputs: Mapping[str, Any]) -> Checked:
    """Inputs without what is null, and everything that does not fit the shape."""
    failures: list[Failure] = []
    return Checked(_object(shape, inputs, (), failures), failures)


def near(word: str, known: Sequence[str]) -> str:
    """What the user may have meant, as the end of a sentence."""
    folded = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), folded, 1, 0.7)
    if close:
        return f"; did you mean `{folded[close[0]]}`?"
    return f"; known are {', '.join(f'`{name}`' for name in sorted(known))}"


def _object(
    shape: Shape, value: Mapping[str, Any], path: Path, failures: list[Failure]
) -> dict[str, Any]:
    found = {}
    for key, item in value.items():
        field = shape.properties.get(key)
        if field is None:
            reason = f"is no property of it{near(key, list(shape.properties))}"
            failures.append(Failure(path_text((*path, key)), reason))
        elif item is not None:
            found[key] = _value(field, item, (*path, key), failures)
    failures.extend(
        Failure(path_text((*path, key)), "is missing") for key in shape.required if key not in found
    )
    return found


def _value(field: Mapping[str, Any], value: Any, path: Path, failures: list[Failure]) -> Any:
    if value is UNKNOWN:
        return value
    kind = field.get("type")
    if kind is None:
        shape = _nested(field["$ref"])
        if shape is None:
            return value
        if isinstance(value, Mapping):
            return _object(shape, value, path, failures)
        return _complained(value, "an object", path, failures)
    if kind == "object":
        return _mapping(field, value, path, failures)
    if kind == "array":
        return _list(field, value, path, failures)
    types, wanted = _WANTED[kind]
    if not isinstance(value, types) or (isinstance(value, bool) and kind != "boolean"):
        return _complained(value, wanted, path, failures)
    choices = choices_of(field.get("description", "")) if isinstance(value, str) else ()
    if isinstance(value, str) and choices and value not in choices:
        listed = ", ".join(f"`{choice}`" for choice in choices)
        close = difflib.get_close_matches(value.lower(), choices, 1, 0.7)
        hint = f"; did you mean `{close[0]}`?" if close else ""
        failures.append(Failure(path_text(path), f"is none of {listed}{hint}"))
    return value


def _mapping(field: Mapping[str, Any], value: Any, path: Path, failures: list[Failure]) -> Any:
    if not isinstance(value, Mapping):
        return _complained(value, "an object", path, failures)
    inner = field["additionalProperties"]
    return {key: _value(inner, item, (*path, key), failures) for key, item in value.items()}


def _list(field: Mapping[str, Any], value: Any, path: Path, failures: list[Failure]) -> Any:
    if not isinstance(value, list | tuple):
        return _complained(value, "a list", path, failures)
    inner = field["items"]
    return [_value(inner, item, (*path, at), failures) for at, item in enumerate(value)]


def _complained(value: Any, wanted: str, path: Path, failures: list[Failure]) -> Any:
    """Says what stands there, but not the value itself: it may be secret."""
    is_ = _NAMES.get(type(value), "something else")
    failures.append(Failure(path_text(path), f"is {is_}; it has to be {wanted}"))
    return value
