"""Quantities with units, as a blueprint writes them: `400 Gb/s`, `44 kW`, `2 PB`, `3 h`.

A quantity keeps the text that the author wrote and its value in one base unit per dimension, so
`2 PB` equals `2000 TB`. Bits and bytes, decimal and binary prefixes are told apart by spelling
alone (`Gb/s` against `GB/s`, `TB` against `TiB`), as the field writes them. Tables of our own
rather than pint: its registry costs 250 ms of start-up and folds case distinctions we rely on.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_NUMBER = re.compile(
    r"^\s*(?P<number>[+-]?(?:\d+(?:_\d+)*)(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(?P<unit>\S.*?)?\s*$"
)

_DECIMAL = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
_BINARY = {"Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50, "Ei": 2.0**60}
_SECONDS = {
    "ms": 1e-3,
    "s": 1.0,
    "min": 60.0,
    "h": 3600.0,
    "d": 86_400.0,
    "w": 7 * 86_400.0,
    "month": 365.0 / 12 * 86_400.0,
    "y": 365.0 * 86_400.0,
}


class QuantityError(ValueError):
    """A text is no such quantity: `reason` says why, `hint` what to write."""

    def __init__(self, reason: str, hint: str) -> None:
        """Both are for users."""
        super().__init__(f"{reason}; {hint}")
        self.reason, self.hint = reason, hint


class Quantity:
    """A number with a unit of one dimension; immutable, ordered and hashable by its base value."""

    dimension: ClassVar[str]
    base_unit: ClassVar[str]
    units: ClassVar[Mapping[str, float]]
    example: ClassVar[str]
    signed: ClassVar[bool] = False

    __slots__ = ("base", "text")

    def __init__(self, base: float, text: str | None = None) -> None:
        """`base` is in `base_unit`; `text` is how the author wrote it."""
        object.__setattr__(self, "base", float(base))
        object.__setattr__(self, "text", text if text is not None else f"{base:g} {self.base_unit}")

    base: float
    text: str

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return type(self).parse, (self.text,)

    @classmethod
    def parse(cls, text: object) -> Self:
        """Raises `QuantityError`, which names the unit expected and the nearest one."""
        if isinstance(text, cls):
            return text
        if isinstance(text, bool) or not isinstance(text, str | int | float):
            raise QuantityError(f"expected {cls.dimension} with a unit", cls._like())
        match = _NUMBER.match(str(text))
        if match is None:
            raise QuantityError(f"`{text}` is not {cls.dimension}", cls._like())
        number, unit = float(match["number"].replace("_", "")), match["unit"]
        if unit is None:
            raise QuantityError(f"`{text}` has no unit", cls._like())
        if unit not in cls.units:
            raise cls._unknown_unit(str(text), unit)
        base = number * cls.units[unit]
        if base < 0 and not cls.signed:
            raise QuantityError(f"`{text}` is negative; {cls.dimension} cannot be", cls._like())
        if base in (float("inf"), float("-inf")):
            raise QuantityError(f"`{text}` is too large", cls._like())
        return cls(base, str(text))

    @classmethod
    def _like(cls) -> str:
        return f"write {cls.dimension} like `{cls.example}`"

    @classmethod
    def _unknown_unit(cls, text: str, unit: str) -> QuantityError:
        owner = next((kind for kind in QUANTITIES if kind is not cls and unit in kind.units), None)
        if owner is not None:
            return QuantityError(f"`{text}` is {owner.dimension}, not {cls.dimension}", cls._like())
        near = [known for known in cls.units if known.casefold() == unit.casefold()]
        near = near or difflib.get_close_matches(unit, cls.units, n=1, cutoff=0.5)
        hint = f"did you mean `{near[0]}`?" if near else cls._like()
        return QuantityError(f"`{unit}` is not a unit of {cls.dimension}", hint)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text!r})"

    def __str__(self) -> str:
        return self.text

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.base == self.base

    def __hash__(self) -> int:
        return hash((type(self), self.base))

    def __lt__(self, other: Self) -> bool:
        return self.base < other.base

    def __le__(self, other: Self) -> bool:
        return self.base <= other.base

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def validate(value: object) -> Quantity:
            try:
                return cls.parse(value)
            except QuantityError as error:
                said = {"reason": error.reason, "hint": error.hint}
                raise PydanticCustomError("quantity", "{reason}; {hint}", said) from None

        return core_schema.no_info_plain_validator_function(
            validate, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        units = "|".join(re.escape(unit) for unit in sorted(cls.units, key=lambda u: (-len(u), u)))
        sign = "[+-]?" if cls.signed else ""
        return {
            "type": "string",
            "pattern": rf"^\s*{sign}\d+(_\d+)*(\.\d+)?([eE][+-]?\d+)?\s*({units})\s*$",
            "examples": [cls.example],
            "description": f"{cls.dimension}, such as `{cls.example}`",
        }


class Power(Quantity):
    """Electrical or thermal power; base unit watt."""

    dimension, base_unit, example = "a power", "W", "44 kW"
    units: ClassVar[Mapping[str, float]] = {"W": 1.0, "kW": 1e3, "MW": 1e6, "GW": 1e9}

    @property
    def kw(self) -> float:
        """Kilowatts."""
        return self.base / 1e3


class Size(Quantity):
    """An amount of data; base unit byte."""

    dimension, base_unit, example = "a size", "B", "2 PB"
    units: ClassVar[Mapping[str, float]] = {f"{p}B": f for p, f in (_DECIMAL | _BINARY).items()}

    @property
    def tb(self) -> float:
        """Decimal terabytes."""
        return self.base / 1e12

    @property
    def gib(self) -> float:
        """Binary gibibytes."""
        return self.base / 2**30


class BitRate(Quantity):
    """A link's line rate; base unit bit per second."""

    dimension, base_unit, example = "a link rate in bits", "b/s", "400 Gb/s"
    units: ClassVar[Mapping[str, float]] = {f"{p}b/s": f for p, f in _DECIMAL.items()} | {
        f"{p}bps": f for p, f in _DECIMAL.items()
    }

    @property
    def gbps(self) -> float:
        """Gigabits per second."""
        return self.base / 1e9


