"""What a membership asks of a cluster, whichever scheduler it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

NodeState = Literal["absent", "not-ready", "ready", "in-use", "cordoned", "draining", "drained"]

Closed = Literal["no", "by-us", "by-another"]
"""Whether new work is kept off a node, and who saw to it: this membership or anybody else."""


@dataclass(frozen=True, slots=True)
class Workload:
    """A pod or a job on a node.

    `stays` belongs to the node itself (DaemonSet, static pod) and is no obstacle. `held` is why a
    drain may not move it without the policy's word: `unmanaged` or `local`. `leaving` was asked to
    go already. `key` is what the scheduler knows it by.
    """

    name: str
    key: str
    stays: bool = False
    held: str = ""
    leaving: bool = False


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node as its scheduler sees it; `key` changes when another node takes the same name.

    `left` is a node that a membership has let go, closed, for any other to take. `ours` are the
    label keys and taints on it that this membership has set.
    """

    name: str
    exists: bool = False
    ready: bool = False
    closed: Closed = "no"
    left: bool = False
    owner: str = ""
    reason: str = ""
    key: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: Sequence[str] = ()
    ours: frozenset[str] = frozenset()
    workloads: Sequence[Workload] = ()

    @property
    def running(self) -> tuple[Workload, ...]:
        """Work that a drain has to see gone."""
        return tuple(each for each in self.workloads if not each.stays)

    @property
    def state(self) -> NodeState:
        """In one word. What another closed is not being drained until we are asked to."""
        if not self.exists:
            return "absent"
        if self.closed != "no":
            if not self.running:
                return "drained"
            return "draining" if self.closed == "by-us" else "cordoned"
        if not self.ready:
            return "not-ready"
        return "in-use" if self.running else "ready"


@dataclass(frozen=True, slots=True)
class Declared:
    """What one membership wants of one node. Whatever else the node has is left alone."""

    labels: Mapping[str, str]
    taints: Sequence[str]

    def drift(self, view: NodeView) -> tuple[str, ...]:
        """How the node differs from it, one text each."""
        labels = (
            f"label {key} is {view.labels[key]!r}" if key in view.labels else f"no label {key}"
            for key, value in sorted(self.labels.items())
            if view.labels.get(key) != value
        )
        taints = (f"no taint {each}" for each in sorted(self.taints) if each not in view.taints)
        over = view.ours - {*self.labels, *self.taints}
        return (*labels, *taints, *(f"{each} is no longer declared" for each in sorted(over)))


class Scheduler(Protocol):
    """One cluster, seen by one membership, whose name is on everything it marks.

    Every method may raise `SchedulerError`. Those that write look at what is there first, and are
    safe to repeat: a second call finds done what the first one did.
    """

    @property
    def by(self) -> str:
        """The scheduler and where it answers, for texts: `kubernetes https://…`."""
        ...

    async def identity(self) -> str:
        """What this cluster alone is known by, however it is reached."""
        ...

    async def observe(self, node: str, *, work: bool = True) -> NodeView:
        """The node, and unless told otherwise the work on it, without a write."""
        ...

    async def declare(self, view: NodeView, declared: Declared) -> None:
        """Takes the node for this membership, and sets labels and taints, only those declared.

        Raises:
            NodeTakenError: Another membership has it.
        """
        ...

    async def close(self, view: NodeView, reason: str) -> None:
        """Keeps new work off the node. What another closed is left as theirs."""
        ...

    async def open(self, view: NodeView) -> None:
        """Takes back what `close` did, and only that."""
        ...

    async def send_away(self, work: Sequence[Workload]) -> Mapping[str, str]:
        """Asks work to go; gives by name what cannot go yet, and why."""
        ...

    async def end(self, work: Sequence[Workload], *, requeue: bool) -> None:
        """Ends work that did not go in time, as the policy says; once more or for good."""
        ...

    async def remove(self, view: NodeView) -> None:
        """Takes a drained node out of the cluster; the machine runs on."""
        ...
