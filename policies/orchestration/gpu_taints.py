"""AIF-ORC-017."""

from __future__ import annotations

from aifactory_iac.policy import (
    UNKNOWN,
    Checks,
    Context,
    Severity,
    failed,
    listed,
    passed,
    rule,
    unknown,
    value,
)

_NODES = "aws:eks/nodeGroup:NodeGroup"
_KEEPS_AWAY = ("NO_SCHEDULE", "NO_EXECUTE")


@rule(
    id="AIF-ORC-017",
    title="Accelerated nodes are tainted against pods that need no accelerator",
    severity=Severity.MEDIUM,
    zone="compute",
    controls=("soc2:A1.1", "iso27001:A.8.6", "nist800-53:SC-6"),
    needs=("blueprint", "resources"),
)
def gpu_taints(factory: Context) -> Checks:
    """A node group of a pool with accelerators has a taint, which only its own pods tolerate.

    A node that costs tens of dollars an hour otherwise fills with pods that want a processor.
    """
    for group in factory.resources.of(_NODES):
        if group.origin[:1] != ("compute",) or not _accelerated(factory, str(group.origin[1])):
            continue
        effects = [value(taint, "effect") for taint in listed(group, "taints")]
        if value(group, "taints") is UNKNOWN or UNKNOWN in effects:
            yield unknown(group.origin, group.name, f"taints of {group.name}: not known yet")
        elif any(effect in _KEEPS_AWAY for effect in effects):
            yield passed(group.origin, group.name)
        else:
            yield failed(
                group.origin,
                group.name,
                f"node group `{group.name}` has accelerators and no taint",
                hint="add a taint `nvidia.com/gpu` with effect `NO_SCHEDULE`",
            )


def _accelerated(factory: Context, pool: str) -> bool:
    found = factory.pools.get(pool)
    instance = factory.catalog.aws_instances.get(found.instance or "") if found else None
    return instance is not None and instance.accelerators > 0
