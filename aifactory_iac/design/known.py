"""Numbers in hand: a range together with the input that an estimate will show for it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aifactory_iac.catalog.facts import Provenance
from aifactory_iac.design.estimate import Estimate, Input, Range

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog


MOST = 1e15
"""Above any count that an estimate is asked for; keeps absurd input from overflowing."""


@dataclass(frozen=True, slots=True)
class Known:
    """A range, and how an estimate that uses it names its origin."""

    value: Range
    given: Input


def number(value: float) -> str:
    """A number for people: `12,500`, `0.41`, `3.79e+25`; four digits unless it is whole."""
    if not math.isfinite(value):
        return "unbounded"
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    if 1000 <= abs(value) < 1e15:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def rounded_up(value: float) -> int:
    """The next whole number, forgiving rounding errors; capped where no factory is that large."""
    return math.ceil(min(value, MOST) - 1e-9)


def in_words(value: Range, unit: str) -> str:
    """`989.4 TFLOPS` for a point, `0.3 / 0.4 / 0.5` for a range."""
    low, mid, high = number(value.low), number(value.mid), number(value.high)
    shown = mid if low == mid == high else f"{low} / {mid} / {high}"
    return f"{shown} {unit}".rstrip()


def source_keys(provenance: Provenance) -> str:
    """The source keys of a record, joined; `catalog` for a record without a source."""
    return ", ".join(source.key for source in provenance.sources) or "catalog"


def constant(catalog: Catalog, identity: str) -> Known:
    """A catalog constant as a range; a point where its source gives a point."""
    fact = catalog.constants[identity]
    value = Range(*sorted((fact.low, fact.value, fact.high)))
    verified = all(fact.provenance.verified(field) for field in ("low", "value", "high"))
    source = source_keys(fact.provenance)
    return Known(value, Input(identity, in_words(value, fact.unit), source, verified))


def fact(
    name: str, value: Range, unit: str, provenance: Provenance, field: str, *, when: str = ""
) -> Known:
    """A field of a catalog record; `when` is the date of a price, shown beside its source."""
    source = source_keys(provenance) + (f" ({when})" if when else "")
    return Known(value, Input(name, in_words(value, unit), source, provenance.verified(field)))


def told(name: str, value: Range, unit: str, *, source: str = "blueprint") -> Known:
    """A value that the blueprint states."""
    return Known(value, Input(name, in_words(value, unit), source))


def reckoned(name: str, value: Range, unit: str, *, verified: bool = True) -> Known:
    """A value that the design worked out."""
    return Known(value, Input(name, in_words(value, unit), "design", verified))


def from_estimate(name: str, estimate: Estimate) -> Known:
    """An earlier estimate as an input of the next."""
    return reckoned(name, estimate.value, estimate.unit, verified=estimate.verified)


def borrowed(known: Known, why: str) -> Known:
    """The same number, of another case than this one: shown with the reason, not built on."""
    given = known.given
    named = Input(f"{given.name} ({why})", given.value, given.source, verified=False)
    return Known(known.value, named)


def not_known(name: str) -> Known:
    """A part that is missing from a sum; its range is not to be used."""
    return Known(Range.point(0.0), Input(name, "not known", "design", verified=False))


def estimate(value: Range, unit: str, formula: str, known: Iterable[Known]) -> Estimate:
    """An estimate over the inputs of the numbers that went in."""
    return Estimate(value, unit, formula, tuple(item.given for item in known))
