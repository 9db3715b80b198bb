"""AIF-CMP-011."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-CMP-011",
    title="Local NVMe is encrypted",
    severity=Severity.HIGH,
    zone="compute",
    controls=("soc2:C1.2", "iso27001:A.8.24", "nist800-53:MP-6", "nist800-53:SC-28"),
    needs=("blueprint",),
)
def local_nvme(factory: Context) -> Checks:
    """Drives in a node are encrypted, so that throwing the key away wipes them.

    Caches and container layers hold training data and weights, and drives leave the building with
    every returned node.
    """
    for pool in factory.pools.values():
        path = ("compute", pool.name, "encrypt_local_nvme")
        if pool.encrypt_local_nvme:
            yield passed(path)
        else:
            yield failed(
                path,
                "off",
                f"the local NVMe of pool `{pool.name}` is not encrypted",
                hint="remove the line: encryption is the default",
            )
