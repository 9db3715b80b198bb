"""Nodes that leave their cluster: closed all, drained each, proven, and only then removed."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from aifactory_iac.providers.membership.drain import SchedulerError, UnreachableError
from aifactory_iac.providers.membership.draining import Draining
from aifactory_iac.providers.membership.joining import Result, Results, each
from aifactory_iac.providers.membership.scheduler import Declared


async def leave(
    draining: Draining, owner: str, nodes: Mapping[str, Declared], seconds: float
) -> Results:
    """Every node that is ours leaves; what is not ours, or was never there, is left alone.

    All are closed before the first is drained, so that work does not move from one leaving node to
    the next. A node that is not empty when `seconds` have passed stays closed, in the cluster.
    """
    deadline = draining.clock.now() + seconds
    scheduler = draining.scheduler

    async def close(node: str) -> Result:
        view = await scheduler.observe(node, work=False)
        if not view.exists:
            return Result("left")
        if view.owner != owner:
            whose = f"it belongs to {view.owner}" if view.owner else "it was never a member"
            return Result("left", whose)
        if view.closed == "no":
            draining.writing(node)
            await scheduler.close(view, draining.reason)
        return Result("closed")

    async def remove(node: str) -> Result:
        proof = await draining.drain(node, deadline)
        view = await scheduler.observe(node)
        if view.state != "drained" or not proof.holds(node, draining.clock.now()):
            raise SchedulerError(f"node {node}: work came to it after it was drained")
        draining.writing(node)
        with contextlib.suppress(UnreachableError):  # the look below tells whether it was done
            await scheduler.remove(view)
        after = await scheduler.observe(node, work=False)
        if after.exists and after.key == view.key and after.owner == owner:
            raise SchedulerError(f"node {node}: is still in the cluster after it was removed")
        return Result("left")

    closed = await each(nodes, close)
    to_drain = {node: nodes[node] for node, result in closed.items() if result.outcome == "closed"}
    return dict(sorted({**closed, **await each(to_drain, remove)}.items()))
