"""AIF-FAB-002."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, openings, passed, rule

_LAYERS = ("compute", "storage")


@rule(
    id="AIF-FAB-002",
    title="Compute and storage security groups admit no wide network",
    severity=Severity.CRITICAL,
    zone="compute",
    controls=("soc2:CC6.6", "iso27001:A.8.20", "nist800-53:SC-7"),
    needs=("resources",),
    parameters={
        "shortest_prefix": {
            "type": "integer",
            "minimum": 1,
            "maximum": 32,
            "default": 8,
            "description": "Networks wider than this prefix count as the internet.",
        }
    },
)
def closed_groups(factory: Context, *, shortest_prefix: int) -> Checks:
    """No group of a pool or a storage tier admits inbound traffic from `0.0.0.0/0` or `::/0`.

    Halves of the internet (`0.0.0.0/1` with `128.0.0.0/1`) are the internet too, hence a bound on
    the prefix in place of a comparison.
    """
    for urn, opened in sorted(openings(factory.resources).items()):
        group = factory.resources.by_urn[urn]
        if group.origin[:1] and group.origin[0] not in _LAYERS:
            continue
        wide = sorted(
            text
            for opening in opened
            if opening.way == "in"
            for text in opening.wider_than(shortest_prefix)
        )
        if wide:
            yield failed(
                group.origin,
                group.name,
                f"security group `{group.name}` admits {', '.join(wide)}",
                hint="admit the security group of the peers in place of a network",
            )
        else:
            yield passed(group.origin, group.name)
