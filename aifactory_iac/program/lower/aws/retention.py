"""Durations as the AWS services take them."""

from __future__ import annotations

import bisect
import math

from aifactory_iac.blueprint.quantity import Duration

LOG_RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192),
    *(2557, 2922, 3288, 3653),
)
"""What CloudWatch Logs accepts (PutRetentionPolicy, `retentionInDays`)."""


def days(duration: Duration) -> int:
    """Whole days, rounded up, at least one."""
    return max(1, math.ceil(duration.days - 1e-9))


def log_retention_days(duration: Duration) -> int:
    """The shortest retention of CloudWatch Logs that is at least as long; its longest otherwise."""
    place = bisect.bisect_left(LOG_RETENTION_DAYS, days(duration))
    return LOG_RETENTION_DAYS[min(place, len(LOG_RETENTION_DAYS) - 1)]
