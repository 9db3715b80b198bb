"""The governance layer: budgets with alarms, and the audit trail where its sink is here."""

from __future__ import annotations

from aifactory_iac.program.lower.aws.budgets import MonthlyBudget, budgets
from aifactory_iac.program.lower.aws.site import SiteView
from aifactory_iac.program.lower.aws.storage import audit_prefix
from aifactory_iac.program.ports import output_name
from aifactory_iac.program.unit import Call, Give, Options, Ref, Unit

WATCHED_CLASSES = ("confidential", "restricted")
"""Every read and write of buckets with data of these classes is in the audit trail."""


def governance_unit(view: SiteView) -> Unit:
    """Alerts and budgets, and the trail; empty where the blueprint asks for neither."""
    stated = budgets(view)
    calls = [_budget(view, budget) for budget in stated]
    gives = []
    if stated:
        calls.append(_alerts(view))
        gives.append(Give("alerts_topic_arn", "Text", Ref("alerts", "topic_arn")))
    if view.audit_tier is not None:
        calls.append(_trail(view))
        gives.append(Give("audit_trail_arn", "Text", Ref("audit", "trail_arn")))
    return Unit(
        site=view.name,
        layer="governance",
        providers=(view.provider(),),
        calls=tuple(sorted(calls, key=lambda call: call.name)),
        gives=tuple(gives),
    )


def _alerts(view: SiteView) -> Call:
    return Call(
        component="aws.governance:BudgetAlerts",
        name="alerts",
        args={
            "key_arn": view.take("keys", "alerts_key_arn", "KeyArn"),
            "account_id": view.account,
            "tags": view.tags("management"),
        },
        options=Options(provider=view.name),
        origin=("governance", "budget"),
    )


def _budget(view: SiteView, budget: MonthlyBudget) -> Call:
    return Call(
        component="aws.governance:Budget",
        name=budget.name,
        args={
            "usd_per_month": f"{budget.usd:.2f}",
            "tag": budget.tag,
            "value": budget.value,
            "topic_arn": Ref("alerts", "topic_arn"),
            "tags": view.tags("management"),
        },
        options=Options(provider=view.name),
        origin=budget.origin,
    )


def _trail(view: SiteView) -> Call:
    tier = view.audit_tier
    name = tier.name if tier is not None else ""
    watched = [t for t in view.tiers("object") if view.data_class((t,)) in WATCHED_CLASSES]
    return Call(
        component="aws.governance:AuditTrail",
        name="audit",
        args={
            "bucket_name": view.take("storage", output_name(name, "bucket_name"), "BucketName"),
            "prefix": audit_prefix(view),
            "key_arn": view.take("keys", "audit_key_arn", "KeyArn"),
            "watched_bucket_arns": tuple(
                view.take("storage", output_name(t.name, "bucket_arn"), "BucketArn")
                for t in watched
            ),
            "tags": view.tags("management"),
        },
        options=Options(provider=view.name, protect=view.production),
        origin=("governance", "audit"),
    )
