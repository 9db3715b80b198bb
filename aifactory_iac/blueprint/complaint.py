"""One error of the typed model as a finding: which rule, in our words, with the way out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aifactory_iac.blueprint.model.base import SecretRef
from aifactory_iac.blueprint.nodes import Node, Place, plain
from aifactory_iac.blueprint.rules import found
from aifactory_iac.blueprint.scalars import NotFinite, scalar
from aifactory_iac.blueprint.secrets import has_secret_form, quoted
from aifactory_iac.blueprint.shapes import Field, Shape, fields_of
from aifactory_iac.blueprint.suggest import did_you_mean, did_you_mean_or_list, listing, nearest
from aifactory_iac.blueprint.trace import Trace
from aifactory_iac.blueprint.wording import FORMS, bounds, expected, given, keys_of, number
from aifactory_iac.findings import Finding, Path, render_path

_LONGEST = 200
"""Past this many characters a message does not quote what was written."""

_Context = Mapping[str, Any]
_Writer = Callable[[Trace, _Context], Finding]


def complaint(kind: str, context: _Context, place: Trace) -> Finding:
    """The finding for pydantic's error of that type at that place."""
    node = place.node
    if place.of_key:
        return _bad_key(place)
    if kind == "missing":
        return _missing(place)
    if kind == "extra_forbidden":
        return _unknown_key(place)
    if node is not None and node.value is None and kind != "union_tag_not_found":
        return _empty(place)
    if place.shape is not None and place.shape.models == (SecretRef,):
        return _secret(place)
    return _WRITERS.get(kind, _wrong_type)(place, context)


def _name(place: Trace) -> str:
    return _last(place.path)


def _owner(place: Trace) -> str:
    return _last(place.path[:-1])


def _last(path: Path) -> str:
    """The last key with the indexes after it; the finding's path says where that is."""
    start = max((i for i, element in enumerate(path) if isinstance(element, str)), default=0)
    return f"`{render_path(path[start:])}`" if path else "the document"


def _span(place: Trace) -> Place:
    return (place.node if place.node is not None else place.parent).where


def _value(place: Trace) -> str:
    return quoted(plain(place.node) if place.node is not None else None, place.path)


def _say(number_: str, place: Trace, message: str, hint: str | None) -> Finding:
    origin = origin_hint(place.node)
    hints = "; ".join(part for part in (hint, origin) if part) or None
    return found(number_, message, place.path, hint=hints, span=_span(place).span())


def origin_hint(node: Node | None) -> str | None:
    """Where a value came from that was put in by a reference."""
    if node is None or not node.via:
        return None
    path, source = node.via[0]
    what = render_path(path)
    at = source.place
    where = f"{at.source.shown}:{at.line}" if at.source.layer != "command line" else "`-p`"
    return f"the value comes from `{what}`, set in {where}"


def _missing(place: Trace) -> Finding:
    last = place.path[-1] if place.path else ""
    if isinstance(last, int):
        message = f"{_owner(place)} has too few items"
        return _say("023", place, message, "add what is missing")
    hint = None
    if place.field is not None:
        example = place.field.spec.example
        hint = f"add `{last}: {example}`" if example is not None else f"add `{last}`"
        hint = f"{hint}: {place.field.spec.doc}"
    return _say("022", place, f"{_owner(place)} has no `{last}`, which it needs", hint)


def _unknown_key(place: Trace) -> Finding:
    key = str(place.path[-1])
    owner = place.owner
    known = keys_of(owner) if owner is not None else ()
    where = (place.node.key or place.node.place) if place.node is not None else place.parent.where
    message = f"{_owner(place)} has no key {quoted(key)}"
    hint = did_you_mean(key, known)
    if key == "$remove":
        return found(
            "034",
            f"{_owner(place)} is not inherited, so it cannot be removed",
            place.path,
            hint="drop the item",
            span=where.span(),
        )
    if hint is None:
        hint = _elsewhere(key, place) or f"keys here: {listing(known)}"
    return found("021", message, place.path, hint=hint, span=where.span())


def _elsewhere(key: str, place: Trace) -> str | None:
    """Whether the key belongs to a layer inside this one."""
    if place.owner is None:
        return None
    for field in fields_of(place.owner).values():
        if any(key in fields_of(model) for model in field.shape.models) and not _is_list(field):
            return f"it stands in `{field.key}`"
    return None


def _is_list(field: Field) -> bool:
    return field.shape.kind in ("list", "map")


def _bad_key(place: Trace) -> Finding:
    key = str(place.path[-1])
    choices = place.field.shape.keys if place.field is not None else ()
    where = (place.node.key or place.node.place) if place.node is not None else place.parent.where
    message = f"{_owner(place)} has no key {quoted(key)}"
    hint = did_you_mean_or_list(key, choices, "keys") if choices else None
    return found("021", message, place.path, hint=hint, span=where.span())


def _empty(place: Trace) -> Finding:
    what = expected(place.shape) if place.shape is not None else "a value"
    number_ = "023"
    return _say(
        number_, place, f"{_name(place)} is empty; expected {what}", "give it, or drop the key"
    )


