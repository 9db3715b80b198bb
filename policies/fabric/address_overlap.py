"""AIF-FAB-013."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping

from aifactory_iac.policy import Checks, Context, Path, Severity, failed, passed, rule

_Block = tuple[int, int, str, str, Path]
"""First and last address, name, CIDR, path."""


@rule(
    id="AIF-FAB-013",
    title="Address blocks that can meet do not overlap",
    severity=Severity.HIGH,
    zone="management",
    controls=("iso27001:A.8.20", "nist800-53:CM-2", "nist800-53:SC-7"),
    needs=("blueprint", "design"),
)
def address_overlap(factory: Context) -> Checks:
    """Sites that links join, directly or over others, have disjoint blocks; so have subnets.

    Sites that nothing joins may use the same private addresses.
    """
    groups: dict[str, list[_Block]] = {}
    joined = _components(factory)
    for name, site in factory.sites.items():
        block = _block(name, site.addresses, ("sites", name, "addresses"))
        groups.setdefault(f"sites joined to {joined[name]}", []).append(block)
    for subnet in factory.engineered.subnets:
        path = ("sites", subnet.site, "addresses")
        groups.setdefault(f"site {subnet.site}", []).append(
            _block(subnet.purpose, subnet.cidr, path)
        )
    for group in sorted(groups):
        yield from _overlaps(groups[group])


def _overlaps(blocks: Iterable[_Block]) -> Checks:
    """A sweep in order of the first address: each block against the one that reaches furthest."""
    furthest: _Block | None = None
    for block in sorted(blocks, key=_widest_first):
        if furthest is not None and block[0] <= furthest[1]:
            _, _, other, cidr, related = furthest
            yield failed(
                block[4],
                f"{block[2]}:{other}",
                f"{block[3]} of `{block[2]}` overlaps {cidr} of `{other}`",
                hint="give each its own part of the private address space",
                related=(related,),
            )
        else:
            yield passed(block[4], block[2])
        if furthest is None or block[1] > furthest[1]:
            furthest = block


def _widest_first(block: _Block) -> tuple[int, int, str]:
    return block[0], -block[1], block[2]


def _components(factory: Context) -> Mapping[str, str]:
    """For each site, the first by name of all sites that links join it to."""
    neighbours: dict[str, list[str]] = {name: [] for name in factory.sites}
    for link in factory.blueprint.links:
        one, other = link.between
        neighbours.setdefault(one, []).append(other)
        neighbours.setdefault(other, []).append(one)
    found: dict[str, str] = {}
    for start in sorted(neighbours):
        waiting = [start]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = start
                waiting.extend(neighbours[name])
    return found


def _block(name: str, cidr: str, path: Path) -> _Block:
    network = ipaddress.ip_network(cidr, strict=False)
    return int(network.network_address), int(network.broadcast_address), name, cidr, path
