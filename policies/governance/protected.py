"""AIF-GOV-006."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule

_STATEFUL = (
    "aws:efs/fileSystem:FileSystem",
    "aws:fsx/lustreFileSystem:LustreFileSystem",
    "aws:kms/key:Key",
    "aws:rds/cluster:Cluster",
    "aws:rds/instance:Instance",
    "aws:s3/bucket:Bucket",
)
"""Types whose deletion loses data, keys among them: without its key, data is gone too."""


@rule(
    id="AIF-GOV-006",
    title="What keeps data in production is protected from deletion",
    severity=Severity.HIGH,
    zone="data-storage",
    controls=("soc2:A1.2", "iso27001:A.8.32", "nist800-53:CM-5"),
    needs=("blueprint", "resources"),
)
def protected(factory: Context) -> Checks:
    """Buckets, file systems, databases and keys are planned with `protect` in production."""
    if not factory.production:
        return
    for resource in factory.resources.of(*_STATEFUL):
        if resource.protect:
            yield passed(resource.origin, resource.name)
        else:
            yield failed(
                resource.origin,
                f"{resource.type.rsplit(':', 1)[-1]}:{resource.name}",
                f"`{resource.name}` holds data in production and is not protected",
                hint="set the resource option `protect`",
            )
