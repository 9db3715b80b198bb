"""Amazon FSx for Lustre: capacity comes in steps, and capacity brings throughput."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aifactory_iac.catalog.facts import FsxTier
from aifactory_iac.design.known import rounded_up

MIB_PER_GIB = 1024.0


@dataclass(frozen=True, slots=True)
class Steps:
    """Capacities that are sold, in GiB: `first`, then whole multiples of `step`."""

    first: int
    step: int

    def at_least(self, gib: float) -> int:
        """The smallest capacity on sale that holds `gib`; one on sale is its own answer."""
        if gib <= self.first * (1 + 1e-12):
            return self.first
        return rounded_up(gib / self.step) * self.step


@dataclass(frozen=True, slots=True)
class FsxChoice:
    """A file system that can be ordered."""

    tier: FsxTier
    gib: int

    @property
    def gb_s(self) -> float:
        """Baseline throughput: TiB x MB/s per TiB."""
        return self.gib / MIB_PER_GIB * self.tier.mb_s_per_tib / 1e3

    @property
    def tb(self) -> float:
        """Capacity in decimal terabytes."""
        return self.gib * 2**30 / 1e12


def choose(
    offers: Sequence[tuple[FsxTier, Steps]], *, gib: float, gb_s: float, fixed: bool
) -> FsxChoice:
    """The smallest throughput tier whose throughput at the capacity asked for suffices.

    `fixed` says that the blueprint states the capacity: then it does not grow, and the highest tier
    is the answer where none suffices. Otherwise the highest tier grows until it does, as the same
    throughput takes the least capacity there. `offers` is not empty.
    """
    rising = sorted(offers, key=lambda offer: offer[0].mb_s_per_tib)
    choices = [FsxChoice(tier, steps.at_least(gib)) for tier, steps in rising]
    enough = next((choice for choice in choices if choice.gb_s >= gb_s * (1 - 1e-9)), None)
    if enough is not None:
        return enough
    if fixed:
        return choices[-1]
    tier, steps = rising[-1]
    needed = gb_s * 1e3 / tier.mb_s_per_tib * MIB_PER_GIB
    return FsxChoice(tier, steps.at_least(max(gib, needed)))
