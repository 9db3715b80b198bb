"""A bucket for data: closed to the public, versioned, encrypted, reached over TLS only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True)
class BucketArgs:
    """What a `Bucket` needs."""

    tags: Mapping[str, pulumi.Input[str]]
    key_arn: pulumi.Input[str] | None = None
    """Key of all objects; S3's own keys when not given."""
    expire_days: int | None = None
    """Objects are deleted at this age; they stay when not given."""
    noncurrent_days: int | None = None
    """Former versions are deleted this long after they were replaced; they stay when not given."""
    object_lock: bool = False
    lock_days: int | None = None
    """New objects cannot be changed or deleted for this long; needs `object_lock`."""
    lock_mode: Literal["COMPLIANCE", "GOVERNANCE"] = "GOVERNANCE"
    """Whether anyone at all may lift a lock: in compliance mode nobody can."""
    trail_prefix: str | None = None
    """CloudTrail may write below this key prefix (no slash at its end)."""
    trail_expire_days: int | None = None
    account_id: pulumi.Input[str] | None = None
    """The account whose trail may write; needed with `trail_prefix`."""


class Bucket(pulumi.ComponentResource):
    """A bucket and everything that guards it."""

    bucket_name: pulumi.Output[str]
    bucket_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: BucketArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aifactory:aws:Bucket", name, dict(vars(args)), opts)
        child = pulumi.ResourceOptions(parent=self)
        bucket = aws.s3.Bucket(
            f"{name}-bucket",
            object_lock_enabled=args.object_lock,
            force_destroy=False,
            tags={**args.tags, "Name": f"{name}-bucket"},
            opts=child,
        )
        aws.s3.BucketPublicAccessBlock(
            f"{name}-public-access",
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        aws.s3.BucketOwnershipControls(
            f"{name}-ownership",
            bucket=bucket.id,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=child,
        )
        versioning = aws.s3.BucketVersioning(
            f"{name}-versioning",
            bucket=bucket.id,
            versioning_configuration={"status": "Enabled"},
            opts=child,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=bucket.id,
            rules=[
                {
                    "apply_server_side_encryption_by_default": (
                        {"sse_algorithm": "aws:kms", "kms_master_key_id": args.key_arn}
                        if args.key_arn is not None
                        else {"sse_algorithm": "AES256"}
                    ),
                    # One data key per bucket and hour instead of one call to KMS per object.
                    "bucket_key_enabled": args.key_arn is not None,
                }
            ],
            opts=child,
        )
        aws.s3.BucketPolicy(
            f"{name}-policy",
            bucket=bucket.id,
            policy=pulumi.Output.json_dumps(
                {"Version": "2012-10-17", "Statement": _statements(bucket, args)}
            ),
            opts=child,
        )
        after_versioning = pulumi.ResourceOptions(parent=self, depends_on=[versioning])
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle", bucket=bucket.id, rules=_lifecycle(args), opts=after_versioning
        )
        if args.object_lock and args.lock_days is not None:
            aws.s3.BucketObjectLockConfiguration(
                f"{name}-lock",
                bucket=bucket.id,
                rule={"default_retention": {"mode": args.lock_mode, "days": args.lock_days}},
                opts=after_versioning,
            )
        self.bucket_name = bucket.id
        self.bucket_arn = bucket.arn
        self.register_outputs({"bucket_name": self.bucket_name, "bucket_arn": self.bucket_arn})


def _statements(bucket: aws.s3.Bucket, args: BucketArgs) -> list[dict[str, Any]]:
    """Nobody without TLS; CloudTrail of our own account below its prefix."""
    everything = pulumi.Output.concat(bucket.arn, "/*")
    statements: list[dict[str, Any]] = [
        {
            "Sid": "OnlyTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [bucket.arn, everything],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]
    if args.trail_prefix is not None and args.account_id is not None:
        ours = {"aws:SourceAccount": args.account_id}
        trail = {"Service": "cloudtrail.amazonaws.com"}
        statements += [
            {
                "Sid": "TrailLooks",
                "Effect": "Allow",
                "Principal": trail,
                "Action": "s3:GetBucketAcl",
                "Resource": bucket.arn,
                "Condition": {"StringEquals": ours},
            },
            {
                "Sid": "TrailWrites",
                "Effect": "Allow",
                "Principal": trail,
                "Action": "s3:PutObject",
                "Resource": pulumi.Output.concat(
                    bucket.arn, f"/{args.trail_prefix}/AWSLogs/", args.account_id, "/*"
                ),
                "Condition": {
                    "StringEquals": {**ours, "s3:x-amz-acl": "bucket-owner-full-control"}
                },
            },
        ]
    return statements


def _lifecycle(args: BucketArgs) -> list[dict[str, Any]]:
    """What is left half-written goes after a week; the rest as the blueprint says."""
    rules: list[dict[str, Any]] = [
        {
            "id": "abort-incomplete-uploads",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
        }
    ]
    if args.expire_days is not None:
        rules.append(
            {
                "id": "expire",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "expiration": {"days": args.expire_days},
            }
        )
    if args.noncurrent_days is not None:
        rules.append(
            {
                "id": "expire-former-versions",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "noncurrent_version_expiration": {"noncurrent_days": args.noncurrent_days},
            }
        )
    if args.trail_prefix is not None and args.trail_expire_days is not None:
        rules.append(
            {
                "id": "expire-audit-trail",
                "status": "Enabled",
                "filter": {"prefix": f"{args.trail_prefix}/"},
                "expiration": {"days": args.trail_expire_days},
            }
        )
    return rules
