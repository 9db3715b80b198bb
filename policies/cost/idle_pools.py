"""AIF-CST-003."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-CST-003",
    title="Accelerated cloud pools outside production scale to zero",
    severity=Severity.MEDIUM,
    controls=("iso27001:A.8.6",),
    needs=("blueprint",),
)
def idle_pools(factory: Context) -> Checks:
    """By-the-hour pools of development and staging give their nodes back when nothing runs.

    Reserved capacity and capacity blocks are paid for either way.
    """
    if factory.production:
        return
    for pool in factory.pools.values():
        instance = factory.catalog.aws_instances.get(pool.instance or "")
        bought = pool.purchase
        hourly = bought is None or bought.on_demand or bought.spot
        if instance is None or not instance.accelerators or not hourly:
            continue
        path = ("compute", pool.name, "autoscale")
        if pool.autoscale:
            yield passed(path)
        else:
            yield failed(
                path,
                "off",
                f"pool `{pool.name}` of {pool.count} {instance.id} runs day and night in "
                f"{factory.blueprint.governance.environment}",
                hint="set `autoscale: true`",
            )
