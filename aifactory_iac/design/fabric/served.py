"""The pools that a network serves, with the ports that their nodes have for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from aifactory_iac.blueprint.model.fabric import Network
from aifactory_iac.catalog import Catalog
from aifactory_iac.design.fabric.roles import network_role, node_ports
from aifactory_iac.design.inventory.order import in_build_order
from aifactory_iac.design.model import PoolDesign
from aifactory_iac.design.rules import found
from aifactory_iac.findings import Finding


@dataclass(frozen=True, slots=True)
class Served:
    """The pools on a network in build order, with the ports that one node of each has.

    `rates` are the speeds of those ports in Gb/s, 0 where the switch decides it.
    """

    network_phase: int
    pools: tuple[PoolDesign, ...]
    ports: Mapping[str, int]
    rates: Mapping[str, int]

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

    @property
    def phases(self) -> tuple[int, ...]:
        """Phases in which the network gets something, in order."""
        return tuple(sorted({self.phase(pool) for pool in self.pools}))

    @property
    def leads(self) -> tuple[PoolDesign, ...]:
        """Pools of the first phase: the shape of the network follows from them alone."""
        return tuple(pool for pool in self.pools if self.phase(pool) == self.phases[0])

    def until(self, phase: int) -> Served:
        """The network at the end of a phase."""
        return replace(self, pools=tuple(each for each in self.pools if self.phase(each) <= phase))

    def phase(self, pool: PoolDesign) -> int:
        """The phase in which both the pool and the network are there."""
        return max(self.network_phase, pool.phase)


def served_pools(
    network: Network, catalog: Catalog, pools: Mapping[str, PoolDesign], findings: list[Finding]
) -> Served | None:
    """The pools that exist; `None`, with a finding, if there are none or they share no site."""
    path = ("fabric", network.name, "serves")
    known = in_build_order(pools[name] for name in set(network.serves) if name in pools)
    missing = sorted(name for name in set(network.serves) if name not in pools)
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
    ports: dict[str, int] = {}
    rates: dict[str, int] = {}
    for pool in known:
        system = catalog.systems.get(pool.system)
        count, gbps = node_ports(system, network_role(network)) if system else (0, None)
        ports[pool.name], rates[pool.name] = count, gbps or 0
    return Served(network.phase, tuple(known), ports, rates)


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them: `` `a`, `b` ``."""
    return ", ".join(f"`{name}`" for name in names)
