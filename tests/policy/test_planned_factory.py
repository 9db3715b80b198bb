"""Rules on planned resources see what the programs really register, and notice when it changes."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from aifactory_iac.blueprint.model.document import Blueprint
from aifactory_iac.catalog import Catalog
from aifactory_iac.deploy import Deployment, planned_resources
from aifactory_iac.design import design
from aifactory_iac.policy import Context, Outcome, evaluate, load_rules, render_path, run_rule
from aifactory_iac.policy.example import base_of, merged
from aifactory_iac.program import lower
from aifactory_iac.program.planned import UNKNOWN, PlannedResource, Secret
from aifactory_iac.shipped import folder

AT = dt.date(2026, 11, 20)
LIBRARY = load_rules()


@pytest.fixture(scope="module")
def factory() -> Context:
    """The factory that all examples start from, with every tenant it takes to see them apart."""
    over = {"compute": [{"name": "burst", "purchase": {"capacity_block": None, "on_demand": True}}]}
    blueprint = Blueprint.model_validate(merged(base_of(folder("policies")), over))
    catalog = Catalog.shipped()
    made = design(blueprint, catalog)
    resources, faults = planned_resources(
        lower(blueprint, made, catalog).units, Deployment("example")
    )
    assert faults == ()
    return Context(blueprint, made, resources, catalog, AT)


def test_the_planned_factory_breaks_no_rule(factory):
    verdict = evaluate(factory, LIBRARY)
    assert [(item.rule.id, item.message) for item in verdict.findings] == []
    assert verdict.exit_code == 0


def test_every_rule_on_resources_finds_its_targets_in_a_real_plan(factory):
    blind = [
        rule.id
        for rule in LIBRARY.rules.values()
        if rule.needs == ("resources",)
        and not any(
            check.outcome is Outcome.PASS for check in run_rule(rule, factory, rule.defaults)
        )
    ]
    assert blind == []


def without(key: str) -> Callable[[PlannedResource], Mapping[str, Any]]:
    return lambda resource: {k: v for k, v in resource.inputs.items() if k != key}


def given(**inputs: Any) -> Callable[[PlannedResource], Mapping[str, Any]]:
    return lambda resource: {**resource.inputs, **inputs}


BROKEN = [
    ("AIF-CMP-001", "aws:ec2/launchTemplate:LaunchTemplate", without("metadataOptions")),
    ("AIF-CMP-002", "aws:ec2/subnet:Subnet", given(mapPublicIpOnLaunch=True)),
    ("AIF-CST-006", "aws:ec2/vpcEndpoint:VpcEndpoint", given(serviceName="com.amazonaws.x.ec2")),
    ("AIF-FAB-001", "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", None),
    (
        "AIF-FAB-002",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        given(cidrIpv4="0.0.0.0/0"),
    ),
    ("AIF-FAB-017", "aws:ec2/flowLog:FlowLog", None),
    ("AIF-GOV-001", "aws:ec2/vpc:Vpc", given(tags={"Name": "vpc"})),
    ("AIF-GOV-007", "aws:ec2/vpc:Vpc", given(tags={"key": "AKIAIOSFODNN7EXAMPLE"})),
    ("AIF-GOV-014", "kubernetes:helm.sh/v3:Release", without("version")),
    ("AIF-ORC-001", "aws:eks/cluster:Cluster", given(vpcConfig={})),
    ("AIF-ORC-002", "aws:eks/cluster:Cluster", without("encryptionConfig")),
    ("AIF-ORC-003", "aws:eks/cluster:Cluster", given(enabledClusterLogTypes=["api"])),
    ("AIF-ORC-004", "kubernetes:core/v1:LimitRange", None),
    ("AIF-ORC-006", "kubernetes:networking.k8s.io/v1:NetworkPolicy", None),
    ("AIF-ORC-008", "kubernetes:core/v1:Namespace", given(metadata={"name": "tenant-research"})),
    (
        "AIF-ORC-012",
        "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
        given(roleRef={"kind": "ClusterRole", "name": "cluster-admin"}),
    ),
    ("AIF-ORC-017", "aws:eks/nodeGroup:NodeGroup", without("taints")),
    ("AIF-STO-001", "aws:fsx/lustreFileSystem:LustreFileSystem", without("kmsKeyId")),
    (
        "AIF-STO-004",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        given(cidrIpv4="10.64.0.0/16"),
    ),
    (
        "AIF-STO-009",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        given(blockPublicPolicy=False),
    ),
    ("AIF-STO-014", "aws:kms/key:Key", without("enableKeyRotation")),
]


@pytest.mark.parametrize(("rule", "kind", "change"), BROKEN, ids=[row[0] for row in BROKEN])
def test_a_change_of_what_is_planned_is_noticed_at_the_path_that_asked_for_it(
    factory, rule, kind, change
):
    """`None` takes every resource of the kind away."""
    resources = tuple(factory.planned)
    hit = [resource for resource in resources if resource.type == kind]
    assert hit
    changed = tuple(
        dataclasses.replace(r, inputs=change(r)) if change and r.type == kind else r
        for r in resources
        if change or r.type != kind
    )
    checks = run_rule(
        LIBRARY.rules[rule],
        dataclasses.replace(factory, planned=changed),
        LIBRARY.rules[rule].defaults,
    )
    failed = {check.path for check in checks if check.outcome is Outcome.FAIL}
    assert failed
    assert "" not in {render_path(path) for path in failed}
    assert Outcome.ERROR not in {check.outcome for check in checks}


def test_protection_that_is_lost_is_noticed(factory):
    bare = tuple(dataclasses.replace(r, protect=False) for r in factory.planned)
    rule = LIBRARY.rules["AIF-GOV-006"]
    checks = run_rule(rule, dataclasses.replace(factory, planned=bare), rule.defaults)
    kept = {check.key.split(":")[0] for check in checks if check.outcome is Outcome.FAIL}
    assert kept == {"Bucket", "Key", "LustreFileSystem"}


@pytest.mark.parametrize("seed", range(30))
def test_no_rule_crashes_on_inputs_that_are_unknown_missing_or_of_another_kind(factory, seed):
    chance = random.Random(seed)
    odd: tuple[Any, ...] = (UNKNOWN, None, "text", 3, True, [], [{}], [UNKNOWN], {}, Secret("x"))

    def bent(resource: PlannedResource) -> PlannedResource:
        keys = sorted(resource.inputs)
        if not keys:
            return resource
        inputs = {**resource.inputs, chance.choice(keys): chance.choice(odd)}
        return dataclasses.replace(resource, inputs=inputs)

    context = dataclasses.replace(factory, planned=tuple(bent(r) for r in factory.planned))
    crashed = [
        (rule.id, check.message)
        for rule in LIBRARY.rules.values()
        for check in run_rule(rule, context, rule.defaults)
        if check.outcome is Outcome.ERROR
    ]
    assert crashed == []
