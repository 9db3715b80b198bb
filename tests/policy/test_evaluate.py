"""The engine: five outcomes, levels, parameters, exit codes; a crash is never green."""

from __future__ import annotations

import dataclasses

import pytest

from aifactory_iac.findings import Finding, Severity, Span
from aifactory_iac.policy import Level, Outcome, evaluate, fingerprint, load_rules, render_path


def found(verdict):
    return [
        (item.rule.id, item.outcome.value, item.level.value, render_path(item.path), item.key)
        for item in verdict.findings
    ]


def test_a_factory_that_holds_passes(gate, tiny):
    verdict = evaluate(tiny(), load_rules([gate.path], shipped=False))
    assert (verdict.outcome, verdict.exit_code, verdict.findings) == ("pass", 0, ())
    assert verdict.counts == {
        "rules": 1,
        "pass": 2,
        "fail": 0,
        "unknown": 0,
        "error": 0,
        "not-applicable": 0,
        "waived": 0,
        "blocking": 0,
    }


def test_a_broken_rule_of_a_blocking_level_gives_exit_3(gate, tiny):
    verdict = evaluate(tiny("b"), load_rules([gate.path], shipped=False))
    assert found(verdict) == [("XAM-CMP-001", "fail", "soft", "compute.b.secure_boot", "off")]
    assert (verdict.outcome, verdict.exit_code) == ("fail", 3)
    assert verdict.findings[0].message == "pool b of 4"


def test_an_advisory_finding_is_shown_and_blocks_nothing(folder, tiny):
    folder.rule(severity="MEDIUM").pack("XAM-CMP-001").profile()
    verdict = evaluate(tiny("a"), load_rules([folder.path], shipped=False))
    assert found(verdict) == [("XAM-CMP-001", "fail", "advisory", "compute.a.secure_boot", "off")]
    assert (verdict.outcome, verdict.exit_code, verdict.counts["fail"]) == ("pass", 0, 1)


@pytest.mark.parametrize(
    ("levels", "fail_on", "code"),
    [
        ("{high: soft}", None, 3),
        ("{high: soft}", Severity.CRITICAL, 0),
        ("{high: advisory}", Severity.HIGH, 3),
        ("{high: advisory}", Severity.MEDIUM, 3),
        ("{high: hard}", Severity.CRITICAL, 3),
        ("{high: off}", Severity.LOW, 0),
    ],
)
def test_fail_on_moves_the_bar_but_never_below_a_hard_rule(folder, tiny, levels, fail_on, code):
    folder.rule().pack("XAM-CMP-001").profile(levels=levels)
    library = load_rules([folder.path], shipped=False)
    assert evaluate(tiny("a"), library, fail_on=fail_on).exit_code == code


def test_a_profile_sets_level_and_parameters_of_one_rule(folder, tiny):
    settings = "{XAM-CMP-001: {level: hard, with: {least: 5}}}"
    folder.rule().pack("XAM-CMP-001").profile(rules=settings)
    verdict = evaluate(tiny(), load_rules([folder.path], shipped=False))
    assert [(item.level, item.message) for item in verdict.findings] == [
        (Level.HARD, "pool a of 4"),
        (Level.HARD, "pool b of 4"),
    ]


def test_the_profile_is_the_blueprints_unless_one_is_asked_for(gate, tiny):
    gate.profile("strict", levels="{high: hard}")
    library = load_rules([gate.path], shipped=False)
    assert evaluate(tiny("a", profile="strict"), library).profile == "strict"
    chosen = evaluate(tiny("a", profile="strict"), library, profile="standard")
    assert (chosen.profile, chosen.findings[0].level) == ("standard", Level.SOFT)


CRASH = '''
from aifactory_iac.policy import Checks, Context, Severity, passed, rule


@rule(id="XAM-CMP-002", title="Crashes", severity=Severity.LOW, controls=(), needs=("blueprint",))
def crashes(factory: Context) -> Checks:
    """Half way."""
    yield passed(("compute",))
    yield passed(factory.blueprint.nothing)
'''


