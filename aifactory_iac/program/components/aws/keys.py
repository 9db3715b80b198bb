"""Customer-managed KMS keys: one per purpose, rotated, with a policy that says who may use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

_USE = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]

_LUSTRE_ROLES = (
    "aws-service-role/s3.data-source.lustre.fsx.amazonaws.com/AWSServiceRoleForFSxS3Access_fs-*"
)


@dataclass(frozen=True)
class KeyArgs:
    """What a `Key` needs."""

    alias: str
    """Without the `alias/` prefix."""
    description: str
    account_id: pulumi.Input[str]
    region: str
    services: Sequence[str]
    """AWS services that use the key for us: any of `alerts`, `disks`, `logs`, `lustre`,
    `trail`."""
    tags: Mapping[str, pulumi.Input[str]]
    deletion_window_days: pulumi.Input[int] = 30


class Key(pulumi.ComponentResource):
    """A symmetric key that is rotated every year, and its alias."""

    key_arn: pulumi.Output[str]
    key_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: KeyArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aifactory:aws:Key", name, dict(vars(args)), opts)
        child = pulumi.ResourceOptions(parent=self)
        key = aws.kms.Key(
            f"{name}-key",
            description=args.description,
            enable_key_rotation=True,
            deletion_window_in_days=args.deletion_window_days,
            policy=pulumi.Output.json_dumps(
                {"Version": "2012-10-17", "Statement": _statements(args)}
            ),
            tags={**args.tags, "Name": f"{name}-key"},
            opts=child,
        )
        aws.kms.Alias(f"{name}-alias", name=f"alias/{args.alias}", target_key_id=key.id, opts=child)
        self.key_arn = key.arn
        self.key_id = key.id
        self.register_outputs({"key_arn": self.key_arn})


def _statements(args: KeyArgs) -> list[dict[str, Any]]:
    """The account's IAM policies decide, and each service gets exactly what it needs."""
    statements: list[dict[str, Any]] = [
        {
            "Sid": "Account",
            "Effect": "Allow",
            "Principal": {"AWS": pulumi.Output.concat("arn:aws:iam::", args.account_id, ":root")},
            "Action": "kms:*",
            "Resource": "*",
        }
    ]
    by_service = {
        "alerts": _service("Alerts", "budgets.amazonaws.com", args.account_id),
        # EBS volumes are opened by the auto scaling group's service role, which no IAM policy of
        # ours reaches; AWS's own EBS key admits it in the same way: by account and calling service.
        "disks": {
            "Sid": "Disks",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": [*_USE, "kms:CreateGrant"],
            "Resource": "*",
            "Condition": {
                "StringEquals": {
                    "kms:ViaService": f"ec2.{args.region}.amazonaws.com",
                    "kms:CallerAccount": args.account_id,
                }
            },
        },
        "logs": {
            "Sid": "Logs",
            "Effect": "Allow",
            "Principal": {"Service": f"logs.{args.region}.amazonaws.com"},
            "Action": _USE,
            "Resource": "*",
            "Condition": {
                "ArnLike": {
                    "kms:EncryptionContext:aws:logs:arn": pulumi.Output.concat(
                        f"arn:aws:logs:{args.region}:", args.account_id, ":log-group:*"
                    )
                }
            },
        },
        # A file system linked to a bucket reads and writes it as a service role of its own.
        "lustre": {
            "Sid": "Lustre",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": _USE,
            "Resource": "*",
            "Condition": {
                "StringEquals": {
                    "kms:ViaService": f"s3.{args.region}.amazonaws.com",
                    "kms:CallerAccount": args.account_id,
                },
                "ArnLike": {
                    "aws:PrincipalArn": pulumi.Output.concat(
                        "arn:aws:iam::", args.account_id, f":role/{_LUSTRE_ROLES}"
                    )
                },
            },
        },
        "trail": _service("Trail", "cloudtrail.amazonaws.com", args.account_id),
    }
    return statements + [by_service[service] for service in sorted(args.services)]


def _service(sid: str, principal: str, account_id: pulumi.Input[str]) -> dict[str, Any]:
    """A service that acts for our own account and no other."""
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": principal},
        "Action": ["kms:GenerateDataKey*", "kms:Decrypt", "kms:DescribeKey"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
    }
