"""AIF-CMP-006."""

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

_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_GROUP = "aws:ec2/placementGroup:PlacementGroup"
_NODES = "aws:eks/nodeGroup:NodeGroup"


@rule(
    id="AIF-CMP-006",
    title="EFA pools stand close together: one zone, one cluster placement group",
    severity=Severity.HIGH,
    zone="compute",
    controls=("soc2:A1.1", "iso27001:A.8.6", "nist800-53:CM-2"),
    needs=("resources",),
)
def efa_placement(factory: Context) -> Checks:
    """Instances with EFA are launched into a cluster placement group and not over several zones.

    EFA traffic does not leave a zone, and without the placement group nodes may stand several
    network hops apart. A capacity block places its instances itself. Subnets of another unit are
    known only after apply and are not counted.
    """
    strategies = {g.urn: value(g, "strategy") for g in factory.resources.of(_GROUP)}
    templates = [t for t in factory.resources.of(_TEMPLATE) if _has_efa(t)]
    nodes = factory.resources.referring(_NODES, "launchTemplate", _TEMPLATE)
    for template in templates:
        groups = factory.resources.behind(template, "placement", _GROUP)
        placed = any(strategies.get(urn) == "cluster" for urn in groups)
        if not placed and not _reserved(template):
            yield failed(
                template.origin,
                f"{template.name}:placement",
                f"instances of `{template.name}` have EFA and no cluster placement group",
                hint="name a placement group with strategy `cluster` in the launch template",
            )
        spread = [n for n in nodes.get(template.urn, ()) if _subnets(n) > 1]
        for group in spread:
            yield failed(
                group.origin,
                f"{group.name}:zones",
                f"node group `{group.name}` has EFA and spreads over {_subnets(group)} subnets",
                hint="give it one subnet",
            )
        if not spread and (placed or _reserved(template)):
            yield passed(template.origin, template.name)


def _has_efa(template: PlannedResource) -> bool:
    interfaces = listed(template, "networkInterfaces")
    return any(value(item, "interfaceType") in ("efa", "efa-only") for item in interfaces)


def _reserved(template: PlannedResource) -> bool:
    target = value(template, "capacityReservationSpecification", "capacityReservationTarget")
    market = value(template, "instanceMarketOptions", "marketType")
    return market == "capacity-block" or target is not None


def _subnets(group: PlannedResource) -> int:
    return len(listed(group, "subnetIds"))
