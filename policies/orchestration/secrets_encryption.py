"""AIF-ORC-002."""

from __future__ import annotations

from aifactory_iac.policy import (
    UNKNOWN,
    Checks,
    Context,
    Severity,
    failed,
    passed,
    rule,
    unknown,
    value,
)


@rule(
    id="AIF-ORC-002",
    title="Kubernetes secrets are enveloped with a customer key",
    severity=Severity.HIGH,
    zone="management",
    controls=("soc2:CC6.1", "iso27001:A.8.24", "nist800-53:SC-28", "cis-eks:5.3.1"),
    needs=("blueprint", "resources"),
)
def secrets_encryption(factory: Context) -> Checks:
    """Secrets in a cluster's store are encrypted once more, with a key that is not the store's."""
    for cluster in factory.clusters.values():
        if cluster.kind != "kubernetes":
            continue
        path = ("orchestration", "clusters", cluster.name, "encrypt_secrets")
        if cluster.encrypt_secrets:
            yield passed(path)
        else:
            yield failed(
                path,
                "off",
                f"cluster `{cluster.name}` keeps its secrets without a key of their own",
                hint="remove the line: encryption is the default",
            )
    for resource in factory.resources.of("aws:eks/cluster:Cluster"):
        covered = value(resource, "encryptionConfig", "resources")
        asked = factory.clusters.get(str(resource.origin[-1])) if resource.origin else None
        if asked is not None and not asked.encrypt_secrets:
            continue
        if covered is UNKNOWN:
            yield unknown(resource.origin, resource.name, f"{resource.name}: not known yet")
        elif isinstance(covered, list | tuple) and "secrets" in covered:
            yield passed(resource.origin, resource.name)
        else:
            yield failed(
                resource.origin,
                resource.name,
                f"EKS cluster `{resource.name}` is planned without envelope encryption of secrets",
                hint="give it an `encryptionConfig` that covers `secrets`",
            )
