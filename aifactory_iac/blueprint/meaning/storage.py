"""Storage: what a tier's kind allows at its site, and where copies and audit trails may go."""

from __future__ import annotations

from collections.abc import Iterator

from aifactory_iac.blueprint.meaning.view import View
from aifactory_iac.blueprint.model.sites import AwsSite
from aifactory_iac.blueprint.model.storage import Tier
from aifactory_iac.blueprint.rules import found
from aifactory_iac.findings import Finding, Path

_ONLY_OBJECT = ("versions", "object_lock", "replicate_to")
_OWN_KINDS = ("parallel", "nfs")


def storage_findings(view: View) -> Iterator[Finding]:
    """Findings on tiers and on where the audit trail goes."""
    for tier in view.blueprint.storage.tiers:
        yield from _site(view, tier)
        yield from _settings(tier)
        yield from _imports(view, tier)
        yield from _copies(view, tier)
    audit = view.blueprint.governance.audit
    sink = view.tiers.get(audit.sink.tier) if audit is not None else None
    if sink is not None and sink.kind != "object":
        message = f"the audit trail goes to `{sink.name}`, which is a {sink.kind} tier"
        path = ("governance", "audit", "sink", "tier")
        yield found("125", message, path, hint="name a tier of kind `object`")


def _at(tier: Tier, *rest: str | int) -> Path:
    return ("storage", "tiers", tier.name, *rest)


def _site(view: View, tier: Tier) -> Iterator[Finding]:
    aws = view.is_aws(tier.site)
    if aws is False and tier.kind == "fsx-lustre":
        message = f"FSx for Lustre is a service of AWS, and `{tier.site}` is not an AWS site"
        yield found("120", message, _at(tier, "kind"), hint="use `parallel` with a `system`")
    if aws and tier.kind in _OWN_KINDS:
        message = f"`{tier.kind}` stands on machines of one's own, and `{tier.site}` is an AWS site"
        yield found("120", message, _at(tier, "kind"), hint="use `fsx-lustre` or `object`")
    if aws and tier.system is not None:
        message = f"`{tier.site}` is an AWS site, which has no `{tier.system}`"
        yield found("120", message, _at(tier, "system"), hint="drop the key")
    for index, name in enumerate(tier.serves):
        pool = view.pools.get(name)
        if pool is not None and pool.site != tier.site:
            message = f"pool `{name}` is at `{pool.site}`, and the tier at `{tier.site}`"
            hint = "a pool mounts tiers of its own site"
            yield found("120", message, _at(tier, "serves", index), hint=hint)


def _settings(tier: Tier) -> Iterator[Finding]:
    if tier.throughput_tier is not None and tier.kind != "fsx-lustre":
        message = "`throughput_tier` is a setting of FSx for Lustre"
        yield found("122", message, _at(tier, "throughput_tier"), hint="give `throughput`")
    for key in _ONLY_OBJECT:
        if getattr(tier, key) and tier.kind != "object":
            message = f"`{key}` is a setting of object tiers, and `{tier.name}` is {tier.kind}"
            yield found("122", message, _at(tier, key), hint="drop the key")
    if tier.appliances is not None and tier.system is None:
        message = f"`{tier.name}` counts appliances and does not say which"
        yield found("122", message, _at(tier, "appliances"), hint="add `system`")


def _imports(view: View, tier: Tier) -> Iterator[Finding]:
    source = view.tiers.get(tier.imports) if tier.imports is not None else None
    if source is None:
        return
    path = _at(tier, "imports")
    if source.kind != "object":
        message = f"`{tier.name}` imports from `{source.name}`, which is a {source.kind} tier"
        yield found("121", message, path, hint="name a tier of kind `object`")
        return
    here, there = view.site(tier.site), view.site(source.site)
    if not (isinstance(here, AwsSite) and isinstance(there, AwsSite)):
        return
    if tier.kind == "fsx-lustre" and here.region != there.region:
        message = f"FSx in {here.region} cannot import from a bucket in {there.region}"
        yield found("121", message, path, hint="name a tier of the same region")


def _copies(view: View, tier: Tier) -> Iterator[Finding]:
    if tier.backup is not None and tier.backup.to == tier.name:
        message = f"`{tier.name}` is backed up to itself"
        yield found("123", message, _at(tier, "backup", "to"), hint="name another tier")
    for index, name in enumerate(tier.replicate_to):
        path = _at(tier, "replicate_to", index)
        target = view.tiers.get(name)
        if name == tier.name:
            yield found("123", f"`{name}` is replicated to itself", path, hint="name another tier")
        elif target is not None and target.kind != "object" and tier.kind == "object":
            message = f"`{name}` is a {target.kind} tier, and objects replicate to object tiers"
            yield found("123", message, path, hint="name a tier of kind `object`")
