"""A Slurm cluster as it is to be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aifactory_iac.providers.resource import Properties

CONTROLLER_PORT = 6817

YAML_SINCE = (25, 5)
"""The release that reads `topology.yaml`. Where both are there, it silently wins."""

_VERSION = re.compile(r"(\d\d)\.(\d\d)(?:\.(\d+))?")


@dataclass(frozen=True, slots=True)
class Pool:
    """Nodes of one shape; `memory` in MiB. `devices` is such as `/dev/nvidia[0-7]`."""

    nodes: Sequence[str]
    sockets: int
    cores: int
    threads: int
    memory: int
    gpus: int = 0
    model: str = ""
    devices: str = ""

    @property
    def gres(self) -> str:
        """As `slurm.conf` asks for it; empty without accelerators."""
        model = f":{self.model}" if self.model else ""
        return f"gpu{model}:{self.gpus}" if self.gpus else ""


@dataclass(frozen=True, slots=True)
class Switch:
    """A leaf has nodes, any other switch has switches."""

    nodes: Sequence[str] = ()
    switches: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SlurmCluster:
    """`servers` are the controllers, the first one by name the primary; `kept` nodes by tenant."""

    name: str
    servers: Sequence[str]
    pools: Mapping[str, Pool]
    switches: Mapping[str, Switch]
    version: str = ""
    kept: Mapping[str, Sequence[str]] = field(default_factory=dict)
    join: Mapping[str, str] | None = None

    @classmethod
    def of(cls, name: str, inputs: Properties) -> SlurmCluster:
        """From checked inputs."""
        pools = {key: Pool(**each) for key, each in sorted((inputs.get("pools") or {}).items())}
        switches = {
            key: Switch(**each) for key, each in sorted((inputs.get("switches") or {}).items())
        }
        return cls(
            name=name,
            servers=sorted(inputs["servers"]),
            pools=pools,
            switches=switches,
            version=inputs.get("version") or "",
            kept=kept_nodes(pools, inputs["reservations"]),
            join=inputs.get("join"),
        )

    @property
    def nodes(self) -> tuple[str, ...]:
        """All nodes, in order of name."""
        return tuple(sorted({node for pool in self.pools.values() for node in pool.nodes}))

    @property
    def yaml_topology(self) -> bool:
        """Whether the topology is written as YAML."""
        found = _VERSION.fullmatch(self.version)
        return found is not None and (int(found[1]), int(found[2])) >= YAML_SINCE


def version_problem(version: str) -> str:
    """What is wrong with a version; empty when nothing is."""
    if not _VERSION.fullmatch(version):
        return f"is {version!r}, no Slurm release such as `24.11` or `24.11.5`"
    return ""


def kept_nodes(
    pools: Mapping[str, Pool], reservations: Mapping[str, Sequence[Mapping[str, object]]]
) -> dict[str, tuple[str, ...]]:
    """Nodes of each tenant: the first ones of the pool by name that no earlier tenant has.

    A pool that grows by nodes with later names moves nobody.
    """
    free = {name: sorted(pool.nodes) for name, pool in pools.items()}
    kept: dict[str, tuple[str, ...]] = {}
    for tenant, shares in sorted(reservations.items()):
        for share in sorted(shares, key=lambda each: str(each["pool"])):
            pool, number = str(share["pool"]), int(str(share["nodes"]))
            mine, free[pool] = free.get(pool, [])[:number], free.get(pool, [])[number:]
            kept[tenant] = (*kept.get(tenant, ()), *mine)
    return kept
