"""AIF-CMP-002."""

from __future__ import annotations

from aifactory_iac.policy import (
    Checks,
    Context,
    PlannedResource,
    Severity,
    failed,
    listed,
    passed,
    rule,
    value,
)


@rule(
    id="AIF-CMP-002",
    title="Nodes have no public address",
    severity=Severity.HIGH,
    zone="compute",
    controls=("soc2:CC6.6", "iso27001:A.8.22", "nist800-53:SC-7"),
    needs=("resources",),
)
def no_public_address(factory: Context) -> Checks:
    """Neither a launch template nor a subnet hands out public addresses.

    A GPU node that the internet can reach is one missing security group away from being someone
    else's.
    """
    for template in factory.resources.of("aws:ec2/launchTemplate:LaunchTemplate"):
        if any(str(given).lower() == "true" for given in _public(template)):
            yield failed(
                template.origin,
                template.name,
                f"launch template `{template.name}` gives its instances a public address",
                hint="leave out `associatePublicIpAddress`",
            )
        else:
            yield passed(template.origin, template.name)
    for subnet in factory.resources.of("aws:ec2/subnet:Subnet"):
        if value(subnet, "mapPublicIpOnLaunch") is True:
            yield failed(
                subnet.origin,
                subnet.name,
                f"subnet `{subnet.name}` gives every instance in it a public address",
                hint="set `mapPublicIpOnLaunch: false`",
            )
        else:
            yield passed(subnet.origin, subnet.name)


def _public(template: PlannedResource) -> list[object]:
    interfaces = listed(template, "networkInterfaces")
    return [value(interface, "associatePublicIpAddress") for interface in interfaces]
