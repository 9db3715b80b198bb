"""Installers that call home."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp

_PATIENCE = aiohttp.ClientTimeout(total=10)


class Telephone:
    """Posts reports in the background; what nobody answers is over after ten seconds."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._calls: set[asyncio.Task[None]] = set()

    def call(self, url: str, body: Mapping[str, Any], over: Callable[[int], None]) -> None:
        """Posts JSON; `over` hears the status, 0 when there was no answer."""

        async def post() -> None:
            over(await _post(url, body))

        task = self._loop.create_task(post())
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    def hang_up(self) -> None:
        """Ends every call."""
        for task in self._calls:
            task.cancel()


async def _post(url: str, body: Mapping[str, Any]) -> int:
    try:
        async with (
            aiohttp.ClientSession(timeout=_PATIENCE) as session,
            session.post(url, json=dict(body)) as answer,
        ):
            return answer.status
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return 0
