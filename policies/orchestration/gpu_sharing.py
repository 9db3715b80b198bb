"""AIF-ORC-007."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-ORC-007",
    title="Tenants never share a GPU by time-slicing or MPS",
    severity=Severity.CRITICAL,
    zone="compute",
    controls=("soc2:CC6.1", "iso27001:A.8.22", "nist800-53:SC-4", "nist800-53:SC-39"),
    needs=("blueprint",),
)
def gpu_sharing(factory: Context) -> Checks:
    """A pool that cuts GPUs by time serves one tenant; several tenants get MIG or whole GPUs.

    Time-slicing and MPS separate neither memory nor faults: one tenant's crash kills the other's
    job, and memory is not cleared in between.
    """
    for pool in factory.pools.values():
        if pool.sharing == "none":
            continue
        path = ("compute", pool.name, "sharing")
        tenants = sorted(
            {
                tenant.name
                for cluster in factory.clusters_of_pool.get(pool.name, ())
                for tenant in factory.tenants_on.get(cluster.name, ())
                if tenant.isolation == "shared"
            }
        )
        if len(tenants) > 1:
            yield failed(
                path,
                pool.sharing,
                f"pool `{pool.name}` shares GPUs by {pool.sharing} between tenants "
                f"{', '.join(tenants)}",
                hint="cut GPUs with `mig`, or give each tenant a pool of its own",
                related=tuple(("governance", "tenants", tenant) for tenant in tenants),
            )
        else:
            yield passed(path)
