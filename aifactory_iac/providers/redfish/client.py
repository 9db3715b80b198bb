"""One BMC: a session, a bound on requests in flight, and retries that know their method.

A read may be asked again. A write goes out once: what became of it is for the next look at the
machine to say (`machine/converge.py`).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from aifactory_iac.providers.redfish.connections import Connections, Outgoing, Timeouts
from aifactory_iac.providers.redfish.credential_marks import CredentialMarks
from aifactory_iac.providers.redfish.outcome import (
    Answer,
    BusyError,
    CancelledWriteError,
    ForbiddenError,
    FrozenError,
    MissingError,
    RedfishError,
    RejectedError,
    UnauthorizedError,
)
from aifactory_iac.providers.redfish.session_ledger import SessionLedger
from aifactory_iac.providers.redfish.trust import TrustPolicy
from aifactory_iac.providers.secrets import Credentials
from aifactory_iac.providers.surroundings import Clock

ROOT = "/redfish/v1/"
_SESSIONS = "/redfish/v1/SessionService/Sessions"


@dataclass(frozen=True, slots=True)
class ReadRetries:
    """How reads are asked again: `most` times, after `first` seconds, then twice as long each."""

    most: int = 3
    first: float = 1.0
    longest: float = 30.0

    def wait(self, attempt: int, named: float | None, jitter: float) -> float:
        """Seconds before the next attempt; what the BMC named is kept, and never undercut."""
        if named is not None:
            return named
        return min(self.longest, self.first * 2.0**attempt) * (0.5 + jitter)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a client needs of the world."""

    connections: Connections
    clock: Clock
    refused: CredentialMarks
    ledger: SessionLedger
    may_write: Callable[[], str] = lambda: ""
    """Why no write may be begun just now: `frozen`, `cancelled`, or empty."""
    jitter: Callable[[], float] = random.random
    retries: ReadRetries = ReadRetries()
    timeouts: Timeouts = Timeouts()  # noqa: RUF009 - a frozen value


