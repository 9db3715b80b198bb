"""The storage layer: a bucket for every object tier, a file system for every Lustre tier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aifactory_iac.blueprint.model.storage import Tier
from aifactory_iac.program.lower.aws.retention import days, log_retention_days
from aifactory_iac.program.lower.aws.site import SiteView
from aifactory_iac.program.ports import output_name
from aifactory_iac.program.unit import Call, Give, Options, Ref, Take, Unit

LONGEST_BACKUP_DAYS = 90
"""FSx keeps automatic backups for at most this long (CreateFileSystem API)."""


def storage_unit(view: SiteView) -> Unit:
    """Buckets and file systems; a file system refers to the bucket that it loads from."""
    calls = []
    gives = []
    for tier in view.tiers("object"):
        calls.append(_call(view, tier, "aws.bucket:Bucket", _bucket(view, tier)))
        gives += [
            Give(output_name(tier.name, "bucket_arn"), "BucketArn", Ref(tier.name, "bucket_arn")),
            Give(
                output_name(tier.name, "bucket_name"), "BucketName", Ref(tier.name, "bucket_name")
            ),
        ]
    for tier in view.tiers("fsx-lustre"):
        if capacity_gib(view, tier) is None:
            continue
        calls.append(_call(view, tier, "aws.lustre:Lustre", _lustre(view, tier)))
        gives += [
            Give(output_name(tier.name, "dns_name"), "FileSystemDns", Ref(tier.name, "dns_name")),
            Give(
                output_name(tier.name, "file_system_id"),
                "FileSystemId",
                Ref(tier.name, "file_system_id"),
            ),
            Give(output_name(tier.name, "mount_name"), "Text", Ref(tier.name, "mount_name")),
        ]
    return Unit(
        site=view.name,
        layer="storage",
        providers=(view.provider(),),
        calls=tuple(sorted(calls, key=lambda call: call.name)),
        gives=tuple(sorted(gives, key=lambda give: give.name)),
    )


def tier_key(view: SiteView, tier: Tier) -> Take | None:
    """The tier's own key, if it has one."""
    if tier.encryption != "customer-key":
        return None
    return view.take("keys", output_name(f"tier-{tier.name}", "key_arn"), "KeyArn")


def audit_prefix(view: SiteView) -> str:
    """Key prefix of the audit trail, without a slash at its end."""
    audit = view.blueprint.governance.audit
    return audit.sink.prefix.strip("/") if audit is not None else ""


def capacity_gib(view: SiteView, tier: Tier) -> int | None:
    """Capacity of a Lustre tier as designed: a whole number of the steps that FSx sells."""
    design = view.design.storage.get(tier.name)
    if design is None or design.capacity_tb is None or design.throughput_tier is None:
        return None
    return round(design.capacity_tb * 1e12 / 2**30)


def _call(view: SiteView, tier: Tier, component: str, args: Mapping[str, Any]) -> Call:
    return Call(
        component=component,
        name=tier.name,
        args=args,
        options=Options(provider=view.name, protect=view.production),
        origin=("storage", "tiers", tier.name),
    )


def _tags(view: SiteView, tier: Tier) -> Mapping[str, Any]:
    return view.tags("data-storage", data_class=view.data_class((tier,)), tenant=view.tenant(tier))


def _bucket(view: SiteView, tier: Tier) -> Mapping[str, Any]:
    args: dict[str, Any] = {
        "key_arn": tier_key(view, tier),
        "expire_days": days(tier.retain) if tier.retain is not None else None,
        "noncurrent_days": days(tier.versions) if tier.versions is not None else None,
        "object_lock": tier.object_lock,
        "tags": _tags(view, tier),
    }
    audit = view.blueprint.governance.audit
    keeps = [tier.retain] if tier.retain is not None else []
    if audit is not None and tier == view.audit_tier:
        keeps.append(audit.retain)
        args |= {
            "trail_prefix": audit_prefix(view),
            "trail_expire_days": days(audit.retain),
            "account_id": view.account,
        }
    if tier.object_lock and keeps:
        # What a lock in compliance mode holds, not even the account's owner can delete: right for
        # production, in the way of everything else.
        args |= {
            "lock_days": days(max(keeps)),
            "lock_mode": "COMPLIANCE" if view.production else "GOVERNANCE",
        }
    return args


def _lustre(view: SiteView, tier: Tier) -> Mapping[str, Any]:
    design = view.design.storage[tier.name]
    efa = [pool for pool in view.mounts(tier) if view.efa(pool)]
    # Over EFA, servers and clients have to be members of one group.
    groups = [f"tier-{tier.name}", *(f"pool-{pool.name}" for pool in efa)]
    args: dict[str, Any] = {
        "capacity_gib": capacity_gib(view, tier),
        "throughput_mb_s_per_tib": design.throughput_tier,
        "efa": bool(efa),
        "subnet_ids": view.take("network", "first_zone_subnet_ids", "SubnetIds"),
        "security_group_ids": tuple(
            view.take("network", output_name(group, "security_group_id"), "SecurityGroupId")
            for group in groups
        ),
        "log_retention_days": log_retention_days(view.log_retention),
        "log_key_arn": view.take("keys", "logs_key_arn", "KeyArn"),
        "key_arn": tier_key(view, tier),
        "tags": _tags(view, tier),
    }
    if tier.imports in {source.name for source in view.tiers("object")}:
        args["bucket_name"] = Ref(str(tier.imports), "bucket_name")
        args["bucket_path"] = f"/{tier.imports}"
    elif tier.backup is not None:
        args["backup_days"] = min(days(tier.backup.retain), LONGEST_BACKUP_DAYS)
    return args
