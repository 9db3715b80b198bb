"""What a field expects, in the words of the document rather than of the type system."""

from __future__ import annotations

from typing import Any

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel

from aifactory_iac.blueprint.quantity import Quantity
from aifactory_iac.blueprint.shapes import Field, Shape, fields_of
from aifactory_iac.blueprint.suggest import listing

FORMS: dict[str, tuple[str, str]] = {
    r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$": (
        "a name",
        "use at most 40 lower-case letters, digits and `-`, not at the ends",
    ),
    r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$": (
        "a document's name",
        "use at most 63 lower-case letters, digits and `-`, not at the ends",
    ),
    r"^[a-z_][a-z0-9_-]{0,31}$": (
        "a login name",
        "use at most 32 lower-case letters, digits, `_` and `-`, beginning with a letter or `_`",
    ),
    r"^sha256:[0-9a-f]{64}$": ("a digest", "write `sha256:` and 64 lower-case hex digits"),
    r"^[A-Z]{2}$": ("a country code", "write two capital letters (ISO 3166-1), such as `DE`"),
    r"^([A-Z]{2}|EU|EEA|ANY)$": (
        "a place",
        "write a country code such as `DE`, or `EU`, `EEA`, `ANY`",
    ),
    r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$": ("a date", "write it like `2027-02-01`"),
    r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$": (
        "an instant in UTC",
        "write it like `2027-02-01T11:30:00Z`",
    ),
    r"^\d{1,3}(\.\d{1,3}){3}/\d{1,2}$": ("an address block", "write it like `10.0.0.0/16`"),
    r"^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$": ("a version", "write it like `1.0.0`"),
}
"""Patterns of the model: what a text of that form is, and how to write one."""

_SCALARS: dict[type, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "`true` or `false`",
}


def expected(shape: Shape) -> str:
    """What stands there, as the end of "expected ..."."""
    if shape.kind == "scalar" and shape.python is not None:
        if issubclass(shape.python, Quantity):
            return f"{shape.python.dimension}, such as `{shape.python.example}`"
        return _SCALARS.get(shape.python, "a value")
    if shape.kind == "choice":
        return f"one of {listing(str(choice) for choice in shape.choices)}"
    if shape.kind in ("list", "either") and shape.item is not None:
        item = "names or texts" if shape.item.python is str else "items"
        return f"a list of {item}" if shape.kind == "list" else f"text or a list of {item}"
    return "a mapping" if shape.kind in ("model", "variants", "map") else "a value"


def given(value: Any) -> str:
    """What was given instead, by its kind, never by its content."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list | tuple) else "a mapping"


def bounds(field: Field) -> tuple[float | None, float | None]:
    """The inclusive bounds of a number; an exclusive one counts as its limit."""
    lows = [
        each.ge if isinstance(each, Ge) else each.gt
        for each in field.constraints
        if isinstance(each, Ge | Gt)
    ]
    highs = [
        each.le if isinstance(each, Le) else each.lt
        for each in field.constraints
        if isinstance(each, Le | Lt)
    ]
    low = max((float(each) for each in lows), default=None)  # type: ignore[arg-type]
    high = min((float(each) for each in highs), default=None)  # type: ignore[arg-type]
    return low, high


def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """The keys of a layer, in document order."""
    return tuple(fields_of(model))


def number(value: float) -> str:
    """A bound as a reader writes it."""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:g}"