@dataclass
class RedfishClient:
    """A conversation with one BMC. `base` is its URL without a path."""

    address: str
    base: str
    trust: TrustPolicy
    credentials: Credentials | None
    reach: Reach
    concurrency: int = 4
    _token: str = field(default="", repr=False)
    _session: str = ""
    _basic: bool = False
    _service: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        """Bounds what is in flight, and lets one task alone log in."""
        self._flight = asyncio.Semaphore(self.concurrency)
        self._entering = asyncio.Lock()

    async def service(self) -> Mapping[str, Any]:
        """The service root, asked without credentials: it tells vendor and product."""
        if self._service is None:
            self._service = (await self._read(ROOT, named=False)).body
        return self._service

    async def get(self, path: str) -> Answer:
        """Reads one resource. Raises a `RedfishError` once the retries are used up."""
        return await self._read(path, named=True)

    async def patch(self, path: str, body: Mapping[str, Any], etag: str = "") -> Answer:
        """Sends absolute values once, guarded by the tag that the resource was read with."""
        headers = {"If-Match": etag} if etag else {}
        return await self._write(Outgoing("PATCH", self.base + path, body, headers))

    async def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Sends an action or a creation once."""
        return await self._write(Outgoing("POST", self.base + path, body))

    async def push(self, path: str, form: aiohttp.FormData, timeouts: Timeouts) -> Answer:
        """Sends a package as multipart form data, once."""
        return await self._write(
            Outgoing("POST", self.base + path, multipart=form, timeouts=timeouts)
        )

    async def delete(self, path: str) -> Answer:
        """Deletes one resource, once."""
        return await self._write(Outgoing("DELETE", self.base + path))

    async def close(self) -> None:
        """Ends the session and all connections."""
        try:
            await self._end_session()
        finally:
            await self.reach.connections.leave(self.base)

    async def _end_session(self) -> None:
        """A BMC that does not answer ends it by itself in time."""
        if not self._session:
            return
        session, token, self._session, self._token = self._session, self._token, "", ""
        outgoing = Outgoing(
            "DELETE",
            self.base + session,
            headers={"X-Auth-Token": token},
            timeouts=Timeouts(5, 5, 5),
        )
        try:
            await self.reach.connections.send(outgoing, self.trust)
        except (MissingError, UnauthorizedError):
            self.reach.ledger.closed(self.address)
        except RedfishError:
            pass  # the ledger keeps it for the next run
        else:
            self.reach.ledger.closed(self.address)

    async def _read(self, path: str, *, named: bool) -> Answer:
        retries = self.reach.retries
        for attempt in range(retries.most + 1):
            outgoing = Outgoing("GET", self.base + path, timeouts=self.reach.timeouts)
            try:
                return await self._sent(outgoing, named=named)
            except RedfishError as error:
                if not error.again or attempt == retries.most:
                    raise
                named_wait = error.retry_after if isinstance(error, BusyError) else None
                wait = retries.wait(attempt, named_wait, self.reach.jitter())
            await self.reach.clock.sleep(wait)
        raise AssertionError("unreachable")

    async def _write(self, outgoing: Outgoing) -> Answer:
        # Logging in comes first: a freeze between it and the write still holds.
        async with self._flight:
            await self._enter()
        why = self.reach.may_write()
        if why == "frozen":
            raise FrozenError(outgoing.shown, "not sent: the freeze file forbids every write")
        if why:
            raise CancelledWriteError(outgoing.shown, "not sent: the run was asked to stop")
        return await self._sent(outgoing, named=True)

    async def _sent(self, outgoing: Outgoing, *, named: bool) -> Answer:
        async with self._flight:
            if not named:
                return await self.reach.connections.send(outgoing, self.trust)
            await self._enter()
            used = self._token
            try:
                return await self.reach.connections.send(self._signed(outgoing), self.trust)
            except UnauthorizedError:
                if not used:
                    self._refuse()
                    raise
        # A session that the BMC has ended: the secret was right when it began, so one new one.
        if self._token == used:
            self._token = self._session = ""
        async with self._flight:
            await self._enter()
            return await self.reach.connections.send(self._signed(outgoing), self.trust)

    def _signed(self, outgoing: Outgoing) -> Outgoing:
        headers = dict(outgoing.headers)
        if self._token:
            headers["X-Auth-Token"] = self._token
        elif self.credentials is not None:
            headers["Authorization"] = aiohttp.encode_basic_auth(
                self.credentials.username, self.credentials.password, encoding="utf-8"
            )
        return Outgoing(
            outgoing.method,
            outgoing.url,
            outgoing.body,
            headers,
            outgoing.multipart,
            outgoing.timeouts,
        )

    async def _enter(self) -> None:
        """Opens a session, once; BMCs without a free one are asked with the password each time."""
        if self._inside():
            return
        async with self._entering:
            if self.credentials is None or self._inside():
                return
            if self.reach.refused.marked(self.address, self.credentials):
                raise UnauthorizedError(
                    f"POST {self.address}{_SESSIONS}",
                    "not sent: the BMC refused this very user and password before; "
                    "change the secret",
                )
            await self._open(self.credentials)

    def _inside(self) -> bool:
        return bool(self._token) or self._basic or self.credentials is None

    async def _open(self, credentials: Credentials) -> None:
        body = {"UserName": credentials.username, "Password": credentials.password}
        outgoing = Outgoing("POST", self.base + _SESSIONS, body, timeouts=self.reach.timeouts)
        try:
            answer = await self.reach.connections.send(outgoing, self.trust)
        except UnauthorizedError:
            self._refuse()
            raise
        except (MissingError, RejectedError, BusyError) as error:
            # No session service, none free (the message says so), or a form it does not take.
            if isinstance(error, BusyError) and error.retry_after is not None:
                await self.reach.clock.sleep(error.retry_after)
            self._basic = True
            return
        except ForbiddenError as error:
            if not error.password_change:
                raise
            self._basic = True
            return
        except RedfishError as error:
            if error.happened == "unknown":
                # A session may be open that nobody knows; a second one is not asked for.
                self._basic = True
                return
            raise
        await self._opened(answer)

    async def _opened(self, answer: Answer) -> None:
        if not answer.token:
            self._basic = True
            return
        self._session = _path_of(answer.location or str(answer.body.get("@odata.id", "")))
        left = self.reach.ledger.left_open(self.address)
        self.reach.ledger.opened(self.address, self._session)
        self._token = answer.token
        for path in left:
            await self._end_left_open(path)

    async def _end_left_open(self, path: str) -> None:
        outgoing = Outgoing(
            "DELETE",
            self.base + path,
            headers={"X-Auth-Token": self._token},
            timeouts=Timeouts(5, 5, 5),
        )
        try:
            await self.reach.connections.send(outgoing, self.trust)
        except RedfishError:
            return  # it has ended by itself, or will

    def _refuse(self) -> None:
        if self.credentials is not None:
            self.reach.refused.mark(self.address, self.credentials)


def _path_of(location: str) -> str:
    """`Location` may be a whole URL, or a path."""
    rest = location.partition("://")[2]
    return f"/{rest.partition('/')[2]}" if rest else location
