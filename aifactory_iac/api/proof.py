"""Proves rules on their own good and bad examples, with the real design and the real planner."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.catalog import Catalog
from aifactory_iac.deploy import Deployment, planned_resources
from aifactory_iac.design import design
from aifactory_iac.policy import Context, Rule, RuleLibrary
from aifactory_iac.policy.example import Case, Proof, planned, prove
from aifactory_iac.program import lower


def proven(library: RuleLibrary, rule: str) -> tuple[Proof, ...]:
    """Runs all rules over the examples of one; raises `KeyError` for a rule that is not there."""
    catalog = Catalog.shipped()
    day = dt.datetime.now(tz=dt.UTC).date()

    def build(document: Mapping[str, Any], case: Case, judged: Rule) -> Context:
        blueprint = Blueprint.model_validate(document)
        made = design(blueprint, catalog)
        resources = planned(case)
        if case.resources is None and "resources" in judged.needs:
            units = lower(blueprint, made, catalog).units
            resources, _ = planned_resources(units, Deployment(blueprint.metadata.name))
        return Context(blueprint, made, resources, catalog, case.at or day)

    return tuple(prove(library.rules[rule], library, build))
