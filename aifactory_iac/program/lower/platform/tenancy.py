"""Tenants of one cluster: namespaces, people, priorities and queues."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aifactory_iac.blueprint.model.governance import Role, Tenant
from aifactory_iac.design.model import PoolDesign
from aifactory_iac.findings import Finding
from aifactory_iac.program.lower import labels
from aifactory_iac.program.lower.platform import charts
from aifactory_iac.program.lower.platform.cluster import ClusterView
from aifactory_iac.program.lower.quotas import in_service
from aifactory_iac.program.rules import found
from aifactory_iac.program.unit import Call, Ref

PRIORITIES = {"high": 10_000, "low": 100, "normal": 1_000}
"""By the name that workloads use; room between them for classes of a cluster's own."""

FRAMEWORKS = (
    "batch/job",
    "jobset.x-k8s.io/jobset",
    "kubeflow.org/mpijob",
    "leaderworkerset.x-k8s.io/leaderworkerset",
    "ray.io/raycluster",
    "ray.io/rayjob",
    "trainer.kubeflow.org/trainjob",
)
UNCOUNTED = (
    "cpu",
    "ephemeral-storage",
    "hugepages-",
    "memory",
    "rdma/",
    "vpc.amazonaws.com/efa",
)
"""Quotas are of accelerators; without this, a job that also asks for memory would never start."""

AWS_LEVELS = (
    "topology.k8s.aws/network-node-layer-1",
    "topology.k8s.aws/network-node-layer-2",
    "topology.k8s.aws/network-node-layer-3",
    labels.HOSTNAME,
)
SITE_LEVELS = (labels.SCALABLE_UNIT, labels.RACK, labels.HOSTNAME)

_KUBERNETES_ROLES = {"admin": "admin", "apply": "edit", "read": "view", "plan": "view"}
"""What a role of the blueprint amounts to inside a namespace, the most able first."""


def tenancy(view: ClusterView) -> tuple[Call, ...]:
    """Priorities, namespaces, and queues where Kueue schedules."""
    return (
        Call(
            component="kubernetes.priorities:PriorityClasses",
            name=f"{view.name}-priorities",
            args={"values": PRIORITIES},
            options=view.options(),
            origin=view.origin,
        ),
        *(_tenant(view, tenant) for tenant in view.tenants),
        *(_queues(view) if view.cluster.scheduler == "kueue" else ()),
    )


def left_out(view: ClusterView) -> Iterator[Finding]:
    """What the blueprint asks of tenants and schedulers and these programs leave to people."""
    if view.cluster.scheduler in ("kai", "slurm"):
        yield found(
            "AIF-PRG-080",
            f"These programs do not install scheduler `{view.cluster.scheduler}` of cluster "
            f"`{view.name}`; tenants get namespaces and quotas, and no queues.",
            (*view.origin, "scheduler"),
            hint="install it once the cluster is up, or set `scheduler: kueue`",
        )
    for tenant in view.tenants:
        if tenant.isolation == "dedicated-nodes" and view.on_aws:
            yield found(
                "AIF-PRG-081",
                f"Tenant `{tenant.name}` shares the nodes of cluster `{view.name}`: nodes are "
                "reserved on machines of one's own alone.",
                ("governance", "tenants", tenant.name, "isolation"),
                hint="give it a pool and a cluster of its own at that site, named under `on`",
            )


def namespace_of(tenant: Tenant) -> str:
    """Namespace of a tenant; the prefix keeps it apart from those that a cluster comes with."""
    return f"tenant-{tenant.name}"


def _inside(view: ClusterView, tenant: Tenant) -> str:
    """Name of the tenant's component; no name of a blueprint has a dot, so no two are alike."""
    return f"{view.name}.{tenant.name}"


def _tenant(view: ClusterView, tenant: Tenant) -> Call:
    return Call(
        component="kubernetes.tenant:Tenant",
        name=_inside(view, tenant),
        args={
            "tenant": tenant.name,
            "namespace": namespace_of(tenant),
            "labels": {labels.TENANT: tenant.name},
            "quota": _namespace_quota(view, tenant),
            "default_requests": {"cpu": "1", "memory": "4Gi"},
            "default_limits": {"cpu": "4", "memory": "16Gi"},
            "grants": _grants(view, tenant),
        },
        options=view.options(),
        origin=("governance", "tenants", tenant.name),
    )


