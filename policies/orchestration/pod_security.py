"""AIF-ORC-008."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule, value

_LABEL = "pod-security.kubernetes.io/enforce"


@rule(
    id="AIF-ORC-008",
    title="Tenants' pods run under the restricted Pod Security Standard",
    severity=Severity.HIGH,
    zone="compute",
    controls=("soc2:CC6.8", "iso27001:A.8.9", "nist800-53:CM-7", "cis-eks:4.2"),
    needs=("resources",),
)
def pod_security(factory: Context) -> Checks:
    """A tenant's namespace refuses pods that are privileged, run as root or share the host.

    A privileged pod on a GPU node reads the memory and drives of every other tenant on it.
    """
    for namespace in factory.resources.of("kubernetes:core/v1:Namespace"):
        if namespace.origin[:2] != ("governance", "tenants"):
            continue
        standard = value(namespace, "metadata", "labels", _LABEL)
        if standard == "restricted":
            yield passed(namespace.origin, namespace.name)
        else:
            yield failed(
                namespace.origin,
                namespace.name,
                f"the namespace of tenant `{namespace.origin[2]}` enforces "
                f"{f'`{standard}`' if standard else 'no Pod Security Standard'}",
                hint=f"label it `{_LABEL}: restricted`",
            )
