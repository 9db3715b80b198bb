"""The pools that a network serves, with the ports that their nodes have for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aifactory_iac.blueprint.model.fabric import Network
from aifactory_iac.catalog import Catalog
from aifactory_iac.design.fabric.roles import network_role, node_ports
from aifactory_iac.design.model import PoolDesign
from aifactory_iac.design.rules import found
from aifactory_iac.findings import Finding


@dataclass(frozen=True, slots=True)
class Served:
    """The pools on a network, in order of name, with the ports that one node of each has."""

    pools: tuple[PoolDesign, ...]
    ports: Mapping[str, int]
    adapters: tuple[int, ...]

    @property
    def rails(self) -> int:
        """Ports of the node with most."""
        return max(self.ports.values(), default=1)

    @property
    def nodes(self) -> int:
        """Of all pools."""
        return sum(pool.nodes for pool in self.pools)

    @property
    def links(self) -> int:
        """Ports of all nodes."""
        return sum(pool.nodes * self.ports[pool.name] for pool in self.pools)


def served_pools(
    network: Network, catalog: Catalog, pools: Mapping[str, PoolDesign], findings: list[Finding]
) -> Served | None:
    """The pools that exist; `None`, with a finding, if there are none or they share no site."""
    path = ("fabric", network.name, "serves")
    names = sorted(set(network.serves))
    known = tuple(pools[name] for name in names if name in pools)
    missing = [name for name in names if name not in pools]
    if missing:
        text = f"Network `{network.name}` serves {listed(missing)}, which cannot be designed."
        findings.append(found("AIF-DSN-020", text, path))
    if not known:
        return None
    sites = sorted({pool.site for pool in known})
    if len(sites) > 1:
        text = (
            f"Network `{network.name}` serves pools at {listed(sites)}; a network is of one site."
        )
        findings.append(found("AIF-DSN-020", text, path, hint="Declare one network for each site."))
        return None
    ports, adapters = {}, []
    for pool in known:
        system = catalog.systems.get(pool.system)
        count, gbps = node_ports(system, network_role(network)) if system else (0, None)
        ports[pool.name] = count
        adapters += [gbps] if gbps else []
    return Served(known, ports, tuple(adapters))


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them: `` `a`, `b` ``."""
    return ", ".join(f"`{name}`" for name in names)
