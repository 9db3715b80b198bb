"""AIF-GOV-012."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-GOV-012",
    title="High-risk workloads name who oversees them, for what, and are logged",
    severity=Severity.HIGH,
    controls=("eu-ai-act:12", "eu-ai-act:13", "eu-ai-act:14", "iso27001:A.5.31"),
    needs=("blueprint",),
)
def high_risk(factory: Context) -> Checks:
    """A workload of risk class high has an owner, a purpose and an audit trail behind it.

    Where the blueprint answers to the EU AI Act, every workload states its risk class.
    """
    governance = factory.blueprint.governance
    judged = "eu-ai-act" in governance.frameworks
    for workload in factory.workloads.values():
        path = ("orchestration", "workloads", workload.name)
        if workload.risk_class is None and judged:
            yield failed(
                path,
                "risk_class",
                f"`{workload.name}` states no risk class, and the blueprint answers to the EU AI "
                "Act",
                hint="add `risk_class: minimal`, `limited` or `high`",
                severity=Severity.MEDIUM,
            )
        if workload.risk_class != "high":
            continue
        missing = [name for name in ("owner", "purpose") if getattr(workload, name) is None]
        for name in missing:
            yield failed(
                path,
                name,
                f"high-risk workload `{workload.name}` names no {name}",
                hint=f"add `{name}`",
            )
        if governance.audit is None:
            yield failed(
                path,
                "audit",
                f"high-risk workload `{workload.name}` has no audit trail behind it",
                hint="add `governance.audit`",
                related=(("governance", "audit"),),
            )
        if not missing and governance.audit is not None:
            yield passed(path)
