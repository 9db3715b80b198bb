"""How a lab is to be, beside what it emulates."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = {
    "bmc": "Redfish controllers of the machines",
    "switches": "switches that speak the NVUE revision API",
    "aws": "AWS, by moto",
    "cluster": "API servers with nodes, and Slurm controllers",
}
"""What a lab can have, in the order in which it is shown."""
DEFAULT_PACE = 0.01
DEADLINE = 180.0
"""Seconds in which every part must be ready; an API server on a busy host takes the longest."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for.

    `pace` is a factor on every duration of the machines: with 0.01, three minutes of POST are two
    seconds. `lifetime` is in seconds. `boots` are hosts that QEMU truly boots.
    """

    target: str
    kinds: tuple[str, ...] = tuple(KINDS)
    pace: float = DEFAULT_PACE
    lifetime: float | None = None
    boots: tuple[str, ...] = ()
    deadline: float = DEADLINE