def _namespace_quota(view: ClusterView, tenant: Tenant) -> dict[str, str]:
    """Its guaranteed share, or all of the cluster for one that borrows, by resource."""
    hard: dict[str, int] = {}
    guaranteed = {share.pool: share.gpus for share in view.spread.of(view.name, tenant.name)}
    for pool in view.accelerated:
        resource = f"requests.{view.resource(pool)}"
        gpus = in_service(pool) if tenant.borrows else guaranteed.get(pool.name, 0)
        hard[resource] = hard.get(resource, 0) + gpus * view.slices(pool)
    return {resource: str(amount) for resource, amount in sorted(hard.items())}


def _grants(view: ClusterView, tenant: Tenant) -> dict[str, dict[str, Any]]:
    """The tenant's own people may edit; the factory's roles get the most that they may do."""
    grants = {
        "tenant": {"role": "edit", "groups": (f"aifactory:tenant:{tenant.name}",), "users": ()}
    }
    for role in sorted(view.blueprint.governance.roles, key=lambda item: item.name):
        most = next((name for may, name in _KUBERNETES_ROLES.items() if may in role.may), None)
        if most is not None and (not role.on or view.cluster.site in role.on):
            grants[f"role-{role.name}"] = {"role": most, **_members(role)}
    return grants


def _members(role: Role) -> dict[str, tuple[str, ...]]:
    """`group:` names a group; anything else, with `user:` or without, a user."""
    groups = sorted(name.removeprefix("group:") for name in role.members if name[:6] == "group:")
    users = sorted(name.removeprefix("user:") for name in role.members if name[:6] != "group:")
    return {"groups": tuple(groups), "users": tuple(users)}


def _queues(view: ClusterView) -> Iterator[Call]:
    shared = f"{view.name}-queueing"
    topology = "aws-network" if view.on_aws else "site"
    alone = _alone(view)
    flavors: dict[str, dict[str, Any]] = {}
    for pool in view.accelerated:
        taint = str(view.resource(pool))
        base = {labels.POOL: pool.name}
        flavors[pool.name] = {"labels": base, "topology": topology, "taints": (taint,)}
        for own in sorted(alone):
            flavors[_flavor(pool, own)] = {
                "labels": {**base, labels.TENANT: own},
                "topology": topology,
                "taints": (taint, labels.TENANT),
            }
    yield Call(
        component="kubernetes.queueing:Queueing",
        name=shared,
        args={
            "chart": charts.KUEUE.chart,
            "version": charts.KUEUE.version,
            "frameworks": FRAMEWORKS,
            "uncounted": UNCOUNTED,
            "flavors": flavors,
            "topologies": {topology: AWS_LEVELS if view.on_aws else SITE_LEVELS},
            "priorities": PRIORITIES,
        },
        options=view.options(),
        origin=view.origin,
    )
    for tenant in view.tenants:
        quotas = _quotas(view, tenant.name, dedicated=tenant.name in alone)
        if quotas:
            inside = _inside(view, tenant)
            yield Call(
                component="kubernetes.tenant_queue:TenantQueue",
                name=f"{inside}.queue",
                args={
                    "queue": tenant.name,
                    "namespace": Ref(inside, "namespace"),
                    "namespace_selector": {labels.TENANT: tenant.name},
                    "cohort": view.name,
                    "quotas": quotas,
                    "borrows": tenant.borrows,
                },
                options=view.options(shared, inside),
                origin=("governance", "tenants", tenant.name),
            )


def _alone(view: ClusterView) -> frozenset[str]:
    """Tenants that have nodes of their own here; clouds keep none."""
    return frozenset(
        tenant.name
        for tenant in view.tenants
        if tenant.isolation == "dedicated-nodes" and not view.on_aws
    )


def _quotas(view: ClusterView, tenant: str, *, dedicated: bool) -> dict[str, dict[str, int]]:
    """Guaranteed amounts by resource and flavor: every pool of the cluster, zeros included.

    A queue lists all shared flavors, so that it can borrow on each; a tenant with nodes of its own
    also has its own flavors, and its guaranteed amounts stand there.
    """
    guaranteed = {share.pool: share.gpus for share in view.spread.of(view.name, tenant)}
    quotas: dict[str, dict[str, int]] = {}
    for pool in view.accelerated:
        resource = str(view.resource(pool))
        amount = guaranteed.get(pool.name, 0) * view.slices(pool)
        flavors = quotas.setdefault(resource, {})
        if dedicated:
            flavors[_flavor(pool, tenant)] = amount
        else:
            flavors[pool.name] = amount
    return quotas


def _flavor(pool: PoolDesign, tenant: str) -> str:
    return f"{pool.name}.{tenant}"
