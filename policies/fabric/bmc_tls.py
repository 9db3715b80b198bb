"""AIF-FAB-011."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-FAB-011",
    title="Baseboard management is spoken to over verified TLS",
    severity=Severity.HIGH,
    zone="management",
    controls=("soc2:CC6.7", "iso27001:A.8.21", "nist800-53:CM-7", "nist800-53:SC-8"),
    needs=("blueprint",),
)
def bmc_tls(factory: Context) -> Checks:
    """The certificate of every BMC is checked, against the site's authority or a pinned one.

    Whoever stands between the provisioning server and a BMC otherwise reads its password, and owns
    the machine below its operating system.
    """
    for pool in factory.pools.values():
        if pool.bmc is None:
            continue
        path = ("compute", pool.name, "bmc", "tls")
        if pool.bmc.tls == "insecure":
            yield failed(
                path,
                "insecure",
                f"the BMCs of pool `{pool.name}` may show any certificate",
                hint="set `tls: site-ca`, or `pinned` for self-signed certificates",
            )
        else:
            yield passed(path)
