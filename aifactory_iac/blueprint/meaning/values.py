"""Values that have the right type and cannot be: nothing of a size, a day that no month has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from aifactory_iac.blueprint.meaning.view import View
from aifactory_iac.blueprint.model.base import Named
from aifactory_iac.blueprint.quantity import (
    BitRate,
    Duration,
    Length,
    Mass,
    Power,
    Quantity,
    Size,
    Throughput,
    TokenRate,
)
from aifactory_iac.blueprint.rules import found
from aifactory_iac.blueprint.shapes import fields_of
from aifactory_iac.findings import Finding, Path

_NEVER_ZERO = (BitRate, Duration, Length, Mass, Power, Size, Throughput, TokenRate)
_MAY_BE_ZERO = frozenset({"growth_per_year"})
_DAYS = frozenset({"restore_tested", "date"})
_INSTANTS = frozenset({"start"})


def value_findings(view: View) -> Iterator[Finding]:
    """Findings on quantities of nothing and on dates, anywhere in the blueprint."""
    for path, value in _values(view.blueprint, ()):
        key = str(path[-1])
        if isinstance(value, _NEVER_ZERO) and value.base == 0 and key not in _MAY_BE_ZERO:
            message = f"`{value.text}` is nothing; {type(value).dimension} must be given here"
            yield found("142", message, path, hint=f"such as `{type(value).example}`")
        elif isinstance(value, str) and key in _DAYS | _INSTANTS and not _is_time(value):
            yield found("143", f"`{value}` is not in the calendar", path, hint="check day and hour")


def _is_time(text: str) -> bool:
    try:
        dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return False
    return True


def _values(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, BaseModel):
        for key, field in fields_of(type(value)).items():
            if field.attribute in value.model_fields_set and key != "parameters":
                yield from _values(getattr(value, field.attribute), (*path, key))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _values(item, (*path, item.name if isinstance(item, Named) else index))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _values(item, (*path, key))
    elif isinstance(value, str | Quantity):
        yield path, value
