"""Buckets, Lustre file systems and replication of an AWS site."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from aifactory_iac.program import Call, Lowered, Ref, Take, Unit
from aifactory_iac.program.planned import UNKNOWN, PlannedResource

Document = dict[str, Any]
Lower = Callable[[Document], Lowered]
Registered = Callable[..., Mapping[str, PlannedResource]]

FILE_SYSTEM = "aws:fsx/lustreFileSystem:LustreFileSystem::scratch-lustre"
LINK = "aws:fsx/dataRepositoryAssociation:DataRepositoryAssociation::scratch-bucket"


@pytest.fixture
def storage(lowered: Lower, registered: Registered) -> Callable[[Document], Any]:
    def of(document: Document) -> Mapping[str, PlannedResource]:
        return registered(lowered(document).unit("cloud/storage"))

    return of


def call(found: Lowered, unit: str, name: str) -> Call:
    return next(item for item in found.unit(unit).calls if item.name == name)


def lifecycle(found: Mapping[str, PlannedResource], name: str) -> dict[str, Any]:
    token = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    return {rule.pop("id"): rule for rule in found[f"{token}::{name}-lifecycle"].inputs["rules"]}


def test_a_bucket_is_closed_versioned_and_encrypted(cloud: Document, storage: Any) -> None:
    found = storage(cloud)
    about_lake = {
        item.type: {key: value for key, value in item.inputs.items() if key != "bucket"}
        for item in found.values()
        if item.name.startswith("lake-") and item.type != "aws:s3/bucketPolicy:BucketPolicy"
    }
    bucket = about_lake.pop("aws:s3/bucket:Bucket")
    about_lake.pop("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
    assert (bucket["forceDestroy"], bucket["objectLockEnabled"]) == (False, False)
    assert (bucket["tags"]["data-class"], bucket["tags"]["zone"]) == (
        "confidential",
        "data-storage",
    )
    assert about_lake == {
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        },
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls": {
            "rule": {"objectOwnership": "BucketOwnerEnforced"}
        },
        "aws:s3/bucketVersioning:BucketVersioning": {
            "versioningConfiguration": {"status": "Enabled"}
        },
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {
                        "sseAlgorithm": "aws:kms",
                        "kmsMasterKeyId": UNKNOWN,
                    },
                    "bucketKeyEnabled": True,
                }
            ]
        },
    }


def test_old_versions_go_when_the_blueprint_says_so(cloud: Document, storage: Any) -> None:
    cloud["storage"]["tiers"][0]["retain"] = "2 y"
    assert lifecycle(storage(cloud), "lake") == {
        "abort-incomplete-uploads": {
            "status": "Enabled",
            "filter": {"prefix": ""},
            "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
        },
        "expire": {
            "status": "Enabled",
            "filter": {"prefix": ""},
            "expiration": {"days": 730},
        },
        "expire-former-versions": {
            "status": "Enabled",
            "filter": {"prefix": ""},
            "noncurrentVersionExpiration": {"noncurrentDays": 90},
        },
    }


@pytest.mark.parametrize(
    ("environment", "mode"), [("development", "GOVERNANCE"), ("production", "COMPLIANCE")]
)
def test_a_lock_holds_for_as_long_as_anyone_asks(
    environment: str, mode: str, cloud: Document, storage: Any
) -> None:
    cloud["storage"]["tiers"].append(
        {"name": "audit", "site": "cloud", "kind": "object", "retain": "1 y", "object_lock": True}
    )
    cloud["governance"] |= {
        "environment": environment,
        "audit": {"sink": {"tier": "audit"}, "retain": "7 y"},
    }
    found = storage(cloud)
    assert found["aws:s3/bucket:Bucket::audit-bucket"].inputs["objectLockEnabled"] is True
    lock = found["aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration::audit-lock"]
    assert lock.inputs["rule"] == {"defaultRetention": {"mode": mode, "days": 2555}}


def statements(
    applied: Callable[[Unit], Mapping[str, PlannedResource]], found: Lowered
) -> list[dict[str, Any]]:
    """Statements of the lake's policy, once the bucket is there."""
    resources = applied(found.unit("cloud/storage"))
    policy = json.loads(resources["aws:s3/bucketPolicy:BucketPolicy::lake-policy"].inputs["policy"])
    return list(policy["Statement"])


