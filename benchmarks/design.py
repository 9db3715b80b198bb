"""The design of 100,000 GPUs: time, memory, and growth from a tenth of it."""

from __future__ import annotations

import sys

from measure import cost, within

DESIGN = """
import sys, time
from aifactory_iac.api import design, load
factory = load("colossus-100k", parameters={"nodes": sys.argv[1]})
for _ in range(int(sys.argv[2])):
    design(factory)
"""
ROUNDS = 20


def main() -> int:
    """Prints the figures; exits with 1 when one is over its limit."""
    whole = cost("-m", "aifactory_iac", "design", "colossus-100k")
    once, tenth = cost("-c", DESIGN, "12500", "1"), cost("-c", DESIGN, "1250", "1")
    many = cost("-c", DESIGN, "12500", str(ROUNDS)), cost("-c", DESIGN, "1250", str(ROUNDS))
    growth = (many[0].cpu - once.cpu) / (many[1].cpu - tenth.cpu)
    print("design of colossus-100k: 12,500 nodes, 100,000 GPUs")
    holds = [
        within("aifactory design, CPU of the whole process", whole.cpu, 5.0, "s"),
        within("  peak memory", whole.mib, 1024, "MiB"),
        within("one design by itself", (many[0].cpu - once.cpu) / (ROUNDS - 1), 5.0, "s"),
        within("  over a tenth of it", growth, 12, "x"),
    ]
    return 0 if all(holds) else 1


if __name__ == "__main__":
    sys.exit(main())
