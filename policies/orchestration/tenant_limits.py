"""AIF-ORC-004."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule, value

_NAMESPACE = "kubernetes:core/v1:Namespace"
_KINDS = {
    "kubernetes:core/v1:ResourceQuota": "ResourceQuota",
    "kubernetes:core/v1:LimitRange": "LimitRange",
}


@rule(
    id="AIF-ORC-004",
    title="Every tenant's namespace has a quota and default limits",
    severity=Severity.HIGH,
    zone="compute",
    controls=("soc2:A1.1", "iso27001:A.8.6", "nist800-53:SC-6"),
    needs=("blueprint", "resources"),
)
def tenant_limits(factory: Context) -> Checks:
    """What a tenant's pods may ask for is bounded, and a pod that says nothing gets a limit.

    A namespace belongs to a tenant when it was planned for one.
    """
    bounded: dict[tuple[str, str, str], int] = {}
    for kind in _KINDS:
        for item in factory.resources.of(kind):
            place = (item.unit, str(value(item, "metadata", "namespace")), kind)
            bounded[place] = bounded.get(place, 0) + 1
    for namespace in factory.resources.of(_NAMESPACE):
        if namespace.origin[:2] != ("governance", "tenants"):
            continue
        name = str(value(namespace, "metadata", "name"))
        missing = [
            shown for kind, shown in _KINDS.items() if (namespace.unit, name, kind) not in bounded
        ]
        for shown in missing:
            yield failed(
                namespace.origin,
                f"{namespace.name}:{shown}",
                f"namespace `{name}` of tenant `{namespace.origin[2]}` has no {shown}",
                hint=f"add a {shown} to the namespace",
            )
        if not missing:
            yield passed(namespace.origin, namespace.name)
