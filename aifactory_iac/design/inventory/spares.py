"""How many nodes must stand by, and which.

The nodes that a blueprint asks for are all the nodes there are; spares are those among them that
are kept free of work. Failures arrive as a Poisson process, so the number under repair at a time is
Poisson with mean `nodes x failures per node-day x days of repair` (research 05, section 2.4).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from aifactory_iac.design.tables import Ints


class _Poisson:
    """Cumulative Poisson probabilities by logarithms, so that large means do not underflow."""

    def __init__(self) -> None:
        self._log_factorial: NDArray[np.float64] = np.zeros(1)

    def at_most(self, count: int, mean: float) -> float:
        """Probability of at most `count` events."""
        if mean <= 0:
            return 1.0
        if count >= len(self._log_factorial):
            steps = np.log(np.arange(1, 2 * count + 64))
            self._log_factorial = np.concatenate(([0.0], np.cumsum(steps)))
        # Terms further below the mean than this add less than 1e-15 together.
        first = max(0, int(mean - 9 * math.sqrt(mean) - 12))
        if count < first:
            return 0.0
        events = np.arange(first, count + 1)
        terms = events * math.log(mean) - mean - self._log_factorial[first : count + 1]
        return float(np.exp(terms).sum())


def spares_needed(
    nodes: int, failures_per_node_day: float, repair_days: float, confidence: float
) -> int:
    """Smallest S with `PoissonCDF(S; nodes x rate x days) >= confidence`, at most `nodes`."""
    poisson, mean = _Poisson(), nodes * failures_per_node_day * repair_days
    low, high = 0, 1
    while high < nodes and poisson.at_most(high, mean) < confidence:
        low, high = high + 1, high * 2
    high = min(high, nodes)
    while low < high:
        middle = (low + high) // 2
        if poisson.at_most(middle, mean) >= confidence:
            high = middle
        else:
            low = middle + 1
    return low


def spare_rows(
    nodes: int, failures_per_node_day: float, repair_days: float, confidence: float
) -> Ints:
    """Which nodes stand by, as rows from 0: each one whose arrival raises the number needed.

    A row's answer depends on the rows before it alone, so growing a pool never changes which of
    the old nodes are spares; and the spares are spread evenly over the pool. One row can raise the
    number by one only: where repair takes so long that a node needs more than one spare, fewer rows
    come back than `spares_needed` asks for.
    """
    poisson, rate = _Poisson(), failures_per_node_day * repair_days
    if rate >= 1:  # more than one failure under repair for each node: none can be at work
        return np.arange(nodes, dtype=np.int32)
    rows: list[int] = []
    reached, gap = 0, 1
    while reached < nodes:
        spares = len(rows)

        def short(size: int, spares: int = spares) -> bool:
            return poisson.at_most(spares, size * rate) < confidence

        size = _first(short, reached + 1, reached + gap, nodes)
        if size is None:
            break
        gap, reached = size - reached, size
        rows.append(size - 1)
    return np.asarray(rows, dtype=np.int32)


def _first(holds: Callable[[int], bool], low: int, guess: int, high: int) -> int | None:
    """Smallest number from `low` to `high` for which a rising condition holds, near a guess."""
    guess = max(low, min(guess, high))
    step = 1
    if holds(guess):
        high = guess
        while high > low and holds(max(low, high - step)):
            high, step = max(low, high - step), step * 2
        low = max(low, high - step + 1)
    else:
        low = guess + 1
        while low <= high and not holds(min(high, low + step - 1)):
            low, step = min(high, low + step - 1) + 1, step * 2
        if low > high:
            return None
        high = min(high, low + step - 1)
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low
