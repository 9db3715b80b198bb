"""What a network carries, and which ports of a node it takes.

The four roles, and the ports they take where the catalog does not list them, are those of NVIDIA's
SuperPOD reference architectures (research 03, section 3.1): compute, storage, in-band management
with two ports of a node bonded over two switches, out-of-band management with one. Where the
catalog lists no in-band ports, the storage cards carry both: one port of each card is storage.
"""

from __future__ import annotations

from typing import get_args

from aifactory_iac.blueprint.model.fabric import Network, NetworkRole
from aifactory_iac.catalog.facts import System

BONDED_PORTS = 2
"""In-band ports of a node: one to each switch of a pair."""
MANAGEMENT_PORTS = 1
"""Out-of-band ports of a node: its baseboard management controller."""


def network_role(network: Network) -> NetworkRole:
    """The role given; else the network's own name when that is a role, else compute."""
    if network.role is not None:
        return network.role
    for role in get_args(NetworkRole):
        if network.name == role:
            return role  # type: ignore[no-any-return]
    return "compute"


def node_ports(system: System, role: NetworkRole) -> tuple[int, int | None]:
    """Ports that one node (a tray of a rack-scale system) has for a role, and their rate in Gb/s.

    The rate is `None` where the network's switch decides it: management ports, and adapters that
    the catalog does not list. A compute port count that is not published is one for each rail.
    """
    if role == "out-of-band":
        return MANAGEMENT_PORTS, None
    listed, gbps = system.ports(role)
    count = _of_one_tray(listed, system)
    if role == "in-band":
        return BONDED_PORTS, gbps or None
    if role == "compute":
        return (count, gbps) if count else (max(1, system.rails), None)
    if not count:
        return BONDED_PORTS, None
    shared = system.ports("in-band")[0] == 0 and count > BONDED_PORTS
    return count - BONDED_PORTS if shared else count, gbps


def _of_one_tray(ports: int, system: System) -> int:
    """Ports of one tray, whether the catalog lists those of a tray or of the whole rack."""
    return ports // system.trays if system.trays > 1 and ports >= system.trays else ports
