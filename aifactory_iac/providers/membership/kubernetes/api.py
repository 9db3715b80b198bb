"""Requests to an API server, each tried as often as its method bears."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import aiohttp

from aifactory_iac.providers.membership.drain import (
    AccessRefusedError,
    SchedulerError,
    UnreachableError,
    UntrustedError,
)
from aifactory_iac.providers.membership.kubernetes.kubeconfig import Access
from aifactory_iac.providers.surroundings import Clock

SECONDS = 30.0
"""For one whole answer; a healthy API server takes milliseconds."""

READS = 4
"""Attempts of a request that changes nothing, 1, 2 and 4 s apart unless the server says."""

LONGEST_WAIT = 30.0
"""Seconds of a `Retry-After` that are kept to; what is longer counts as unreachable."""

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and document of an answer that is for the caller to judge."""

    status: int
    document: Json = field(default_factory=dict)

    @property
    def message(self) -> str:
        """What the server said on one line, with the causes that it names."""
        details = self.document.get("details") or {}
        texts = [
            self.document.get("message"),
            *(c.get("message") for c in details.get("causes", ())),
        ]
        words = " ".join(str(text) for text in texts if text).split()
        return " ".join(words) or f"status {self.status}"


class KubernetesApi:
    """One API server; at most `parallel` requests at a time. Used as a context manager.

    Reads are repeated when nobody answers, on 429 and on 5xx. A write is sent once: who sent it
    looks at the object again. An untrusted certificate ends at once, and after a 401 no further
    request is sent.
    """

    def __init__(self, access: Access, clock: Clock, *, parallel: int = 16) -> None:
        """Connects on the first request."""
        self.server = access.server
        self._access = access
        self._clock = clock
        self._limit = asyncio.Semaphore(parallel)
        self._session: aiohttp.ClientSession | None = None
        self._unauthorized = ""

    async def __aenter__(self) -> Self:
        """Opens the session."""
        headers = {"Accept": "application/json"}
        if self._access.token:
            headers["Authorization"] = f"Bearer {self._access.token}"
        self._session = aiohttp.ClientSession(
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=SECONDS),
            connector=aiohttp.TCPConnector(ssl=self._access.trust),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes the session."""
        if self._session is not None:
            await self._session.close()

    async def get(self, path: str, **query: str) -> Json | None:
        """An object or a page of a list; None where there is none. Raises `SchedulerError`."""
        answer = await self._read(path, query)
        if answer.status == 404:
            return None
        return self._good(answer, path)

    async def text(self, path: str) -> str:
        """What is not JSON, such as metrics. Raises `SchedulerError`."""
        return str((await self._read(path, {})).document.get("text", ""))

    async def write(
        self, method: str, path: str, body: Json, *, kind: str = "application/json", **query: str
    ) -> Answer:
        """One attempt of a write; 401 and 403 raise, every other status is the caller's.

        Raises:
            UnreachableError: No answer: it may have been done or not.
            AccessRefusedError: Not allowed.
        """
        answer, _ = await self._once(method, path, query, body=body, kind=kind)
        return answer

    async def _read(self, path: str, query: Mapping[str, str]) -> Answer:
        for attempt in range(READS):
            last = attempt == READS - 1
            try:
                answer, retry_after = await self._once("GET", path, query)
            except UnreachableError:
                if last:
                    raise
                retry_after = None
            else:
                if answer.status != 429 and answer.status < 500:
                    return answer
                if last or (retry_after or 0) > LONGEST_WAIT:
                    raise UnreachableError(f"{self.server}: {answer.message}")
            await self._clock.sleep(float(2**attempt) if retry_after is None else retry_after)
        raise AssertionError

    async def _once(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Json | None = None,
        kind: str = "",
    ) -> tuple[Answer, float | None]:
        if self._session is None:
            raise AssertionError
        if self._unauthorized:
            raise AccessRefusedError(self._unauthorized)
        headers = {"Content-Type": kind} if body is not None else {}
        data = json.dumps(body).encode() if body is not None else None
        try:
            async with (
                self._limit,
                self._session.request(
                    method, self.server + path, params=query, data=data, headers=headers
                ) as found,
            ):
                answer = Answer(found.status, _document(await found.read()))
                retry_after = _seconds(found.headers.get("Retry-After"))
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError):
            raise UntrustedError(
                f"{self.server}: its certificate is not of the kubeconfig's authority"
            ) from None
        except TimeoutError:
            raise UnreachableError(f"{self.server}: no answer within {SECONDS:g} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise UnreachableError(f"{self.server}: {type(error).__name__}") from None
        if answer.status in (401, 403):
            text = f"{self.server}: {method} {path} was refused ({answer.status}): {answer.message}"
            if answer.status == 401:
                self._unauthorized = text
            raise AccessRefusedError(text)
        return answer, retry_after

    def _good(self, answer: Answer, path: str) -> Json:
        if answer.status >= 300:
            raise SchedulerError(f"{self.server}: GET {path}: {answer.message}")
        return answer.document


def _document(body: bytes) -> Json:
    try:
        document = json.loads(body)
    except ValueError:
        return {"text": body.decode("utf-8", "replace")}
    return document if isinstance(document, dict) else {"items": document}


def _seconds(header: str | None) -> float | None:
    """`Retry-After` in seconds; API servers send no dates."""
    return float(header) if header and header.isdigit() else None
