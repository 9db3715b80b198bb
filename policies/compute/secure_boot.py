"""AIF-CMP-009."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-CMP-009",
    title="Nodes start with Secure Boot",
    severity=Severity.HIGH,
    zone="compute",
    controls=("soc2:CC6.8", "iso27001:A.8.9", "nist800-53:SI-7"),
    needs=("blueprint",),
)
def secure_boot(factory: Context) -> Checks:
    """Only signed firmware, boot loaders and kernels start on a node.

    A changed boot chain stays below everything that the operating system can check, and a GPU node
    that is handed from tenant to tenant takes it along.
    """
    for pool in factory.pools.values():
        path = ("compute", pool.name, "secure_boot")
        if pool.secure_boot:
            yield passed(path)
        else:
            yield failed(
                path,
                "off",
                f"pool `{pool.name}` starts without Secure Boot",
                hint="set `secure_boot: true`, or remove the line: it is the default",
            )
