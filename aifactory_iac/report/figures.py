"""How figures are written for people: units that fit, ranges, a mark on the unproven."""

from __future__ import annotations

from aifactory_iac.design.estimate import Estimate, Range

UNVERIFIED = "~"
"""Stands before a figure that rests on an unverified fact; every report explains it once."""

_SCIENTIFIC_FROM = 1e12
_SI = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def number(value: float, digits: int = 3) -> str:
    """`1295.4` as `1,295`, `0.8437` as `0.844`: significant digits, thousands grouped."""
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


def dollars(usd: float) -> str:
    """`52_300_000` as `$52.3M`."""
    for factor, prefix in _SI[1:]:
        if abs(usd) >= factor:
            return f"${number(usd / factor)}{'B' if prefix == 'G' else prefix}"
    return f"${number(usd, 3)}"


def spread(value: Range, write: object = None) -> str:
    """`mid (low to high)`, or one figure where there is no spread."""
    show = write if callable(write) else number
    if value.low == value.high:
        return str(show(value.mid))
    return f"{show(value.mid)} ({show(value.low)} to {show(value.high)})"


def estimate(value: Estimate) -> str:
    """An estimate with its unit, marked when an input is unverified."""
    mark = "" if value.verified else UNVERIFIED
    if value.unit == "USD" or value.unit.startswith("USD/"):
        per = value.unit.removeprefix("USD")
        return f"{mark}{spread(value.value, dollars)}{per}"
    return f"{mark}{spread(value.value)} {value.unit}".rstrip()
