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
    path: str


class Machine(TypedDict):
    """One machine, by its place. What only the machine knows is filled in by adoption.

    `unit` is the lowest rack unit from 1 at the bottom; `bmc` and `address` are IPv4 addresses of
    the controller and of the host; `serial`, `uuid` and `macs` are unknown until the machine has
    been seen, and are then checked before every write.
    """

    rack: str
    unit: int
    slot: int
    bmc: str
    address: str
    spare: NotRequired[bool]
    serial: NotRequired[str]
    uuid: NotRequired[str]
    macs: NotRequired[Sequence[str]]


class Image(TypedDict):
    """What the machines run; `digest` pins it, and without one nothing can be installed."""

    os: str
    driver: NotRequired[int]
    digest: NotRequired[str]
    url: NotRequired[str]


class Bmc(TypedDict):
    """How the controllers are reached and trusted."""

    credentials: SecretReference
    tls: Literal["site-ca", "system-ca", "pinned", "insecure"]


class Boot(TypedDict):
    """How a machine boots its installer; only `pxe` needs its broadcast domain."""

    method: Literal["http", "media", "pxe"]
    secure: bool


class RootDevice(TypedDict):
    """Which disk the image goes to; all given hints must hold."""

    name: NotRequired[str]
    model: NotRequired[str]
    serial: NotRequired[str]
    wwn: NotRequired[str]
    rotational: NotRequired[bool]


class Disks(TypedDict):
    """What may happen to disks. `wipe` is what a release does; `never` leaves them alone."""

    wipe: Literal["never", "metadata", "full"]
    encrypt: bool
    root: NotRequired[RootDevice]


class Rollout(TypedDict):
    """How many machines of the group may be out of service at once, and how they leave."""

    unavailable: int
    drain: bool


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
        machines: pulumi.Input[Mapping[str, Machine]],
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
