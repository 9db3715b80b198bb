"""AIF-CMP-016."""

from __future__ import annotations

import ipaddress

from aifactory_iac.policy import Checks, Context, Severity, failed, openings, passed, rule

_SSH = 22


@rule(
    id="AIF-CMP-016",
    title="SSH is open to the factory's own networks only",
    severity=Severity.HIGH,
    zone="access",
    controls=("soc2:CC6.1", "iso27001:A.8.5", "nist800-53:AC-17"),
    needs=("blueprint", "resources"),
)
def ssh_closed(factory: Context) -> Checks:
    """No security group admits SSH from an address outside the factory's sites.

    People come in through Session Manager or the access zone, where they are known and recorded.
    """
    own = [ipaddress.ip_network(site.addresses, strict=False) for site in factory.sites.values()]
    for urn, opened in openings(factory.resources).items():
        group = factory.resources.by_urn[urn]
        outside = sorted(
            text
            for opening in opened
            if opening.way == "in" and opening.covers(_SSH)
            for text in opening.networks
            if not _inside(text, own)
        )
        if outside:
            yield failed(
                group.origin,
                group.name,
                f"security group `{group.name}` admits SSH from {', '.join(outside)}",
                hint="remove the rule; nodes are reached through Session Manager",
            )
        else:
            yield passed(group.origin, group.name)


def _inside(text: str, own: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    network = ipaddress.ip_network(text, strict=False)
    if not isinstance(network, ipaddress.IPv4Network):
        return False
    return any(
        isinstance(block, ipaddress.IPv4Network) and network.subnet_of(block) for block in own
    )
