"""The clusters of a site with machines of one's own: control planes and memberships."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.model.compute import Pool
from aifactory_iac.blueprint.model.orchestration import Cluster
from aifactory_iac.blueprint.model.sites import EdgeSite, OnPremSite
from aifactory_iac.design.model import Design, PoolDesign
from aifactory_iac.program.lower import labels
from aifactory_iac.program.lower.onprem.machines import groups
from aifactory_iac.program.lower.onprem.slurm import slurm_shapes
from aifactory_iac.program.lower.quotas import Shares, resource_of
from aifactory_iac.program.ports import output_name, port
from aifactory_iac.program.unit import Call, Give, Options, Ref, Take, Unit

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog

CONTROL_PLANE = 3
"""Servers of a control plane that survives the loss of one (etcd's majority of three)."""


def cluster_unit(
    site: OnPremSite | EdgeSite,
    blueprint: Blueprint,
    design: Design,
    catalog: Catalog,
    spread: Shares,
) -> Unit:
    """The unit of all clusters of a site; without calls where there are none."""
    calls = tuple(
        _cluster(cluster, blueprint, design, catalog, spread)
        for cluster in sorted(blueprint.orchestration.clusters, key=lambda item: item.name)
        if cluster.site == site.name and any(pool in design.pools for pool in cluster.pools)
    )
    kinds = {cluster.name: cluster.kind for cluster in blueprint.orchestration.clusters}
    gives: list[Give] = []
    for call in calls:
        if kinds[call.name] == "kubernetes":
            gives.append(
                Give(
                    output_name(call.name, "kubeconfig"),
                    "Kubeconfig",
                    Ref(call.name, "kubeconfig"),
                    secret=True,
                )
            )
        gives.append(
            Give(output_name(call.name, "endpoint"), "EndpointUrl", Ref(call.name, "endpoint"))
        )
    return Unit(site.name, "cluster", (), calls, tuple(gives))


def servers(cluster: Cluster, design: Design) -> tuple[str, ...]:
    """Machines of the control plane: those without accelerators where the cluster has any.

    Three, or one where there are fewer; always the first ones of the first phase, which growth does
    not move and no later pool takes over.
    """
    named = [design.pools[name] for name in cluster.pools if name in design.pools]
    first = min((pool.phase for pool in named if pool.nodes), default=1)
    pools = [pool for pool in named if pool.nodes and pool.phase == first]
    plain = [pool for pool in pools if pool.accelerator is None]
    table = design.nodes
    wanted = [table.pools.index(pool.name) for pool in plain or pools]
    rows = np.flatnonzero(np.isin(table.pool, wanted))[:CONTROL_PLANE].tolist()
    return tuple(table.name[row] for row in (rows if len(rows) == CONTROL_PLANE else rows[:1]))


def _cluster(
    cluster: Cluster, blueprint: Blueprint, design: Design, catalog: Catalog, spread: Shares
) -> Call:
    asked = {pool.name: pool for pool in blueprint.compute}
    pools = [
        design.pools[name]
        for name in sorted(cluster.pools)
        if name in design.pools and design.pools[name].nodes
    ]
    reservations = _reservations(cluster, blueprint, design, spread)
    tenants = kept_rows(reservations, servers(cluster, design), design)
    slurm = cluster.kind == "slurm"
    return Call(
        component="onprem.metal_cluster:MetalCluster",
        name=cluster.name,
        args={
            "site": cluster.site,
            "kind": cluster.kind,
            "distribution": distribution(cluster),
            "version": cluster.version,
            "servers": servers(cluster, design),
            "encrypt_secrets": cluster.encrypt_secrets,
            "audit_logs": "audit" in cluster.control_plane_logs,
            "allowed": tuple(sorted(cluster.endpoint.allowed)) if cluster.endpoint.public else (),
            "reservations": reservations,
            "members": {
                f"{pool.name}-{group.name}": {
                    "pool": pool.name,
                    "unit": group.name,
                    "labels": node_labels(asked[pool.name], group.name),
                    "taints": () if slurm else _taints(pool, catalog),
                    "nodes": _nodes(design, group.rows, {} if slurm else tenants),
                }
                for pool in pools
                for group in groups(design, pool)
            },
            "groups": {
                pool.name: Take(
                    port(cluster.site, "compute", output_name(pool.name, "groups")), "NodeGroups"
                )
                for pool in pools
            },
            "rack_label": labels.RACK,
            **(slurm_shapes(pools, design, catalog) if slurm else {}),
        },
        options=Options(protect=blueprint.governance.environment == "production"),
        origin=("orchestration", "clusters", cluster.name),
    )


def distribution(cluster: Cluster) -> str:
    """The distribution asked for, else RKE2 or Slurm."""
    return cluster.distribution or ("slurm" if cluster.kind == "slurm" else "rke2")


def node_labels(pool: Pool, unit: str) -> dict[str, str]:
    """Labels of the nodes of one scalable unit."""
    found = {labels.POOL: pool.name, labels.SCALABLE_UNIT: f"{pool.name}-{unit}"}
    if pool.mig is not None:
        found[labels.MIG_CONFIG] = f"all-{pool.mig}"
    if pool.sharing != "none":
        found[labels.SHARING_CONFIG] = pool.sharing
    return found


def _taints(pool: PoolDesign, catalog: Catalog) -> tuple[str, ...]:
    resource = resource_of(pool, catalog)
    return () if resource is None else (f"{resource}=present:NoSchedule",)


def kept_rows(
    reservations: Mapping[str, Sequence[Mapping[str, Any]]], control: Sequence[str], design: Design
) -> dict[int, str]:
    """Tenant of each row of the node table that is kept for one: the first rows of its pool.

    Rows of the control plane are kept for nobody. What a pool grows by comes after them.
    """
    table, taken = design.nodes, set(control)
    kept: dict[int, str] = {}
    for tenant, shares in sorted(reservations.items()):
        for share in shares:
            index = table.pools.index(share["pool"])
            first, last = (int(row) for row in np.searchsorted(table.pool, (index, index + 1)))
            free = (
                row
                for row in range(first, last)
                if row not in kept and table.name[row] not in taken
            )
            kept |= dict.fromkeys(itertools.islice(free, share["nodes"]), tenant)
    return kept


def _nodes(design: Design, rows: slice, tenants: Mapping[int, str]) -> dict[str, dict[str, Any]]:
    """Nodes by host name, in the shape of `aifactory:metal:ClusterNode`."""
    table, racks = design.nodes, design.racks.name
    found: dict[str, dict[str, Any]] = {}
    for row, rack in zip(range(rows.start, rows.stop), table.rack[rows].tolist(), strict=True):
        tenant = tenants.get(row)
        node: dict[str, Any] = {"rack": racks[rack]} if rack >= 0 else {}
        if tenant is not None:
            node["labels"] = {labels.TENANT: tenant}
            node["taints"] = (f"{labels.TENANT}={tenant}:NoSchedule",)
        found[table.name[row]] = node
    return found


def _reservations(
    cluster: Cluster, blueprint: Blueprint, design: Design, spread: Shares
) -> dict[str, tuple[dict[str, Any], ...]]:
    """Whole nodes for the guaranteed GPUs of tenants that share none."""
    return {
        tenant.name: tuple(
            {"pool": share.pool, "nodes": -(-share.gpus // design.pools[share.pool].gpus_per_node)}
            for share in spread.of(cluster.name, tenant.name)
            if share.gpus
        )
        for tenant in sorted(blueprint.governance.tenants, key=lambda item: item.name)
        if tenant.isolation == "dedicated-nodes" and spread.of(cluster.name, tenant.name)
    }
