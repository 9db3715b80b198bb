"""AIF-GOV-010."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule

_APART = (("admin", "audit"), ("apply", "approve"), ("admin", "approve"))
"""Duties that one principal must not hold together; `audit` is a role that may only read."""


@rule(
    id="AIF-GOV-010",
    title="No principal both makes and approves a change, or both runs and audits",
    severity=Severity.HIGH,
    controls=("soc2:CC6.3", "iso27001:A.5.3", "nist800-53:AC-5"),
    needs=("blueprint",),
)
def separation_of_duties(factory: Context) -> Checks:
    """Duties that check one another lie with different people.

    A group that applies changes may not approve them; one that administers the factory may neither
    approve changes nor hold a read-only audit role, whose point is independence.
    """
    roles = sorted(factory.blueprint.governance.roles, key=lambda role: role.name)
    held: dict[str, dict[str, str]] = {}
    for role in roles:
        duties = ("audit",) if set(role.may) == {"read"} else role.may
        for member in role.members:
            for duty in duties:
                held.setdefault(member, {}).setdefault(duty, role.name)
    for member in sorted(held):
        clashes = [pair for pair in _APART if set(pair) <= set(held[member])]
        for one, other in clashes:
            first, second = held[member][one], held[member][other]
            yield failed(
                ("governance", "roles", second, "members"),
                f"{member}:{one}+{other}",
                f"`{member}` may {one} (role `{first}`) and {other} (role `{second}`)",
                hint="give the two duties to different groups",
                related=(("governance", "roles", first, "members"),),
            )
        if not clashes:
            yield passed(("governance", "roles"), member)
