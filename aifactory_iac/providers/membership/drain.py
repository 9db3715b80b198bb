"""Draining a node, and the proof of it that anything destructive asks for first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

PROOF_SECONDS = 300.0
"""How long a proof is believed; later the node is observed again, and `proof` is cheap."""


@dataclass(frozen=True, slots=True)
class DrainProof:
    """That nothing ran on a node, and that nothing new could come.

    `by` is the scheduler that was asked and the cluster it speaks for; `at` is when it answered, in
    seconds since the epoch; `observation` says what it answered, for the log and the approval.
    """

    node: str
    by: str
    at: float
    observation: str

    def holds(self, node: str, now: float) -> bool:
        """Whether it is about that node and not older than `PROOF_SECONDS`, nor from the future."""
        return self.node == node and 0.0 <= now - self.at <= PROOF_SECONDS


class Drains(Protocol):
    """What can empty a node: one cluster's scheduler."""

    async def drain(self, node: str, deadline: float) -> DrainProof:
        """Closes the node, moves its work away, and ends once nothing runs on it.

        Safe to be called again after a kill: what is closed stays closed, and what is gone is gone.
        `deadline` is in seconds since the epoch; work still running then is left running unless the
        drain policy says otherwise.

        Raises:
            StillRunningError: The deadline passed; the node stays closed.
            NodeUnknownError: No such node, which proves nothing: it may be another cluster.
            SchedulerError: It could not be asked, or refused.
        """
        ...

    async def resume(self, proof: DrainProof) -> None:
        """Opens the node again, if it was closed by us; what a person closed stays closed.

        Raises:
            SchedulerError: It could not be asked, or refused.
        """
        ...

    async def proof(self, node: str) -> DrainProof | None:
        """Observes the node without a write; None while it is open, still has work, or is unknown.

        Raises:
            SchedulerError: It could not be asked, or refused; that says nothing about the node.
        """
        ...


class SchedulerError(Exception):
    """A scheduler did not do what it was asked; the text is for the user, without any secret."""


class UnreachableError(SchedulerError):
    """Nobody answered, or not in time. It says nothing about any node; asking again is safe."""


class UntrustedError(SchedulerError):
    """The endpoint's certificate is not of the expected authority. Never retried."""


class AccessRefusedError(SchedulerError):
    """Credentials are missing, wrong or not enough. Never retried: that could lock an account."""


class WrongClusterError(SchedulerError):
    """The credentials lead to another cluster than the one that the nodes joined."""


class NodeUnknownError(SchedulerError):
    """The cluster has no node of that name."""

    def __init__(self, node: str, by: str) -> None:
        """Takes the node and the scheduler that does not know it."""
        super().__init__(f"{by} has no node {node}")
        self.node = node


class NodeTakenError(SchedulerError):
    """Another membership owns the node."""

    def __init__(self, node: str, owner: str) -> None:
        """Takes the node and the membership that has it."""
        super().__init__(f"node {node} belongs to {owner} already")
        self.node, self.owner = node, owner


class StillRunningError(SchedulerError):
    """The deadline passed and work is still on the node; `workloads` says which and why."""

    def __init__(self, node: str, workloads: Sequence[str]) -> None:
        """Takes the node and what still runs there, one text each."""
        shown = ", ".join(workloads[:3])
        more = f" and {len(workloads) - 3} more" if len(workloads) > 3 else ""
        super().__init__(f"node {node} is not drained in time: {shown}{more}")
        self.node, self.workloads = node, tuple(workloads)
