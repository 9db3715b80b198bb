"""AIF-STO-009."""

from __future__ import annotations

from aifactory_iac.policy import (
    UNKNOWN,
    Checks,
    Context,
    PlannedResource,
    Severity,
    failed,
    passed,
    rule,
    value,
)

_BUCKET = "aws:s3/bucket:Bucket"
_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
_SWITCHES = (
    "blockPublicAcls",
    "blockPublicPolicy",
    "ignorePublicAcls",
    "restrictPublicBuckets",
)


@rule(
    id="AIF-STO-009",
    title="Buckets are closed to the public and versioned",
    severity=Severity.CRITICAL,
    zone="data-storage",
    controls=("soc2:CC6.1", "iso27001:A.8.3", "nist800-53:AC-3"),
    needs=("resources",),
)
def bucket_guards(factory: Context) -> Checks:
    """Each bucket has all four public access blocks on, and keeps old versions.

    The blocks win over any policy or ACL that is added later by mistake; versions are what is left
    after a wrong delete.
    """
    resources = factory.resources
    blocks = resources.referring(_BLOCK, "bucket", _BUCKET)
    versionings = resources.referring(_VERSIONING, "bucket", _BUCKET)
    for bucket in resources.of(_BUCKET):
        open_switches = _open(blocks.get(bucket.urn, ()))
        if open_switches:
            yield failed(
                bucket.origin,
                f"{bucket.name}:public",
                f"bucket `{bucket.name}` leaves {', '.join(open_switches)} off",
                hint="add a `BucketPublicAccessBlock` with all four switches on",
            )
        status = {
            value(item, "versioningConfiguration", "status")
            for item in versionings.get(bucket.urn, ())
        }
        versioned = bool(status & {"Enabled", UNKNOWN})
        if not versioned:
            yield failed(
                bucket.origin,
                f"{bucket.name}:versions",
                f"bucket `{bucket.name}` keeps no old versions",
                hint="add a `BucketVersioning` with status `Enabled`",
                severity=Severity.HIGH,
            )
        if versioned and not open_switches:
            yield passed(bucket.origin, bucket.name)


def _open(blocks: tuple[PlannedResource, ...]) -> list[str]:
    return [
        switch
        for switch in _SWITCHES
        if not any(value(block, switch) in (True, UNKNOWN) for block in blocks)
    ]
