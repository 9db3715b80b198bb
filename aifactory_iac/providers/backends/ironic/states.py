"""Ironic's provision states, and where each is in our life of a machine.

From `ironic/common/states.py` of Ironic 39.0.0, where every state is explained.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from aifactory_iac.providers.machine.lifecycle import State

Kind = Literal["resting", "moving", "failed", "foreign"]
"""Whether it stays so, ends by itself, needs somebody, or is none that we ever ask for."""


@dataclass(frozen=True, slots=True)
class Provision:
    """One provision state; `disturbs` says that the machine is not at its user's disposal."""

    kind: Kind
    state: State
    disturbs: bool = False


PROVISION: Mapping[str, Provision] = {
    "enroll": Provision("resting", State.DECLARED),
    "verifying": Provision("moving", State.DECLARED),
    "manageable": Provision("resting", State.AVAILABLE),
    "inspecting": Provision("moving", State.REACHABLE),
    "inspect wait": Provision("moving", State.REACHABLE),
    "inspect failed": Provision("failed", State.QUARANTINED),
    "available": Provision("resting", State.AVAILABLE),
    "deploying": Provision("moving", State.INSTALLING, disturbs=True),
    "deploy": Provision("moving", State.INSTALLING, disturbs=True),
    "wait call-back": Provision("moving", State.INSTALLING, disturbs=True),
    "deploy complete": Provision("moving", State.INSTALLING, disturbs=True),
    "deploy failed": Provision("failed", State.QUARANTINED, disturbs=True),
    "deploy hold": Provision("foreign", State.EXTERNAL, disturbs=True),
    "active": Provision("resting", State.INSTALLED),
    "deleting": Provision("moving", State.RELEASING, disturbs=True),
    "undeploy": Provision("moving", State.RELEASING, disturbs=True),
    "cleaning": Provision("moving", State.CLEANING, disturbs=True),
    "clean wait": Provision("moving", State.CLEANING, disturbs=True),
    "clean failed": Provision("failed", State.QUARANTINED, disturbs=True),
    "clean hold": Provision("foreign", State.EXTERNAL, disturbs=True),
    "error": Provision("failed", State.QUARANTINED, disturbs=True),
    "adopting": Provision("moving", State.REACHABLE),
    "adopt failed": Provision("failed", State.QUARANTINED),
}
"""States that we ask for or pass through. Rescue, service and rebuild are other people's work."""

_FOREIGN = Provision("foreign", State.EXTERNAL, disturbs=True)


def provision(name: str) -> Provision:
    """The row of a provision state; a state that we never ask for is somebody else's work."""
    return PROVISION.get(name, _FOREIGN)
