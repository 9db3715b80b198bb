"""AIF-ORC-005."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-ORC-005",
    title="Guaranteed quotas fit the GPUs in service",
    severity=Severity.HIGH,
    zone="compute",
    controls=("soc2:A1.1", "iso27001:A.8.6", "nist800-53:SC-6"),
    needs=("blueprint", "design"),
)
def quota_sum(factory: Context) -> Checks:
    """For each set of clusters that tenants name, their quotas fit what it has without spares.

    A guarantee that cannot be kept is found out when two tenants come at once. Tenants bound to
    fewer clusters count against every wider set that holds them.
    """
    everywhere = frozenset(factory.clusters)
    wanted: dict[frozenset[str], list[str]] = {}
    for tenant in factory.tenants.values():
        wanted.setdefault(frozenset(tenant.on) or everywhere, []).append(tenant.name)
    bound_to = _bound(wanted)
    for clusters in sorted(wanted, key=lambda names: (len(names), sorted(names))):
        bound = bound_to[clusters]
        asked = sum(factory.tenants[name].quota.gpus for name in bound)
        there = _gpus(factory, clusters)
        first = min(wanted[clusters])
        path = ("governance", "tenants", first, "quota", "gpus")
        if asked > there:
            yield failed(
                path,
                "+".join(sorted(clusters)),
                f"tenants {', '.join(sorted(bound))} are guaranteed {asked} GPUs on "
                f"{', '.join(sorted(clusters))}, which has {there} in service",
                hint="smaller quotas with `borrows: true`, or more nodes",
                related=tuple(
                    ("governance", "tenants", name, "quota", "gpus")
                    for name in sorted(bound)
                    if name != first
                ),
            )
        else:
            yield passed(path)


def _bound(wanted: Mapping[frozenset[str], list[str]]) -> Mapping[frozenset[str], list[str]]:
    """Tenants that can be served by each set of clusters alone: its own, and those of its subsets.

    Looked up by one cluster of each set, so that thousands of tenants with a cluster of their own
    are not all compared with one another.
    """
    holding: dict[str, list[frozenset[str]]] = {}
    for clusters in wanted:
        for cluster in clusters:
            holding.setdefault(cluster, []).append(clusters)
    bound: dict[frozenset[str], list[str]] = {clusters: [] for clusters in wanted}
    for clusters, tenants in wanted.items():
        wider = holding[min(clusters)] if clusters else list(wanted)
        for other in wider:
            if clusters <= other:
                bound[other].extend(tenants)
    return bound


def _gpus(factory: Context, clusters: Iterable[str]) -> int:
    """Accelerators of the clusters' pools, spare nodes left out."""
    names = set(clusters) & set(factory.clusters)
    pools = {pool for name in names for pool in factory.clusters[name].pools}
    found = [factory.engineered.pools[pool] for pool in pools if pool in factory.engineered.pools]
    return sum((pool.nodes - pool.spares) * pool.gpus_per_node for pool in found)
