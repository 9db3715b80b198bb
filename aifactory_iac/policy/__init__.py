"""The gate: rules over blueprint, design and planned resources; findings, waivers, a verdict.

Rules import from here only. Reading files happens in `load` and `waiver`, judging is pure.
"""

from aifactory_iac.findings import Path, Severity, render_path
from aifactory_iac.policy.check import Check, Checks, Outcome, failed, passed, unknown
from aifactory_iac.policy.context import AnySite, AnyWorkload, Context
from aifactory_iac.policy.data import Level, Pack, Profile
from aifactory_iac.policy.evaluate import evaluate, run_rule
from aifactory_iac.policy.gate import GateState, WaiverState, WaiverUse
from aifactory_iac.policy.load import RuleLibrary, load_rules
from aifactory_iac.policy.places import within
from aifactory_iac.policy.resources import Resources, listed, texts, value
from aifactory_iac.policy.rule import Rule, rule
from aifactory_iac.policy.traffic import Opening, openings
from aifactory_iac.policy.verdict import Judgement, RuleResult, Verdict, fingerprint
from aifactory_iac.policy.waiver import Waiver, Waivers, load_waivers, read_waivers
from aifactory_iac.program.planned import UNKNOWN, PlannedResource

__all__ = [
    "UNKNOWN",
    "AnySite",
    "AnyWorkload",
    "Check",
    "Checks",
    "Context",
    "GateState",
    "Judgement",
    "Level",
    "Opening",
    "Outcome",
    "Pack",
    "Path",
    "PlannedResource",
    "Profile",
    "Resources",
    "Rule",
    "RuleLibrary",
    "RuleResult",
    "Severity",
    "Verdict",
    "Waiver",
    "WaiverState",
    "WaiverUse",
    "Waivers",
    "evaluate",
    "failed",
    "fingerprint",
    "listed",
    "load_rules",
    "load_waivers",
    "openings",
    "passed",
    "read_waivers",
    "render_path",
    "rule",
    "run_rule",
    "texts",
    "unknown",
    "value",
    "within",
]
