"""Every document in `bad/` has exactly the findings that its last lines list.

A line is `# finding: RULE PATH [FILE:]LINE:COLUMN`, in the order in which findings are printed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from aifactory_iac.blueprint import RULES, Request, load
from aifactory_iac.catalog import Catalog
from aifactory_iac.findings import Finding, render_path

_BAD = Path(__file__).resolve().parent / "bad"
_EXAMPLES = sorted(path.stem for path in _BAD.glob("*.yaml") if path.stem != "base")
_ELSEWHERE = {
    "AIF-DOC-001": "test_reading.py",
    "AIF-DOC-002": "test_targets.py",
    "AIF-DOC-003": "test_reading.py",
    "AIF-DOC-004": "test_reading.py",
    "AIF-DOC-036": "test_inheritance.py",
    "AIF-DOC-080": "test_explain.py",
    "AIF-DOC-090": "test_limits.py",
}
"""Rules whose example is not a text document, or needs several."""


def _line(finding: Finding, path: Path) -> str:
    assert finding.span is not None
    file = Path(finding.span.file).name
    where = f"{finding.span.line}:{finding.span.column}"
    where = where if file == path.name else f"{file}:{where}"
    return f"# finding: {finding.rule} {render_path(finding.path) or '-'} {where}"


def _expected(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("# finding: ")]


@pytest.mark.parametrize("name", _EXAMPLES)
def test_a_broken_document_has_exactly_the_findings_it_lists(name: str, catalog: Catalog) -> None:
    path = _BAD / f"{name}.yaml"
    loaded = load(Request(str(path)), catalog)
    assert [_line(finding, path) for finding in loaded.findings] == _expected(path)
    assert not loaded.valid


@pytest.mark.parametrize("name", _EXAMPLES)
def test_every_finding_says_what_is_wrong_and_points_at_a_line(name: str, catalog: Catalog) -> None:
    for finding in load(Request(str(_BAD / f"{name}.yaml")), catalog).findings:
        assert finding.message
        assert finding.hint
        assert finding.severity is RULES[finding.rule].severity
        assert "pydantic" not in finding.message.lower()
        assert finding.span is not None
        assert finding.span.length >= 1
        assert finding.span.column + finding.span.length - 1 <= max(1, len(finding.span.text))


def test_the_base_of_the_examples_is_sound(catalog: Catalog) -> None:
    assert load(Request(str(_BAD / "base.yaml")), catalog).findings == ()


def test_every_rule_has_an_example() -> None:
    listed = {line.split()[2] for name in _EXAMPLES for line in _expected(_BAD / f"{name}.yaml")}
    assert set(RULES) - listed == set(_ELSEWHERE)
    here = Path(__file__).resolve().parent
    for rule, test in _ELSEWHERE.items():
        assert rule in (here / test).read_text(encoding="utf-8")
