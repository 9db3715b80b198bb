"""Measures a Python process: CPU seconds and peak memory, the best of some runs."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """CPU seconds (user and system) and peak resident memory in MiB."""

    cpu: float
    mib: float


def cost(*arguments: str, runs: int = 3) -> Cost:
    """The cheapest of some runs of `python <arguments>`, after one to warm the disk cache."""
    return min((_once(arguments) for _ in range(runs + 1)), key=lambda each: each.cpu)


def _once(arguments: tuple[str, ...]) -> Cost:
    # Users have compiled files after the first run; a setting of this shell must not hide them.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{arguments} exited with {process.returncode}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def within(name: str, figure: float, limit: float, unit: str) -> bool:
    """Prints a figure beside its limit, and says whether it holds."""
    holds = figure <= limit
    print(f"  {name:<52} {figure:9.3f} {unit:<4} limit {limit:g}  {'ok' if holds else 'OVER'}")
    return holds
