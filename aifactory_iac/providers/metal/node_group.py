"""A node group: hundreds of machines as one resource, brought to one desired state together.

One resource a machine would make 12,500 registrations and state entries of a large factory, and
would leave concurrency to the engine, which knows no racks. A group keeps per-machine results in
its own state, so that one bad machine is quarantined and the others go on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

import pulumi

from .cluster import DrainPolicy
from .hardware import (
    Bmc,
    Boot,
    Disks,
    FirmwareComponent,
    GroupApproval,
    Image,
    RackedMachine,
    SecretReference,
)
from .install_config import InstallConfig
from .installation import Callback
from .package import given, pinned, token


class Rollout(TypedDict):
    """How many machines of the group may be out of service at once, and how they leave."""

    unavailable: int
    """Most machines of the group out of service at once."""
    drain: bool
    """Whether a node is drained before it is touched."""


class GroupInstall(TypedDict):
    """How every machine of a group is installed."""

    config: InstallConfig
    """What the installer is told; the host name of each machine is filled in."""
    wipe: NotRequired[Literal["never", "metadata", "full"]]
    """What an installation may erase on the root device first; `never` when not given."""
    disks: NotRequired[int]
    """How many disks a machine has; not known when not given."""
    callback: NotRequired[Callback]
    """How an installed machine says that it is there."""
    networks: NotRequired[Sequence[str]]
    """Provisioning networks, as CIDR: only inside them may images come by plain http."""


class GroupBudget(TypedDict):
    """What a rollout may cost at once, beside `rollout`; what is not given does not bound."""

    percent: NotRequired[float]
    """Most of the group out of service at once in percent, less what is unwell already."""
    rack: NotRequired[int]
    """Most machines of one rack disturbed at once."""
    breaker: NotRequired[int]
    """Most machines below one breaker disturbed at once."""
    watts: NotRequired[float]
    """Most watts that may come on in any minute, over all groups of the site."""
    failures: NotRequired[int]
    """How many machines may fail before nothing more is touched; one in ten when not given."""
    hourly: NotRequired[int]
    """Most resets of one machine within an hour; 3 when not given."""
    daily: NotRequired[int]
    """Most resets of one machine within a day; 8 when not given."""


class GroupBackend(TypedDict):
    """What acts on the machines; their own controllers when not given."""

    kind: str
    """`redfish`, `ironic`, or a back end of one's own as `module:function`."""
    url: NotRequired[str]
    """URL of the API, for `ironic`."""
    auth: NotRequired[Literal["none", "basic", "token"]]
    """How it is logged in to."""
    credentials: NotRequired[SecretReference]
    """Where user and password or the token are kept."""
    tls: NotRequired[Literal["site-ca", "system-ca", "insecure"]]
    """Which certificate it must show; one of the site's authority when not given."""
    options: NotRequired[Mapping[str, str]]
    """The back end's own options."""


class GroupCluster(TypedDict):
    """The cluster whose scheduler drains the machines."""

    id: str
    """Id of the cluster."""
    kind: NotRequired[Literal["kubernetes", "slurm"]]
    """Kind of scheduler; `kubernetes` when not given."""
    access: NotRequired[SecretReference]
    """Where the kubeconfig is kept, or for Slurm the path of its slurm.conf; a file `access` in
    the cluster's folder under the provider's `stateDir` when not given."""
    policy: NotRequired[DrainPolicy]
    """How far a drain may go."""
    seconds: NotRequired[int]
    """How long a drain may take; an hour when not given."""


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
        owner: pulumi.Input[Literal["managed", "observed", "external"]] | None = None,
        power: pulumi.Input[Literal["On", "Off"]] | None = None,
        bios: pulumi.Input[Mapping[str, Any]] | None = None,
        firmware: pulumi.Input[Sequence[FirmwareComponent]] | None = None,
        install: pulumi.Input[GroupInstall] | None = None,
        budget: pulumi.Input[GroupBudget] | None = None,
        breakers: pulumi.Input[Mapping[str, str]] | None = None,
        watts: pulumi.Input[float] | None = None,
        cluster: pulumi.Input[GroupCluster] | None = None,
        approval: pulumi.Input[GroupApproval] | None = None,
        backend: pulumi.Input[GroupBackend] | None = None,
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
            owner: Who decides about them: `managed` when not given; the others are only read.
            power: Power state that they are kept in; it is left as it is when not given.
            bios: BIOS attributes; those that are not named are left as they are.
            firmware: Firmware components, in the order in which they are brought.
            install: How they are installed; without it none is.
            budget: What a rollout may cost at once.
            breakers: Breaker group by rack.
            watts: Most that one machine draws.
            cluster: The cluster whose scheduler drains them; a machine that is on and in no cluster
                is disturbed only when nothing runs on it, or with an approval.
            approval: Who allowed what no check allows by itself.
            backend: What acts on them.
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
                    "owner": owner,
                    "power": power,
                    "bios": bios,
                    "firmware": firmware,
                    "install": install,
                    "budget": budget,
                    "breakers": breakers,
                    "watts": watts,
                    "cluster": cluster,
                    "approval": approval,
                    "backend": backend,
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
