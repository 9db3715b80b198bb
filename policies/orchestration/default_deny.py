"""AIF-ORC-006."""

from __future__ import annotations

from aifactory_iac.policy import (
    Checks,
    Context,
    PlannedResource,
    Severity,
    failed,
    passed,
    rule,
    value,
)

_NAMESPACE = "kubernetes:core/v1:Namespace"
_POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
_WAYS = ("Ingress", "Egress")


@rule(
    id="AIF-ORC-006",
    title="Every tenant's namespace denies traffic by default, in and out",
    severity=Severity.HIGH,
    zone="compute",
    controls=("soc2:CC6.6", "iso27001:A.8.22", "nist800-53:AC-4", "cis-eks:4.3.2"),
    needs=("resources",),
)
def default_deny(factory: Context) -> Checks:
    """A policy selects all pods of the namespace, both ways, and admits nothing.

    Other policies then add what is needed. Without it, every pod of every tenant reaches every
    other.
    """
    denied: dict[tuple[str, str], set[str]] = {}
    for policy in factory.resources.of(_POLICY):
        place = (policy.unit, str(value(policy, "metadata", "namespace")))
        denied.setdefault(place, set()).update(_denied(policy))
    for namespace in factory.resources.of(_NAMESPACE):
        if namespace.origin[:2] != ("governance", "tenants"):
            continue
        name = str(value(namespace, "metadata", "name"))
        missing = [way for way in _WAYS if way not in denied.get((namespace.unit, name), set())]
        for way in missing:
            yield failed(
                namespace.origin,
                f"{namespace.name}:{way}",
                f"namespace `{name}` of tenant `{namespace.origin[2]}` does not deny "
                f"{way.lower()} by default",
                hint="add a NetworkPolicy with an empty `podSelector`, this type and no rule",
            )
        if not missing:
            yield passed(namespace.origin, namespace.name)


def _denied(policy: PlannedResource) -> set[str]:
    """Ways in which the policy closes a whole namespace."""
    selector = value(policy, "spec", "podSelector")
    if selector:
        return set()
    types = value(policy, "spec", "policyTypes") or ("Ingress",)
    rules = {"Ingress": value(policy, "spec", "ingress"), "Egress": value(policy, "spec", "egress")}
    return {way for way in types if way in rules and not rules[way]}
