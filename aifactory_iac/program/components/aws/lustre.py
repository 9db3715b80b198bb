"""FSx for Lustre: a persistent file system that loads from a bucket and writes back to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

EVENTS = ["NEW", "CHANGED", "DELETED"]


@dataclass(frozen=True)
class LustreArgs:
    """What a `Lustre` file system needs."""

    capacity_gib: int
    throughput_mb_s_per_tib: int
    efa: bool
    """Whether clients reach it over EFA; their groups are then among `security_group_ids`."""
    subnet_ids: pulumi.Input[Sequence[str]]
    """The file system lives in the first of them, in one zone."""
    security_group_ids: Sequence[pulumi.Input[str]]
    log_retention_days: pulumi.Input[int]
    log_key_arn: pulumi.Input[str]
    tags: Mapping[str, pulumi.Input[str]]
    key_arn: pulumi.Input[str] | None = None
    """Key of the data; AWS's own for FSx when not given."""
    bucket_name: pulumi.Input[str] | None = None
    """Bucket that the file system is linked to."""
    bucket_path: str = "/"
    """Where the bucket's objects appear."""
    backup_days: int = 0
    """How long daily backups are kept; AWS takes none of a file system linked to a bucket."""


class Lustre(pulumi.ComponentResource):
    """A PERSISTENT_2 file system on SSD, encrypted, compressed and logged."""

    file_system_id: pulumi.Output[str]
    dns_name: pulumi.Output[str]
    mount_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: LustreArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aifactory:aws:Lustre", name, dict(vars(args)), opts)
        child = pulumi.ResourceOptions(parent=self)
        # FSx writes only to log groups whose name starts like this.
        logs = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name_prefix=f"/aws/fsx/{name}-",
            retention_in_days=args.log_retention_days,
            kms_key_id=args.log_key_arn,
            tags={**args.tags, "Name": f"{name}-logs"},
            opts=child,
        )
        linked = args.bucket_name is not None
        file_system = aws.fsx.LustreFileSystem(
            f"{name}-lustre",
            deployment_type="PERSISTENT_2",
            storage_type="SSD",
            storage_capacity=args.capacity_gib,
            per_unit_storage_throughput=args.throughput_mb_s_per_tib,
            efa_enabled=args.efa,
            metadata_configuration={"mode": "AUTOMATIC"},
            data_compression_type="LZ4",
            # The API takes a list with exactly one subnet; the SDK takes that one.
            subnet_ids=pulumi.Output.from_input(args.subnet_ids).apply(lambda ids: ids[0]),
            security_group_ids=list(args.security_group_ids),
            kms_key_id=args.key_arn,
            automatic_backup_retention_days=0 if linked else args.backup_days,
            copy_tags_to_backups=True if args.backup_days and not linked else None,
            log_configuration={"destination": logs.arn, "level": "WARN_ERROR"},
            tags={**args.tags, "Name": f"{name}-lustre"},
            opts=child,
        )
        if args.bucket_name is not None:
            aws.fsx.DataRepositoryAssociation(
                f"{name}-bucket",
                file_system_id=file_system.id,
                file_system_path=args.bucket_path,
                data_repository_path=pulumi.Output.concat("s3://", args.bucket_name),
                batch_import_meta_data_on_create=True,
                delete_data_in_filesystem=False,
                s3={
                    "auto_import_policy": {"events": EVENTS},
                    "auto_export_policy": {"events": EVENTS},
                },
                tags={**args.tags, "Name": f"{name}-bucket"},
                opts=child,
            )
        self.file_system_id = file_system.id
        self.dns_name = file_system.dns_name
        self.mount_name = file_system.mount_name
        self.register_outputs(
            {
                "file_system_id": self.file_system_id,
                "dns_name": self.dns_name,
                "mount_name": self.mount_name,
            }
        )
