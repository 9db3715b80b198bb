"""Firmware packages: fetched, measured, and only then handed to a controller, once."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import aiohttp

from aifactory_iac.providers.redfish.client import RedfishClient
from aifactory_iac.providers.redfish.connections import Timeouts
from aifactory_iac.providers.redfish.outcome import Answer, MissingError, RejectedError

_CHUNK = 1024 * 1024
_PUSHING = Timeouts(connect=10.0, answer=600.0, whole=3600.0)
"""A package of 200 MB over a management port of 100 Mb/s takes minutes."""


class PackageError(Exception):
    """A package cannot be had, or is not the one that was declared."""


async def push(client: RedfishClient, component: str, url: str, digest: str) -> Answer:
    """Sends a package for one component (DSP0266, multipart HTTP push); it gives a task.

    Raises:
        PackageError: It was not sent: it is not to be had, or has another digest.
        RedfishError: As of any write.
    """
    root = await client.service()
    service = str((root.get("UpdateService") or {}).get("@odata.id") or "")
    if not service:
        raise PackageError("its BMC has no update service")
    body = (await client.get(service)).body
    target = body.get("MultipartHttpPushUri")
    inventory = f"{service.rstrip('/')}/FirmwareInventory/{component}"
    if not target:
        raise PackageError("its BMC takes no package by multipart push")
    with await asyncio.to_thread(_measured, url, digest) as package:
        form = aiohttp.FormData()
        form.add_field(
            "UpdateParameters",
            json.dumps({"Targets": [inventory], "@Redfish.OperationApplyTime": "Immediate"}),
            content_type="application/json",
        )
        form.add_field(
            "UpdateFile",
            package,
            filename=url.rpartition("/")[2] or "package",
            content_type="application/octet-stream",
        )
        return await client.push(str(target), form, _PUSHING)


def _measured(url: str, digest: str) -> IO[bytes]:
    """The package as a temporary file that vanishes when it is closed."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        summed = hashlib.sha256()
        for chunk in _chunks(url):
            summed.update(chunk)
            file.write(chunk)
    except (OSError, urllib.error.URLError) as error:
        file.close()
        raise PackageError(f"package {url} cannot be had: {_reason(error)}") from None
    found = f"sha256:{summed.hexdigest()}"
    if found != digest:
        file.close()
        raise PackageError(f"package {url} is {found}, not {digest}")
    file.seek(0)
    return file


def _chunks(url: str) -> Iterator[bytes]:
    with contextlib.closing(_opened(url)) as source:
        while chunk := source.read(_CHUNK):
            yield chunk


def _opened(url: str) -> IO[bytes]:
    if url.startswith("file://"):
        return Path(url.removeprefix("file://")).open("rb")
    if not url.startswith(("https://", "http://")):
        raise OSError("is neither http, https nor file")
    opened: IO[bytes] = urllib.request.urlopen(url, timeout=60)  # noqa: S310 - checked above
    return opened


def _reason(error: OSError) -> str:
    return str(getattr(error, "reason", "") or error.strerror or error)


__all__ = ["MissingError", "PackageError", "RejectedError", "push"]
