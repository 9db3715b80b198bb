"""A cluster on one's own machines, and the node groups that belong to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

import pulumi

from .package import Secret, given, pinned, token


class Reservation(TypedDict):
    """Nodes of one pool that the cluster keeps for one tenant: labelled and tainted for it."""

    pool: str
    """Pool."""
    nodes: int
    """Number of nodes."""


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
                },
                "endpoint",
                "kubeconfig",
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
                },
                "joined",
            ),
            pinned(opts),
        )

    @property
    @pulumi.getter
    def joined(self) -> pulumi.Output[int]:
        """How many nodes of the group are ready in the cluster."""
        return pulumi.get(self, "joined")  # type: ignore[no-any-return]
