"""TaskService: tasks, and the monitors that clients are sent to."""

from __future__ import annotations

from collections.abc import Mapping

from aifactory_iac.lab.redfish.plant import tasks
from aifactory_iac.lab.redfish.plant.refusal import not_found
from aifactory_iac.lab.redfish.plant.state import Machine, Task
from aifactory_iac.lab.redfish.service.exchange import (
    DONE,
    Answer,
    Request,
    collection,
    link,
    resource,
)
from aifactory_iac.lab.redfish.service.router import Route

_SERVICE = "/redfish/v1/TaskService"
_TASKS = f"{_SERVICE}/Tasks"
_MONITORS = f"{_SERVICE}/TaskMonitors"
_OVER = ("Completed", "Exception", "Cancelled")


def accepted(task: Task) -> Answer:
    """What starts a task answers: 202, the task, and where to watch it."""
    headers = {"Location": f"{_MONITORS}/{task.id}", "Retry-After": "5"}
    return Answer(202, _body(task).body, headers)


def _body(task: Task) -> Answer:
    return resource(
        f"{_TASKS}/{task.id}",
        "Task.v1_7_4",
        task.name,
        TaskState=task.state,
        TaskStatus="Critical" if task.critical else "OK",
        PercentComplete=task.percent,
        TaskMonitor=f"{_MONITORS}/{task.id}",
        Messages=list(task.messages),
    )


def _service(_machine: Machine, _request: Request, _names: Mapping[str, str]) -> Answer:
    return resource(
        _SERVICE,
        "TaskService.v1_2_1",
        "Task Service",
        ServiceEnabled=True,
        CompletedTaskOverWritePolicy="Oldest",
        Tasks=link(_TASKS),
    )


def _list(machine: Machine, _request: Request, _names: Mapping[str, str]) -> Answer:
    return collection(_TASKS, "Task", "Task Collection", list(machine.tasks))


def _get(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    return _body(tasks.find(machine, names["task"]))


def _monitor(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    """202 while it runs, then what the operation itself would have answered."""
    task = tasks.find(machine, names["task"])
    if task.unmonitored:
        raise not_found("TaskMonitor", task.id)
    return _body(task) if task.state in _OVER else accepted(task)


def _delete(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    tasks.cancel(machine, tasks.find(machine, names["task"]))
    return DONE


ROUTES = (
    Route("GET", _SERVICE, _service),
    Route("GET", _TASKS, _list),
    Route("GET", f"{_TASKS}/{{task}}", _get),
    Route("DELETE", f"{_TASKS}/{{task}}", _delete),
    Route("GET", f"{_MONITORS}/{{task}}", _monitor),
)
