"""The JSON Schema side of parameters: what a declaration may say, and why a value does not fit.

jsonschema costs a quarter of a `validate`, so it is imported only when plain comparison cannot
tell: a value that surely fits a schema of everyday keywords never needs it, and every refusal and
every message come from jsonschema itself. A property test holds the two together.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from aifactory_iac.blueprint.secrets import quoted
from aifactory_iac.blueprint.suggest import did_you_mean
from aifactory_iac.findings import Path

Problem = tuple[Path, str, str | None]
ValueProblem = tuple[Path, Callable[[Path], str], str | None]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "integer": lambda value: _is_number(value) and float(value).is_integer(),
    "number": _is_number,
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}
_NOTES = frozenset({"default", "description", "title", "examples", "deprecated", "$comment"})
_SIMPLE = _NOTES | {"type", "minimum", "maximum", "enum", "pattern", "minLength", "maxLength"}
_KEYWORDS = _SIMPLE | {
    *("const", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "pattern", "format"),
    *("items", "prefixItems", "contains", "minContains", "maxContains", "minItems", "maxItems"),
    *("uniqueItems", "unevaluatedItems", "properties", "patternProperties", "propertyNames"),
    *("additionalProperties", "required", "minProperties", "maxProperties", "dependentRequired"),
    *("dependentSchemas", "unevaluatedProperties", "allOf", "anyOf", "oneOf", "not"),
    *("if", "then", "else", "$ref", "$defs", "$id", "$anchor", "$dynamicRef", "$dynamicAnchor"),
    *("$schema", "$vocabulary", "readOnly", "writeOnly", "contentEncoding", "contentMediaType"),
    "contentSchema",
}
_DEEPEST = 12
_SEE = "see json-schema.org, draft 2020-12: `{type: integer, minimum: 1, default: 4}`"


def schema_problems(schema: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with a declaration: path inside it, message, hint."""
    for key in schema:
        if key not in _KEYWORDS and not key.startswith("x-"):
            hint = did_you_mean(key, _KEYWORDS) or "see json-schema.org; own keys start with `x-`"
            yield (key,), f"JSON Schema has no keyword {quoted(key)}", hint
    if _surely_a_schema(schema):
        return
    if _depth(schema) > _DEEPEST:
        yield (), "the schema is nested too deeply", _SEE
        return
    from jsonschema import Draft202012Validator

    errors = Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema)
    for error in sorted(errors, key=lambda each: (str(each.json_path), str(each.validator))):
        where = ".".join(str(part) for part in error.absolute_path) or "the schema"
        yield tuple(error.absolute_path), f"`{where}` is not what JSON Schema expects", _SEE
        return
    yield from _bad_pattern(schema, ())


def _bad_pattern(schema: Any, path: Path) -> Iterator[Problem]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "pattern" and isinstance(value, str):
                try:
                    re.compile(value)
                except re.error as error:
                    yield (
                        (*path, key),
                        f"`pattern` is not a regular expression: {error}",
                        "escape it, or mend it",
                    )
            else:
                yield from _bad_pattern(value, (*path, key))


def _surely_a_schema(schema: Mapping[str, Any]) -> bool:
    """Whether plain comparison shows the declaration to be a valid schema."""
    numbers = (schema.get(key, 0) for key in ("minimum", "maximum"))
    lengths = (schema.get(key, 0) for key in ("minLength", "maxLength"))
    texts = (schema.get(key, "") for key in ("description", "title", "$comment"))
    return (
        set(schema) <= _SIMPLE
        and isinstance(schema.get("type", "string"), str)
        and schema.get("type", "string") in _TYPES
        and all(_is_number(value) for value in numbers)
        and all(isinstance(value, int) and value >= 0 for value in lengths)
        and all(isinstance(value, str) for value in texts)
        and _is_pattern(schema.get("pattern", ""))
        and isinstance(schema.get("enum", []), list)
        and isinstance(schema.get("examples", []), list)
        and isinstance(schema.get("deprecated", False), bool)
    )


def _is_pattern(value: Any) -> bool:
    try:
        return isinstance(value, str) and re.compile(value) is not None
    except re.error:
        return False


def value_problems(schema: Mapping[str, Any], value: Any) -> Iterator[ValueProblem]:
    """How a value does not fit: path inside it, message (a function of the path), hint."""
    if _surely_fits(schema, value):
        return
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    registry: Registry[Any] = Registry()
    validator = Draft202012Validator(dict(schema), registry=registry)
    try:
        errors = sorted(
            validator.iter_errors(value), key=lambda each: (each.json_path, each.message)
        )
    except (Unresolvable, SchemaError, RecursionError, OverflowError):
        text = "its schema cannot be applied: a `$ref` leads nowhere or round in a circle"
        yield (), lambda _: text, "write the schema out"
        return
    for error in errors:
        yield _problem(error)


def _problem(error: Any) -> ValueProblem:
    below = tuple(error.absolute_path)
    keyword, limit, instance = error.validator, error.validator_value, error.instance
    words = {
        "minimum": f"below the minimum {limit}",
        "maximum": f"above the maximum {limit}",
        "exclusiveMinimum": f"not above {limit}",
        "exclusiveMaximum": f"not below {limit}",
        "multipleOf": f"not a multiple of {limit}",
        "type": f"not of type `{limit}`",
        "pattern": f"not of the form `{limit}`",
        "enum": "not one of the choices",
        "const": "not the only value allowed",
        "minLength": f"shorter than {limit} characters",
        "maxLength": f"longer than {limit} characters",
        "minItems": f"a list of fewer than {limit} items",
        "maxItems": f"a list of more than {limit} items",
        "uniqueItems": "a list with an item twice",
        "format": f"not a `{limit}`",
    }
    rest = words.get(str(keyword), f"not what `{keyword}` in its schema asks for")
    shown = instance if not isinstance(instance, list | dict) else _collection(instance)
    hint = "see its declaration"
    if keyword == "enum":
        hint = "choices: " + ", ".join(f"`{choice}`" for choice in limit)
    elif keyword in ("minimum", "maximum"):
        hint = _range(error.schema)
    return below, lambda path: f"{_shown(shown, path)} is {rest}", hint


def _collection(value: list[Any] | dict[str, Any]) -> str:
    return "the list" if isinstance(value, list) else "the mapping"


def _shown(value: Any, path: Path) -> str:
    return value if value in ("the list", "the mapping") else quoted(value, path)


def _range(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"give a value from {low} to {high}"
    return f"give {low} or more" if low is not None else f"give {high} or less"


def _surely_fits(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether plain comparison shows that the value fits; `False` means not known."""
    if not _surely_a_schema(schema) or isinstance(value, list | dict):
        return False
    if "type" in schema and not _TYPES[schema["type"]](value):
        return False
    if "enum" in schema and not any(
        type(each) is type(value) and each == value for each in schema["enum"]
    ):
        return False
    if _is_number(value):
        low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
        return bool(low <= value <= high)
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        return False
    if isinstance(value, str):
        return bool(schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", math.inf))
    return True


def as_declared(schema: Mapping[str, Any], value: Any) -> Any:
    """A whole float as the integer that an `integer` schema means; anything else unchanged."""
    if schema.get("type") == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max((_depth(each) for each in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((_depth(each) for each in value), default=0)
    return 0
