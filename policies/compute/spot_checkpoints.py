"""AIF-CMP-014."""

from __future__ import annotations

from aifactory_iac.blueprint.model.workloads import Serving
from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-CMP-014",
    title="Interruptible pools carry only work that checkpoints",
    severity=Severity.MEDIUM,
    zone="compute",
    controls=("soc2:A1.2", "iso27001:A.8.14", "nist800-53:CP-9"),
    needs=("blueprint",),
)
def spot_checkpoints(factory: Context) -> Checks:
    """Work on spot capacity saves its state often enough to be taken away at any minute.

    Serving is not such work: an interruption is an outage.
    """
    for pool in factory.pools.values():
        if pool.purchase is None or not pool.purchase.spot:
            continue
        path = ("compute", pool.name, "purchase", "spot")
        for workload in factory.workloads_of_pool(pool.name):
            saved = not isinstance(workload, Serving) and workload.checkpoint is not None
            if saved:
                yield passed(path, workload.name)
                continue
            yield failed(
                path,
                workload.name,
                f"`{workload.name}` may run on spot pool `{pool.name}` and keeps no checkpoints",
                hint="give it `checkpoint: {every: ..., to: ...}`, or a cluster without spot",
                related=(("orchestration", "workloads", workload.name),),
            )
