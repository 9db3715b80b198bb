"""Failures and what they cost: MTTF, checkpoint interval, effective training time.

Rates are failures per node-day. Sources: failure counts of Llama 3 (arXiv 2407.21783) and of Meta's
RSC clusters (arXiv 2410.21680), checkpoint interval of Young (1974).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from aifactory_iac.design.estimate import Range
from aifactory_iac.design.known import constant

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog

HOURS_PER_DAY = 24.0


def failure_rate(catalog: Catalog) -> Range:
    """Failures of one node in one day, as low, mid and high of published clusters."""
    return constant(catalog, "failures.per_1000_node_days").value.scaled(1e-3)


def failures_per_day(nodes: int, rate: Range) -> Range:
    """Failures that a job on `nodes` nodes sees in a day: `N x r_f`."""
    return rate.scaled(nodes)


def mttf_hours(nodes: int, rate: float) -> float:
    """Mean time to failure of a job in hours: `24 / (N x r_f)`; infinite when nothing fails."""
    daily = nodes * rate
    return HOURS_PER_DAY / daily if daily > 0 else math.inf


def young_interval(write: float, mttf: float) -> float:
    """Checkpoint interval that loses least, `sqrt(2 w MTTF)`, in the unit of its arguments."""
    return math.sqrt(2.0 * write * mttf)


def effective_share(
    nodes: int, rate: float, *, restart: float, interval: float, write: float
) -> float:
    """Expected effective training time ratio; all times in days, never below zero.

    `(1 - N r_f (u0 + dt/2)) / (1 + w/dt)` (arXiv 2410.21680). Zero means that failures come faster
    than the job recovers from them.
    """
    kept = 1.0 - nodes * rate * (restart + interval / 2.0)
    return max(0.0, kept / (1.0 + write / interval))


def effective_range(
    nodes: int, rate: Range, *, restart: float, interval: float, write: float
) -> Range:
    """`effective_share` over a range of failure rates: the high rate gives the low share."""
    low, mid, high = (
        effective_share(nodes, each, restart=restart, interval=interval, write=write)
        for each in (rate.high, rate.mid, rate.low)
    )
    return Range(low, mid, high)