ONLY_TLS = {
    "Sid": "OnlyTls",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ["arn:aws:::lake-bucket", "arn:aws:::lake-bucket/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def test_nobody_gets_at_a_bucket_without_tls(cloud: Document, lowered: Lower, applied: Any) -> None:
    assert statements(applied, lowered(cloud)) == [ONLY_TLS]


def test_the_audit_trail_of_this_account_may_write_below_its_prefix(
    cloud: Document, lowered: Lower, applied: Any
) -> None:
    cloud["sites"][0]["account"] = "123456789012"
    cloud["governance"]["audit"] = {"sink": {"tier": "lake", "prefix": "audit/"}, "retain": "1 y"}
    ours = {"aws:SourceAccount": "123456789012"}
    trail = {"Service": "cloudtrail.amazonaws.com"}
    assert statements(applied, lowered(cloud)) == [
        ONLY_TLS,
        {
            "Sid": "TrailLooks",
            "Effect": "Allow",
            "Principal": trail,
            "Action": "s3:GetBucketAcl",
            "Resource": "arn:aws:::lake-bucket",
            "Condition": {"StringEquals": ours},
        },
        {
            "Sid": "TrailWrites",
            "Effect": "Allow",
            "Principal": trail,
            "Action": "s3:PutObject",
            "Resource": "arn:aws:::lake-bucket/audit/AWSLogs/123456789012/*",
            "Condition": {"StringEquals": {**ours, "s3:x-amz-acl": "bucket-owner-full-control"}},
        },
    ]
    rules = lifecycle(applied(lowered(cloud).unit("cloud/storage")), "lake")
    assert rules["expire-audit-trail"] == {
        "status": "Enabled",
        "filter": {"prefix": "audit/"},
        "expiration": {"days": 365},
    }


def test_what_production_stores_is_protected(cloud: Document, storage: Any) -> None:
    cloud["governance"]["environment"] = "production"
    found = storage(cloud)
    assert found["aws:s3/bucket:Bucket::lake-bucket"].protect is True
    assert found[FILE_SYSTEM].protect is True
    cloud["governance"]["environment"] = "staging"
    assert storage(cloud)[FILE_SYSTEM].protect is False


def test_a_file_system_has_the_steps_that_were_designed(cloud: Document, storage: Any) -> None:
    found = storage(cloud)
    inputs = dict(found[FILE_SYSTEM].inputs)
    assert inputs.pop("tags")["Name"] == "scratch-lustre"
    assert inputs == {
        "deploymentType": "PERSISTENT_2",
        "storageType": "SSD",
        "storageCapacity": 38400,
        "perUnitStorageThroughput": 125,
        "efaEnabled": True,
        "metadataConfiguration": {"mode": "AUTOMATIC"},
        "dataCompressionType": "LZ4",
        "subnetIds": UNKNOWN,
        "securityGroupIds": [UNKNOWN, UNKNOWN],
        "kmsKeyId": UNKNOWN,
        "automaticBackupRetentionDays": 0,
        "logConfiguration": {"destination": UNKNOWN, "level": "WARN_ERROR"},
    }


@pytest.mark.parametrize(
    ("capacity", "tier", "gib"),
    [
        ("38400 GiB", 125, 38400),
        ("30 TiB", 125, 38400),
        ("40 TiB", 250, 57600),
        ("5000 GiB", 1000, 9600),
        ("76.8 TiB", 1000, 81600),
    ],
)
def test_capacity_comes_in_the_steps_of_its_throughput_tier(
    capacity: str, tier: int, gib: int, cloud: Document, storage: Any
) -> None:
    """Facts, `fsx_lustre.efa_enabled.capacity_step_gib`: 38400, 19200, 9600 and 4800 GiB."""
    cloud["storage"]["tiers"][1] |= {"capacity": capacity, "throughput_tier": tier}
    found = storage(cloud)[FILE_SYSTEM].inputs
    assert (found["storageCapacity"], found["perUnitStorageThroughput"]) == (gib, tier)


def test_a_linked_file_system_follows_its_bucket_both_ways(
    cloud: Document, storage: Any, lowered: Lower
) -> None:
    link = storage(cloud)[LINK].inputs
    assert {key: link[key] for key in link if key != "tags"} == {
        "fileSystemId": UNKNOWN,
        "fileSystemPath": "/lake",
        "dataRepositoryPath": UNKNOWN,
        "batchImportMetaDataOnCreate": True,
        "deleteDataInFilesystem": False,
        "s3": {
            "autoImportPolicy": {"events": ["NEW", "CHANGED", "DELETED"]},
            "autoExportPolicy": {"events": ["NEW", "CHANGED", "DELETED"]},
        },
    }
    found = lowered(cloud)
    assert call(found, "cloud/storage", "scratch").args["bucket_name"] == Ref("lake", "bucket_name")
    # The bucket's key lets the file system's service role in, and no other key does.
    keys = found.unit("cloud/keys").calls
    assert [item.name for item in keys if item.args["services"] == ("lustre",)] == ["tier-lake"]


def test_servers_and_efa_clients_share_a_group(cloud: Document, lowered: Lower) -> None:
    scratch = call(lowered(cloud), "cloud/storage", "scratch").args
    assert scratch["security_group_ids"] == (
        Take("cloud/network.tier_scratch_security_group_id", "SecurityGroupId"),
        Take("cloud/network.pool_train_security_group_id", "SecurityGroupId"),
    )


def test_without_efa_clients_there_is_no_efa(cloud: Document, storage: Any) -> None:
    cloud["storage"]["tiers"][1]["serves"] = ["serve"]
    inputs = storage(cloud)[FILE_SYSTEM].inputs
    assert (inputs["efaEnabled"], inputs["securityGroupIds"]) == (False, [UNKNOWN])


@pytest.mark.parametrize(("retain", "days"), [("30 d", 30), ("1 y", 90)])
def test_an_unlinked_file_system_is_backed_up_within_what_fsx_takes(
    retain: str, days: int, cloud: Document, storage: Any
) -> None:
    tier = cloud["storage"]["tiers"][1]
    del tier["imports"]
    tier["backup"] = {"to": "lake", "every": "1 d", "retain": retain}
    found = storage(cloud)
    assert LINK not in found
    assert found[FILE_SYSTEM].inputs["automaticBackupRetentionDays"] == days


def test_a_linked_file_system_takes_no_backups(cloud: Document, storage: Any) -> None:
    """CreateBackup, FSx API: not for file systems that are linked to a data repository."""
    cloud["storage"]["tiers"][1]["backup"] = {"to": "lake", "every": "1 d", "retain": "30 d"}
    assert storage(cloud)[FILE_SYSTEM].inputs["automaticBackupRetentionDays"] == 0


@pytest.fixture
def two_sites(cloud: Document) -> Document:
    cloud["sites"].append(
        {**cloud["sites"][0], "name": "backup", "region": "eu-west-1"},
    )
    cloud["storage"]["tiers"][0]["replicate_to"] = ["copy"]
    cloud["storage"]["tiers"].append(
        {"name": "copy", "site": "backup", "kind": "object", "replicate_to": ["lake"]}
    )
    return cloud


def test_copies_to_each_other_are_units_of_their_own(two_sites: Document, lowered: Lower) -> None:
    found = lowered(two_sites)
    assert [item.rule for item in found.findings if item.rule < "AIF-PRG-020"] == []
    assert {name: found.needs[name] for name in ("backup/replication", "cloud/replication")} == {
        "backup/replication": (
            "backup/keys",
            "backup/storage",
            "cloud/keys",
            "cloud/storage",
        ),
        "cloud/replication": (
            "backup/keys",
            "backup/storage",
            "cloud/keys",
            "cloud/storage",
        ),
    }


def test_every_version_is_copied_under_the_destinations_key(
    two_sites: Document, lowered: Lower, registered: Registered
) -> None:
    found = registered(lowered(two_sites).unit("cloud/replication"))
    token = "aws:s3/bucketReplicationConfig:BucketReplicationConfig::lake-replication"
    assert found[token].inputs["rules"] == [
        {
            "id": "copy",
            "priority": 0,
            "status": "Enabled",
            "filter": {"prefix": ""},
            "deleteMarkerReplication": {"status": "Enabled"},
            "destination": {
                "bucket": UNKNOWN,
                "encryptionConfiguration": {"replicaKmsKeyId": UNKNOWN},
            },
            "sourceSelectionCriteria": {"sseKmsEncryptedObjects": {"status": "Enabled"}},
        }
    ]


def test_another_account_is_not_copied_to(two_sites: Document, lowered: Lower) -> None:
    two_sites["sites"][1]["account"] = "210987654321"
    found = lowered(two_sites)
    assert [item.path for item in found.findings if item.rule == "AIF-PRG-030"] == [
        ("storage", "tiers", "copy", "replicate_to"),
        ("storage", "tiers", "lake", "replicate_to"),
    ]
