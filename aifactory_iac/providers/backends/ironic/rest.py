"""Ironic's REST API: reads are repeated, writes go out once, and each end is told apart.

A request ends in the same ways whoever answers, so the ends are those of `redfish/outcome.py`; that
a node is locked is Ironic's own.
"""

from __future__ import annotations

import base64
import json
import random
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import aiohttp

from aifactory_iac.providers.once_only import DroppedError, once_only
from aifactory_iac.providers.redfish.outcome import (
    BusyError,
    CancelledWriteError,
    FaultError,
    ForbiddenError,
    FrozenError,
    GarbledError,
    LostAnswerError,
    MissingError,
    RedfishError,
    RefusedError,
    RejectedError,
    SlowBodyError,
    TimedOutError,
    UnauthorizedError,
    UntrustedError,
)
from aifactory_iac.providers.redfish.trust import TrustPolicy
from aifactory_iac.providers.secrets import Credentials
from aifactory_iac.providers.surroundings import Clock

MICROVERSION = "1.93"
"""Inventory came with 1.81, a look at virtual media with 1.93 (2024.2)."""

READS = 4
"""How often a read is sent in all."""
PATIENCE = 120.0
"""Longest `Retry-After` in seconds that is waited for."""

Auth = Literal["none", "basic", "token"]


class LockedError(RedfishError):
    """409: Ironic works on the node just now. Nothing was done."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where an Ironic is, and what it is shown: nothing, user and password, or a token."""

    url: str
    trust: TrustPolicy
    auth: Auth = "none"
    credentials: Credentials | None = None
    token: str = field(default="", repr=False)

    def headers(self) -> dict[str, str]:
        """What every request carries."""
        found = {
            "X-OpenStack-Ironic-API-Version": MICROVERSION,
            "Accept": "application/json",
        }
        if self.auth == "token":
            found["X-Auth-Token"] = self.token
        elif self.auth == "basic" and self.credentials is not None:
            pair = f"{self.credentials.username}:{self.credentials.password}"
            found["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return found


class IronicRest:
    """One Ironic. A secret that it refused is not sent to it a second time."""

    def __init__(
        self,
        access: Access,
        clock: Clock,
        *,
        pace: float = 1.0,
        timeout: float = 60.0,
        may_write: Callable[[], str] = lambda: "",
    ) -> None:
        """`timeout` is in seconds for one request; `may_write` is as in `redfish.client.Reach`."""
        self.access = access
        self._clock, self._pace, self._timeout = clock, pace, timeout
        self._may_write = may_write
        self._session: aiohttp.ClientSession | None = None
        self._refused = False

    async def close(self) -> None:
        """Closes all connections; a later request opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def get(self, path: str) -> Any:
        """The JSON value at a path below `/v1`. Raises `RedfishError` when retries are used up."""
        for attempt in range(READS):
            try:
                return await self._once("GET", path, None)
            except RedfishError as error:
                if not error.again or attempt + 1 == READS:
                    raise
                named = error.retry_after if isinstance(error, BusyError) else None
                if named is not None and named > PATIENCE:
                    raise
                jitter = 0.5 + random.random()  # noqa: S311 - spreads requests, guards nothing
                await self._clock.sleep(
                    named if named is not None else 2.0**attempt * jitter * self._pace
                )
        raise AssertionError("unreachable")

    async def send(self, method: str, path: str, body: Any = None) -> Any:
        """Writes once. A `RedfishError` with `happened == "unknown"` may have been carried out."""
        why = self._may_write()
        shown = f"{method} {self._shown(path)}"
        if why == "frozen":
            raise FrozenError(shown, "not sent: the freeze file forbids every write")
        if why:
            raise CancelledWriteError(shown, "not sent: the run was asked to stop")
        return await self._once(method, path, body)

    async def _once(self, method: str, path: str, body: Any) -> Any:
        shown = f"{method} {self._shown(path)}"
        if self._refused:
            raise UnauthorizedError(shown, "not sent: Ironic refused this very secret before")
        began = False
        try:
            async with self._opened().request(
                method, f"{self.access.url.rstrip('/')}/v1{path}", json=body
            ) as response:
                began = True
                raw = await response.read()
                return self._judged(shown, response.status, response.headers, raw)
        except (
            aiohttp.ClientConnectorCertificateError,
            aiohttp.ServerFingerprintMismatch,
        ):
            raise UntrustedError(
                shown, "the certificate is not trusted; nothing was sent"
            ) from None
        except (aiohttp.ClientSSLError, ssl.SSLError) as error:
            raise UntrustedError(shown, f"TLS failed ({type(error).__name__})") from None
        except aiohttp.ConnectionTimeoutError:
            raise RefusedError(shown, "no connection in time") from None
        except aiohttp.ClientConnectorError as error:
            raise RefusedError(shown, error.strerror or "no connection") from None
        except TimeoutError:
            if began:
                raise SlowBodyError(shown, "the answer began and did not end in time") from None
            raise TimedOutError(shown, f"no answer in {self._timeout:g} s") from None
        except aiohttp.ClientPayloadError:
            raise SlowBodyError(shown, "the answer broke off") from None
        except (aiohttp.ClientError, ConnectionError, DroppedError) as error:
            raise LostAnswerError(
                shown, f"the connection broke before an answer ({type(error).__name__})"
            ) from None

    def _judged(self, shown: str, status: int, headers: Mapping[str, str], raw: bytes) -> Any:
        body, readable = _document(raw)
        if status < 300:
            if not readable:
                raise GarbledError(shown, f"answered {status} with something that is no JSON")
            return body
        reason = f"{status}: {_reason(body) or 'no reason is given'}"
        if status == 401:
            self._refused = True
            raise UnauthorizedError(shown, f"{reason}; the secret is not sent again")
        if status == 403:
            raise ForbiddenError(shown, reason)
        if status == 404:
            raise MissingError(shown, reason)
        if status == 409 and "is locked by host" in reason:
            raise LockedError(shown, reason)
        if status in (429, 503):
            raise BusyError(shown, reason, _seconds(headers.get("Retry-After")))
        if status >= 500:
            raise FaultError(shown, reason)
        raise RejectedError(shown, reason, status)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self.access.headers(),
                connector=aiohttp.TCPConnector(ssl=self.access.trust.context(), limit=16),
                timeout=aiohttp.ClientTimeout(
                    total=self._timeout, sock_connect=min(10.0, self._timeout)
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                middlewares=(once_only,),
            )
        return self._session

    def _shown(self, path: str) -> str:
        """`host/v1/path`, for messages."""
        host = self.access.url.partition("://")[2].rstrip("/")
        return f"{host}/v1{path.partition('?')[0]}"


def _document(raw: bytes) -> tuple[Any, bool]:
    if not raw.strip():
        return {}, True
    try:
        return json.loads(raw), True
    except ValueError:
        return {}, False


def _reason(body: Any) -> str:
    """Ironic's fault string: JSON inside of a JSON string, or an object, by version."""
    message = body.get("error_message") if isinstance(body, Mapping) else None
    if isinstance(message, str):
        try:
            message = json.loads(message)
        except ValueError:
            return message[:500]
    if isinstance(message, Mapping):
        message = message.get("faultstring") or message.get("description") or message.get("title")
    return " ".join(str(message or "").split())[:500]


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text is not None else None
    except ValueError:
        return None
