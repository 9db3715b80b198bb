"""Whatever is taken out of a factory, no rule crashes: two thousand seeded amputations."""

from __future__ import annotations

import copy
import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from aifactory_iac.blueprint.model.document import Blueprint
from aifactory_iac.catalog import Catalog
from aifactory_iac.design import design
from aifactory_iac.policy import Context, Outcome, load_rules, run_rule
from aifactory_iac.policy.example import base_of
from aifactory_iac.shipped import folder

LIBRARY = load_rules()
CATALOG = Catalog.shipped()
WHOLE = base_of(folder("policies"))
MADE = design(Blueprint.model_validate(WHOLE), CATALOG)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        yield (*path, key)
        if isinstance(item, dict | list):
            yield from places(item, (*path, key))


def amputated(seed: int) -> dict[str, Any]:
    """Up to four keys or list items fewer. Links that then dangle are left to dangle."""
    chance = random.Random(seed)
    document = copy.deepcopy(WHOLE)
    for _ in range(chance.randint(1, 4)):
        *way, last = chance.choice(list(places(document)))
        at = document
        for key in way:
            at = at[key]
        del at[last]
    return document


def test_no_rule_crashes_on_a_factory_with_parts_missing():
    judged = 0
    for seed in range(2000):
        try:
            blueprint = Blueprint.model_validate(amputated(seed))
        except ValidationError:
            continue
        judged += 1
        context = Context(blueprint, MADE, (), CATALOG, dt.date(2026, 11, 20))
        crashed = [
            (seed, rule.id, check.message)
            for rule in LIBRARY.rules.values()
            for check in run_rule(rule, context, rule.defaults)
            if check.outcome is Outcome.ERROR
        ]
        assert crashed == []
    assert judged > 400
