"""What a check can find, as one table for each room: ids that scripts and waivers hold on to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from aifactory_iac.findings.finding import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be wrong or worth saying: `title` is a sentence that holds when it is not.

    An id is `AIF-<room>-<number>`. It keeps its meaning for ever and is never given away again.
    """

    id: str
    severity: Severity
    title: str


def table(room: str, rules: Iterable[tuple[int, Severity, str]]) -> Mapping[str, Rule]:
    """Rules by id, in the order of their numbers; raises `ValueError` for a number given twice."""
    found: dict[str, Rule] = {}
    for number, severity, title in sorted(rules, key=lambda rule: rule[0]):
        rule = Rule(f"AIF-{room}-{number:03d}", severity, title)
        if rule.id in found:
            raise ValueError(f"{rule.id} is given twice")
        found[rule.id] = rule
    return MappingProxyType(found)
