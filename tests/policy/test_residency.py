"""The way by which data leaves its country is told step by step, from both ends."""

from __future__ import annotations

import datetime as dt

from aifactory_iac.blueprint.model.document import Blueprint
from aifactory_iac.catalog import Catalog
from aifactory_iac.policy import Context, Outcome, load_rules, run_rule
from aifactory_iac.policy.example import base_of, merged
from aifactory_iac.shipped import folder

RULE = load_rules().rules["AIF-SOV-001"]
IRELAND = {
    "name": "ireland",
    "kind": "aws",
    "region": "eu-west-1",
    "account": "123456789012",
    "addresses": "10.80.0.0/16",
}


def failed(over):
    document = merged(base_of(folder("policies")), {"sites": [IRELAND], **over})
    blueprint = Blueprint.model_validate(document)
    context = Context(blueprint, None, None, Catalog.shipped(), dt.date(2026, 11, 20))
    return [check for check in run_rule(RULE, context, {}) if check.outcome is not Outcome.PASS]


def test_the_shortest_way_out_is_printed_and_both_ends_are_named():
    tiers = [
        {"name": "far", "site": "ireland", "kind": "object"},
        {"name": "vault", "replicate_to": ["far"]},
    ]
    (check,) = failed({"storage": {"tiers": tiers}})
    assert check.message == (
        "`records` (confidential) reaches IE: records on scratch → backup vault → replica far → "
        "ireland; its class is bound to DE"
    )
    assert check.path == ("storage", "datasets", "records")
    assert check.related == (
        ("storage", "tiers", "far", "site"),
        ("sites", "ireland"),
        ("governance", "residency", "confidential"),
    )


def test_a_file_system_writes_back_to_the_bucket_it_imports():
    tiers = [
        {"name": "far", "site": "ireland", "kind": "object"},
        {"name": "scratch", "backup": None, "imports": "far"},
    ]
    (check,) = failed({"storage": {"tiers": tiers}})
    assert "records on scratch → written back to far → ireland" in check.message


def test_the_cluster_of_every_workload_that_reads_it_counts():
    over = {
        "compute": [{"name": "abroad", "site": "ireland", "instance": "p5.48xlarge", "count": 1}],
        "orchestration": {
            "clusters": [{"name": "green", "site": "ireland", "pools": ["abroad"]}],
            "workloads": [{"name": "model", "on": ["metal", "green"]}],
        },
    }
    (check,) = failed(over)
    assert "records → workload model → cluster green → ireland" in check.message


def test_copies_in_a_ring_end():
    tiers = [
        {"name": "vault", "replicate_to": ["lake"]},
        {"name": "lake", "replicate_to": ["vault"]},
    ]
    assert failed({"storage": {"tiers": tiers}}) == []


def test_a_class_without_places_is_bound_to_none():
    over = {"governance": {"residency": {"confidential": None}}}
    tiers = [
        {"name": "far", "site": "ireland", "kind": "object"},
        {"name": "vault", "replicate_to": ["far"]},
    ]
    assert failed({**over, "storage": {"tiers": tiers}}) == []
