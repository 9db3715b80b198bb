"""The table of what plans may find."""

from __future__ import annotations

import re
from pathlib import Path

import aifactory_iac.deploy as package
from aifactory_iac.deploy.rules import RULES, found
from aifactory_iac.findings import Severity

SOURCES = sorted(Path(package.__file__).parent.rglob("*.py"))
TESTS = sorted(Path(__file__).parent.rglob("test_*.py"))


def test_every_rule_is_used_and_every_finding_has_a_rule():
    texts = [source.read_text(encoding="utf-8") for source in SOURCES]
    used = {rule for text in texts for rule in re.findall(r'"(AIF-PLN-\d{3})"', text)}
    assert used == set(RULES)


def test_every_rule_is_shown_broken():
    texts = [test.read_text(encoding="utf-8") for test in TESTS]
    shown = {rule for text in texts for rule in re.findall(r"AIF-PLN-\d{3}", text)}
    assert shown == set(RULES)


def test_nothing_else_makes_findings():
    makers = [file.name for file in SOURCES if re.search(r"\bFinding\(", file.read_text())]
    assert makers == ["rules.py"]


def test_rules_are_sentences_in_order():
    assert list(RULES) == sorted(RULES)
    assert all(re.fullmatch(r"[A-Z].*\.", rule.title) for rule in RULES.values())
    assert all(rule.id == name for name, rule in RULES.items())


def test_a_finding_has_the_severity_of_its_rule():
    assert found("AIF-PLN-030", "Broken.").severity is Severity.CRITICAL
