"""AIF-CMP-013."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-CMP-013",
    title="Pools that train keep spare nodes",
    severity=Severity.MEDIUM,
    zone="compute",
    controls=("soc2:A1.2", "iso27001:A.8.14", "nist800-53:CP-10"),
    needs=("blueprint", "design"),
    parameters={
        "share": {
            "type": "number",
            "minimum": 0,
            "maximum": 0.5,
            "default": 0.01,
            "description": "Least share of a pool's nodes that stands by.",
        },
        "from_nodes": {
            "type": "integer",
            "minimum": 1,
            "default": 16,
            "description": "Pools smaller than this need none.",
        },
    },
)
def hot_spares(factory: Context, *, share: float, from_nodes: int) -> Checks:
    """A pool of one's own machines that trains has at least one spare, and a share of its size.

    One failed node stops a synchronous training; without a spare it stops until the repair.
    """
    for pool in factory.pools.values():
        design = factory.engineered.pools.get(pool.name)
        trains = any(item.kind == "training" for item in factory.workloads_of_pool(pool.name))
        if design is None or not trains or pool.site not in factory.facility_sites:
            continue
        path = ("compute", pool.name, "spares")
        if design.nodes < from_nodes:
            continue
        if design.spares < 1 or design.spares < share * design.nodes:
            yield failed(
                path,
                "few",
                f"pool `{pool.name}` trains on {design.nodes} nodes and keeps {design.spares} "
                f"spare(s); {max(1, round(share * design.nodes))} are needed",
                hint="add `spares: {confidence: 0.99, repair: 7 d}`",
            )
        else:
            yield passed(path)
