"""The keys layer: one key per purpose, so that each can be revoked alone."""

from __future__ import annotations

from aifactory_iac.findings import Path
from aifactory_iac.program.lower.aws.budgets import budgets
from aifactory_iac.program.lower.aws.site import SiteView
from aifactory_iac.program.ports import output_name
from aifactory_iac.program.unit import Call, Give, Options, Ref, Unit

TIER_KINDS = ("object", "fsx-lustre")


def keys_unit(view: SiteView) -> Unit:
    """Keys for logs and disks of the site, secrets of each cluster, data of each tier."""
    calls: list[Call] = []
    gives: list[Give] = []
    if view.has_network:
        calls.append(_key(view, "logs", "Log groups", ("logs",), ("sites", view.name)))
        gives.append(Give("logs_key_arn", "KeyArn", Ref("logs", "key_arn")))
    if view.clusters:
        calls.append(_key(view, "disks", "Disks of nodes", ("disks",), ("sites", view.name)))
        gives.append(Give("disks_key_arn", "KeyArn", Ref("disks", "key_arn")))
    for cluster in view.clusters:
        if cluster.encrypt_secrets:
            name = f"cluster-{cluster.name}"
            origin = ("orchestration", "clusters", cluster.name)
            calls.append(_key(view, name, f"Secrets of cluster {cluster.name}", (), origin))
            gives.append(Give(output_name(name, "key_arn"), "KeyArn", Ref(name, "key_arn")))
    loaded = {tier.imports for tier in view.tiers("fsx-lustre")}
    for kind in TIER_KINDS:
        for tier in view.tiers(kind):
            if tier.encryption == "customer-key":
                name = f"tier-{tier.name}"
                origin = ("storage", "tiers", tier.name)
                services = ("lustre",) if tier.name in loaded else ()
                calls.append(_key(view, name, f"Data of tier {tier.name}", services, origin))
                gives.append(Give(output_name(name, "key_arn"), "KeyArn", Ref(name, "key_arn")))
    if budgets(view):
        calls.append(_key(view, "alerts", "Budget alerts", ("alerts",), ("governance",)))
        gives.append(Give("alerts_key_arn", "KeyArn", Ref("alerts", "key_arn")))
    if view.audit_tier is not None:
        calls.append(_key(view, "audit", "Audit trail", ("trail",), ("governance", "audit")))
        gives.append(Give("audit_key_arn", "KeyArn", Ref("audit", "key_arn")))
    return Unit(
        site=view.name,
        layer="keys",
        providers=(view.provider(),),
        calls=tuple(sorted(calls, key=lambda call: call.name)),
        gives=tuple(sorted(gives, key=lambda give: give.name)),
    )


def _key(
    view: SiteView, name: str, description: str, services: tuple[str, ...], origin: Path
) -> Call:
    return Call(
        component="aws.keys:Key",
        name=name,
        args={
            "alias": f"{view.blueprint.metadata.name}/{view.name}/{name}",
            "description": f"{description} ({view.blueprint.metadata.name}, {view.name})",
            "account_id": view.account,
            "region": view.site.region,
            "services": services,
            "tags": view.tags("management"),
        },
        options=Options(provider=view.name, protect=view.production),
        origin=origin,
    )
