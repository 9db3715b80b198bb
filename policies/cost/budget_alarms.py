"""AIF-CST-002."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule

_BUDGET = "aws:budgets/budget:Budget"


@rule(
    id="AIF-CST-002",
    title="Cloud accounts have a budget with an alarm",
    severity=Severity.MEDIUM,
    controls=("soc2:A1.1", "iso27001:A.8.6", "nist800-53:SA-2"),
    needs=("blueprint", "resources"),
)
def budget_alarms(factory: Context) -> Checks:
    """A factory with a cloud site states what it may cost, and the plan sets the alarm up."""
    if not factory.aws_sites:
        return
    governance = factory.blueprint.governance
    path = ("governance", "budget", "opex")
    stated = governance.budget is not None and governance.budget.opex is not None
    by_tenant = [t.name for t in factory.tenants.values() if t.budget is not None]
    if not stated and len(by_tenant) < max(1, len(factory.tenants)):
        yield failed(
            path,
            "none",
            "no budget is stated for the factory, nor for each of its tenants",
            hint="add `governance.budget.opex`, such as `60 kUSD/month`",
            related=tuple(("sites", name) for name in factory.aws_sites),
        )
        return
    units = {resource.unit for resource in factory.resources}
    planned = {resource.unit.split("/")[0] for resource in factory.resources.of(_BUDGET)}
    for name in factory.aws_sites:
        built = any(unit.split("/")[0] == name for unit in units)
        if built and name not in planned:
            yield failed(
                ("sites", name),
                "alarm",
                f"nothing planned at `{name}` raises an alarm when the budget is exceeded",
                hint="state the budget in USD, or give an exchange rate: AWS compares in USD",
                related=(path,),
            )
        else:
            yield passed(("sites", name))
