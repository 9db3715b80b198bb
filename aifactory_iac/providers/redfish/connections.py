"""HTTP to BMCs, and what each end of a request means. No request is ever sent twice in here."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp

from aifactory_iac.providers.once_only import DroppedError, once_only
from aifactory_iac.providers.redfish.messages import extended_info, first_reason
from aifactory_iac.providers.redfish.outcome import (
    Answer,
    BusyError,
    FaultError,
    ForbiddenError,
    GarbledError,
    LostAnswerError,
    MissingError,
    RefusedError,
    RejectedError,
    SlowBodyError,
    StaleError,
    TimedOutError,
    UnauthorizedError,
    UntrustedError,
)
from aifactory_iac.providers.redfish.trust import TrustPolicy

MOST_BYTES = 16 * 1024 * 1024
"""No Redfish document is larger; a BMC that sends more is broken."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds for a connection, for the first byte of an answer, and for the whole of it."""

    connect: float = 10.0
    answer: float = 60.0
    whole: float = 120.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request. `secret` keeps its body out of every message."""

    method: str
    url: str
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    multipart: aiohttp.FormData | None = None
    timeouts: Timeouts = Timeouts()

    @property
    def shown(self) -> str:
        """`METHOD host/path`, for messages."""
        return f"{self.method} {self.url.partition('://')[2].partition('?')[0]}"


class Connections(Protocol):
    """Sends one request once."""

    async def send(self, outgoing: Outgoing, trust: TrustPolicy) -> Answer:
        """The 2xx answer. Raises a `RedfishError` for every other end."""
        ...

    async def leave(self, base: str) -> None:
        """Closes the connections to one host, by its URL."""
        ...

    async def close(self) -> None:
        """Closes all connections."""
        ...


class HttpConnections:
    """Connections of all BMCs of a provider, kept alive by host; made inside a running loop.

    Each host has a pool of its own, which is closed as soon as it is left: a TLS connection holds
    more than 256 KiB in asyncio, which four for each of a thousand BMCs would make a gigabyte of.
    """

    def __init__(self, *, keep_alive: float = 30.0) -> None:
        """`keep_alive` is in seconds; BMCs close idle connections within a minute or so."""
        self._keep_alive = keep_alive
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    def _session(self, url: str) -> aiohttp.ClientSession:
        host = _host(url)
        if host not in self._sessions:
            self._sessions[host] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=self._keep_alive),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=True,
                trust_env=False,
                middlewares=(once_only,),
                headers={"Accept": "application/json", "OData-Version": "4.0"},
            )
        return self._sessions[host]

    async def send(self, outgoing: Outgoing, trust: TrustPolicy) -> Answer:
        """The 2xx answer. Raises a `RedfishError` for every other end."""
        shown = outgoing.shown
        times = outgoing.timeouts
        began = False
        try:
            async with self._session(outgoing.url).request(
                outgoing.method,
                outgoing.url,
                json=outgoing.body if outgoing.multipart is None else None,
                data=outgoing.multipart,
                headers=dict(outgoing.headers),
                ssl=trust.context(),
                allow_redirects=outgoing.method in ("GET", "HEAD"),
                timeout=aiohttp.ClientTimeout(
                    total=times.whole, sock_connect=times.connect, sock_read=times.answer
                ),
            ) as response:
                began = True
                raw = await _whole(response, shown)
                return _judged(shown, response.status, response.headers, raw)
        except (
            aiohttp.ClientConnectorCertificateError,
            aiohttp.ServerFingerprintMismatch,
        ) as error:
            raise UntrustedError(shown, _certificate_reason(error)) from None
        except (aiohttp.ClientSSLError, ssl.SSLError) as error:
            raise UntrustedError(shown, f"TLS failed: {_ssl_reason(error)}") from None
        except aiohttp.ConnectionTimeoutError:
            raise RefusedError(shown, f"no connection in {times.connect:g} s") from None
        except aiohttp.ClientConnectorError as error:
            raise RefusedError(shown, error.strerror or "no connection") from None
        except (aiohttp.ServerTimeoutError, TimeoutError):
            if began:
                raise SlowBodyError(shown, "the answer began and did not end in time") from None
            raise TimedOutError(shown, f"no answer in {times.answer:g} s") from None
        except aiohttp.ClientPayloadError:
            raise SlowBodyError(shown, "the answer broke off") from None
        except (DroppedError, aiohttp.ClientError, ConnectionError) as error:
            raise LostAnswerError(
                shown, f"the connection broke before an answer ({type(error).__name__})"
            ) from None

    async def leave(self, base: str) -> None:
        """Closes the connections to one host; the next request opens another one."""
        session = self._sessions.pop(_host(base), None)
        if session is not None:
            await session.close()

    async def close(self) -> None:
        """Closes all connections."""
        for base in tuple(self._sessions):
            await self.leave(f"//{base}")


def _host(url: str) -> str:
    return url.partition("//")[2].partition("/")[0]


async def _whole(response: aiohttp.ClientResponse, shown: str) -> bytes:
    """The body to its end, unless it is longer than any document."""
    chunks, size = [], 0
    async for chunk in response.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size > MOST_BYTES:
            raise GarbledError(shown, f"answered with more than {MOST_BYTES >> 20} MiB")
    return b"".join(chunks)


def _judged(shown: str, status: int, headers: Mapping[str, str], raw: bytes) -> Answer:
    body, readable = _document(raw)
    if status < 300:
        if not readable:
            raise GarbledError(shown, f"answered {status} with something that is no JSON object")
        return Answer(
            status,
            body,
            headers.get("ETag") or str(body.get("@odata.etag", "")),
            headers.get("Location", ""),
            headers.get("X-Auth-Token", ""),
        )
    messages = extended_info(body)
    reason = first_reason(messages) or f"answered {status}"
    if status == 401:
        raise UnauthorizedError(shown, "401: user or password is wrong")
    if status == 403:
        change = next(
            (
                each.arguments[0]
                for each in messages
                if each.id == "PasswordChangeRequired" and each.arguments
            ),
            "",
        )
        raise ForbiddenError(shown, f"403: {reason}", password_change=change)
    if status == 404:
        raise MissingError(shown, "404: there is no such resource")
    if status in (412, 428):
        raise StaleError(shown, f"{status}: {reason}")
    named = _retry_after(headers.get("Retry-After"))
    # A conflict that says when to come back is a settle delay, as soon after a power-off.
    if status in (429, 503) or (status == 409 and named is not None):
        raise BusyError(shown, f"{status}: {reason}", named)
    if status >= 500:
        raise FaultError(shown, f"{status}: {reason}")
    raise RejectedError(shown, f"{status}: {reason}", status, messages)


def _document(raw: bytes) -> tuple[Mapping[str, Any], bool]:
    if not raw.strip():
        return {}, True
    try:
        found = json.loads(raw)
    except ValueError:
        return {}, False
    return (found, True) if isinstance(found, dict) else ({}, False)


def _retry_after(text: str | None) -> float | None:
    """Seconds; RFC 9110 allows a date as well."""
    if text is None:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _certificate_reason(error: Exception) -> str:
    if isinstance(error, aiohttp.ServerFingerprintMismatch):
        return "the certificate is not the pinned one"
    inner = getattr(error, "certificate_error", error)
    return f"the certificate is not trusted: {getattr(inner, 'verify_message', '') or inner}"


def _ssl_reason(error: Exception) -> str:
    inner = getattr(error, "os_error", error)
    return str(getattr(inner, "reason", "") or type(inner).__name__)
