"""Amazon FSx for Lustre: capacity comes in steps, and every step brings its throughput."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from aifactory_iac.catalog.facts import FsxTier


@dataclass(frozen=True, slots=True)
class FsxChoice:
    """A file system that can be ordered: throughput tier, steps, and what they amount to."""

    tier: FsxTier
    steps: int
    gb_s: float

    @property
    def gib(self) -> int:
        """Capacity in gibibytes, a whole number of steps."""
        return self.steps * self.tier.efa_step_gib

    @property
    def tb(self) -> float:
        """Capacity in decimal terabytes."""
        return self.gib * 2**30 / 1e12


def steps_for_capacity(gib: float, step_gib: int) -> int:
    """Steps that hold `gib`, at least one; a capacity on the step takes exactly that many."""
    return max(1, math.ceil(gib / step_gib - 1e-9))


def choose(
    tiers: Sequence[FsxTier], *, gib: float, gb_s: float, fixed: bool, step_mb_s: float
) -> FsxChoice:
    """The smallest throughput tier whose throughput at the capacity asked for suffices.

    `fixed` says that the blueprint states the capacity: then it does not grow, and the highest tier
    is the answer where none suffices. Otherwise the highest tier grows until it does, as the same
    throughput takes the least capacity there. `tiers` is not empty, `step_mb_s` the throughput of
    one step, the same for every tier.
    """
    rising = sorted(tiers, key=lambda tier: tier.mb_s_per_tib)
    choices = [_at(tier, steps_for_capacity(gib, tier.efa_step_gib), step_mb_s) for tier in rising]
    enough = next((choice for choice in choices if choice.gb_s >= gb_s), None)
    if enough is not None:
        return enough
    if fixed:
        return choices[-1]
    needed = math.ceil(gb_s * 1e3 / step_mb_s - 1e-9)
    return _at(rising[-1], needed, step_mb_s)


def _at(tier: FsxTier, steps: int, step_mb_s: float) -> FsxChoice:
    return FsxChoice(tier, steps, steps * step_mb_s / 1e3)
