"""Runs the rules of a profile over a context and gives the verdict. Pure; nothing here raises."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aifactory_iac.findings import Severity
from aifactory_iac.policy.check import Check, Outcome
from aifactory_iac.policy.context import Context
from aifactory_iac.policy.data import Level
from aifactory_iac.policy.gate import GateState
from aifactory_iac.policy.load import BrokenRule, RuleLibrary
from aifactory_iac.policy.rule import Rule
from aifactory_iac.policy.selection import Selection, select
from aifactory_iac.policy.verdict import (
    GateOutcome,
    Judgement,
    RuleResult,
    Verdict,
    in_gate_order,
)
from aifactory_iac.policy.waive import settle
from aifactory_iac.policy.waiver import Waivers

_WORST_FIRST = (Outcome.ERROR, Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS)


@dataclass(frozen=True, slots=True)
class _Run:
    """One rule, run: its checks as the rule gave them."""

    rule: Rule
    level: Level
    checks: tuple[Check, ...]


def evaluate(
    context: Context,
    library: RuleLibrary,
    *,
    profile: str | None = None,
    packs: Sequence[str] = (),
    waivers: Waivers | None = None,
    fail_on: Severity | None = None,
) -> Verdict:
    """The verdict on a factory.

    `profile` overrides the blueprint's; `packs` are added to the profile's. With `fail_on`, a
    finding blocks from that severity on whatever its level, and hard rules block always; without
    it, soft and hard rules block. Rules of the gate itself run last and cannot be waived.
    """
    chosen = select(context.blueprint, library, profile, packs)
    runs = tuple(_run(rule, context, chosen) for rule in chosen.rules if "gate" not in rule.needs)
    judged = [item for run in runs for item in _judged(run, chosen)]
    judged, uses = settle(judged, waivers or Waivers(), chosen.profile.waivers, context.at)
    gate = replace(context, gate=GateState(uses, chosen.problems))
    last = tuple(_run(rule, gate, chosen) for rule in chosen.rules if "gate" in rule.needs)
    judged.extend(item for run in last for item in _judged(run, chosen))
    judged.extend(_broken(library.broken))
    findings = in_gate_order(
        replace(item, blocking=_blocks(item, chosen, fail_on)) for item in judged
    )
    results = tuple(sorted((_result(run) for run in runs + last), key=lambda r: r.rule.id))
    return Verdict(
        outcome=_outcome(findings),
        profile=chosen.profile.name,
        packs=chosen.packs,
        findings=findings,
        results=results,
        fail_on=fail_on,
        counts=_counts(findings, results),
    )


def run_rule(rule: Rule, context: Context, parameters: Mapping[str, Any]) -> tuple[Check, ...]:
    """The rule's checks, without duplicates. A crash is a check with outcome `ERROR`."""
    if (missing := _missing(rule, context)) is not None:
        return (Check(Outcome.UNKNOWN, (), "inputs", f"not judged: {missing}"),)
    checks: list[Check] = []
    try:
        checks.extend(rule.judge(context, **parameters))
    except Exception as error:  # noqa: BLE001 - a rule may crash in any way and must not turn green
        checks.append(Check(Outcome.ERROR, (), "crash", _crash(error)))
    return tuple(dict.fromkeys(checks))


def _run(rule: Rule, context: Context, chosen: Selection) -> _Run:
    level = chosen.profile.level(rule.id, rule.severity)
    return _Run(rule, level, run_rule(rule, context, chosen.parameters[rule.id]))


def _missing(rule: Rule, context: Context) -> str | None:
    if "design" in rule.needs and context.design is None:
        return "the factory has not been designed"
    if "resources" in rule.needs and context.planned is None:
        return "no resources have been planned"
    return None


def _crash(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"the rule crashed: {type(error).__name__}: {error} (in {last.name}, line {last.lineno})"


def _judged(run: _Run, chosen: Selection) -> Iterator[Judgement]:
    for check in run.checks:
        if check.outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE):
            continue
        severity = check.severity or run.rule.severity
        yield Judgement(
            rule=run.rule,
            outcome=check.outcome,
            level=chosen.profile.level(run.rule.id, severity),
            severity=severity,
            path=check.path,
            key=check.key,
            message=check.message,
            hint=check.hint,
            related=check.related,
            span=check.span,
        )


def _broken(broken: Iterable[BrokenRule]) -> Iterator[Judgement]:
    for item in broken:
        rule = Rule(
            id="AIF-POL-002",
            title="Every rule file can be loaded",
            severity=Severity.CRITICAL,
            judge=lambda _context: iter(()),
            controls=(),
            needs=(),
            file=item.file,
        )
        message = f"the rule file {item.file} cannot be used: {item.reason}"
        yield Judgement(rule, Outcome.ERROR, Level.HARD, rule.severity, (), item.file, message)


def _blocks(judged: Judgement, chosen: Selection, fail_on: Severity | None) -> bool:
    if judged.outcome is Outcome.ERROR:
        return True
    if judged.waiver is not None:
        return False
    held = judged.level is Level.HARD or (
        judged.severity.rank >= fail_on.rank if fail_on else judged.level is Level.SOFT
    )
    if judged.outcome is Outcome.UNKNOWN:
        bound = chosen.profile.unknown_blocks_from
        return held and bound is not None and judged.severity.rank >= bound.rank
    return held


def _outcome(findings: Iterable[Judgement]) -> GateOutcome:
    blocking = {judged.outcome for judged in findings if judged.blocking}
    if Outcome.FAIL in blocking:
        return "fail"
    if Outcome.ERROR in blocking:
        return "error"
    return "unknown" if Outcome.UNKNOWN in blocking else "pass"


def _result(run: _Run) -> RuleResult:
    seen = {check.outcome for check in run.checks}
    outcome = next((found for found in _WORST_FIRST if found in seen), Outcome.NOT_APPLICABLE)
    passed = tuple(check.path for check in run.checks if check.outcome is Outcome.PASS)
    return RuleResult(run.rule, run.level, outcome, passed)


def _counts(findings: Sequence[Judgement], results: Sequence[RuleResult]) -> dict[str, int]:
    """Targets by outcome, waived ones apart; `not-applicable` counts rules without a target."""
    found = Counter(judged.outcome.value for judged in findings if judged.waiver is None)
    return {
        "rules": len(results),
        "pass": sum(len(result.passed) for result in results),
        "fail": found[Outcome.FAIL.value],
        "unknown": found[Outcome.UNKNOWN.value],
        "error": found[Outcome.ERROR.value],
        "not-applicable": sum(r.outcome is Outcome.NOT_APPLICABLE for r in results),
        "waived": sum(judged.waiver is not None for judged in findings),
        "blocking": sum(judged.blocking for judged in findings),
    }
