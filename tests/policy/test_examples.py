"""Every rule is proven by its own examples, on the real design and the really planned resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from aifactory_iac.blueprint.model.document import Blueprint
from aifactory_iac.catalog import Catalog
from aifactory_iac.deploy import Deployment, planned_resources
from aifactory_iac.design import design
from aifactory_iac.policy import Context, Rule, load_rules
from aifactory_iac.policy.example import Case, planned, prove
from aifactory_iac.program import lower
from aifactory_iac.program.planned import PlannedResource

LIBRARY = load_rules()
CATALOG = Catalog.shipped()
_MADE: dict[str, tuple[PlannedResource, ...]] = {}


def build(document: Mapping[str, Any], case: Case, rule: Rule) -> Context:
    """The context of an example: its own resources, or those that the program plans for it.

    For a rule that looks at no resources none are planned: `test_library.py` sees whole plans.
    """
    blueprint = Blueprint.model_validate(document)
    made = design(blueprint, CATALOG)
    resources: tuple[PlannedResource, ...] = ()
    if case.resources is None and "resources" in rule.needs:
        digest = blueprint.model_dump_json()
        if digest not in _MADE:
            units = lower(blueprint, made, CATALOG).units
            _MADE[digest], faults = planned_resources(units, Deployment(blueprint.metadata.name))
            assert faults == ()
        resources = _MADE[digest]
    elif case.resources is not None:
        resources = planned(case)
    return Context(blueprint, made, resources, CATALOG, case.at)


@pytest.mark.parametrize("rule", LIBRARY.rules.values(), ids=lambda rule: rule.id)
def test_good_examples_are_clean_and_bad_ones_break_exactly_their_rule(rule):
    proofs = list(prove(rule, LIBRARY, build))
    assert {proof.kind for proof in proofs} == {"good", "bad"}
    assert [(proof.kind, proof.case, proof.faults) for proof in proofs if proof.faults] == []
