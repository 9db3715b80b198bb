"""AIF-FAB-014."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-FAB-014",
    title="Every subnet has room to grow",
    severity=Severity.MEDIUM,
    zone="management",
    controls=("iso27001:A.5.9", "nist800-53:CM-8"),
    needs=("design",),
    parameters={
        "fullest": {
            "type": "number",
            "minimum": 0.1,
            "maximum": 1.0,
            "default": 0.9,
            "description": "Highest share of a subnet's addresses in use.",
        }
    },
)
def address_room(factory: Context, *, fullest: float) -> Checks:
    """No subnet of the address plan is fuller than a share; a full one means renumbering hosts."""
    for subnet in factory.engineered.subnets:
        path = ("sites", subnet.site, "addresses")
        if subnet.used > fullest * subnet.capacity:
            yield failed(
                path,
                subnet.purpose,
                f"subnet `{subnet.purpose}` ({subnet.cidr}) uses {subnet.used} of "
                f"{subnet.capacity} addresses",
                hint="give the site a larger block",
            )
        else:
            yield passed(path, subnet.purpose)
