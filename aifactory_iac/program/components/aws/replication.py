"""Copies of a bucket's objects in another bucket of the same account, in any region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

import pulumi
import pulumi_aws as aws

from .trust import trusts


class Destination(TypedDict):
    """A bucket that gets the copies, and the key that they are encrypted with there."""

    bucket_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str] | None
    region: str


@dataclass(frozen=True)
class ReplicationArgs:
    """What a `Replication` needs. Destinations are by a name of ours."""

    bucket_name: pulumi.Input[str]
    bucket_arn: pulumi.Input[str]
    region: str
    key_arn: pulumi.Input[str] | None
    destinations: Mapping[str, Destination]
    tags: Mapping[str, pulumi.Input[str]]


class Replication(pulumi.ComponentResource):
    """Every new object and version, deletions too, copied to each destination."""

    def __init__(
        self, name: str, args: ReplicationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aifactory:aws:Replication", name, dict(vars(args)), opts)
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-replication",
            assume_role_policy=trusts("s3.amazonaws.com"),
            tags={**args.tags, "Name": f"{name}-replication"},
            opts=child,
        )
        policy = aws.iam.RolePolicy(
            f"{name}-replication",
            role=role.id,
            policy=pulumi.Output.json_dumps(
                {"Version": "2012-10-17", "Statement": _statements(args)}
            ),
            opts=child,
        )
        aws.s3.BucketReplicationConfig(
            f"{name}-replication",
            bucket=args.bucket_name,
            role=role.arn,
            rules=[
                _rule(destination, args.destinations[destination], priority)
                for priority, destination in enumerate(sorted(args.destinations))
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.register_outputs({})


def _rule(name: str, destination: Destination, priority: int) -> dict[str, Any]:
    key = destination["key_arn"]
    target: dict[str, Any] = {"bucket": destination["bucket_arn"]}
    rule: dict[str, Any] = {
        "id": name,
        "priority": priority,
        "status": "Enabled",
        "filter": {"prefix": ""},
        "delete_marker_replication": {"status": "Enabled"},
        "destination": target,
    }
    if key is not None:
        target["encryption_configuration"] = {"replica_kms_key_id": key}
        rule["source_selection_criteria"] = {"sse_kms_encrypted_objects": {"status": "Enabled"}}
    return rule


def _statements(args: ReplicationArgs) -> list[dict[str, Any]]:
    """Read here, write there, each side with its own key and through S3 only."""
    names = sorted(args.destinations)
    statements: list[dict[str, Any]] = [
        {
            "Sid": "ReadConfiguration",
            "Effect": "Allow",
            "Action": ["s3:GetReplicationConfiguration", "s3:ListBucket"],
            "Resource": args.bucket_arn,
        },
        {
            "Sid": "ReadObjects",
            "Effect": "Allow",
            "Action": [
                "s3:GetObjectVersionAcl",
                "s3:GetObjectVersionForReplication",
                "s3:GetObjectVersionTagging",
            ],
            "Resource": pulumi.Output.concat(args.bucket_arn, "/*"),
        },
        {
            "Sid": "WriteCopies",
            "Effect": "Allow",
            "Action": ["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"],
            "Resource": [
                pulumi.Output.concat(args.destinations[name]["bucket_arn"], "/*") for name in names
            ],
        },
    ]
    if args.key_arn is not None:
        statements.append(_key("Decrypt", "kms:Decrypt", args.key_arn, args.region))
    for index, name in enumerate(names):
        key = args.destinations[name]["key_arn"]
        if key is not None:
            region = args.destinations[name]["region"]
            statements.append(_key(f"Encrypt{index}", "kms:Encrypt", key, region))
    return statements


def _key(sid: str, action: str, key_arn: pulumi.Input[str], region: str) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Action": action,
        "Resource": key_arn,
        "Condition": {"StringLike": {"kms:ViaService": f"s3.{region}.amazonaws.com"}},
    }
