"""A program that runs for as long as its cluster does."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from aifactory_iac.lab.child import dying_with
from aifactory_iac.lab.tail import tail

GRACE = 5.0
"""Seconds that a program has to end by itself once it was asked."""


class DaemonError(Exception):
    """A program did not come up; the text has the end of its log."""


def free_port() -> int:
    """A loopback port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Daemon:
    """One started program, its output in a log."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        """Takes what `start` has started."""
        self.name, self._process, self._log = name, process, log

    @classmethod
    async def start(
        cls,
        name: str,
        arguments: Sequence[str],
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> Daemon:
        """Starts it; it ends with this process, however that ends."""
        import os

        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **(environment or {})},
                preexec_fn=dying_with(os.getpid()),
            )
        return cls(name, process, log)

    async def wait_until(self, ready: Callable[[], Awaitable[bool]], seconds: float) -> None:
        """Waits until it answers.

        Raises:
            DaemonError: It ended, or did not answer in time.
        """
        until = time.monotonic() + seconds
        while True:
            if self._process.returncode is not None:
                raise self._failed(f"ended with status {self._process.returncode}")
            if await ready():
                return
            if time.monotonic() > until:
                raise self._failed(f"is not ready after {seconds:g} s")
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Asks it to end, then ends it."""
        if self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), GRACE)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    def _failed(self, reason: str) -> DaemonError:
        lines = "\n".join(f"  {line}" for line in tail(self._log))
        return DaemonError(f"{self.name} {reason}; its log ends:\n{lines}")
