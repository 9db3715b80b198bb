"""Money and memory of an account: budgets that raise an alarm, and a trail of every call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

ALARMS = (("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100))
"""When a budget speaks up: kind of spend and percent of the amount."""


@dataclass(frozen=True)
class BudgetAlertsArgs:
    """What `BudgetAlerts` needs."""

    key_arn: pulumi.Input[str]
    account_id: pulumi.Input[str]
    tags: Mapping[str, pulumi.Input[str]]


class BudgetAlerts(pulumi.ComponentResource):
    """A topic that only this account's budgets write to; subscribe people or chat to it."""

    topic_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: BudgetAlertsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aifactory:aws:BudgetAlerts", name, dict(vars(args)), opts)
        child = pulumi.ResourceOptions(parent=self)
        topic = aws.sns.Topic(
            f"{name}-topic",
            kms_master_key_id=args.key_arn,
            tags={**args.tags, "Name": f"{name}-topic"},
            opts=child,
        )
        aws.sns.TopicPolicy(
            f"{name}-policy",
            arn=topic.arn,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "Budgets",
                            "Effect": "Allow",
                            "Principal": {"Service": "budgets.amazonaws.com"},
                            "Action": "sns:Publish",
                            "Resource": topic.arn,
                            "Condition": {"StringEquals": {"aws:SourceAccount": args.account_id}},
                        }
                    ],
                }
            ),
            opts=child,
        )
        self.topic_arn = topic.arn
        self.register_outputs({"topic_arn": self.topic_arn})


@dataclass(frozen=True)
class BudgetArgs:
    """What a `Budget` needs."""

    usd_per_month: str
    """Decimal text, as AWS takes it."""
    tag: str
    """Tag key whose value says which resources count."""
    value: str
    topic_arn: pulumi.Input[str]
    tags: Mapping[str, pulumi.Input[str]]


class Budget(pulumi.ComponentResource):
    """A monthly cost budget over resources with one tag; the tag must be a cost allocation tag."""

    budget_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: BudgetArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aifactory:aws:Budget", name, dict(vars(args)), opts)
        budget = aws.budgets.Budget(
            f"{name}-budget",
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=args.usd_per_month,
            limit_unit="USD",
            cost_filters=[{"name": "TagKeyValue", "values": [f"user:{args.tag}${args.value}"]}],
            notifications=[
                {
                    "comparison_operator": "GREATER_THAN",
                    "notification_type": kind,
                    "threshold": percent,
                    "threshold_type": "PERCENTAGE",
                    "subscriber_sns_topic_arns": [args.topic_arn],
                }
                for kind, percent in ALARMS
            ],
            tags={**args.tags, "Name": f"{name}-budget"},
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.budget_name = budget.name
        self.register_outputs({"budget_name": self.budget_name})


@dataclass(frozen=True)
class AuditTrailArgs:
    """What an `AuditTrail` needs."""

    bucket_name: pulumi.Input[str]
    prefix: str
    """Key prefix without a slash at its end."""
    key_arn: pulumi.Input[str]
    tags: Mapping[str, pulumi.Input[str]]
    watched_bucket_arns: Sequence[pulumi.Input[str]] = ()
    """Buckets whose every read and write is recorded, too."""


class AuditTrail(pulumi.ComponentResource):
    """A CloudTrail trail over all regions whose log files can be proven unchanged."""

    trail_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: AuditTrailArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aifactory:aws:AuditTrail", name, dict(vars(args)), opts)
        selectors = [
            {
                "name": "Calls that manage resources",
                "field_selectors": [{"field": "eventCategory", "equals": ["Management"]}],
            }
        ]
        if args.watched_bucket_arns:
            selectors.append(
                {
                    "name": "Access to classified data",
                    "field_selectors": [
                        {"field": "eventCategory", "equals": ["Data"]},
                        {"field": "resources.type", "equals": ["AWS::S3::Object"]},
                        {
                            "field": "resources.ARN",
                            "starts_withs": [
                                pulumi.Output.concat(arn, "/") for arn in args.watched_bucket_arns
                            ],
                        },
                    ],
                }
            )
        trail = aws.cloudtrail.Trail(
            f"{name}-trail",
            s3_bucket_name=args.bucket_name,
            s3_key_prefix=args.prefix,
            kms_key_id=args.key_arn,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            advanced_event_selectors=selectors,
            tags={**args.tags, "Name": f"{name}-trail"},
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.trail_arn = trail.arn
        self.register_outputs({"trail_arn": self.trail_arn})
