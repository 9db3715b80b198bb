"""Governance: quotas that the factory can give."""

from __future__ import annotations

from collections.abc import Iterator

from aifactory_iac.blueprint.meaning.view import View
from aifactory_iac.blueprint.rules import found
from aifactory_iac.findings import Finding


def governance_findings(view: View) -> Iterator[Finding]:
    """Findings on tenants."""
    tenants = view.blueprint.governance.tenants
    sizes = [view.gpus(pool) for pool in view.blueprint.compute]
    if not tenants or None in sizes:
        return
    guaranteed = sum(tenant.quota.gpus for tenant in tenants)
    total = sum(size for size in sizes if size is not None)
    if guaranteed > total:
        message = f"tenants are guaranteed {guaranteed:,} GPUs, and the factory has {total:,}"
        hint = "lower the quotas, or let tenants borrow"
        yield found("140", message, ("governance", "tenants"), hint=hint)