def _secret(place: Trace) -> Finding:
    hint = "write a reference, such as `{secret: env, path: NAME}`, and change the secret"
    message = f"{_name(place)} takes a reference to a secret, never the secret itself"
    if place.node is None or not place.node.is_scalar:
        return _say("023", place, f"{_name(place)} is not a mapping with `secret` and `path`", hint)
    return found("070", message, place.path, hint=hint, span=_span(place).span())


def _wrong_type(place: Trace, _: _Context) -> Finding:
    node, shape = place.node, place.shape
    value = plain(node) if node is not None else None
    what = expected(shape) if shape is not None else "another value"
    message = f"{_name(place)} is {given(value)}; expected {what}"
    return _say("023", place, message, _type_hint(node, shape))


def _type_hint(node: Node | None, shape: Shape | None) -> str | None:
    if node is None or shape is None:
        return None
    if shape.kind == "list" and node.is_scalar:
        return f"write it in brackets: [{node.raw}]" if not has_secret_form(node.raw) else None
    if shape.kind in ("model", "variants"):
        return f"keys: {listing(keys_of(shape.models[0]))}"
    if shape.python is None or node.via:
        return None
    return _scalar_hint(node, shape.python)


def _scalar_hint(node: Node, wanted: type) -> str | None:
    if wanted is str and isinstance(node.value, bool | int | float):
        return f'write it in quotes: "{node.raw}"'
    if wanted is bool and isinstance(node.value, str):
        meant = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(node.value.lower())
        return f"write `{meant}`" if meant else "write `true` or `false`"
    if wanted is int and isinstance(node.value, float):
        return f"write `{round(node.value)}`"
    if wanted in (int, float):
        is_number = node.quoted and isinstance(_unquoted(node.raw), int | float)
        return "drop the quotes" if is_number else "write a number, without a unit"
    return "write a single value"


def _unquoted(text: str) -> object:
    try:
        return scalar(text)
    except NotFinite:
        return text


def _quantity(place: Trace, context: _Context) -> Finding:
    reason, hint = str(context.get("reason", "")), str(context.get("hint", ""))
    shape = place.shape
    if place.node is not None and not place.node.is_scalar:
        return _wrong_type(place, context)
    if (has_secret_form(reason) or len(reason) > _LONGEST) and shape is not None:
        reason = f"{_name(place)} is not {expected(shape)}"
    return _say("026", place, reason, hint)


def _choice(place: Trace, _: _Context) -> Finding:
    choices = [str(each) for each in place.shape.choices] if place.shape is not None else []
    value = plain(place.node) if place.node is not None else None
    if isinstance(value, list | dict):
        return _wrong_type(place, {})
    hint = did_you_mean_or_list(str(value), choices, "choices")
    return _say("025", place, f"{_value(place)} is not a choice for {_name(place)}", hint)


def _form(place: Trace, context: _Context) -> Finding:
    what, hint = FORMS.get(str(context.get("pattern")), ("of the form needed here", None))
    return _say("024", place, f"{_value(place)} is not {what}", hint)


def _bound(place: Trace, _: _Context) -> Finding:
    low, high = bounds(place.field) if place.field is not None else (None, None)
    message = f"{_value(place)} is out of bounds for {_name(place)}"
    if low is not None and high is not None:
        hint = f"give {number(low)} to {number(high)}"
    elif low is not None:
        hint = f"give {number(low)} or more"
    else:
        hint = f"give {number(high)} or less" if high is not None else ""
    return _say("024", place, message, hint or None)


def _length(place: Trace, context: _Context) -> Finding:
    low, high = context.get("min_length"), context.get("max_length")
    value = plain(place.node) if place.node is not None else None
    unit = "character" if isinstance(value, str) else "item"
    actual = len(value) if isinstance(value, str | list) else context.get("actual_length", 0)
    has = f"{_name(place)} has {actual} {unit}{'s' if actual != 1 else ''}"
    message = f"{has}; it needs at least {low}" if low is not None else f"{has}, more than {high}"
    return _say("024", place, message, "add to it" if low is not None else "shorten it")


def _kind(place: Trace, _: _Context) -> Finding:
    kinds = [
        choice
        for model in (place.shape.models if place.shape is not None else ())
        for choice in fields_of(model)["kind"].shape.choices
    ]
    node = place.node
    written = node.entries.get("kind") if node is not None else None
    path = (*place.path, "kind")
    if node is not None and not node.entries:
        return _wrong_type(place, {})
    if written is None:
        message = f"{_name(place)} has no `kind`, which says what it is"
        near = nearest("kind", node.entries) if node is not None else None
        hint = f"is `{near}` the `kind`?" if near else f"kinds: {listing(kinds)}"
        return found("022", message, path, hint=hint, span=_span(place).span())
    value = written.value if written.is_scalar else None
    message = f"{quoted(value)} is not a kind for {_name(place)}"
    hint = did_you_mean_or_list(str(value), kinds, "kinds")
    return found("025", message, path, hint=hint, span=written.where.span())


_WRITERS: dict[str, _Writer] = {
    "quantity": _quantity,
    "literal_error": _choice,
    "string_pattern_mismatch": _form,
    "greater_than_equal": _bound,
    "greater_than": _bound,
    "less_than_equal": _bound,
    "less_than": _bound,
    "string_too_short": _length,
    "string_too_long": _length,
    "too_short": _length,
    "too_long": _length,
    "union_tag_not_found": _kind,
    "union_tag_invalid": _kind,
}
