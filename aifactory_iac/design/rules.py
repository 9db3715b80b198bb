"""Every finding that the physical design can give: one table, one id each, never reused.

Numbers 001 to 049 are the physical half (pools, racks, power, networks, addresses). A finding that
rests on a fact no source is good enough for is given a lower severity (`verified=False`): shown,
not gated on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aifactory_iac.findings import Finding, Path, Severity


@dataclass(frozen=True, slots=True)
class DesignRule:
    """One thing that can be wrong with a design: what it is, and how much it matters."""

    id: str
    severity: Severity
    title: str


_ALL = (
    DesignRule("AIF-DSN-001", Severity.HIGH, "A pool says how large it is, and only once."),
    DesignRule(
        "AIF-DSN-002", Severity.HIGH, "A pool's machine fits its site and is in the catalog."
    ),
    DesignRule(
        "AIF-DSN-003", Severity.HIGH, "A pool sized in scalable units has a system with one."
    ),
    DesignRule(
        "AIF-DSN-004", Severity.MEDIUM, "A pool keeps more nodes at work than it has spare."
    ),
    DesignRule("AIF-DSN-005", Severity.HIGH, "Every node fits in a rack of its site."),
    DesignRule("AIF-DSN-006", Severity.MEDIUM, "Rack density stays below the review band."),
    DesignRule("AIF-DSN-007", Severity.HIGH, "A site has a position for every rack."),
    DesignRule("AIF-DSN-008", Severity.HIGH, "Facility power stays within the envelope."),
    DesignRule("AIF-DSN-009", Severity.HIGH, "The load survives the loss its redundancy promises."),
    DesignRule("AIF-DSN-010", Severity.HIGH, "Every machine's maximum power is known."),
    DesignRule("AIF-DSN-011", Severity.LOW, "The power a design rests on is verified."),
    DesignRule("AIF-DSN-012", Severity.HIGH, "A site offers the cooling that its machines need."),
    DesignRule("AIF-DSN-013", Severity.HIGH, "A network's technology and switch fit its site."),
    DesignRule(
        "AIF-DSN-014", Severity.HIGH, "A network's switch has ports for the nodes' adapters."
    ),
    DesignRule("AIF-DSN-015", Severity.HIGH, "Three tiers of the switch reach the network's size."),
    DesignRule("AIF-DSN-016", Severity.HIGH, "Leaf oversubscription stays within its bound."),
    DesignRule("AIF-DSN-017", Severity.HIGH, "The site's address block holds every address."),
    DesignRule("AIF-DSN-018", Severity.HIGH, "A site's address block is a network."),
    DesignRule("AIF-DSN-019", Severity.HIGH, "Linked sites have separate address blocks."),
    DesignRule("AIF-DSN-020", Severity.HIGH, "A network serves pools that exist, all at one site."),
    DesignRule("AIF-DSN-021", Severity.INFO, "Every machine's weight is known."),
    DesignRule("AIF-DSN-022", Severity.HIGH, "A network grows to no less than it serves."),
    DesignRule("AIF-DSN-023", Severity.LOW, "The liquid share of a machine's heat is known."),
    DesignRule("AIF-DSN-024", Severity.MEDIUM, "Adapters run at their full rate."),
    DesignRule("AIF-DSN-025", Severity.HIGH, "A site's rack model is in the catalog."),
    DesignRule("AIF-DSN-026", Severity.LOW, "Every switch's maximum power is known."),
    DesignRule("AIF-DSN-027", Severity.MEDIUM, "Instances on an EFA network have EFA."),
    DesignRule("AIF-DSN-028", Severity.LOW, "Every storage appliance's height is known."),
    DesignRule("AIF-DSN-029", Severity.LOW, "Every machine's height is known."),
    DesignRule("AIF-DSN-030", Severity.HIGH, "A pool is of a size that can exist."),
    DesignRule(
        "AIF-DSN-031", Severity.MEDIUM, "A later phase fits the room that an earlier one leaves."
    ),
    DesignRule("AIF-DSN-032", Severity.HIGH, "Every switch and appliance fits in a rack."),
    DesignRule("AIF-DSN-033", Severity.MEDIUM, "The network ports of every machine are known."),
)

RULES: Mapping[str, DesignRule] = {rule.id: rule for rule in _ALL}

_LOWER = {
    Severity.CRITICAL: Severity.MEDIUM,
    Severity.HIGH: Severity.MEDIUM,
    Severity.MEDIUM: Severity.LOW,
    Severity.LOW: Severity.INFO,
    Severity.INFO: Severity.INFO,
}


def found(
    rule: str,
    message: str,
    path: Path,
    *,
    hint: str | None = None,
    verified: bool = True,
    severity: Severity | None = None,
) -> Finding:
    """A finding of one of `RULES`; one severity lower when it rests on an unverified fact."""
    level = severity or RULES[rule].severity
    if not verified:
        level = _LOWER[level]
        message += " This rests on a figure without a good source."
    return Finding(rule, level, message, path, hint)
