"""The replication layer: copies of object tiers at other AWS sites, once both ends exist.

It is a layer of its own because two sites may copy to each other, and storage units that took from
each other could not be ordered.
"""

from __future__ import annotations

from typing import Any

from aifactory_iac.blueprint.model.sites import AwsSite
from aifactory_iac.blueprint.model.storage import Tier
from aifactory_iac.program.lower.aws.site import SiteView
from aifactory_iac.program.lower.aws.storage import tier_key
from aifactory_iac.program.ports import output_name, port
from aifactory_iac.program.unit import Call, Options, Take, Unit


def destinations(view: SiteView, tier: Tier) -> tuple[tuple[Tier, AwsSite], ...]:
    """Object tiers in the same account that a tier's objects can be copied to, by name."""
    sites = {site.name: site for site in view.blueprint.sites if isinstance(site, AwsSite)}
    return tuple(
        (target, sites[target.site])
        for target in sorted(view.blueprint.storage.tiers, key=lambda item: item.name)
        if target.name in tier.replicate_to
        and target.name != tier.name
        and target.kind == "object"
        and target.site in sites
        and sites[target.site].account == view.site.account
        and (target.encryption == "customer-key") == (tier.encryption == "customer-key")
    )


def replication_unit(view: SiteView) -> Unit:
    """One component for every object tier with somewhere to copy to."""
    calls = tuple(
        _call(view, tier, targets)
        for tier in view.tiers("object")
        if (targets := destinations(view, tier))
    )
    return Unit(view.name, "replication", (view.provider(),), calls, ())


def _call(view: SiteView, tier: Tier, targets: tuple[tuple[Tier, AwsSite], ...]) -> Call:
    copies: dict[str, Any] = {}
    for target, site in targets:
        key = output_name(f"tier-{target.name}", "key_arn")
        encrypted = target.encryption == "customer-key"
        copies[target.name] = {
            "bucket_arn": Take(
                port(site.name, "storage", output_name(target.name, "bucket_arn")), "BucketArn"
            ),
            "key_arn": Take(port(site.name, "keys", key), "KeyArn") if encrypted else None,
            "region": site.region,
        }
    return Call(
        component="aws.replication:Replication",
        name=tier.name,
        args={
            "bucket_name": view.take(
                "storage", output_name(tier.name, "bucket_name"), "BucketName"
            ),
            "bucket_arn": view.take("storage", output_name(tier.name, "bucket_arn"), "BucketArn"),
            "region": view.site.region,
            "key_arn": tier_key(view, tier),
            "destinations": copies,
            "tags": view.tags(
                "data-storage", data_class=view.data_class((tier,)), tenant=view.tenant(tier)
            ),
        },
        options=Options(provider=view.name),
        origin=("storage", "tiers", tier.name, "replicate_to"),
    )