class Throughput(Quantity):
    """A storage rate; base unit byte per second."""

    dimension, base_unit, example = "a throughput in bytes", "B/s", "4 GB/s"
    units: ClassVar[Mapping[str, float]] = {f"{p}B/s": f for p, f in (_DECIMAL | _BINARY).items()}

    @property
    def gb_s(self) -> float:
        """Decimal gigabytes per second."""
        return self.base / 1e9


class Duration(Quantity):
    """A length of time; base unit second. A month is a twelfth of 365 days."""

    dimension, base_unit, example = "a duration", "s", "20 min"
    units: ClassVar[Mapping[str, float]] = _SECONDS

    @property
    def hours(self) -> float:
        """Hours."""
        return self.base / 3600

    @property
    def days(self) -> float:
        """Days of 24 hours."""
        return self.base / 86_400


class Mass(Quantity):
    """A weight; base unit kilogram."""

    dimension, base_unit, example = "a weight", "kg", "1400 kg"
    units: ClassVar[Mapping[str, float]] = {"kg": 1.0, "t": 1e3, "lb": 0.45359237}


class Length(Quantity):
    """A distance; base unit metre."""

    dimension, base_unit, example = "a length", "m", "30 m"
    units: ClassVar[Mapping[str, float]] = {"mm": 1e-3, "cm": 1e-2, "m": 1.0, "km": 1e3}


class Temperature(Quantity):
    """A temperature in degrees Celsius."""

    dimension, base_unit, example = "a temperature", "C", "27 C"
    units: ClassVar[Mapping[str, float]] = {"C": 1.0}
    signed: ClassVar[bool] = True


class TokenRate(Quantity):
    """Model output; base unit token per second."""

    dimension, base_unit, example = "a token rate", "token/s", "20000 token/s"
    units: ClassVar[Mapping[str, float]] = {
        f"{p}{t}/s": f for p, f in _DECIMAL.items() for t in ("token", "tokens", "tok")
    }


class CarbonIntensity(Quantity):
    """Grams of CO2 equivalent per kilowatt-hour."""

    dimension, base_unit, example = "a carbon intensity", "g/kWh", "380.9 g/kWh"
    units: ClassVar[Mapping[str, float]] = {"g/kWh": 1.0, "kg/MWh": 1.0, "kg/kWh": 1e3}


CURRENCIES = ("USD", "EUR", "GBP", "CHF", "JPY", "SEK", "NOK", "SGD", "AED", "INR")


class _Monetary(Quantity):
    """Shared by all money: the currency is part of the value; no rate is ever assumed."""

    __slots__ = ("currency",)
    currency: str

    def __init__(self, base: float, text: str | None = None) -> None:
        """As for every quantity; the currency is the one that the text names."""
        super().__init__(base, text)
        currency = next(code for code in CURRENCIES if code in self.text)
        object.__setattr__(self, "currency", currency)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Monetary)
            and super().__eq__(other)
            and other.currency == self.currency
        )

    def __hash__(self) -> int:
        return hash((type(self), self.base, self.currency))


_MONEY = {f"{p}{code}": _DECIMAL[p] for code in CURRENCIES for p in ("", "k", "M", "G")}


class Money(_Monetary):
    """A sum in one currency; base unit one of that currency."""

    dimension, base_unit, example = "a sum of money", "USD", "50 MUSD"
    units: ClassVar[Mapping[str, float]] = _MONEY


class MoneyRate(_Monetary):
    """Money per time; base unit one of the currency per month."""

    dimension, base_unit, example = "money per time", "USD/month", "900 kEUR/month"
    units: ClassVar[Mapping[str, float]] = {f"{m}/month": f for m, f in _MONEY.items()} | {
        f"{m}/y": f / 12 for m, f in _MONEY.items()
    }


class EnergyPrice(_Monetary):
    """Money per energy; base unit one of the currency per kilowatt-hour."""

    dimension, base_unit, example = "a price of energy", "USD/kWh", "0.08 USD/kWh"
    units: ClassVar[Mapping[str, float]] = {f"{code}/kWh": 1.0 for code in CURRENCIES} | {
        f"{code}/MWh": 1e-3 for code in CURRENCIES
    }


QUANTITIES: tuple[type[Quantity], ...] = (
    Power,
    Size,
    BitRate,
    Throughput,
    Duration,
    Mass,
    Length,
    Temperature,
    TokenRate,
    CarbonIntensity,
    Money,
    MoneyRate,
    EnergyPrice,
)
