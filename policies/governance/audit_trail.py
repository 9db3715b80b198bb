"""AIF-GOV-002."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule

_DAYS = {"type": "integer", "minimum": 1}


@rule(
    id="AIF-GOV-002",
    title="There is an audit trail, kept as long as the data's class and the law ask",
    severity=Severity.HIGH,
    zone="management",
    controls=(
        "soc2:CC7.2",
        "iso27001:A.8.15",
        "nist800-53:AU-2",
        "nist800-53:AU-11",
        "eu-ai-act:12",
        "eu-ai-act:19",
    ),
    needs=("blueprint",),
    parameters={
        "any_days": {**_DAYS, "default": 90, "description": "Least days a trail is kept."},
        "high_risk_days": {
            **_DAYS,
            "default": 180,
            "description": "Least days with a high-risk workload (EU AI Act: six months).",
        },
        "restricted_days": {
            **_DAYS,
            "default": 365,
            "description": "Least days with restricted data.",
        },
    },
)
def audit_trail(
    factory: Context, *, any_days: int, high_risk_days: int, restricted_days: int
) -> Checks:
    """Who did what is written to a store of its own for as long as anyone may come to ask."""
    reasons = {"everything": any_days}
    high = sorted(w.name for w in factory.workloads.values() if w.risk_class == "high")
    if high:
        reasons[f"high-risk workload `{high[0]}`"] = high_risk_days
    secret = sorted(d.name for d in factory.datasets.values() if d.data_class == "restricted")
    if secret:
        reasons[f"restricted dataset `{secret[0]}`"] = restricted_days
    reason = max(sorted(reasons), key=lambda name: reasons[name])
    needed = reasons[reason]
    audit = factory.blueprint.governance.audit
    path = ("governance", "audit")
    if audit is None:
        yield failed(
            path,
            "none",
            "nobody writes down who did what: there is no audit trail",
            hint="add `audit: {sink: {tier: ...}, retain: 1 y}` with an object tier",
        )
    elif audit.retain.days < needed:
        yield failed(
            (*path, "retain"),
            "short",
            f"the audit trail is kept {audit.retain.days:g} days; {reason} asks for {needed}",
            hint=f"set `retain: {needed} d`",
        )
    else:
        yield passed(path)
