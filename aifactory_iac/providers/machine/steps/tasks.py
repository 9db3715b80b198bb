"""Acts that a controller carries out as a task of its own: what a look says of them."""

from __future__ import annotations

from aifactory_iac.providers.machine.observation import Observation, RunningTask
from aifactory_iac.providers.machine.record import Act, Standing
from aifactory_iac.providers.machine.steps.step import SETTLE, World

TASK_LIMIT = 3600.0
"""Seconds that a task may take; NICo allows its slowest components an hour for a flash."""


def standing(act: Act, seen: Observation, world: World) -> Standing:
    """What the tasks say of an act. A lost answer is found again as the task that it began."""
    task = found(act, seen)
    if task is None:
        if act.handle:
            # Controllers forget their tasks when they restart: what is seen otherwise has to tell.
            return "happened" if world.over(act.at, SETTLE) else "begun"
        return "nothing" if world.over(act.at, SETTLE) else "begun"
    if not task.ended:
        return "unknown" if world.over(act.at, TASK_LIMIT) else "begun"
    return "happened" if task.state == "Completed" else "nothing"


def found(act: Act, seen: Observation) -> RunningTask | None:
    """The task of an act: by its path, else the only one that was not there before."""
    if act.handle:
        return next((task for task in seen.tasks if task.path == act.handle), None)
    before = set(act.before.get("tasks", "").split())
    new = [task for task in seen.tasks if task.path not in before]
    return new[-1] if new else None
