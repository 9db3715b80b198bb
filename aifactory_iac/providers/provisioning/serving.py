"""Runs the boot server for a folder: in this process for tests, or as a process of its own."""

from __future__ import annotations

import contextlib
import fcntl
import os
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from aifactory_iac.providers.provisioning.boot_server import boot_app
from aifactory_iac.providers.provisioning.folder import Folder, read_json, to_json, write


class AlreadyServedError(Exception):
    """Another process serves the folder; the text is for the user."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen: `port` 0 takes a free one. With a certificate and its key it is https.

    `advertised` is the URL that machines find it under, when that is another one.
    """

    host: str = "127.0.0.1"
    port: int = 0
    certificate: Path | None = None
    key: Path | None = None
    advertised: str | None = None


@contextlib.asynccontextmanager
async def serving(
    path: Path, listen: Listen | None = None, now: Callable[[], float] = time.time
) -> AsyncIterator[str]:
    """Serves a folder until the block is left; gives the URL, and writes it into the folder.

    Raises:
        AlreadyServedError: Another process does already.
        OSError: It cannot listen there, or the folder cannot be written to.
    """
    at = listen or Listen()
    folder = Folder(path)
    path.mkdir(parents=True, exist_ok=True)
    context = _context(at)
    with _alone(path):
        runner = web.AppRunner(boot_app(folder, now), access_log=None, handle_signals=False)
        await runner.setup()
        try:
            site = web.TCPSite(runner, at.host, at.port, ssl_context=context)
            await site.start()
            port = runner.addresses[0][1]
            host = f"[{at.host}]" if ":" in at.host else at.host
            url = at.advertised or f"{'https' if context else 'http'}://{host}:{port}"
            write(folder.running, to_json({"url": url, "pid": os.getpid()}))
            yield url
        finally:
            if (read_json(folder.running) or {}).get("pid") == os.getpid():
                folder.running.unlink(missing_ok=True)
            await runner.cleanup()


def _context(listen: Listen) -> ssl.SSLContext | None:
    if listen.certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(listen.certificate, listen.key)
    return context


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    with (path / "serving.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyServedError(f"{path} is served by another process already") from None
        yield
