"""AIF-ORC-011."""

from __future__ import annotations

from aifactory_iac.blueprint.model.workloads import Batch, Training
from aifactory_iac.policy import AnyWorkload, Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-ORC-011",
    title="Clusters with multi-node jobs schedule gangs",
    severity=Severity.MEDIUM,
    zone="compute",
    controls=("soc2:A1.1", "iso27001:A.8.6"),
    needs=("blueprint", "design"),
)
def gang_scheduling(factory: Context) -> Checks:
    """Jobs over several nodes are queued as a whole.

    Kubernetes' own scheduler starts pods one by one: two half-started jobs then hold GPUs and wait
    for each other for ever.
    """
    for cluster in factory.clusters.values():
        jobs = [w.name for w in factory.workloads_on.get(cluster.name, ()) if _wide(factory, w)]
        if cluster.kind != "kubernetes" or not jobs:
            continue
        path = ("orchestration", "clusters", cluster.name, "scheduler")
        if cluster.scheduler == "default":
            yield failed(
                path,
                "default",
                f"cluster `{cluster.name}` starts `{jobs[0]}`, which spans nodes, pod by pod",
                hint="set `scheduler: kueue` or `kai`",
                related=tuple(("orchestration", "workloads", name) for name in jobs),
            )
        else:
            yield passed(path)


def _wide(factory: Context, workload: AnyWorkload) -> bool:
    """Whether one job of the workload spans several nodes."""
    if isinstance(workload, Batch):
        return workload.nodes > 1
    if not isinstance(workload, Training):
        return False
    pools = {
        name
        for cluster in workload.clusters
        if cluster in factory.clusters
        for name in factory.clusters[cluster].pools
    }
    found = [factory.engineered.pools[name] for name in pools if name in factory.engineered.pools]
    largest = max((pool.gpus_per_node for pool in found), default=0)
    gpus = workload.gpus or sum(pool.gpus for pool in found)
    return gpus > largest > 0
