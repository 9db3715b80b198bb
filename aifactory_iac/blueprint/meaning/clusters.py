"""Clusters and workloads: pools of one site, agreeing choices, figures that hang together."""

from __future__ import annotations

from collections.abc import Iterator

from aifactory_iac.blueprint.meaning.sites import network
from aifactory_iac.blueprint.meaning.view import View
from aifactory_iac.blueprint.model.orchestration import Cluster
from aifactory_iac.blueprint.model.workloads import Batch, Serving, Training
from aifactory_iac.blueprint.rules import found
from aifactory_iac.findings import Finding, Path


def cluster_findings(view: View) -> Iterator[Finding]:
    """Findings on clusters and workloads."""
    owner: dict[str, str] = {}
    for cluster in sorted(view.blueprint.orchestration.clusters, key=lambda each: each.name):
        yield from _pools(view, cluster, owner)
        yield from _choices(view, cluster)
        for index, block in enumerate(cluster.endpoint.allowed):
            _, problem = network(block, _at(cluster, "endpoint", "allowed", index))
            if problem is not None:
                yield problem
    sites = {cluster.name: cluster.site for cluster in view.blueprint.orchestration.clusters}
    for workload in view.blueprint.orchestration.workloads:
        if isinstance(workload, Training | Batch):
            yield from _checkpoint(view, workload, sites)
        if isinstance(workload, Training):
            yield from _training(workload)
        if isinstance(workload, Serving):
            yield from _serving(workload)


def _at(cluster: Cluster, *rest: str | int) -> Path:
    return ("orchestration", "clusters", cluster.name, *rest)


def _workload(workload: Training | Batch | Serving, *rest: str) -> Path:
    return ("orchestration", "workloads", workload.name, *rest)


def _pools(view: View, cluster: Cluster, owner: dict[str, str]) -> Iterator[Finding]:
    for index, name in enumerate(cluster.pools):
        path = _at(cluster, "pools", index)
        pool = view.pools.get(name)
        known = pool is not None and None not in (view.site(pool.site), view.site(cluster.site))
        if pool is not None and known and pool.site != cluster.site:
            message = f"pool `{name}` is at `{pool.site}`, and the cluster at `{cluster.site}`"
            hint = "a cluster has pools of its own site; workloads may run on several clusters"
            yield found("130", message, path, hint=hint)
        if owner.setdefault(name, cluster.name) != cluster.name:
            message = f"pool `{name}` is also in cluster `{owner[name]}`"
            related = (("orchestration", "clusters", owner[name], "pools"),)
            hint = "split the pool, or take it off one cluster"
            yield found("132", message, path, hint=hint, related=related)


def _choices(view: View, cluster: Cluster) -> Iterator[Finding]:
    aws = view.is_aws(cluster.site)
    distribution = cluster.distribution
    path = _at(cluster, "distribution")
    if aws is False and distribution == "eks":
        message = f"EKS runs at AWS, and `{cluster.site}` is not an AWS site"
        yield found("130", message, path, hint="use `rke2`, `kubeadm` or `k3s`")
    if aws and cluster.kind == "kubernetes" and distribution not in (None, "eks", "slurm"):
        message = f"at `{cluster.site}`, an AWS site, Kubernetes is EKS, not `{distribution}`"
        yield found("130", message, path, hint="drop the key")
    if cluster.kind == "kubernetes" and distribution == "slurm":
        message = "`slurm` is not a distribution of Kubernetes"
        yield found("131", message, path, hint="write `kind: slurm`, or drop the key")
    if cluster.kind == "slurm" and distribution not in (None, "slurm"):
        message = f"`{distribution}` is a distribution of Kubernetes, and the cluster is Slurm"
        yield found("131", message, path, hint="drop the key")
    chosen = "scheduler" in cluster.model_fields_set
    if cluster.kind == "slurm" and chosen and cluster.scheduler != "slurm":
        message = f"a Slurm cluster is scheduled by Slurm, not by `{cluster.scheduler}`"
        yield found("131", message, _at(cluster, "scheduler"), hint="drop the key")


def _checkpoint(view: View, workload: Training | Batch, sites: dict[str, str]) -> Iterator[Finding]:
    tier = view.tiers.get(workload.checkpoint.to) if workload.checkpoint is not None else None
    runs_at = [sites[cluster] for cluster in workload.clusters if cluster in sites]
    if tier is None or not runs_at or view.linked(tier.site, runs_at):
        return
    message = f"`{tier.name}` is at `{tier.site}`, which `{workload.name}` cannot reach"
    path = _workload(workload, "checkpoint", "to")
    yield found("134", message, path, hint="use a tier of its site, or add a link")


def _training(workload: Training) -> Iterator[Finding]:
    mfu = workload.mfu
    if mfu is not None and not mfu.low <= mfu.mid <= mfu.high:
        message = "the utilisation's `low`, `mid` and `high` are not in that order"
        yield found("133", message, _workload(workload, "mfu"), hint="put the lowest first")


def _serving(workload: Serving) -> Iterator[Finding]:
    if workload.tokens_per_gpu is not None and workload.tokens_per_gpu_source is None:
        message = "`tokens_per_gpu` is a measurement and does not say whose"
        path = _workload(workload, "tokens_per_gpu")
        yield found("133", message, path, hint="add `tokens_per_gpu_source`")
