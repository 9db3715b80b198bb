"""The gate's answer: findings with their level and waiver, counts, and one outcome."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from aifactory_iac.findings import Finding, Path, Severity, Span, render_path
from aifactory_iac.policy.check import Outcome
from aifactory_iac.policy.data import Level
from aifactory_iac.policy.rule import Rule
from aifactory_iac.policy.waiver import Waiver

GateOutcome = Literal["pass", "fail", "unknown", "error"]

_EXIT: Mapping[GateOutcome, int] = {"pass": 0, "fail": 3, "unknown": 4, "error": 4}


def fingerprint(rule: str, path: Path, key: str) -> str:
    """Identity of a finding over time: no line, no message, no number is in it."""
    parts = "\0".join((rule, render_path(path), key))
    return hashlib.sha256(parts.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Judgement:
    """A finding as the gate sees it: what the rule said, at the level that the profile gives."""

    rule: Rule
    outcome: Outcome
    level: Level
    severity: Severity
    path: Path
    key: str
    message: str
    hint: str | None = None
    related: tuple[Path, ...] = ()
    waiver: Waiver | None = None
    span: Span | None = None
    blocking: bool = False

    @property
    def fingerprint(self) -> str:
        """sha256 of rule, path and key."""
        return fingerprint(self.rule.id, self.path, self.key)

    @property
    def finding(self) -> Finding:
        """The same as the value that all rooms share."""
        return Finding(
            self.rule.id, self.severity, self.message, self.path, self.hint, self.related, self.span
        )


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What came of one rule over all its targets; `outcome` is the worst of them."""

    rule: Rule
    level: Level
    outcome: Outcome
    passed: tuple[Path, ...]
    """Targets that hold."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says. `findings` are those that did not pass, in a fixed order."""

    outcome: GateOutcome
    profile: str
    packs: tuple[str, ...]
    findings: tuple[Judgement, ...]
    results: tuple[RuleResult, ...]
    fail_on: Severity | None = None
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 pass, 3 the gate says no, 4 a rule crashed or only unknowns block."""
        return _EXIT[self.outcome]

    def located(self, locate: Callable[[Iterable[Finding]], Iterable[Finding]]) -> Verdict:
        """With source positions, which only the loader knows; order is by place afterwards."""
        spans = {
            (found.rule, found.path, found.message): found.span
            for found in locate([judged.finding for judged in self.findings])
        }
        placed = [
            replace(
                judged,
                span=judged.span or spans.get((judged.rule.id, judged.path, judged.message)),
            )
            for judged in self.findings
        ]
        return replace(self, findings=in_gate_order(placed))

    def document(self) -> dict[str, Any]:
        """The JSON document of `check --format json`."""
        return {
            "schemaVersion": 1,
            "kind": "Verdict",
            "outcome": self.outcome,
            "exitCode": self.exit_code,
            "profile": self.profile,
            "packs": list(self.packs),
            "failOn": self.fail_on.value if self.fail_on else None,
            "counts": dict(self.counts),
            "findings": [_finding(judged) for judged in self.findings],
            "rules": [
                {
                    "rule": result.rule.id,
                    "title": result.rule.title,
                    "level": result.level.value,
                    "outcome": result.outcome.value,
                    "targets": len(result.passed),
                }
                for result in self.results
            ],
        }


def in_gate_order(findings: Iterable[Judgement]) -> tuple[Judgement, ...]:
    """Blocking ones first, worst first, then by rule, path and key: equal input, equal output."""
    return tuple(
        sorted(
            findings,
            key=lambda judged: (
                not judged.blocking,
                -judged.severity.rank,
                judged.rule.id,
                render_path(judged.path),
                judged.key,
                judged.message,
            ),
        )
    )


def _finding(judged: Judgement) -> dict[str, Any]:
    span = judged.span
    waiver = judged.waiver
    return {
        "rule": judged.rule.id,
        "title": judged.rule.title,
        "severity": judged.severity.value,
        "level": judged.level.value,
        "outcome": judged.outcome.value,
        "blocking": judged.blocking,
        "path": render_path(judged.path),
        "key": judged.key,
        "file": span.file if span else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "message": judged.message,
        "hint": judged.hint,
        "related": [render_path(path) for path in judged.related],
        "controls": list(judged.rule.controls),
        "waiver": waiver.model_dump(mode="json") if waiver else None,
        "fingerprint": judged.fingerprint,
    }
