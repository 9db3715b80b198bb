"""How figures are written for people: units that fit, ranges, a mark on the unproven."""

from __future__ import annotations

import math
from collections.abc import Callable

from aifactory_iac.design.estimate import Estimate, Range

UNVERIFIED = "~"
"""Stands before a figure that rests on an unverified fact; every report explains it once."""

UNVERIFIED_MEANS = f"{UNVERIFIED} stands before a figure that rests on a fact no source proves"

_SCIENTIFIC_FROM = 1e12
_DOLLARS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
_LARGER = {
    "MWh": (10_000, ("MWh", "GWh", "TWh")),
    "GB/s": (10_000, ("GB/s", "TB/s", "PB/s")),
    "GB": (1_000, ("GB", "TB", "PB")),
    "TB": (1_000, ("TB", "PB", "EB")),
    "FLOPS/W": (1_000, ("FLOPS/W", "kFLOPS/W", "MFLOPS/W", "GFLOPS/W", "TFLOPS/W")),
}
"""Units by thousands, and from how many of one the next is used."""
_SHARE = "%"
_WORDS = ((1e9, " billion"), (1e6, " million"))


def number(value: float, digits: int = 3) -> str:
    """`1295.4` as `1,295`, `0.8437` as `0.844`: thousands grouped, no digit of a count lost."""
    if value == 0:
        return "0"
    magnitude = abs(value)
    if magnitude >= _SCIENTIFIC_FROM:
        return f"{value:.{digits - 1}e}".replace("e+", "e")
    decimals = max(0, digits - len(str(int(magnitude)))) if magnitude >= 1 else digits
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def kilowatts(kw: float) -> str:
    """`1295.4` as `1,295 kW`, from ten megawatts on as `127.5 MW`."""
    return f"{number(kw / 1000, 4)} MW" if kw >= 10_000 else f"{number(kw, 4)} kW"


def terabytes(tb: float) -> str:
    """`405` as `405 TB`, `4000` as `4 PB`, `2000000` as `2 EB`."""
    return amount(Range.point(tb), "TB")[0]


def dollars(usd: float) -> str:
    """`52_300_000` as `$52.3M`."""
    rounded = _rounded(usd)
    for factor, prefix in _DOLLARS:
        if abs(rounded) >= factor:
            return f"${number(rounded / factor)}{prefix}"
    return f"${number(rounded)}"


def amount(value: Range, unit: str) -> tuple[str, str]:
    """The middle with its unit, and `low to high`, which is empty where there is no spread.

    Three significant digits: no estimate knows more. All three figures are in one unit, the one
    that suits the middle; `%` takes a share of one.
    """
    if unit == "USD" or unit.startswith("USD/"):
        return dollars(value.mid), _between(value, dollars)
    if unit == _SHARE:
        return f"{number(_rounded(value.mid * 100))} %", _between(
            value, lambda share: number(_rounded(share * 100))
        )
    factor, suffix = _scale(value.mid, unit)

    def write(figure: float) -> str:
        return number(_rounded(figure / factor))

    return f"{write(value.mid)}{suffix}", _between(value, write)


def estimate(value: Estimate, unit: str | None = None) -> str:
    """`~$56.8M ($47.1M to $67.8M)`; the mark says that an input is unverified."""
    middle, between = amount(value.value, value.unit if unit is None else unit)
    mark = "" if value.verified else UNVERIFIED
    return f"{mark}{middle} ({between})" if between else f"{mark}{middle}"


def _scale(middle: float, unit: str) -> tuple[float, str]:
    """What to divide by, and what to write behind the figure."""
    if unit in _LARGER:
        limit, units = _LARGER[unit]
        step = 0
        while step + 1 < len(units) and abs(middle) >= limit * 1000.0**step:
            step += 1
        return 1000.0**step, f" {units[step]}"
    for size, word in _WORDS:
        if size <= abs(middle) < _SCIENTIFIC_FROM:
            return size, f"{word} {unit}".rstrip()
    return 1.0, f" {unit}" if unit else ""


def _between(value: Range, write: Callable[[float], str]) -> str:
    low, high = write(value.low), write(value.high)
    return "" if low == high else f"{low} to {high}"


def _rounded(value: float, digits: int = 3) -> float:
    """To three significant digits; counts below a thousand stay whole."""
    if value == 0 or not math.isfinite(value):
        return value
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))
