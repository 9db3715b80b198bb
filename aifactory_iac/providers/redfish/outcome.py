"""How a request can end. Each end asks for another reaction, so each is a type of its own.

`happened` says what is known of the effect of a write: `no` when the BMC never got the request or
refused it, `unknown` when the answer was lost. Only a look at the machine settles an `unknown`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

Happened = Literal["no", "unknown"]


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of Redfish's `@Message.ExtendedInfo`; `id` is without its registry."""

    id: str
    text: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer: that the BMC took the request, and nothing about its effect."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    etag: str = ""
    location: str = ""
    token: str = field(default="", repr=False)
    """`X-Auth-Token`, where a session was opened."""


class RedfishError(Exception):
    """A request that did not get a 2xx answer; the text is for the user, without any secret."""

    happened: ClassVar[Happened] = "no"
    again: ClassVar[bool] = False
    """Whether a read may be asked again after a while."""

    def __init__(self, request: str, reason: str) -> None:
        """Takes the request as `METHOD host/path`, and why it failed."""
        super().__init__(f"{request}: {reason}")
        self.request, self.reason = request, reason


class RefusedError(RedfishError):
    """Nobody listens: a BMC that restarts, or a wrong address. Nothing was sent."""

    again = True


class UntrustedError(RedfishError):
    """The certificate is not the one that is trusted. Never asked again."""


class TimedOutError(RedfishError):
    """No answer in time; the request may have been carried out."""

    happened: ClassVar[Happened] = "unknown"
    again = True


class SlowBodyError(RedfishError):
    """The answer began and never ended."""

    happened: ClassVar[Happened] = "unknown"
    again = True


class LostAnswerError(RedfishError):
    """The connection broke after the request was sent; it may have been carried out."""

    happened: ClassVar[Happened] = "unknown"
    again = True


class GarbledError(RedfishError):
    """The answer is no JSON object."""

    happened: ClassVar[Happened] = "unknown"


class UnauthorizedError(RedfishError):
    """401. Never asked again with the same secret: that would lock the account."""


class ForbiddenError(RedfishError):
    """403. `password_change` is the account that must get another password, if that is why."""

    def __init__(self, request: str, reason: str, *, password_change: str = "") -> None:
        """Takes also the path of the account that the BMC demands another password of."""
        super().__init__(request, reason)
        self.password_change = password_change


class BusyError(RedfishError):
    """503 or 429: not now. `retry_after` is in seconds, None when the BMC names no time."""

    again = True

    def __init__(self, request: str, reason: str, retry_after: float | None) -> None:
        """Takes also what the BMC said in `Retry-After`."""
        super().__init__(request, reason)
        self.retry_after = retry_after


class MissingError(RedfishError):
    """404: there is no such resource."""


class StaleError(RedfishError):
    """412 or 428: the resource changed since it was read, or must be read first."""


class RejectedError(RedfishError):
    """Another 4xx: the BMC understood and refused. `messages` are its reasons."""

    def __init__(
        self, request: str, reason: str, status: int, messages: Sequence[Message] = ()
    ) -> None:
        """Takes also the status and the BMC's messages."""
        super().__init__(request, reason)
        self.status, self.messages = status, tuple(messages)


class FaultError(RedfishError):
    """5xx other than 503: something broke inside, perhaps after the effect."""

    happened: ClassVar[Happened] = "unknown"
    again = True


class FrozenError(RedfishError):
    """The freeze file forbids writes; nothing was sent."""


class CancelledWriteError(RedfishError):
    """The run was asked to stop; no further write is begun."""