def test_a_rule_that_crashes_is_an_error_whatever_its_level(folder, tiny):
    folder.write("compute/crashes.py", CRASH).rule()
    folder.pack("XAM-CMP-001", "XAM-CMP-002").profile(levels="{high: soft, low: advisory}")
    library = load_rules([folder.path], shipped=False)
    verdict = evaluate(tiny(), library)
    assert found(verdict) == [("XAM-CMP-002", "error", "advisory", "", "crash")]
    assert verdict.findings[0].message.startswith("the rule crashed: AttributeError: ")
    assert (verdict.outcome, verdict.exit_code) == ("error", 4)
    both = evaluate(tiny("a"), library)
    assert (both.outcome, both.exit_code, both.counts["error"]) == ("fail", 3, 1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import nothing_of_that_name\n", "ModuleNotFoundError"),
        ("x = 1 +\n", "SyntaxError"),
        ("x = 1\n", "a rule file holds exactly one rule, this one 0"),
        (CRASH.replace("XAM-CMP-002", "crash"), "rule id `crash` is not like `AIF-FAB-001`"),
        (CRASH.replace("XAM-CMP-002", "XAM-CMP-001"), "rule id XAM-CMP-001 is already taken by"),
    ],
)
def test_a_rule_file_that_cannot_be_used_is_an_error(gate, tiny, text, reason):
    gate.write("compute/zz.py", text)
    verdict = evaluate(tiny(), load_rules([gate.path], shipped=False))
    assert found(verdict) == [("AIF-POL-002", "error", "hard", "", "compute/zz.py")]
    assert reason in verdict.findings[0].message
    assert verdict.exit_code == 4


NEEDS = '''
from aifactory_iac.policy import Checks, Context, Severity, unknown, rule


@rule(id="XAM-CMP-003", title="Needs", severity=Severity.{severity}, controls=(), needs=("{need}",))
def needs(factory: Context) -> Checks:
    """Something."""
    yield unknown(("compute",), "later", "known after apply")
'''


@pytest.mark.parametrize(
    ("need", "severity", "key", "code"),
    [
        ("design", "HIGH", "inputs", 4),
        ("resources", "HIGH", "inputs", 4),
        ("blueprint", "HIGH", "later", 4),
        ("blueprint", "MEDIUM", "later", 0),
    ],
)
def test_what_cannot_be_judged_is_unknown_and_blocks_from_the_profiles_bound(
    folder, tiny, need, severity, key, code
):
    folder.write("compute/needs.py", NEEDS.format(need=need, severity=severity))
    folder.pack("XAM-CMP-003").profile(levels="{high: soft, medium: soft}")
    verdict = evaluate(tiny(), load_rules([folder.path], shipped=False))
    assert [(item.outcome, item.key) for item in verdict.findings] == [(Outcome.UNKNOWN, key)]
    assert verdict.exit_code == code


def test_a_rule_without_targets_is_not_applicable(folder, tiny):
    text = RULE_WITHOUT_TARGETS
    folder.write("compute/none.py", text).pack("XAM-CMP-004").profile()
    verdict = evaluate(tiny(), load_rules([folder.path], shipped=False))
    assert [result.outcome for result in verdict.results] == [Outcome.NOT_APPLICABLE]
    assert verdict.counts["not-applicable"] == 1


RULE_WITHOUT_TARGETS = '''
from aifactory_iac.policy import Checks, Context, Severity, rule


@rule(id="XAM-CMP-004", title="None", severity=Severity.HIGH, controls=(), needs=("blueprint",))
def none(factory: Context) -> Checks:
    """Links, of which there are none."""
    yield from ()
'''


