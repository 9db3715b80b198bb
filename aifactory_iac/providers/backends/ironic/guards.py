"""Why a node must be left alone. Every reason at once; none is ever overridden by an approval."""

from __future__ import annotations

from collections.abc import Iterator

from aifactory_iac.providers.backends.ironic.node import Node
from aifactory_iac.providers.backends.ironic.states import provision
from aifactory_iac.providers.machine.intent import MachineIntent


def objections(node: Node, intent: MachineIntent, owner: str) -> Iterator[str]:
    """What speaks against any write; `owner` is the project that we act for, if any."""
    if node.driver != "redfish":
        yield f"its driver is `{node.driver}`, and only `redfish` is known to us"
    if node.maintenance is not None:
        yield f"it is in maintenance: {node.maintenance}"
    if node.protected is not None:
        yield f"it is protected: {node.protected}"
    if node.retired:
        yield "it is retired"
    if node.tenant:
        yield f"it is reserved by another ({node.tenant})"
    if node.owner and node.owner != owner:
        yield f"it belongs to {node.owner}"
    machine = node.mark.get("machine")
    if machine is not None and machine != intent.name:
        yield f"it was enrolled as `{machine}`"
    if provision(node.provision).kind == "foreign":
        yield f"it is in `{node.provision}`, which we never ask for"
