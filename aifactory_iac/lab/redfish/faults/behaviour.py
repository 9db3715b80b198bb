"""What a fault does: one closed type a kind, told apart by `kind`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Behaviour(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Said(BaseModel):
    """A Redfish message to answer with."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    id: str = "GeneralError"
    """Message id without its registry."""
    registry: str = "Base.1.16"
    """Registry and version."""
    text: str = "A general error has occurred."
    """The words."""


class Answers(_Behaviour):
    """Answers with this, and does nothing."""

    kind: Literal["answer"]
    status: Annotated[int, Field(ge=200, le=599)]
    """HTTP status."""
    retry_after: int | None = None
    """Seconds for `Retry-After`."""
    message: Said | None = None
    """Redfish message for the body."""
    body: dict[str, Any] | None = None
    """Body as it is, instead of a message."""


class Delays(_Behaviour):
    """Takes its time before anything else. In real seconds, whatever the fleet's pace."""

    kind: Literal["delay"]
    seconds: Seconds


class SlowBody(_Behaviour):
    """Does it, sends the head at once and the body bit by bit. In real seconds."""

    kind: Literal["slow-body"]
    seconds: Seconds
    """From the first byte of the body to the last."""


class Drops(_Behaviour):
    """Closes the connection without an answer; nothing was done."""

    kind: Literal["drop"]


class LosesAnswer(_Behaviour):
    """Does it, then closes the connection without an answer."""

    kind: Literal["lose-answer"]


class CutsBody(_Behaviour):
    """Does it, then closes the connection in the middle of the body."""

    kind: Literal["cut-body"]


class DoneButRefused(_Behaviour):
    """Does it, then answers that it did not."""

    kind: Literal["done-but-refused"]
    status: Annotated[int, Field(ge=400, le=599)] = 500
    """HTTP status."""
    message: Said | None = None
    """Redfish message for the body."""


class Lies(_Behaviour):
    """Answers that it is done, and does nothing."""

    kind: Literal["lie"]
    status: Literal[200, 202, 204] = 204
    """HTTP status."""


class Rewrites(_Behaviour):
    """Does something else than it was asked to: properties of the request get lost or altered."""

    kind: Literal["rewrite"]
    drop: tuple[str, ...] = ()
    """Properties that are not taken, as dotted paths such as `Boot.BootSourceOverrideMode`."""
    set: dict[str, Any] = {}
    """Values that are taken instead, by dotted path."""


class Gone(_Behaviour):
    """The controller refuses connections for a while."""

    kind: Literal["gone"]
    seconds: Seconds | None = None
    """How long, times the pace; null is for ever."""
    when: Literal["instead", "after-answer", "after-task"] = "after-answer"
    """`instead` of answering, after the answer, or when the task that it starts is over."""


class SlowEffect(_Behaviour):
    """What it starts takes this many times as long."""

    kind: Literal["slow-effect"]
    factor: Annotated[float, Field(gt=0)]


class TaskEnds(_Behaviour):
    """The task that it starts ends otherwise."""

    kind: Literal["task"]
    ends: Literal["exception", "vanishes", "completed-critical", "monitor-vanishes"]
    """`exception` at half-way; `vanishes` at half-way with its work undone; says `Completed` with
    status `Critical` and nothing written; or is done, but its monitor is not there any more."""


class Lockout(_Behaviour):
    """Locks the account that asks."""

    kind: Literal["lockout"]


class SessionLimit(_Behaviour):
    """Bears only so many sessions, as long as the fault is there."""

    kind: Literal["session-limit"]
    sessions: Annotated[int, Field(ge=0)]


class Certificate(_Behaviour):
    """Answers with another certificate, as long as the fault is there."""

    kind: Literal["certificate"]
    problem: Literal["expired", "wrong-host", "unknown-authority"]


class Identity(_Behaviour):
    """Says that it is another machine, as long as the fault is there."""

    kind: Literal["identity"]
    serial: str | None = None
    uuid: str | None = None
    macs: tuple[str, ...] | None = None


Behaviour = Annotated[
    Answers
    | Delays
    | SlowBody
    | Drops
    | LosesAnswer
    | CutsBody
    | DoneButRefused
    | Lies
    | Rewrites
    | Gone
    | SlowEffect
    | TaskEnds
    | Lockout
    | SessionLimit
    | Certificate
    | Identity,
    Field(discriminator="kind"),
]

STANDING = (SessionLimit, Certificate, Identity)
"""Behaviours that are there from the start, and not at a request."""
