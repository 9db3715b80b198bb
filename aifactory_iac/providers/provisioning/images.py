"""Images by digest: put in the folder when their bytes were measured, and measured again to serve.

An image lies under its SHA-256. What lies there is served only after its bytes were summed; the
sum holds for as long as the file's inode, size and times stay what they were.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

from aifactory_iac.providers.provisioning.folder import Folder

_CHUNK = 1 << 20
_TURN = 0.2
"""Seconds between two looks at whether another one is done fetching the same image."""

Stamp = tuple[int, int, int, int, int]
"""Device, inode, size, time of change and of modification: what a sum holds for."""


class ImageError(Exception):
    """An image could not be had, or is not the one that its digest names; for the user."""


@dataclass(frozen=True, slots=True)
class Measured:
    """An open file whose bytes have the digest that was asked for; `size` is in bytes."""

    file: BufferedReader = field(repr=False)
    size: int
    stamp: Stamp

    def read(self, start: int, length: int) -> bytes:
        """Bytes from a place.

        Raises:
            ImageError: The file has been changed since it was measured.
        """
        found = os.pread(self.file.fileno(), length, start)
        if _stamp(self.file) != self.stamp:
            raise ImageError("the image was changed while it was read")
        return found


@dataclass(frozen=True, slots=True)
class Images:
    """The images of a folder; one for a process, so that each is summed once."""

    folder: Folder
    known: dict[str, Stamp] = field(default_factory=dict)
    locks: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def open(self, digest: str) -> Measured | None:
        """The image, measured; None when there is none. The caller closes its `file`.

        Raises:
            ImageError: Its bytes are not those that the digest names.
        """
        path = self.folder.image(digest)
        try:
            file = path.open("rb")
        except OSError:
            return None
        try:
            async with self.locks[path.name]:
                stamp = _stamp(file)
                if self.known.get(path.name) != stamp:
                    found = await asyncio.to_thread(_sum, file)
                    if found != path.name or _stamp(file) != stamp:
                        raise ImageError(f"image {digest} has other bytes: sha256:{found}")
                    self.known[path.name] = stamp
        except BaseException:
            file.close()
            raise
        return Measured(file, stamp[2], stamp)

    async def obtain(self, url: str, digest: str) -> bool:
        """Fetches an image unless it is there; whether it was fetched.

        It is summed as it comes and only then given its name, so nobody sees a part of it. Of
        several that want the same image, also in other processes, one fetches it.

        Raises:
            ImageError: It cannot be had, or is another one.
        """
        place = self.folder.image(digest)
        if place.exists():
            return False
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.with_name(f".{place.name}.lock").open("w") as lock:
            while not _locked(lock):
                await asyncio.sleep(_TURN)
            if place.exists():
                return False
            await self._fetch(url, digest, place)
        return True

    async def _fetch(self, url: str, digest: str, place: Path) -> None:
        beside = place.with_name(f".{place.name[:16]}.{secrets.token_hex(6)}")
        summed = hashlib.sha256()
        try:
            with beside.open("xb") as file:
                async for chunk in _chunks(url):
                    summed.update(chunk)
                    await asyncio.to_thread(file.write, chunk)
                file.flush()
                os.fsync(file.fileno())
            found = summed.hexdigest()
            if found != place.name:
                raise ImageError(f"{url} is not the image {digest}: it sums to sha256:{found}")
            beside.chmod(0o444)
            beside.replace(place)
        finally:
            beside.unlink(missing_ok=True)


async def _chunks(url: str) -> AsyncIterator[bytes]:
    parts = urlsplit(url)
    if parts.scheme == "file":
        try:
            with Path(unquote(parts.path)).open("rb") as file:
                while chunk := await asyncio.to_thread(file.read, _CHUNK):
                    yield chunk
        except OSError as error:
            raise ImageError(f"{url}: {error.strerror or 'cannot be read'}") from None
        return
    import aiohttp

    limit = aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=60)
    try:
        async with aiohttp.ClientSession(timeout=limit) as session, session.get(url) as answer:
            if answer.status != 200:
                raise ImageError(f"{url}: the server answers {answer.status}")
            async for chunk in answer.content.iter_chunked(_CHUNK):
                yield chunk
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ImageError(f"{url}: {type(error).__name__}") from None


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _stamp(file: BufferedReader) -> Stamp:
    found = os.fstat(file.fileno())
    return (found.st_dev, found.st_ino, found.st_size, found.st_ctime_ns, found.st_mtime_ns)


def _sum(file: BufferedReader) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()
