"""What holds for every shipped rule: its metadata, its parameters, its reasons, its place."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import jsonschema
import pytest

from aifactory_iac.policy import load_rules
from aifactory_iac.policy.document import LAYERS
from aifactory_iac.policy.example import read_examples
from aifactory_iac.shipped import folder

LIBRARY = load_rules()
POLICIES = folder("policies")
RULES = list(LIBRARY.rules.values())
PREFIX = {
    "compute": "CMP",
    "fabric": "FAB",
    "storage": "STO",
    "orchestration": "ORC",
    "governance": "GOV",
    "facility": "FAC",
    "cost": "CST",
    "sovereignty": "SOV",
}
MAY_IMPORT = (
    "aifactory_iac.policy",
    "aifactory_iac.blueprint.model",
    "aifactory_iac.blueprint.quantity",
    "aifactory_iac.catalog.facts",
    "aifactory_iac.design",
)


def each_rule(test):
    return pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)(test)


def test_the_shipped_rules_and_data_are_sound():
    assert LIBRARY.broken == ()
    assert LIBRARY.problems == ()
    assert {rule.layer for rule in RULES} == set(LAYERS)
    assert len(RULES) >= 30


@each_rule
def test_its_id_tells_its_layer(rule):
    assert rule.id.split("-")[1] in (PREFIX[rule.layer], "POL")


@each_rule
def test_it_says_what_it_is(rule):
    assert rule.title[0].isupper()
    assert not rule.title.endswith(".")
    assert len(rule.title) <= 90
    assert len(rule.description.split()) >= 8


@each_rule
def test_every_control_has_its_reason_and_every_reason_its_control(rule):
    assert rule.controls
    assert len(set(rule.controls)) == len(rule.controls)
    assert [c for c, why in LIBRARY.rationale(rule).items() if why is None] == []
    mapped = {
        f"{table.framework}:{number}"
        for table in LIBRARY.controls.values()
        for number, control in table.controls.items()
        if rule.id in control.supports
    }
    assert mapped == set(rule.controls)


@each_rule
def test_it_is_in_a_pack(rule):
    assert LIBRARY.packs_of(rule.id)


@each_rule
def test_its_function_takes_exactly_its_parameters(rule):
    names = list(inspect.signature(rule.judge).parameters)
    assert names[1:] == list(rule.parameters)
    for name, schema in rule.parameters.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate(rule.defaults[name], schema)
        assert schema["description"].endswith(".")


@each_rule
def test_its_file_imports_the_policy_room_and_types_only(rule):
    tree = ast.parse((POLICIES / rule.file).read_text(encoding="utf-8"))
    imported = [
        node.module or ""
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("aifactory_iac")
    ]
    assert [name for name in imported if not name.startswith(MAY_IMPORT)] == []


@each_rule
def test_its_examples_name_findings_of_its_own(rule):
    examples, _ = read_examples(rule, LIBRARY)
    assert [case.case for case in examples.good if case.findings] == []
    assert [case.case for case in examples.bad if not case.findings] == []


def test_every_rule_file_has_its_examples_and_no_examples_are_left_over():
    rules = {path.with_suffix("") for path in POLICIES.glob("*/*.py")}
    data = {"packs", "profiles", "controls"}
    examples = {
        path.with_suffix("") for path in POLICIES.glob("*/*.yaml") if path.parent.name not in data
    }
    assert rules == examples


def test_slugs_are_unique_so_that_type_checkers_can_read_the_folder():
    slugs = [path.stem for path in sorted(POLICIES.glob("*/*.py"))]
    assert len(slugs) == len(set(slugs))


def test_no_profile_is_laxer_on_critical_findings_than_soft():
    assert {
        name: profile.levels["critical"].value for name, profile in LIBRARY.profiles.items()
    } == {
        "development": "soft",
        "production": "hard",
        "regulated": "hard",
        "standard": "soft",
    }


def test_the_reference_page_is_fresh():
    from aifactory_iac.policy.document import reference_page

    page = Path(__file__).parents[2] / "docs" / "reference" / "policies.md"
    assert page.read_text(encoding="utf-8") == reference_page(LIBRARY), (
        "run: python -m aifactory_iac.policy.document > docs/reference/policies.md"
    )
