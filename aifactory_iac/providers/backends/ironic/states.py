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
    """One provision state; `disturbs` says that the machine is not at its user's disposal.

    `limit` is how long a moving state is waited for, in seconds of real time.
    """

    kind: Kind
    state: State
    disturbs: bool = False
    limit: int = 0


MINUTE, HOUR = 60, 3600


PROVISION: Mapping[str, Provision] = {
    "enroll": Provision("resting", State.DECLARED),
    "verifying": Provision("moving", State.DECLARED, limit=5 * MINUTE),
    "manageable": Provision("resting", State.AVAILABLE),
    "inspecting": Provision("moving", State.REACHABLE, limit=30 * MINUTE),
    "inspect wait": Provision("moving", State.REACHABLE, limit=30 * MINUTE),
    "inspect failed": Provision("failed", State.QUARANTINED),
    "available": Provision("resting", State.AVAILABLE),
    "deploying": Provision("moving", State.INSTALLING, disturbs=True, limit=2 * HOUR),
    "deploy": Provision("moving", State.INSTALLING, disturbs=True, limit=2 * HOUR),
    "wait call-back": Provision("moving", State.INSTALLING, disturbs=True, limit=2 * HOUR),
    "deploy complete": Provision("moving", State.INSTALLING, disturbs=True, limit=2 * HOUR),
    "deploy failed": Provision("failed", State.QUARANTINED, disturbs=True),
    "deploy hold": Provision("foreign", State.EXTERNAL, disturbs=True),
    "active": Provision("resting", State.INSTALLED),
    "deleting": Provision("moving", State.RELEASING, disturbs=True, limit=30 * MINUTE),
    "undeploy": Provision("moving", State.RELEASING, disturbs=True, limit=30 * MINUTE),
    "cleaning": Provision("moving", State.CLEANING, disturbs=True, limit=24 * HOUR),
    "clean wait": Provision("moving", State.CLEANING, disturbs=True, limit=24 * HOUR),
    "clean failed": Provision("failed", State.QUARANTINED, disturbs=True),
    "clean hold": Provision("foreign", State.EXTERNAL, disturbs=True),
    "error": Provision("failed", State.QUARANTINED, disturbs=True),
    "adopting": Provision("moving", State.REACHABLE, limit=5 * MINUTE),
    "adopt failed": Provision("failed", State.QUARANTINED),
}
"""States that we ask for or pass through. Rescue, service and rebuild are other people's work."""

_FOREIGN = Provision("foreign", State.EXTERNAL, disturbs=True)


def provision(name: str) -> Provision:
    """The row of a provision state; a state that we never ask for is somebody else's work."""
    return PROVISION.get(name, _FOREIGN)
