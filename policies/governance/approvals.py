"""AIF-GOV-005."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-GOV-005",
    title="Production changes that lose data or replace things need approvals",
    severity=Severity.HIGH,
    zone="management",
    controls=("soc2:CC8.1", "iso27001:A.8.32", "nist800-53:CM-3", "nist800-53:CM-5"),
    needs=("blueprint",),
    parameters={
        "data_loss": {
            "type": "integer",
            "minimum": 1,
            "default": 2,
            "description": "Least approvals of a change that loses data.",
        },
        "replace": {
            "type": "integer",
            "minimum": 0,
            "default": 1,
            "description": "Least approvals of a change that replaces something.",
        },
    },
)
def approvals(factory: Context, *, data_loss: int, replace: int) -> Checks:
    """In production two people stand behind a loss of data, one behind a replacement.

    And there is a role that may approve: otherwise nothing could ever be changed, or the number
    would be lowered on the day.
    """
    if not factory.production:
        return
    governance = factory.blueprint.governance
    path = ("governance", "approvals")
    faults = (
        ("data-loss", governance.approvals.data_loss, data_loss),
        ("replace", governance.approvals.replace, replace),
    )
    short = [fault for fault in faults if fault[1] < fault[2]]
    for kind, given, needed in short:
        yield failed(
            (*path, kind),
            kind,
            f"a production change of class {kind} needs {given} approval(s); {needed} are asked "
            "for",
            hint=f"set `{kind}: {needed}`",
        )
    able = [role.name for role in governance.roles if "approve" in role.may]
    if not able:
        yield failed(
            ("governance", "roles"),
            "approver",
            "no role may approve a change",
            hint="add a role with `may: [approve]`",
            related=(path,),
        )
    if able and not short:
        yield passed(path)