def test_an_unknown_profile_is_a_finding_and_every_rule_blocks(tiny):
    verdict = evaluate(tiny("a", profile="prodution"), load_rules())
    faults = [item for item in verdict.findings if item.rule.id == "AIF-POL-001"]
    assert [(render_path(item.path), item.key, item.hint) for item in faults] == [
        ("governance.profile", "profile:prodution", "did you mean `production`?")
    ]
    assert verdict.profile == "strictest"
    assert {item.level for item in verdict.findings} == {Level.SOFT}
    assert verdict.exit_code == 3


def test_unknown_names_in_policy_data_are_findings(folder, tiny):
    folder.rule().pack("XAM-CMP-001", "XAM-CMP-009")
    folder.profile(rules="{XAM-CMP-008: {level: hard}, XAM-CMP-001: {with: {most: 1}}}")
    problems = load_rules([folder.path], shipped=False).problems
    assert [problem.key for problem in problems] == [
        "pack:core:XAM-CMP-009",
        "profile:standard:XAM-CMP-008",
    ]


def test_a_parameter_that_does_not_fit_its_schema_is_a_finding_and_the_default_stands(folder, tiny):
    folder.rule().pack("XAM-CMP-001")
    folder.profile("own", rules="{XAM-CMP-001: {with: {least: -1, most: 2}}}")
    folder.write("packs/own.yaml", "name: own\ntitle: Own\nrules: [XAM-CMP-001]\n")
    verdict = evaluate(tiny(profile="own"), load_rules([folder.path]), packs=["own"])
    keys = [item.key for item in verdict.findings if item.rule.id == "AIF-POL-001"]
    assert "profile:own:XAM-CMP-001:least" in keys
    assert "profile:own:XAM-CMP-001:most" in keys
    assert not [item for item in verdict.findings if item.rule.id == "XAM-CMP-001"]


def test_a_pack_asked_for_that_does_not_exist_is_a_finding(tiny):
    verdict = evaluate(tiny(), load_rules(), packs=["sp800-234"])
    faults = [item for item in verdict.findings if item.rule.id == "AIF-POL-001"]
    assert [item.key for item in faults] == ["pack:sp800-234"]


def test_data_that_cannot_be_read_is_a_finding(gate):
    gate.write("packs/bad.yaml", "name: [\n").write("profiles/odd.yaml", "name: odd\nlevel: 3\n")
    gate.write("packs/other.yaml", "name: another\ntitle: A\nrules: [XAM-CMP-001]\n")
    keys = [problem.key for problem in load_rules([gate.path], shipped=False).problems]
    assert keys[:2] == ["unreadable:packs/bad.yaml", "misnamed:packs/other.yaml"]
    assert "invalid:profiles/odd.yaml:level" in keys


def test_fingerprints_hold_no_line_and_no_number(gate, tiny):
    library = load_rules([gate.path], shipped=False)
    first = evaluate(tiny("a"), library).findings[0]
    later = dataclasses.replace(first, span=Span("x.yaml", 9, 1), message="pool a of 40")
    assert first.fingerprint == later.fingerprint
    assert first.fingerprint == fingerprint("XAM-CMP-001", ("compute", "a", "secure_boot"), "off")
    assert len({item.fingerprint for item in evaluate(tiny("a", "b"), library).findings}) == 2


def test_positions_are_added_by_who_knows_them(gate, tiny):
    def locate(findings: list[Finding]) -> list[Finding]:
        return [dataclasses.replace(item, span=Span("f.yaml", 7, 3)) for item in findings]

    verdict = evaluate(tiny("a"), load_rules([gate.path], shipped=False)).located(locate)
    document = verdict.document()
    assert document["outcome"] == "fail"
    assert document["exitCode"] == 3
    (finding,) = document["findings"]
    assert (finding["file"], finding["line"], finding["column"]) == ("f.yaml", 7, 3)
    assert (finding["rule"], finding["severity"], finding["level"], finding["outcome"]) == (
        "XAM-CMP-001",
        "high",
        "soft",
        "fail",
    )
    assert finding["path"] == "compute.a.secure_boot"
