"""AIF-FAB-003."""

from __future__ import annotations

from aifactory_iac.design.model import NetworkDesign
from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule

_BOUND = {"type": "number", "minimum": 1, "maximum": 64}


@rule(
    id="AIF-FAB-003",
    title="Compute fabrics are not oversubscribed beyond their workloads' bound",
    severity=Severity.HIGH,
    zone="compute",
    controls=("soc2:A1.1", "iso27001:A.8.6", "nist800-53:SC-6"),
    needs=("blueprint", "design"),
    parameters={
        "training": {
            **_BOUND,
            "default": 1.0,
            "description": "Highest ratio of down- to uplinks where pools train.",
        },
        "serving": {
            **_BOUND,
            "default": 3.0,
            "description": "Highest ratio where pools serve or run batches only.",
        },
    },
)
def oversubscription(factory: Context, *, training: float, serving: float) -> Checks:
    """A leaf of a compute fabric has the uplinks that the traffic of its pools needs.

    All-reduce keeps every link busy at once, so a training fabric is non-blocking. Pools without a
    declared workload count as training.
    """
    for name, network in sorted(factory.engineered.networks.items()):
        if network.role != "compute" or not network.switches.total:
            continue
        trains = _trains(factory, network)
        bound = training if trains else serving
        path = ("fabric", name, "oversubscription")
        if network.oversubscription > bound:
            yield failed(
                path,
                "ratio",
                f"network `{name}` is oversubscribed {network.oversubscription:.2f}:1 at the "
                f"leaves; at most {bound:g}:1 is allowed where pools "
                f"{'train' if trains else 'serve'}",
                hint=f"set `oversubscription: {{at_most: {bound:.1f}}}`",
                related=tuple(("compute", pool) for pool in network.pools),
            )
        else:
            yield passed(path)


def _trains(factory: Context, network: NetworkDesign) -> bool:
    kinds = {
        workload.kind for pool in network.pools for workload in factory.workloads_of_pool(pool)
    }
    return not kinds or bool(kinds & {"training", "fine-tuning"})
