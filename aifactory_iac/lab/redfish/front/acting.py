"""What a fault does to the serving of a request, short of the wire."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from aifactory_iac.lab.redfish.faults.behaviour import (
    Answers,
    DoneButRefused,
    Gone,
    Lies,
    Lockout,
    Rewrites,
    Said,
    SlowEffect,
    TaskEnds,
)
from aifactory_iac.lab.redfish.faults.rewriting import rewritten
from aifactory_iac.lab.redfish.plant import access
from aifactory_iac.lab.redfish.plant.refusal import RefusalError
from aifactory_iac.lab.redfish.plant.state import Machine
from aifactory_iac.lab.redfish.service.exchange import Answer, Request, refused
from aifactory_iac.lab.redfish.service.reception import Reception, Rendered, render


def said(do: Answers) -> Rendered:
    """The answer that a fault gives of its own accord."""
    headers = {"Retry-After": str(do.retry_after)} if do.retry_after is not None else {}
    if do.message is not None:
        return render(_message(do.status, do.message, headers))
    return render(Answer(do.status, do.body, headers))


def _message(status: int, message: Said, headers: dict[str, str]) -> Answer:
    return refused(
        RefusalError(status, message.id, message.text, registry=message.registry, headers=headers)
    )


def serve(
    reception: Reception, machine: Machine, request: Request, do: object
) -> tuple[Rendered, bool]:
    """Has the request answered under the fault; the answer, and whether anything was done."""
    if isinstance(do, Lies):
        rendered = reception.answer(machine, request, instead=Answer(do.status))
        return rendered, False
    if isinstance(do, Rewrites):
        request.asked, request.body = request.body, rewritten(request.body, do)
    if isinstance(do, Lockout):
        _lock(machine, request)
    with _under(machine, do):
        rendered = reception.answer(machine, request)
    done = rendered[0] < 300 and request.method != "GET"
    if isinstance(do, Gone) and do.when == "after-answer":
        machine.vanish(seconds(do), "fault")
    if isinstance(do, DoneButRefused) and rendered[0] < 400:
        rendered = render(_message(do.status, do.message or Said(), {}))
    return rendered, done


@contextmanager
def _under(machine: Machine, do: object) -> Iterator[None]:
    """Conditions for one request; what it starts keeps them."""
    before = machine.conditions
    if isinstance(do, SlowEffect):
        machine.conditions = replace(before, reset_factor=do.factor)
    elif isinstance(do, TaskEnds):
        machine.conditions = replace(before, task_ends=do.ends)
    elif isinstance(do, Gone) and do.when == "after-task":
        machine.conditions = replace(before, gone_after_task=seconds(do))
    try:
        yield
    finally:
        machine.conditions = before


def seconds(do: Gone) -> float:
    """How long it is gone; infinity is for ever."""
    return math.inf if do.seconds is None else do.seconds


def _lock(machine: Machine, request: Request) -> None:
    account = access.of_request(machine, request.headers)
    if account is not None:
        access.lock(machine, account)
