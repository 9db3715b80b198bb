"""AIF-STO-010."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-STO-010",
    title="The audit trail's store cannot be rewritten",
    severity=Severity.HIGH,
    zone="data-storage",
    controls=("soc2:CC7.2", "iso27001:A.5.33", "nist800-53:AU-9"),
    needs=("blueprint",),
)
def audit_lock(factory: Context) -> Checks:
    """The tier that takes the audit trail has object lock, so that an intruder cannot tidy up."""
    audit = factory.blueprint.governance.audit
    tier = factory.tiers.get(audit.sink.tier) if audit is not None else None
    if tier is None:
        return
    path = ("storage", "tiers", tier.name, "object_lock")
    if tier.kind == "object" and tier.object_lock:
        yield passed(path)
    else:
        what = "has no object lock" if tier.kind == "object" else f"is {tier.kind}, not object"
        yield failed(
            path,
            "open",
            f"the audit trail goes to tier `{tier.name}`, which {what}",
            hint="set `object_lock: true`; a bucket gets it at creation only",
            related=(("governance", "audit", "sink", "tier"),),
        )
