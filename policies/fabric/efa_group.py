"""AIF-FAB-001."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, openings, passed, rule

_WAYS = (("in", "inbound"), ("out", "outbound"))


@rule(
    id="AIF-FAB-001",
    title="The security group of an EFA pool admits itself, in and out",
    severity=Severity.HIGH,
    zone="compute",
    controls=("soc2:CC6.6", "iso27001:A.8.20", "nist800-53:SC-7"),
    needs=("blueprint", "resources"),
)
def efa_group(factory: Context) -> Checks:
    """EFA needs all protocols to and from the same security group, in both directions.

    EFA's own protocol is neither TCP nor UDP: without these rules the adapter falls silent and the
    collective library hangs or drops to sockets. A rule for the whole internet does not count.
    """
    opened = openings(factory.resources)
    for urn in sorted(opened):
        group = factory.resources.by_urn[urn]
        if group.origin[:1] != ("compute",) or group.origin[1] not in factory.efa_pools:
            continue
        for way, shown in _WAYS:
            key = f"{group.name}:{shown}"
            admits = any(
                opening.way == way and opening.everything and opening.itself
                for opening in opened[urn]
            )
            if admits:
                yield passed(group.origin, key)
                continue
            yield failed(
                group.origin,
                key,
                f"security group `{group.name}` lacks the {shown} rule to itself that EFA needs",
                hint="admit all protocols (`-1`) with the group itself as the other side",
                related=tuple(
                    ("fabric", network.name)
                    for network in factory.networks.values()
                    if group.origin[1] in network.serves
                ),
            )
