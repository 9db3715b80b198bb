"""A cluster on one's own machines, and the node groups that belong to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

import pulumi

from .hardware import SecretReference
from .package import Secret, given, pinned, token


class Reservation(TypedDict):
    """Nodes of one pool that the cluster keeps for one tenant: labelled and tainted for it."""

    pool: str
    """Pool."""
    nodes: int
    """Number of nodes."""


class ClusterNode(TypedDict):
    """One node of a membership, by the name that it registers under."""

    rack: NotRequired[str]
    """Rack, which becomes the value of the rack label."""
    labels: NotRequired[Mapping[str, str]]
    """Labels of this node alone, such as that of its tenant."""
    taints: NotRequired[Sequence[str]]
    """Taints of this node alone, as `key=value:effect`."""


class DrainPolicy(TypedDict):
    """How far a drain may go. What is not given takes the mildest choice."""

    unmanaged: NotRequired[Literal["wait", "evict"]]
    """What becomes of pods that nothing makes anew."""
    local: NotRequired[Literal["wait", "evict"]]
    """What becomes of pods with data on the disk of the node."""
    late: NotRequired[Literal["leave", "requeue", "cancel"]]
    """What becomes of Slurm jobs that still run at the deadline."""
    unavailable: NotRequired[int]
    """How many nodes an update may have closed at once, from 1."""


class SlurmPool(TypedDict):
    """Slurm nodes of one shape, which become one partition."""

    nodes: Sequence[str]
    """Host names."""
    sockets: int
    """Sockets of a node."""
    cores: int
    """Cores of a socket."""
    threads: int
    """Threads of a core."""
    memory: int
    """Memory that jobs may have, in MiB: less than what the node reports at boot."""
    gpus: NotRequired[int]
    """Accelerators of a node."""
    model: NotRequired[str]
    """Type of the accelerators as jobs ask for it, such as `h100`."""
    devices: NotRequired[str]
    """Their device files, such as `/dev/nvidia[0-7]`: nodes with a bare count are drained."""


class SlurmSwitch(TypedDict):
    """A switch of the topology: a leaf has nodes, the others have switches."""

    nodes: NotRequired[Sequence[str]]
    """Host names below a leaf."""
    switches: NotRequired[Sequence[str]]
    """Switches below it."""


class Cluster(pulumi.CustomResource):
    """Control plane of a Kubernetes or Slurm cluster on machines of one's own."""

    def __init__(
        self,
        resource_name: str,
        *,
        site: pulumi.Input[str],
        kind: pulumi.Input[str],
        distribution: pulumi.Input[str],
        servers: pulumi.Input[Sequence[str]],
        encrypt_secrets: pulumi.Input[bool],
        audit_logs: pulumi.Input[bool],
        allowed: pulumi.Input[Sequence[str]],
        reservations: pulumi.Input[Mapping[str, Sequence[Reservation]]],
        version: pulumi.Input[str] | None = None,
        address: pulumi.Input[str] | None = None,
        names: pulumi.Input[Sequence[str]] | None = None,
        access: pulumi.Input[SecretReference] | None = None,
        join: pulumi.Input[SecretReference] | None = None,
        hardening: pulumi.Input[str] | None = None,
        pools: pulumi.Input[Mapping[str, SlurmPool]] | None = None,
        switches: pulumi.Input[Mapping[str, SlurmSwitch]] | None = None,
        target: pulumi.Input[str] | None = None,
        wait_seconds: pulumi.Input[int] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the cluster.

        Args:
            resource_name: Pulumi name.
            site: Site of the cluster.
            kind: `kubernetes` or `slurm`.
            distribution: `rke2`, `kubeadm`, `k3s` or `slurm`.
            servers: Machines that run the control plane; an odd number.
            encrypt_secrets: Whether secrets are encrypted at rest.
            audit_logs: Whether the API server keeps an audit log.
            allowed: Networks that may reach the API; those of the site when empty.
            reservations: Nodes kept for one tenant alone, by tenant.
            version: Version of the distribution; its stable channel when not given.
            address: Name or address that nodes and people reach the control plane at; the first
                server when not given.
            names: More names and addresses that the API server's certificate is good for.
            access: Where the kubeconfig is kept, or for Slurm the path of its slurm.conf; a file
                `access` in the cluster's folder under the provider's `stateDir` when not given.
            join: Where the material is kept that a machine joins with: a token, or Slurm's munge
                key. Only the reference is ever written.
            hardening: `cis`, which is the default, or `none`.
            pools: Nodes of a Slurm cluster by pool; each pool is a partition.
            switches: Topology of a Slurm cluster by switch.
            target: Folder that the files of the servers and nodes are written to; the cluster's
                folder under the provider's `stateDir` when not given.
            wait_seconds: How long the control plane is waited for; it is looked at once when not
                given.
            opts: Pulumi options.
        """
        super().__init__(
            token("Cluster"),
            resource_name,
            given(
                {
                    "site": site,
                    "kind": kind,
                    "distribution": distribution,
                    "servers": servers,
                    "encryptSecrets": encrypt_secrets,
                    "auditLogs": audit_logs,
                    "allowed": allowed,
                    "reservations": reservations,
                    "version": version,
                    "address": address,
                    "names": names,
                    "access": access,
                    "join": join,
                    "hardening": hardening,
                    "pools": pools,
                    "switches": switches,
                    "target": target,
                    "waitSeconds": wait_seconds,
                },
                "endpoint",
                "kubeconfig",
                "status",
                "missing",
                "files",
                "observed",
            ),
            pulumi.ResourceOptions.merge(
                pinned(opts), pulumi.ResourceOptions(additional_secret_outputs=["kubeconfig"])
            ),
        )

    @property
    @pulumi.getter
    def endpoint(self) -> pulumi.Output[str]:
        """URL of the API server or Slurm REST daemon; stays as long as the cluster does."""
        return pulumi.get(self, "endpoint")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def kubeconfig(self) -> pulumi.Output[Secret[str]]:
        """Administrator's kubeconfig, empty for Slurm; stays as long as the cluster does."""
        return pulumi.get(self, "kubeconfig")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def status(self) -> pulumi.Output[str]:
        """`ready`, `partial` when servers are missing, or `pending` while nothing was reached."""
        return pulumi.get(self, "status")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def missing(self) -> pulumi.Output[Sequence[str]]:
        """What is still missing for the cluster to be ready."""
        return pulumi.get(self, "missing")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def files(self) -> pulumi.Output[Mapping[str, str]]:
        """SHA-256 of each file that was written, by its path below the target folder."""
        return pulumi.get(self, "files")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def observed(self) -> pulumi.Output[Mapping[str, Any]]:
        """What the control plane says of itself: version, encryption at rest, number of nodes."""
        return pulumi.get(self, "observed")  # type: ignore[no-any-return]


class ClusterMembership(pulumi.CustomResource):
    """The machines of one node group as nodes of a cluster. Deleting it drains them first."""

    def __init__(
        self,
        resource_name: str,
        *,
        cluster: pulumi.Input[str],
        node_group: pulumi.Input[str],
        labels: pulumi.Input[Mapping[str, str]],
        taints: pulumi.Input[Sequence[str]],
        rack_label: pulumi.Input[str],
        drain_seconds: pulumi.Input[int],
        kind: pulumi.Input[str] | None = None,
        nodes: pulumi.Input[Mapping[str, ClusterNode]] | None = None,
        access: pulumi.Input[SecretReference] | None = None,
        policy: pulumi.Input[DrainPolicy] | None = None,
        join_seconds: pulumi.Input[int] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the membership.

        Args:
            resource_name: Pulumi name.
            cluster: Id of the cluster.
            node_group: Id of the node group.
            labels: Labels of every node of the group.
            taints: Taints as `key=value:effect`.
            rack_label: Label that gets each machine's rack.
            drain_seconds: How long a drain may take before the machine is given up on.
            kind: `kubernetes`, which is the default, or `slurm`.
            nodes: Nodes by name; until they are given, nothing is done and the state says so.
            access: Where the kubeconfig is kept, or for Slurm the path of its slurm.conf; a file
                `access` in the cluster's folder under the provider's `stateDir` when not given.
            policy: How far a drain may go.
            join_seconds: How long nodes that are being installed are waited for; an hour when not
                given.
            opts: Pulumi options.
        """
        super().__init__(
            token("ClusterMembership"),
            resource_name,
            given(
                {
                    "cluster": cluster,
                    "nodeGroup": node_group,
                    "labels": labels,
                    "taints": taints,
                    "rackLabel": rack_label,
                    "drainSeconds": drain_seconds,
                    "kind": kind,
                    "nodes": nodes,
                    "access": access,
                    "policy": policy,
                    "joinSeconds": join_seconds,
                },
                "joined",
                "results",
                "status",
            ),
            pinned(opts),
        )

    @property
    @pulumi.getter
    def joined(self) -> pulumi.Output[int]:
        """How many nodes of the group are ready in the cluster."""
        return pulumi.get(self, "joined")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def results(self) -> pulumi.Output[Mapping[str, Any]]:
        """By node: what became of it, and why, if it is not as declared."""
        return pulumi.get(self, "results")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def status(self) -> pulumi.Output[str]:
        """`joined`, `partial`, or `pending` while nodes or the way to the cluster are missing."""
        return pulumi.get(self, "status")  # type: ignore[no-any-return]
