"""A cluster on one's own machines, with one membership for each node group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

import pulumi

from aifactory_iac.providers.metal import (
    Cluster,
    ClusterMembership,
    ClusterNode,
    Reservation,
    SlurmPool,
    SlurmSwitch,
)


class Members(TypedDict):
    """Labels and taints of the nodes of one scalable unit, and the nodes by host name."""

    pool: str
    unit: str
    labels: Mapping[str, str]
    taints: Sequence[str]
    nodes: Mapping[str, ClusterNode]


Groups = Mapping[str, pulumi.Input[str]]
"""Ids of node groups by scalable unit."""


@dataclass(frozen=True)
class MetalClusterArgs:
    """Control plane and members."""

    site: pulumi.Input[str]
    kind: pulumi.Input[str]
    distribution: pulumi.Input[str]
    servers: Sequence[str]
    """Host names of the machines that run the control plane."""
    encrypt_secrets: pulumi.Input[bool]
    audit_logs: pulumi.Input[bool]
    allowed: Sequence[str]
    reservations: Mapping[str, Sequence[Reservation]]
    """By tenant."""
    members: Mapping[str, Members]
    """By a name that growth does not change, such as `train-su01`."""
    groups: Mapping[str, Groups | pulumi.Output[Groups]]
    """Ids of node groups, by pool and then by scalable unit."""
    rack_label: pulumi.Input[str]
    drain_seconds: pulumi.Input[int] = 3600
    version: pulumi.Input[str] | None = None
    pools: Mapping[str, SlurmPool] | None = None
    """Shapes of the nodes, which Slurm alone asks for."""
    switches: Mapping[str, SlurmSwitch] | None = None
    """Topology, which Slurm alone asks for."""


class MetalCluster(pulumi.ComponentResource):
    """A Kubernetes or Slurm cluster; node groups join and leave it one by one."""

    kubeconfig: pulumi.Output[str]
    endpoint: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: MetalClusterArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the control plane, then the memberships."""
        lists = {"members", "pools", "switches"}
        summary = {
            key: list(value) if key in lists and value is not None else value
            for key, value in vars(args).items()
        }
        super().__init__("aifactory:onprem:MetalCluster", name, summary, opts)
        child = pulumi.ResourceOptions(parent=self)
        cluster = Cluster(
            name,
            site=args.site,
            kind=args.kind,
            distribution=args.distribution,
            servers=list(args.servers),
            encrypt_secrets=args.encrypt_secrets,
            audit_logs=args.audit_logs,
            allowed=list(args.allowed),
            reservations=args.reservations,
            version=args.version,
            pools=args.pools,
            switches=args.switches,
            opts=child,
        )
        for member, content in args.members.items():
            ClusterMembership(
                f"{name}.{member}",
                cluster=cluster.id,
                node_group=_group(args.groups[content["pool"]], content["unit"]),
                labels=content["labels"],
                taints=list(content["taints"]),
                rack_label=args.rack_label,
                drain_seconds=args.drain_seconds,
                kind=args.kind,
                nodes=content["nodes"],
                opts=child,
            )
        self.kubeconfig = pulumi.Output.secret(cluster.kubeconfig)
        self.endpoint = cluster.endpoint
        self.register_outputs({"kubeconfig": self.kubeconfig, "endpoint": self.endpoint})


def _group(ids: Groups | pulumi.Output[Groups], unit: str) -> pulumi.Output[str]:
    """Id of a unit's node group. A preview goes on before the unit that grows the pool is up."""

    def pick(known: Groups) -> pulumi.Input[str]:
        if unit in known:
            return known[unit]
        if pulumi.runtime.is_dry_run():
            return pulumi.UNKNOWN  # type: ignore[return-value]
        raise pulumi.RunError(f"there is no node group {unit} yet: bring its machines up first")

    if isinstance(ids, Mapping):
        # As an output, the whole would be unknown as soon as one group is.
        return pulumi.Output.from_input(pick(ids))
    return ids.apply(pick)
