"""AIF-STO-004."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, openings, passed, rule

_PORTS = (988, 1018, 1023)
"""Ends of FSx for Lustre's port ranges, 988 and 1018 to 1023."""


@rule(
    id="AIF-STO-004",
    title="Lustre is open to the pools' own groups, never to a network",
    severity=Severity.HIGH,
    zone="data-storage",
    controls=("soc2:CC6.6", "iso27001:A.8.22", "nist800-53:AC-4", "nist800-53:SC-7"),
    needs=("blueprint", "resources"),
)
def lustre_ports(factory: Context) -> Checks:
    """The group of a Lustre file system admits its ports by group alone.

    Lustre trusts the client: whoever reaches the port may claim to be any user.
    """
    lustre = {name for name, tier in factory.tiers.items() if tier.kind == "fsx-lustre"}
    for urn, opened in sorted(openings(factory.resources).items()):
        group = factory.resources.by_urn[urn]
        if group.origin[:2] != ("storage", "tiers") or group.origin[2] not in lustre:
            continue
        wide = sorted(
            text
            for opening in opened
            if opening.way == "in" and any(opening.covers(port) for port in _PORTS)
            for text in opening.networks
        )
        if wide:
            yield failed(
                group.origin,
                group.name,
                f"security group `{group.name}` opens Lustre to {', '.join(wide)}",
                hint="name the pools' security groups in place of a network",
            )
        else:
            yield passed(group.origin, group.name)
