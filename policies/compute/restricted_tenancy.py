"""AIF-CMP-015."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-CMP-015",
    title="Restricted data is worked on by tenants with nodes of their own",
    severity=Severity.HIGH,
    zone="compute",
    controls=("soc2:C1.1", "iso27001:A.8.22", "nist800-53:SC-4", "nist800-53:SC-39"),
    needs=("blueprint",),
)
def restricted_tenancy(factory: Context) -> Checks:
    """Where several tenants share a cluster, work on restricted data has dedicated nodes.

    Memory of a GPU, host memory and local drives outlive a job; between tenants only separate nodes
    keep restricted data apart.
    """
    restricted = {d.name for d in factory.datasets.values() if d.data_class == "restricted"}
    for workload in factory.workloads.values():
        read = sorted(restricted.intersection(workload.data))
        crowded = [c for c in workload.clusters if len(factory.tenants_on.get(c, ())) > 1]
        if not read or not crowded:
            continue
        path = ("orchestration", "workloads", workload.name, "tenant")
        tenant = factory.tenants.get(workload.tenant or "")
        if tenant is not None and tenant.isolation == "dedicated-nodes":
            yield passed(path)
            continue
        who = f"tenant `{tenant.name}`, which shares nodes" if tenant else "no tenant"
        yield failed(
            path,
            "shared",
            f"`{workload.name}` reads `{read[0]}` (restricted) on cluster `{crowded[0]}`, used by "
            f"several tenants, and belongs to {who}",
            hint="run it under a tenant with `isolation: dedicated-nodes`",
            related=(
                ("storage", "datasets", read[0]),
                ("governance", "tenants", tenant.name, "isolation") if tenant else path,
            ),
        )
