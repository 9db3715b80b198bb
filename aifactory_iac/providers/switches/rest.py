"""HTTP that knows what a lost answer means: reads are repeated, writes never are.

Outcomes are kept apart, because they ask for different things: not reached (nothing was done), busy
(`Retry-After` is kept), refused credentials (at once, and never again), an untrusted certificate
(at once), a lost answer to a write (look first), and a proper answer.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aifactory_iac.providers.once_only import DroppedError, once_only
from aifactory_iac.providers.secrets import Credentials
from aifactory_iac.providers.surroundings import Clock
from aifactory_iac.providers.switches.errors import (
    AccessRefusedError,
    BusyError,
    LostAnswerError,
    UnreachableError,
    UntrustedError,
)
from aifactory_iac.providers.switches.trust import Reach

if TYPE_CHECKING:
    from aiohttp import ClientSession

ATTEMPTS = 4
"""How often a read, or a request that was turned away as too early, is sent in all."""
PATIENCE = 120.0
"""Longest `Retry-After` in seconds that is waited for."""
_NOT_DONE = (429, 503)
"""The server itself says that it did nothing."""
_PERHAPS_DONE = (502, 504)
"""A proxy in front of the server says that it lost sight of the request."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A proper answer: status and JSON body; `body` is None where there is none."""

    status: int
    body: Any

    @property
    def detail(self) -> str:
        """What it says is wrong (RFC 7807), on one line and not too long."""
        text = self.body.get("detail") or self.body.get("title") if self._object else self.body
        return " ".join(str(text or f"status {self.status}").split())[:300]

    @property
    def _object(self) -> bool:
        return isinstance(self.body, Mapping)


class Rest:
    """One server. Credentials that it refused are not sent to it a second time."""

    def __init__(self, reach: Reach, base: str, clock: Clock, pace: float, timeout: float = 30.0):
        """Takes the path that all requests are under; `timeout` is for one request, in seconds."""
        self.reach = reach
        self._base = base
        self._clock = clock
        self._pace = pace
        self._timeout = timeout
        self._session: ClientSession | None = None
        self._refused = False

    async def close(self) -> None:
        """Closes all connections; a later request opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """Reads, and repeats it with growing, jittered pauses.

        Raises:
            UnreachableError: Still no proper answer after `ATTEMPTS`.
        """
        for attempt in range(ATTEMPTS):
            try:
                return await self._turn("GET", path, params, None)
            except LostAnswerError as error:
                if attempt + 1 == ATTEMPTS:
                    raise UnreachableError(str(error)) from None
            except UnreachableError:
                if attempt + 1 == ATTEMPTS:
                    raise
            await self._pause(attempt)
        raise AssertionError("the last attempt returns or raises")

    async def send(
        self, method: str, path: str, params: Mapping[str, str] | None = None, body: Any = None
    ) -> Answer:
        """Writes once. It is repeated only where the server was never reached.

        Raises:
            LostAnswerError: It was sent, and what became of it is not known.
            UnreachableError: It was not sent.
        """
        for attempt in range(ATTEMPTS):
            try:
                return await self._turn(method, path, params, body)
            except UnreachableError:
                if attempt + 1 == ATTEMPTS:
                    raise
            await self._pause(attempt)
        raise AssertionError("the last attempt returns or raises")

    async def _turn(
        self, method: str, path: str, params: Mapping[str, str] | None, body: Any
    ) -> Answer:
        """Sends it until it is let in; being told to come later is no attempt."""
        for attempt in range(ATTEMPTS):
            answer, later = await self._once(method, path, params, body)
            if answer.status not in _NOT_DONE:
                return answer
            if attempt + 1 < ATTEMPTS:
                await self._later(later, attempt)
        raise BusyError(f"{self._name} is busy: {method} was turned away {ATTEMPTS} times")

    async def _later(self, asked: str | None, attempt: int) -> None:
        try:
            seconds = float(asked) if asked is not None else None
        except ValueError:
            seconds = None
        if seconds is None:
            await self._pause(attempt)
        elif seconds > PATIENCE:
            raise BusyError(
                f"{self._name} is busy and asks to come back in {seconds:.0f} s, which is longer "
                f"than {PATIENCE:.0f} s"
            )
        else:
            await self._clock.sleep(seconds * self._pace)

    async def _pause(self, attempt: int) -> None:
        jitter = 0.5 + random.random()  # noqa: S311 - spreads requests, guards nothing
        await self._clock.sleep(0.5 * 2**attempt * jitter * self._pace)

    async def _once(
        self, method: str, path: str, params: Mapping[str, str] | None, body: Any
    ) -> tuple[Answer, str | None]:
        import aiohttp

        if self._refused:
            raise self._denied()
        url = f"{self.reach.url}{self._base}{path}"
        try:
            # A redirect would take the password elsewhere.
            async with self._opened().request(
                method, url, params=params, json=body, allow_redirects=False
            ) as answer:
                text = await answer.text()
        except (
            aiohttp.ClientConnectorCertificateError,
            aiohttp.ClientConnectorSSLError,
            aiohttp.ServerFingerprintMismatch,
        ) as error:
            raise UntrustedError(
                f"{self._name} does not show the certificate that `{self.reach.trust}` asks for "
                f"({type(error).__name__}); nothing was sent"
            ) from None
        except aiohttp.ClientConnectorError as error:
            raise UnreachableError(
                f"{self._name} cannot be reached ({error.os_error.strerror or 'no connection'})"
            ) from None
        except aiohttp.ConnectionTimeoutError:
            raise UnreachableError(f"{self._name} cannot be reached (timeout)") from None
        except TimeoutError:
            raise LostAnswerError(f"{self._name} did not answer {method} in time") from None
        except (aiohttp.ClientError, DroppedError) as error:
            raise LostAnswerError(
                f"{self._name} dropped the connection during {method} ({_kind(error)})"
            ) from None
        if answer.status in (401, 403):
            self._refused = True
            raise self._denied()
        if answer.status in _PERHAPS_DONE:
            raise LostAnswerError(f"{self._name}: {method} was lost ({answer.status})")
        return Answer(answer.status, _json(text)), answer.headers.get("Retry-After")

    def _opened(self) -> ClientSession:
        if self._session is None:
            import aiohttp

            self._session = aiohttp.ClientSession(
                headers={"Authorization": _basic(self.reach.credentials)},
                connector=aiohttp.TCPConnector(ssl=self.reach.tls(), limit=4),
                timeout=aiohttp.ClientTimeout(
                    total=self._timeout, sock_connect=min(10.0, self._timeout)
                ),
                middlewares=(once_only,),
            )
        return self._session

    @property
    def _name(self) -> str:
        return self.reach.name

    def _denied(self) -> AccessRefusedError:
        return AccessRefusedError(
            f"{self._name} refused user and password; they are not tried again, so that the "
            "account is not locked"
        )


def _basic(credentials: Credentials) -> str:
    text = f"{credentials.username}:{credentials.password}"
    return "Basic " + base64.b64encode(text.encode()).decode()


def _kind(error: Exception) -> str:
    return str(error) if isinstance(error, DroppedError) else type(error).__name__


def _json(text: str) -> Any:
    try:
        return json.loads(text) if text.strip() else None
    except ValueError:
        return text
