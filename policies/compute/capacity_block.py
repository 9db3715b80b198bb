"""AIF-CMP-004."""

from __future__ import annotations

import datetime as dt

from aifactory_iac.blueprint.model.compute import CapacityBlock
from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-CMP-004",
    title="A capacity block lies ahead and is long enough for what runs on it",
    severity=Severity.HIGH,
    zone="compute",
    controls=("soc2:A1.1", "iso27001:A.8.6", "nist800-53:CP-2"),
    needs=("blueprint", "design"),
    parameters={
        "notice_days": {
            "type": "integer",
            "minimum": 0,
            "default": 7,
            "description": "Days before its end from which a running block is reported.",
        }
    },
)
def capacity_block(factory: Context, *, notice_days: int) -> Checks:
    """A block has not ended, does not end within days, and covers every run that needs it.

    AWS terminates the instances of a block when it ends, whatever runs on them. A training that may
    use no other pool has to fit in; its expected duration is compared.
    """
    for pool in factory.pools.values():
        if pool.purchase is None or pool.purchase.capacity_block is None:
            continue
        block = pool.purchase.capacity_block
        path = ("compute", pool.name, "purchase", "capacity_block")
        left = (_end(block) - factory.at).days
        if left < 0:
            yield failed(
                path,
                "ended",
                f"the capacity block of pool `{pool.name}` ended on {_end(block)}",
                hint="buy another block and give its start",
            )
            continue
        if left <= notice_days and _start(block) < factory.at:
            yield failed(
                path,
                "ending",
                f"the capacity block of pool `{pool.name}` ends in {left} days, on {_end(block)}",
                hint="extend the block, or drain the pool before it ends",
            )
        yield from _runs(factory, pool.name, block)


def _runs(factory: Context, pool: str, block: CapacityBlock) -> Checks:
    path = ("compute", pool, "purchase", "capacity_block", "duration")
    for workload in factory.workloads_of_pool(pool):
        days = _days(factory, workload.name)
        if days is None or _has_other_pools(factory, workload.clusters):
            continue
        if days > block.duration.days:
            yield failed(
                path,
                f"short:{workload.name}",
                f"`{workload.name}` takes {days:.1f} days, the capacity block of pool `{pool}` "
                f"lasts {block.duration.days:.1f}",
                hint="buy a longer block, more nodes, or let the workload run on another pool too",
                related=(("orchestration", "workloads", workload.name),),
            )
        else:
            yield passed(path, workload.name)


def _days(factory: Context, workload: str) -> float | None:
    found = factory.engineered.workloads.get(workload)
    estimate = found.estimates.get("training_days") if found else None
    return estimate.value.mid if estimate is not None else None


def _has_other_pools(factory: Context, clusters: tuple[str, ...]) -> bool:
    pools = {name for c in clusters if c in factory.clusters for name in factory.clusters[c].pools}
    purchases = [factory.pools[name].purchase for name in pools if name in factory.pools]
    return any(bought is None or bought.capacity_block is None for bought in purchases)


def _start(block: CapacityBlock) -> dt.date:
    return dt.datetime.fromisoformat(block.start).date()


def _end(block: CapacityBlock) -> dt.date:
    start = dt.datetime.fromisoformat(block.start)
    return (start + dt.timedelta(seconds=block.duration.base)).date()
