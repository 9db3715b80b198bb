"""The nodes of a Slurm cluster, as a membership's scheduler.

Slurm has no compare-and-set: a node is read before it is changed and read again after it, which
finds two memberships that reach for one node, but not in the same instant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from aifactory_iac.providers.membership.drain import (
    AccessRefusedError,
    NodeTakenError,
    SchedulerError,
    UnreachableError,
)
from aifactory_iac.providers.membership.scheduler import Closed, Declared, NodeView, Workload
from aifactory_iac.providers.membership.slurm import commands
from aifactory_iac.providers.membership.slurm.features import Mark, refeatured
from aifactory_iac.providers.membership.slurm.node_text import SlurmNode, parse

LEFT = "aifactory left"
"""Begins the reason of a node that a membership has let go; any other may open it again."""

SILENT = Workload(
    name="its slurmd does not answer, so nobody can say what runs there",
    key="",
    leaving=True,
)


class SlurmNodes:
    """One cluster, seen by the membership `owner`."""

    def __init__(self, run: commands.Run, owner: str) -> None:
        """Takes what runs Slurm's programs."""
        self._run = run
        self._owner = owner
        self.by = "slurm"

    async def identity(self) -> str:
        """The cluster's name, which its state and its accounting are kept under."""
        text = await self._run(("scontrol", "show", "config"))
        found = re.search(r"^ClusterName\s*=\s*(\S+)", text, re.MULTILINE)
        if found is None:
            raise SchedulerError("scontrol: the controller does not say its ClusterName")
        self.by = f"slurm {found.group(1)}"
        return found.group(1)

    async def observe(self, node: str, *, work: bool = True) -> NodeView:
        """The node and its jobs. A closed node that is silent counts as at work."""
        found = await self._node(node)
        if found is None:
            return NodeView(node)
        jobs = await self._jobs(node) if work else ()
        if work and not found.answers:
            jobs = (*jobs, SILENT)
        mark = Mark.read(found.comment)
        closed = self._closed(found)
        return NodeView(
            name=node,
            exists=True,
            ready=found.answers,
            closed=closed,
            left=closed != "no" and found.reason.startswith(LEFT),
            owner=mark.owner,
            reason=found.reason,
            key=found.name,
            labels=dict.fromkeys(found.features, ""),
            ours=frozenset(mark.features) if mark.owner == self._owner else frozenset(),
            workloads=jobs,
        )

    async def declare(self, view: NodeView, declared: Declared) -> None:
        """Owner mark and features in one update, then read back."""
        if view.owner and view.owner != self._owner:
            raise NodeTakenError(view.name, view.owner)
        node = await self._node(view.name)
        if node is None:
            raise SchedulerError(f"node {view.name}: is gone")
        wanted = tuple(sorted(declared.labels))
        features = refeatured(node.features, Mark.read(node.comment).features, wanted)
        listed = ",".join(features)
        mark = Mark(self._owner, wanted)
        await self._update(
            view.name,
            {"Comment": str(mark), "AvailableFeatures": listed, "ActiveFeatures": listed},
        )
        after = await self._node(view.name)
        owner = Mark.read(after.comment).owner if after else ""
        if owner != self._owner:
            raise NodeTakenError(view.name, owner or "nobody")

    async def close(self, view: NodeView, reason: str) -> None:
        """Drains in Slurm's sense: what runs goes on, nothing new comes."""
        if view.closed == "no":
            await self._update(
                view.name, {"State": "DRAIN", "Reason": f"{self._signature} {reason}"}
            )

    async def open(self, view: NodeView) -> None:
        """A node that was let go may be down as well; only for that one is `RESUME` right.

        Of any other node that is down it would make one that looks idle.
        """
        resumed = view.left and not view.ready
        await self._update(view.name, {"State": "RESUME" if resumed else "UNDRAIN"})

    async def send_away(self, work: Sequence[Workload]) -> Mapping[str, str]:
        """Jobs are never moved: they are waited for."""
        return {each.name: "it runs until it ends" for each in work}

    async def end(self, work: Sequence[Workload], *, requeue: bool) -> None:
        """Ends jobs, one command each; one that cannot be requeued goes on and is told of."""
        for each in work:
            if not each.key:
                continue
            command = commands.requeue(each.key) if requeue else commands.cancel(each.key)
            try:
                await self._run(command)
            except (AccessRefusedError, UnreachableError):
                raise
            except SchedulerError:
                continue

    async def remove(self, view: NodeView) -> None:
        """Down and drained, so that `ReturnToService` does not bring it back by itself."""
        await self._update(
            view.name,
            {"State": "DOWN", "Reason": f"{LEFT}: {self._owner}", "Comment": ""},
        )

    @property
    def _signature(self) -> str:
        return f"aifactory {self._owner}:"

    def _closed(self, node: SlurmNode) -> Closed:
        if not node.drained_flag:
            return "no"
        return "by-us" if node.reason.startswith(self._signature) else "by-another"

    async def _node(self, name: str) -> SlurmNode | None:
        try:
            text = await self._run(commands.show_node(name))
        except SchedulerError as error:
            if f"Node {name} not found" in str(error):
                return None
            raise
        try:
            return parse(text)
        except ValueError as error:
            raise SchedulerError(f"node {name}: {error}") from None

    async def _jobs(self, name: str) -> tuple[Workload, ...]:
        rows = (line.split("|") for line in (await self._run(commands.jobs_on(name))).splitlines())
        return tuple(
            Workload(f"job {row[0]} of {row[2]}", row[0], leaving=row[1] == "COMPLETING")
            for row in sorted(rows)
            if len(row) == 3
        )

    async def _update(self, name: str, settings: Mapping[str, str]) -> None:
        await self._run(commands.update_node(name, settings))
