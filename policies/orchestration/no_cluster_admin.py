"""AIF-ORC-012."""

from __future__ import annotations

from aifactory_iac.policy import (
    Checks,
    Context,
    Severity,
    failed,
    listed,
    passed,
    rule,
    value,
)

_ROLES = (
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
    "kubernetes:rbac.authorization.k8s.io/v1:Role",
)
_BINDINGS = (
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
    "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
)


@rule(
    id="AIF-ORC-012",
    title="Nobody is bound to cluster-admin, and no role allows everything",
    severity=Severity.CRITICAL,
    zone="management",
    controls=("soc2:CC6.3", "iso27001:A.8.2", "nist800-53:AC-6", "cis-eks:4.1.1"),
    needs=("resources",),
)
def no_cluster_admin(factory: Context) -> Checks:
    """Bindings name a role made for their purpose; no planned role has `*` for verbs on `*`.

    Operators' service accounts come with their charts and are not judged here.
    """
    for binding in factory.resources.of(*_BINDINGS):
        role = value(binding, "roleRef", "name")
        people = [s for s in listed(binding, "subjects") if value(s, "kind") in ("Group", "User")]
        if role == "cluster-admin" and people:
            names = ", ".join(sorted(str(value(subject, "name")) for subject in people))
            yield failed(
                binding.origin,
                binding.name,
                f"`{binding.name}` binds {names} to cluster-admin",
                hint="bind `admin` or `edit` inside the namespaces they work in",
            )
        else:
            yield passed(binding.origin, binding.name)
    for role_resource in factory.resources.of(*_ROLES):
        if any(_everything(item) for item in listed(role_resource, "rules")):
            yield failed(
                role_resource.origin,
                role_resource.name,
                f"role `{role_resource.name}` allows every verb on every resource",
                hint="list the verbs and resources that are needed",
            )
        else:
            yield passed(role_resource.origin, role_resource.name)


def _everything(item: object) -> bool:
    return "*" in listed(item, "verbs") and "*" in listed(item, "resources")
