"""The verdict hangs on what a blueprint says, never on the order in which it says it."""

from __future__ import annotations

import copy
import datetime as dt
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aifactory_iac.blueprint.model.document import Blueprint
from aifactory_iac.catalog import Catalog
from aifactory_iac.design import design
from aifactory_iac.policy import Context, evaluate, load_rules
from aifactory_iac.policy.example import base_of, merged
from aifactory_iac.shipped import folder

AT = dt.date(2026, 11, 20)
LIBRARY = load_rules()
CATALOG = Catalog.shipped()

FAULTY: dict[str, Any] = {
    "sites": [
        {
            "name": "far",
            "kind": "aws",
            "region": "eu-west-1",
            "account": "1",
            "addresses": "10.64.0.0/16",
        },
    ],
    "links": [
        {"name": "cloud-far", "between": ["cloud", "far"], "kind": "vpn", "bandwidth": "1 Gb/s"},
    ],
    "compute": [
        {"name": "train", "secure_boot": False, "encrypt_local_nvme": False},
        {"name": "burst", "sharing": "mps"},
    ],
    "storage": {
        "tiers": [
            {"name": "scratch", "encryption": "none", "replicate_to": ["far-copy"]},
            {"name": "far-copy", "site": "far", "kind": "object"},
        ],
        "datasets": [
            {"name": "notes", "class": "confidential", "lives_on": "scratch", "size": "1 TB"}
        ],
    },
    "governance": {
        "tenants": [
            {"name": "product", "quota": {"gpus": 900}},
            {"name": "clinic", "quota": {"gpus": 900}, "on": ["metal"]},
        ],
        "roles": [{"name": "owners", "members": ["group:platform"], "may": ["admin", "approve"]}],
    },
}


def verdict(document: dict[str, Any]) -> dict[str, Any]:
    blueprint = Blueprint.model_validate(document)
    made = design(blueprint, CATALOG)
    return evaluate(Context(blueprint, made, (), CATALOG, AT), LIBRARY).document()


def shuffled(value: Any, random: Any) -> Any:
    """Every list of named things in another order, at every depth."""
    if isinstance(value, dict):
        return {key: shuffled(item, random) for key, item in value.items()}
    if isinstance(value, list):
        items = [shuffled(item, random) for item in value]
        if all(isinstance(item, dict) for item in items):
            random.shuffle(items)
        return items
    return value


@pytest.fixture(scope="module")
def faulty() -> dict[str, Any]:
    return merged(base_of(folder("policies")), FAULTY)


@given(random=st.randoms(use_true_random=False))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_permuting_the_lists_of_a_blueprint_gives_the_same_verdict(random, faulty):
    assert verdict(shuffled(copy.deepcopy(faulty), random)) == verdict(faulty)


def test_the_faulty_factory_breaks_rules_in_most_layers(faulty):
    layers = {item["rule"][4:7] for item in verdict(faulty)["findings"]}
    assert layers >= {"CMP", "FAB", "STO", "ORC", "GOV", "SOV"}


def steps(pools: int) -> int:
    """Byte codes that the gate executes over a factory of that many pools, tiers and so on.

    Counted rather than timed: the same on every machine, and blind to nothing but C.
    """
    base = base_of(folder("policies"))
    numbers = range(pools)
    grown = {
        "compute": [{**base["compute"][0], "name": f"train-{n}"} for n in numbers],
        "storage": {
            "tiers": [{**base["storage"]["tiers"][0], "name": f"scratch-{n}"} for n in numbers],
            "datasets": [
                {
                    **base["storage"]["datasets"][0],
                    "name": f"records-{n}",
                    "lives_on": f"scratch-{n}",
                }
                for n in numbers
            ],
        },
        "orchestration": {
            "clusters": [
                {**base["orchestration"]["clusters"][0], "name": f"m-{n}", "pools": [f"train-{n}"]}
                for n in numbers
            ],
            "workloads": [
                {
                    **base["orchestration"]["workloads"][0],
                    "name": f"model-{n}",
                    "on": f"m-{n}",
                    "data": [f"records-{n}"],
                }
                for n in numbers
            ],
        },
        "governance": {
            "tenants": [
                {"name": f"tenant-{n}", "quota": {"gpus": 8}, "on": [f"m-{n}"]} for n in numbers
            ]
        },
    }
    blueprint = Blueprint.model_validate(merged(base, grown))
    context = Context(blueprint, design(blueprint, CATALOG), (), CATALOG, AT)
    count = 0

    def traced(frame: Any, event: str, arg: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return traced

    before = sys.gettrace()  # a coverage run has one
    sys.settrace(traced)
    try:
        evaluate(context, LIBRARY)
    finally:
        sys.settrace(before)
    return count


def test_ten_times_the_factory_is_at_most_twelve_times_the_work():
    steps(2)  # what is loaded on first use
    assert steps(100) <= 12 * steps(10)
