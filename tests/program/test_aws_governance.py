"""Budgets and the audit trail of an AWS site."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from aifactory_iac.program import Lowered, Take
from aifactory_iac.program.planned import UNKNOWN, PlannedResource

Document = dict[str, Any]
Lower = Callable[[Document], Lowered]
Registered = Callable[..., Mapping[str, PlannedResource]]

BUDGET = "aws:budgets/budget:Budget"
TRAIL = "aws:cloudtrail/trail:Trail::audit-trail"


@pytest.fixture
def governance(lowered: Lower, registered: Registered) -> Callable[[Document], Any]:
    def of(document: Document) -> Mapping[str, PlannedResource]:
        return registered(lowered(document).unit("cloud/governance"))

    return of


def budgets(found: Mapping[str, PlannedResource]) -> dict[str, tuple[str, list[Any]]]:
    return {
        item.name: (item.inputs["limitAmount"], item.inputs["costFilters"])
        for item in found.values()
        if item.type == BUDGET
    }


def test_without_money_or_audit_there_is_no_unit(cloud: Document, lowered: Lower) -> None:
    assert "cloud/governance" not in [unit.name for unit in lowered(cloud).units]


def test_the_factory_and_each_tenant_have_a_budget_by_tag(cloud: Document, governance: Any) -> None:
    cloud["governance"] |= {
        "budget": {"opex": "1.2 MUSD/y"},
        "tenants": [
            {"name": "research", "quota": {"gpus": 16}, "budget": "60 kUSD/month"},
            {"name": "free", "quota": {"gpus": 8}},
            {"name": "away", "quota": {"gpus": 8}, "budget": "1 kUSD/month", "on": ["metal"]},
        ],
    }
    found = governance(cloud)
    assert budgets(found) == {
        "factory-budget": (
            "100000.00",
            [{"name": "TagKeyValue", "values": ["user:blueprint$small-cloud"]}],
        ),
        "tenant-research-budget": (
            "60000.00",
            [{"name": "TagKeyValue", "values": ["user:tenant$research"]}],
        ),
    }
    budget = found[f"{BUDGET}::factory-budget"].inputs
    assert (budget["budgetType"], budget["timeUnit"], budget["limitUnit"]) == (
        "COST",
        "MONTHLY",
        "USD",
    )
    assert [
        (item["notificationType"], item["threshold"], item["subscriberSnsTopicArns"])
        for item in budget["notifications"]
    ] == [
        ("ACTUAL", 80, [UNKNOWN]),
        ("ACTUAL", 100, [UNKNOWN]),
        ("FORECASTED", 100, [UNKNOWN]),
    ]
    assert found["aws:sns/topic:Topic::alerts-topic"].inputs["kmsMasterKeyId"] is UNKNOWN


def test_another_currency_counts_at_the_blueprints_own_rate(
    cloud: Document, governance: Any
) -> None:
    cloud["governance"] |= {
        "budget": {"opex": "100 kEUR/month"},
        "exchange": {"EUR": {"usd": 1.17, "date": "2026-11-20", "source": "ECB"}},
    }
    assert budgets(governance(cloud))["factory-budget"][0] == "117000.00"


def test_another_currency_without_a_rate_is_said_and_not_guessed(
    cloud: Document, lowered: Lower
) -> None:
    cloud["governance"]["budget"] = {"opex": "100 kEUR/month"}
    found = lowered(cloud)
    (said,) = [item for item in found.findings if item.rule == "AIF-PRG-032"]
    assert said.message == (
        "The budget of `factory` is in EUR, and AWS compares budgets in USD only; no alert is set "
        "up at `cloud`."
    )
    assert said.hint == ("state it in USD, or give a dated rate under `governance.exchange.EUR`")
    assert "cloud/governance" not in [unit.name for unit in found.units]


def test_the_trail_covers_all_regions_and_every_touch_of_classified_data(
    cloud: Document, governance: Any, lowered: Lower
) -> None:
    cloud["governance"]["audit"] = {"sink": {"tier": "lake", "prefix": "audit/"}, "retain": "1 y"}
    inputs = dict(governance(cloud)[TRAIL].inputs)
    selectors = inputs.pop("advancedEventSelectors")
    inputs.pop("tags")
    assert inputs == {
        "s3BucketName": UNKNOWN,
        "s3KeyPrefix": "audit",
        "kmsKeyId": UNKNOWN,
        "isMultiRegionTrail": True,
        "includeGlobalServiceEvents": True,
        "enableLogFileValidation": True,
    }
    assert [item["name"] for item in selectors] == [
        "Calls that manage resources",
        "Access to classified data",
    ]
    (trail,) = lowered(cloud).unit("cloud/governance").calls
    assert trail.args["watched_bucket_arns"] == (
        Take("cloud/storage.lake_bucket_arn", "BucketArn"),
    )


def test_public_data_is_not_watched(cloud: Document, governance: Any) -> None:
    cloud["storage"]["datasets"][0]["class"] = "public"
    cloud["governance"]["audit"] = {"sink": {"tier": "lake"}, "retain": "1 y"}
    selectors = governance(cloud)[TRAIL].inputs["advancedEventSelectors"]
    assert [item["name"] for item in selectors] == ["Calls that manage resources"]


def test_a_sink_at_another_site_leaves_no_trail_here(cloud: Document, lowered: Lower) -> None:
    cloud["sites"].append({**cloud["sites"][0], "name": "vault", "region": "eu-west-1"})
    cloud["storage"]["tiers"].append({"name": "log", "site": "vault", "kind": "object"})
    cloud["governance"]["audit"] = {"sink": {"tier": "log"}, "retain": "1 y"}
    names = [unit.name for unit in lowered(cloud).units]
    assert "vault/governance" in names
    assert "cloud/governance" not in names


def test_tags_follow_the_tier_and_its_owner(
    cloud: Document, lowered: Lower, registered: Registered
) -> None:
    cloud["storage"]["datasets"] += [
        {"name": "notes", "class": "restricted", "lives_on": "scratch", "size": "1 TB"}
    ]
    cloud["governance"]["tenants"] = [{"name": "clinic", "quota": {"gpus": 8}, "data": ["corpus"]}]
    found = registered(lowered(cloud).unit("cloud/storage"))
    chosen = ("data-class", "tenant", "zone", "owner", "environment", "cost-center")
    tags = {
        item.name: tuple(item.inputs["tags"][key] for key in chosen)
        for item in found.values()
        if item.type in ("aws:s3/bucket:Bucket", "aws:fsx/lustreFileSystem:LustreFileSystem")
    }
    assert tags == {
        "lake-bucket": (
            "confidential",
            "clinic",
            "data-storage",
            "platform",
            "development",
            "42",
        ),
        "scratch-lustre": (
            "restricted",
            "shared",
            "data-storage",
            "platform",
            "development",
            "42",
        ),
    }


UNTAGGABLE = (
    "aws:ec2/route:",
    "aws:ec2/routeTableAssociation:",
    "aws:eks/accessPolicyAssociation:",
    "aws:iam/rolePolicy",
    "aws:kms/alias:",
    "aws:s3/bucket",
    "aws:sns/topicPolicy:",
)


def test_everything_that_takes_tags_has_them(
    cloud: Document, lowered: Lower, registered: Registered
) -> None:
    cloud["governance"] |= {
        "budget": {"opex": "1 kUSD/month"},
        "audit": {"sink": {"tier": "lake"}, "retain": "1 y"},
        "roles": [{"name": "o", "members": ["arn:aws:iam::123456789012:role/o"], "may": ["admin"]}],
    }
    units = [unit for unit in lowered(cloud).units if unit.layer != "platform"]
    expected = {
        "Name",
        "blueprint",
        "cost-center",
        "data-class",
        "environment",
        "managed-by",
        "owner",
        "site",
        "tenant",
        "zone",
    }
    for item in registered(*units).values():
        tagged = item.type.startswith("aws:") and not item.type.startswith(UNTAGGABLE)
        if tagged or item.type == "aws:s3/bucket:Bucket":
            assert expected <= set(item.inputs["tags"]), item.urn
