"""A node group: hundreds of machines as one resource, brought to one desired state together.

One resource a machine would make 12,500 registrations and state entries of a large factory, and
would leave concurrency to the engine, which knows no racks. A group keeps per-machine results in
its own state, so that one bad machine is quarantined and the others go on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

import pulumi

from .package import given, pinned, token


class SecretReference(TypedDict):
    """Where a secret is kept; the provider reads it when it acts, and never stores it."""

    store: Literal["env", "file", "pulumi-config", "aws-secrets-manager", "vault"]
    """Kind of store."""
    path: str
    """Name of the variable, path of the file, config key or ARN."""


class RackedMachine(TypedDict):
    """One machine, by its place. What only the machine knows is filled in by adoption."""

    rack: str
    """Rack."""
    unit: int
    """Lowest rack unit, from 1 at the bottom."""
    slot: int
    """Slot within the scalable unit, from 1."""
    bmc: str
    """IPv4 address of the controller."""
    address: str
    """IPv4 address of the host."""
    spare: NotRequired[bool]
    """Whether it stands by."""
    serial: NotRequired[str]
    """Serial number; unknown until adopted, then checked before every write."""
    uuid: NotRequired[str]
    """System UUID; unknown until adopted, then checked before every write."""
    macs: NotRequired[Sequence[str]]
    """MAC addresses; unknown until adopted, then checked before every write."""


class Image(TypedDict):
    """What the machines run; `digest` pins it, and without one nothing can be installed."""

    os: str
    """Operating system."""
    driver: NotRequired[int]
    """Major version of the accelerator driver."""
    digest: NotRequired[str]
    """Digest, `sha256:...`; nothing is installed without one."""
    url: NotRequired[str]
    """Where the image is fetched from."""


class Bmc(TypedDict):
    """How the controllers are reached and trusted."""

    credentials: SecretReference
    """Where user and password are kept."""
    tls: Literal["site-ca", "system-ca", "pinned", "insecure"]
    """Which certificate the controller must show."""


class Boot(TypedDict):
    """How a machine boots its installer; only `pxe` needs its broadcast domain."""

    method: Literal["http", "media", "pxe"]
    """Way to boot."""
    secure: bool
    """UEFI secure boot."""


class DiskSize(TypedDict):
    """Bounds of a disk's size, both included; a disk of "960 GB" has 894 GiB."""

    least: NotRequired[str]
    """Least size, as a whole number of `MiB`, `GiB` or `TiB`."""
    most: NotRequired[str]
    """Largest size, as a whole number of `MiB`, `GiB` or `TiB`."""


class RootDevice(TypedDict):
    """Which disk the image goes to; all given hints must hold."""

    name: NotRequired[str]
    """Device name."""
    model: NotRequired[str]
    """Model."""
    serial: NotRequired[str]
    """Serial number."""
    wwn: NotRequired[str]
    """World wide name."""
    rotational: NotRequired[bool]
    """Whether it is a rotating disk."""
    size: NotRequired[DiskSize]
    """Bounds of its size."""


class Disks(TypedDict):
    """What may happen to disks."""

    wipe: Literal["never", "metadata", "full"]
    """What a release does to them; `never` leaves them alone."""
    encrypt: bool
    """Whether local NVMe is encrypted."""
    root: NotRequired[RootDevice]
    """Which disk the image goes to."""


class Rollout(TypedDict):
    """How many machines of the group may be out of service at once, and how they leave."""

    unavailable: int
    """Most machines of the group out of service at once."""
    drain: bool
    """Whether a node is drained before it is touched."""


class NodeGroup(pulumi.CustomResource):
    """Machines of one scalable unit of one pool, kept in one desired state.

    Deleting the resource releases the machines: power and disks stay as they are, unless `disks`
    says otherwise, the drain is proven and the serial matches.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        site: pulumi.Input[str],
        pool: pulumi.Input[str],
        scalable_unit: pulumi.Input[int],
        system: pulumi.Input[str],
        machines: pulumi.Input[Mapping[str, RackedMachine]],
        boot: pulumi.Input[Boot],
        disks: pulumi.Input[Disks],
        rollout: pulumi.Input[Rollout],
        domain: pulumi.Input[str],
        image: pulumi.Input[Image] | None = None,
        bmc: pulumi.Input[Bmc] | None = None,
        provisioning_server: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the group.

        Args:
            resource_name: Pulumi name.
            site: Site that the machines stand at.
            pool: Pool of the blueprint.
            scalable_unit: Number of the scalable unit, from 1.
            system: System id of the catalog.
            machines: Machines by host name.
            boot: How they boot.
            disks: What may happen to their disks.
            rollout: How many may be out of service at once.
            domain: DNS domain of the host names.
            image: What they run; without one they are adopted and watched only.
            bmc: How their controllers are reached; without one nothing is ever written to them.
            provisioning_server: Id of the server that they boot from.
            opts: Pulumi options.
        """
        super().__init__(
            token("NodeGroup"),
            resource_name,
            given(
                {
                    "site": site,
                    "pool": pool,
                    "scalableUnit": scalable_unit,
                    "system": system,
                    "machines": machines,
                    "boot": boot,
                    "disks": disks,
                    "rollout": rollout,
                    "domain": domain,
                    "image": image,
                    "bmc": bmc,
                    "provisioningServer": provisioning_server,
                },
                "results",
                "ready",
            ),
            pinned(opts),
        )

    @property
    @pulumi.getter
    def results(self) -> pulumi.Output[Mapping[str, Any]]:
        """By machine: state, last error, and what adoption found (serial, UUID, MACs)."""
        return pulumi.get(self, "results")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def ready(self) -> pulumi.Output[int]:
        """How many machines are in the desired state."""
        return pulumi.get(self, "ready")  # type: ignore[no-any-return]
