"""AIF-ORC-003."""

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

_TYPES = "enabledClusterLogTypes"
_ALL = ("api", "audit", "authenticator", "controllerManager", "scheduler")


@rule(
    id="AIF-ORC-003",
    title="All control-plane logs are on and kept long enough",
    severity=Severity.HIGH,
    zone="management",
    controls=("soc2:CC7.2", "iso27001:A.8.15", "nist800-53:AU-12", "cis-eks:2.1.1"),
    needs=("blueprint", "resources"),
    parameters={
        "kept_days": {
            "type": "integer",
            "minimum": 1,
            "default": 90,
            "description": "Least days that control-plane logs are kept.",
        }
    },
)
def control_plane_logs(factory: Context, *, kept_days: int) -> Checks:
    """API, audit, authenticator, controller manager and scheduler write logs that are kept."""
    for cluster in factory.clusters.values():
        if cluster.kind != "kubernetes":
            continue
        path = ("orchestration", "clusters", cluster.name)
        missing = sorted(set(_ALL) - set(cluster.control_plane_logs))
        short = cluster.log_retention.days < kept_days
        if missing:
            yield failed(
                (*path, "control_plane_logs"),
                "missing",
                f"cluster `{cluster.name}` does not log {', '.join(missing)}",
                hint="remove the line: all five are the default",
            )
        if short:
            yield failed(
                (*path, "log_retention"),
                "short",
                f"cluster `{cluster.name}` keeps its logs {cluster.log_retention.days:g} days; at "
                f"least {kept_days} are asked for",
                hint=f"set `log_retention: {kept_days} d`",
            )
        if not missing and not short:
            yield passed(path)
    yield from _planned(factory)


def _planned(factory: Context) -> Checks:
    for resource in factory.resources.of("aws:eks/cluster:Cluster"):
        asked = factory.clusters.get(str(resource.origin[-1])) if resource.origin else None
        wanted = set(_ALL if asked is None else asked.control_plane_logs)
        missing = sorted(name for name in wanted if name not in listed(resource, _TYPES))
        if value(resource, _TYPES) is UNKNOWN:
            yield unknown(resource.origin, resource.name, f"{resource.name}: not known yet")
        elif missing:
            yield failed(
                resource.origin,
                resource.name,
                f"EKS cluster `{resource.name}` is planned without logs of {', '.join(missing)}",
                hint="list all five in `enabledClusterLogTypes`",
            )
        else:
            yield passed(resource.origin, resource.name)
