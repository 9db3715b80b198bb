"""Long-running operations: they progress by themselves, and may end badly."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from aifactory_iac.lab.redfish.plant.refusal import not_found
from aifactory_iac.lab.redfish.plant.state import Machine, Task

STEPS = 5
"""Percentages that a task shows on its way: 20, 40 and so on."""


def start(
    machine: Machine, name: str, target: str, seconds: float, done: Callable[[], None]
) -> Task:
    """A task that takes so long and then does what it is for."""
    conditions = machine.conditions
    task = Task(machine.next_id(), name, target, state="Running")
    task.ends, task.then_gone = conditions.task_ends, conditions.gone_after_task
    seconds *= conditions.reset_factor
    machine.tasks[task.id] = task
    machine.effect("task-started", task=task.id, name=name, target=target)
    for step in range(1, STEPS):
        task.steps.append(
            machine.after(seconds * step / STEPS, partial(_advance, machine, task, step))
        )
    task.steps.append(machine.after(seconds, lambda: finish(machine, task, done)))
    return task


def waiting(machine: Machine, name: str, target: str) -> Task:
    """A task that waits for something else to run it."""
    task = Task(machine.next_id(), name, target)
    machine.tasks[task.id] = task
    machine.effect("task-started", task=task.id, name=name, target=target)
    return task


def cancel(machine: Machine, task: Task) -> None:
    """Takes it back, as long as it is not over. A running flash is thereby interrupted."""
    for step in task.steps:
        step.cancel()
    if task.state in ("New", "Running"):
        task.state = "Cancelled"
        machine.effect("task-cancelled", task=task.id)
        if task.failed is not None:
            task.failed()
    machine.tasks.pop(task.id, None)


def _advance(machine: Machine, task: Task, step: int) -> None:
    """Half-way is where a fault may end it."""
    task.percent = 100 * step // STEPS
    if step != STEPS // 2:
        return
    if task.ends == "exception":
        fail(machine, task, "The update failed while it was being written.")
    elif task.ends == "vanishes":
        cancel(machine, task)
        machine.effect("task-vanished", task=task.id)


def finish(machine: Machine, task: Task, done: Callable[[], None]) -> None:
    """It is through, or says so."""
    task.percent, task.state = 100, "Completed"
    if task.ends == "completed-critical":
        task.critical = True
        task.messages.append(message("TaskCompletedWarning", "It made no progress.", "Critical"))
        if task.failed is not None:
            task.failed()
    else:
        task.messages.append(message("TaskCompletedOK", f"The task '{task.id}' has completed."))
        done()
    task.unmonitored = task.ends == "monitor-vanishes"
    machine.effect("task-completed", task=task.id, wrote=not task.critical)
    if task.then_gone is not None:
        machine.vanish(task.then_gone, "task")


def fail(machine: Machine, task: Task, why: str) -> None:
    """It ends badly; what it was writing is not written."""
    for step in task.steps:
        step.cancel()
    task.state = "Exception"
    task.critical = True
    task.messages.append(message("TaskAborted", why, "Critical"))
    machine.effect("task-failed", task=task.id, reason=why)
    if task.failed is not None:
        task.failed()


def message(name: str, text: str, severity: str = "OK") -> dict[str, Any]:
    """A message of the TaskEvent registry."""
    return {
        "MessageId": f"TaskEvent.1.0.{name}",
        "Message": text,
        "MessageSeverity": severity,
        "Severity": severity,
    }


def find(machine: Machine, task_id: str) -> Task:
    """The task. Raises `RefusalError`."""
    task = machine.tasks.get(task_id)
    if task is None:
        raise not_found("Task", task_id)
    return task
