"""Every finding on capacity, workloads and money: one table, one id each, never reused.

Numbers 100 to 199; the physical half has 001 to 099 (`rules.py`). A finding that would block and
rests on a fact no source is good enough for comes at `MEDIUM` instead: shown, never gated on.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from aifactory_iac.design.rules import DesignRule
from aifactory_iac.findings import Finding, Path, Severity

_ALL = (
    DesignRule("AIF-DSN-100", Severity.MEDIUM, "A storage tier gives the throughput asked of it."),
    DesignRule("AIF-DSN-101", Severity.HIGH, "A storage tier holds what is put on it."),
    DesignRule("AIF-DSN-102", Severity.INFO, "The throughput of an appliance is verified."),
    DesignRule("AIF-DSN-103", Severity.MEDIUM, "A storage tier can be sized."),
    DesignRule("AIF-DSN-104", Severity.MEDIUM, "An FSx capacity is one that AWS sells."),
    DesignRule("AIF-DSN-105", Severity.MEDIUM, "A checkpoint is written before the next is due."),
    DesignRule("AIF-DSN-106", Severity.LOW, "A training saves checkpoints."),
    DesignRule("AIF-DSN-107", Severity.INFO, "Checkpoints come at an interval that loses little."),
    DesignRule("AIF-DSN-108", Severity.LOW, "The power of an appliance is known."),
    DesignRule("AIF-DSN-110", Severity.HIGH, "The precision of a training has a published peak."),
    DesignRule("AIF-DSN-111", Severity.HIGH, "Planned MFU stays below what hardware reaches."),
    DesignRule("AIF-DSN-112", Severity.HIGH, "An MFU range rises, and does not start at zero."),
    DesignRule("AIF-DSN-113", Severity.HIGH, "The state of a training fits in memory."),
    DesignRule("AIF-DSN-114", Severity.HIGH, "A training gets the GPUs it asks for."),
    DesignRule("AIF-DSN-115", Severity.HIGH, "A training wins more time than failures take."),
    DesignRule("AIF-DSN-116", Severity.HIGH, "A workload's clusters have accelerators."),
    DesignRule("AIF-DSN-120", Severity.INFO, "A service promises a rate."),
    DesignRule("AIF-DSN-121", Severity.MEDIUM, "The token rate of a GPU is known."),
    DesignRule("AIF-DSN-122", Severity.HIGH, "A service has the GPUs that its promise needs."),
    DesignRule("AIF-DSN-123", Severity.HIGH, "The weights of a model fit in memory."),
    DesignRule("AIF-DSN-124", Severity.LOW, "A measured token rate names its measurement."),
    DesignRule("AIF-DSN-125", Severity.LOW, "A service is sized with a rate of its own model."),
    DesignRule("AIF-DSN-126", Severity.MEDIUM, "Batch demand fits the hours of its pools."),
    DesignRule("AIF-DSN-127", Severity.HIGH, "One job fits a pool."),
    DesignRule("AIF-DSN-130", Severity.MEDIUM, "What is bought or rented has a price."),
    DesignRule("AIF-DSN-131", Severity.INFO, "A cloud price is of the region it is paid in."),
    DesignRule("AIF-DSN-132", Severity.MEDIUM, "Money in other currencies has an exchange rate."),
    DesignRule("AIF-DSN-133", Severity.MEDIUM, "The factory stays within its budget."),
    DesignRule("AIF-DSN-134", Severity.INFO, "Capital agrees with what others pay per gigawatt."),
    DesignRule("AIF-DSN-135", Severity.INFO, "The energy of every pool is known."),
    DesignRule("AIF-DSN-136", Severity.LOW, "The grid's carbon intensity is known."),
    DesignRule("AIF-DSN-137", Severity.INFO, "The price of electricity is one of the place."),
    DesignRule("AIF-DSN-138", Severity.MEDIUM, "Energy stays below the carbon budget."),
    DesignRule("AIF-DSN-139", Severity.INFO, "Spot, block and reserved prices are published."),
    DesignRule("AIF-DSN-140", Severity.MEDIUM, "A tenant's quota costs no more than its budget."),
)

CAPACITY_RULES: Mapping[str, DesignRule] = MappingProxyType({rule.id: rule for rule in _ALL})


def said(
    number: int,
    message: str,
    path: Path,
    hint: str | None = None,
    *,
    related: tuple[Path, ...] = (),
    verified: bool = True,
) -> Finding:
    """A finding of `CAPACITY_RULES` by number; never blocking when it rests on unverified facts."""
    rule = CAPACITY_RULES[f"AIF-DSN-{number}"]
    severity = rule.severity
    if not verified and severity.rank > Severity.MEDIUM.rank:
        severity = Severity.MEDIUM
        message += " This rests on a figure without a good source."
    return Finding(rule.id, severity, message, path, hint, related)
