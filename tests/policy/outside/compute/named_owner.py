"""ACME-CMP-001: a rule of somebody else's, in a folder of their own."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="ACME-CMP-001",
    title="Pool names start with the team's name",
    severity=Severity.HIGH,
    controls=("acme:naming",),
    needs=("blueprint",),
    parameters={"prefix": {"type": "string", "minLength": 1, "default": "acme-"}},
)
def named_owner(factory: Context, *, prefix: str) -> Checks:
    """Acme tells its pools from others' by their names."""
    for pool in factory.pools.values():
        path = ("compute", pool.name, "name")
        if pool.name.startswith(prefix):
            yield passed(path)
        else:
            yield failed(path, "prefix", f"pool `{pool.name}` does not start with `{prefix}`")
