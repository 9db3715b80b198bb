"""Installers that fetch their images and call home, in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

import aiohttp

from aifactory_iac.lab.redfish.front import seeds
from aifactory_iac.lab.redfish.plant.state import Seed

_PATIENCE = aiohttp.ClientTimeout(total=10)
_AT_ONCE = 64
"""Connections of the whole fleet; more would only wait for each other on two cores."""


class Telephone:
    """Requests that machines make; what nobody answers is over after ten seconds."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._calls: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    def call(self, url: str, body: Mapping[str, Any], over: Callable[[int], None]) -> None:
        """Posts JSON; `over` hears the status, 0 when there was no answer."""

        async def post() -> None:
            over(await self._post(url, body))

        self._begin(post())

    def read_seed(self, urls: Sequence[str], then: Callable[[Seed], None]) -> None:
        """Reads what an installer finds at its image and its other media."""

        async def fetch() -> None:
            then(await seeds.read(urls, self._fetch))

        self._begin(fetch())

    async def quiet(self, patience: float = 5.0) -> None:
        """Waits until nobody is on the telephone, or until the patience is at its end."""
        while self._calls:
            _done, waiting = await asyncio.wait(self._calls, timeout=patience)
            if waiting:
                return

    async def hang_up(self) -> None:
        """Ends every call."""
        for task in self._calls:
            task.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    def _line(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=_AT_ONCE)
            self._session = aiohttp.ClientSession(timeout=_PATIENCE, connector=connector)
        return self._session

    async def _post(self, url: str, body: Mapping[str, Any]) -> int:
        try:
            async with self._line().post(url, json=dict(body)) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return 0

    async def _fetch(self, url: str) -> tuple[int, bytes]:
        """Looks at the size first: images are gigabytes, and only the small files are read."""
        try:
            async with self._line().head(url, allow_redirects=True) as head:
                size = int(head.headers.get("Content-Length", 0))
                if head.status != 200 or size > seeds.LARGEST:
                    return head.status, b""
            async with self._line().get(url) as answer:
                return answer.status, await answer.content.read(seeds.LARGEST)
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return 0, b""
