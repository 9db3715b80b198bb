"""AIF-FAB-012."""

from __future__ import annotations

from aifactory_iac.blueprint.model.sites import OnPremSite
from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-FAB-012",
    title="BMCs keep no factory password and share none between sites",
    severity=Severity.CRITICAL,
    zone="management",
    controls=("soc2:CC6.1", "iso27001:A.5.17", "nist800-53:IA-5"),
    needs=("blueprint",),
)
def bmc_credentials(factory: Context) -> Checks:
    """Every pool of an on-prem site names where its BMC password is kept, and no other site does.

    A machine without a password of ours keeps the one on its sticker or the vendor's default. One
    password for two sites makes one breach into two.
    """
    kept: dict[tuple[str, str], tuple[str, str]] = {}
    for pool in factory.pools.values():
        if not isinstance(factory.sites.get(pool.site), OnPremSite):
            continue
        path = ("compute", pool.name, "bmc")
        if pool.bmc is None:
            yield failed(
                path,
                "default",
                f"pool `{pool.name}` says nothing of its BMC password, so the vendor's stays",
                hint="add `bmc: {credentials: {secret: vault, path: ...}}`",
            )
            continue
        reference = (pool.bmc.credentials.secret, pool.bmc.credentials.path)
        site, other = kept.setdefault(reference, (pool.site, pool.name))
        if site != pool.site:
            yield failed(
                (*path, "credentials"),
                f"shared:{other}",
                f"pools `{other}` at `{site}` and `{pool.name}` at `{pool.site}` share one BMC "
                "password",
                hint="keep a password of its own for each site",
                related=(("compute", other, "bmc", "credentials"),),
            )
        else:
            yield passed(path)
