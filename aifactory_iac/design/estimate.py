"""Numbers that know where they come from: ranges, their formula and their inputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """Low, mid and high of one number; `low <= mid <= high`."""

    low: float
    mid: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.mid <= self.high:
            raise ValueError(f"not a range: {self.low} <= {self.mid} <= {self.high}")

    @classmethod
    def point(cls, value: float) -> Range:
        """A number without spread."""
        return cls(value, value, value)

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.mid + other.mid, self.high + other.high)

    def times(self, other: Range) -> Range:
        """Product of two independent non-negative ranges."""
        return Range(self.low * other.low, self.mid * other.mid, self.high * other.high)

    def over(self, other: Range) -> Range:
        """Quotient of two independent positive ranges: low over high, high over low."""
        return Range(self.low / other.high, self.mid / other.mid, self.high / other.low)

    def scaled(self, factor: float) -> Range:
        """Times a non-negative number."""
        return Range(self.low * factor, self.mid * factor, self.high * factor)

    def map(self, rising: Callable[[float], float]) -> Range:
        """A rising function of each end."""
        return Range(rising(self.low), rising(self.mid), rising(self.high))


@dataclass(frozen=True, slots=True)
class Input:
    """One input of an estimate: its value as text with unit, and who says so.

    `source` is a catalog source key, `blueprint`, or `design`; `verified` is False for a fact that
    no source is good enough for, and then the report says so.
    """

    name: str
    value: str
    source: str
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number as a range, with its unit, the formula it follows and what went in."""

    value: Range
    unit: str
    formula: str
    inputs: tuple[Input, ...] = ()

    @property
    def verified(self) -> bool:
        """False as soon as one input is unverified."""
        return all(item.verified for item in self.inputs)
