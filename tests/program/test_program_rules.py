"""The table of what lowering, wiring and exporting may find."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import aifactory_iac.program as package
from aifactory_iac.findings import Severity, table
from aifactory_iac.program.rules import RULES, found

SOURCES = sorted(Path(package.__file__).parent.rglob("*.py"))
TESTS = sorted(Path(__file__).parent.rglob("test_*.py"))


def made() -> Iterator[ast.Call]:
    """Every call of `found` in the room."""
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "found":
                yield node


def test_every_rule_is_used_and_every_finding_has_a_rule() -> None:
    texts = [source.read_text(encoding="utf-8") for source in SOURCES]
    used = {rule for text in texts for rule in re.findall(r'"(AIF-PRG-\d{3})"', text)}
    assert used == set(RULES)


def test_every_rule_is_shown_broken() -> None:
    texts = [test.read_text(encoding="utf-8") for test in TESTS]
    shown = {rule for text in texts for rule in re.findall(r"AIF-PRG-\d{3}", text)}
    assert shown == set(RULES)


def test_nothing_else_makes_findings() -> None:
    makers = [file.name for file in SOURCES if re.search(r"\bFinding\(", file.read_text())]
    assert makers == ["rules.py"]


def test_every_finding_shows_a_way_out() -> None:
    without = [ast.unparse(call.args[0]) for call in made() if len(call.keywords) == 0]
    assert without == []


def test_rules_are_sentences_in_order() -> None:
    assert list(RULES) == sorted(RULES)
    assert all(re.fullmatch(r"[A-Z].*\.", rule.title) for rule in RULES.values())
    assert all(rule.id == name for name, rule in RULES.items())


def test_a_finding_has_the_severity_of_its_rule() -> None:
    assert found("AIF-PRG-028", "Link.", ("links", "a")).severity is Severity.LOW
    with pytest.raises(KeyError):
        found("AIF-PRG-none", "Nothing.")


def test_a_number_is_given_once() -> None:
    with pytest.raises(ValueError, match="AIF-PRG-001 is given twice"):
        table("PRG", ((1, Severity.LOW, "A."), (1, Severity.LOW, "B.")))
