"""Verdicts by hand: one of every fate a finding can have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from aifactory_iac.findings import Severity, Span
from aifactory_iac.policy import Judgement, Outcome, Rule, Verdict
from aifactory_iac.policy.data import Level
from aifactory_iac.policy.verdict import RuleResult
from aifactory_iac.policy.waiver import Waiver

HOSTILE = "a|b `c` <img src=x> [l](u) {0} 100% é \x1b[2J ::error::x\n\n::warning::y"


def rule(number: int, severity: Severity = Severity.HIGH, **others) -> Rule:
    return Rule(
        id=f"AIF-FAB-{number:03}",
        title=f"Rule {number} holds",
        severity=severity,
        judge=lambda context: (),
        controls=others.pop("controls", ("iso27001:A.8.1", "soc2:CC6.1")),
        needs=("design",),
        description=f"Why rule {number} is.",
        layer="fabric",
        file=f"fabric/rule_{number}.py",
        **others,
    )


SPAN = Span("factory/blueprint.yaml", 8, 5, 4, "    1 MB", "blueprint")
WAIVER = Waiver(
    rule="AIF-FAB-003", target="fabric.storage", finding="ratio",
    reason="old switches until spring",
    owner="net@example.com", approver="cto@example.com", ticket="NET-1",
    created=dt.date(2026, 1, 1), expires=dt.date(2026, 6, 30),
)  # fmt: skip


def judged(number: int, **others) -> Judgement:
    severity = others.pop("severity", Severity.HIGH)
    return Judgement(
        rule=others.pop("rule", None) or rule(number, severity),
        outcome=others.pop("outcome", Outcome.FAIL),
        level=others.pop("level", Level.SOFT),
        severity=severity,
        path=others.pop("path", ("fabric", "compute")),
        key=others.pop("key", "ratio"),
        message=others.pop("message", "It is oversubscribed."),
        **others,
    )


def verdict_of(*findings: Judgement, outcome="fail", passed: int = 0) -> Verdict:
    results = [
        RuleResult(each.rule, each.level, each.outcome, ())
        for each in {each.rule.id: each for each in findings}.values()
    ]
    results += [
        RuleResult(rule(900 + place), Level.SOFT, Outcome.PASS, (("fabric",),))
        for place in range(passed)
    ]
    return Verdict(outcome, "standard", ("core",), tuple(findings), tuple(results))


@pytest.fixture
def make_judgement() -> Callable[..., Judgement]:
    return judged


@pytest.fixture
def make_verdict() -> Callable[..., Verdict]:
    return verdict_of


@pytest.fixture
def every_fate() -> Verdict:
    """Blocking, advisory, waived, unknown and crashed, and one rule that passed."""
    return verdict_of(
        judged(1, span=SPAN, blocking=True, hint="Add a spine.", related=(("fabric", "storage"),)),
        judged(2, severity=Severity.MEDIUM, level=Level.ADVISORY, path=()),
        judged(3, waiver=WAIVER, path=("fabric", "storage")),
        judged(4, outcome=Outcome.UNKNOWN, message="Nobody says how many ports it has."),
        judged(5, outcome=Outcome.ERROR, message="KeyError: 'ports'", blocking=True),
        passed=1,
    )


@pytest.fixture
def hostile() -> Verdict:
    """Text in every place that a document or a rule of somebody else can fill."""
    return verdict_of(
        judged(
            1, message=HOSTILE, hint=HOSTILE, path=("fabric", HOSTILE), key=HOSTILE, blocking=True,
            span=Span(f"dir,a:b/{HOSTILE}.yaml", 1, 1, 1, HOSTILE),
        ),
        judged(2, message=HOSTILE, waiver=WAIVER.model_copy(update={"reason": HOSTILE})),
    )  # fmt: skip
