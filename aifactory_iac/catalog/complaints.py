"""What JSON Schema says against a record, as findings that people can act on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aifactory_iac.catalog.overlay import Overlay
from aifactory_iac.catalog.rules import found, in_yaml, near
from aifactory_iac.catalog.schema import DATE_PATTERN, Schema
from aifactory_iac.findings import Finding, Path, render_path

_WRITTEN = {
    DATE_PATTERN: "write a date as 2026-11-21, 2026-11 or 2026",
    "^[A-Z]{2}$": "write the country as two capital letters, such as DE",
}

_Error = Any
"""A jsonschema `ValidationError`, whose attributes are typed as possibly unset."""

_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
}


def complaints(
    record: Any,
    schema: Schema,
    path: Path,
    overlay: Overlay,
    *,
    missing: str,
) -> Iterator[Finding]:
    """Every fault of the record at the path; `missing` is the rule for a field not given."""
    from jsonschema import Draft202012Validator  # heavy, and only a catalog with overlays needs it

    for error in Draft202012Validator(schema).iter_errors(plain(record)):
        yield from _translate(error, (*path, *error.absolute_path), overlay, missing)


def plain(value: Any) -> Any:
    """The value as JSON has it: keys are text."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def _translate(error: _Error, path: Path, overlay: Overlay, missing: str) -> Iterator[Finding]:
    kind = error.validator
    if "propertyNames" in error.absolute_schema_path:
        yield _bad_key(error, path, overlay)
    elif kind == "additionalProperties":
        known = error.schema["properties"]
        for name in error.instance:
            if name not in known:
                yield _unknown(name, known, path, overlay)
    elif kind == "required":
        yield from _absent(error, path, overlay, missing)
    else:
        message, hint = _bad_value(error, render_path(path[2:]) or str(path[-1]))
        yield found("AIF-CAT-005", message, path, hint=hint, span=overlay.span(path))


def _unknown(name: str, known: Schema, path: Path, overlay: Overlay) -> Finding:
    where = (*path, name)
    return found(
        "AIF-CAT-004",
        f"`{path[0]}` has no field `{in_yaml(name)}`.",
        where,
        hint=near(name, known, "fields"),
        span=overlay.span(where, key=True),
    )


def _absent(error: _Error, path: Path, overlay: Overlay, missing: str) -> Iterator[Finding]:
    for name in error.validator_value:
        # jsonschema reports each missing name by an error of its own, all with the whole list.
        if error.message.startswith(f"{name!r} "):
            rule = "AIF-CAT-007" if name == "sources" else missing
            what = "its own source" if name == "sources" else f"`{name}`"
            yield found(
                rule,
                f"`{path[-1]}` does not give {what}.",
                path,
                hint="add `sources: [key]`, the key standing under the file's `sources:`"
                if name == "sources"
                else f"add `{name}`",
                span=overlay.span(path, key=True),
            )


def _bad_key(error: _Error, path: Path, overlay: Overlay) -> Finding:
    name = str(error.instance)
    allowed = error.schema.get("enum")
    where = (*path, name)
    return found(
        "AIF-CAT-004",
        f"`{path[-1]}` has no entry `{in_yaml(name)}`.",
        where,
        hint=near(name, allowed, "entries") if allowed else "write a whole number above zero",
        span=overlay.span(where, key=True),
    )


def _bad_value(error: _Error, name: str) -> tuple[str, str | None]:
    given, limit = in_yaml(error.instance), error.validator_value
    if error.validator == "type":
        wanted = [limit] if isinstance(limit, str) else list(limit)
        words = " or ".join(_TYPES[each] for each in wanted if each != "null")
        hint = "put it in quotes" if wanted == ["string"] and _is_scalar(error.instance) else None
        return f"`{name}` is {words}, not `{given}`.", hint
    if error.validator == "enum":
        choices = [str(each) for each in limit if each is not None]
        return f"`{name}` cannot be `{given}`.", near(given, choices, "choices")
    if error.validator == "pattern":
        return f"`{name}` cannot be `{given}`.", _WRITTEN.get(limit, f"it follows {limit}")
    if error.validator in ("minItems", "maxItems"):
        return f"`{name}` has the wrong number of items.", f"give {limit}"
    if error.validator == "minLength":
        return f"`{name}` is empty.", None
    bounds = {"minimum": "at least", "maximum": "at most", "exclusiveMinimum": "above"}
    return f"`{name}` is {bounds.get(str(error.validator), 'within')} {limit}, not {given}.", None


def _is_scalar(value: object) -> bool:
    return isinstance(value, bool | int | float)
