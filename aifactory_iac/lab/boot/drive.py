"""The drive of a virtual medium: fetches what was inserted, as a controller would."""

from __future__ import annotations

import hashlib
import ssl
import urllib.error
import urllib.request
from pathlib import Path

LARGEST = 256 * 1024 * 1024
_SECONDS = 30.0


class DriveError(Exception):
    """The medium cannot be had; the text says why."""


def fetch(url: str, target: Path, ca: Path | None = None) -> str:
    """Writes the medium to a file, and gives its SHA-256 as `sha256:...`. Raises `DriveError`."""
    if not url.startswith(("http://", "https://")):
        raise DriveError(f"{url}: this drive takes http and https only")
    context = ssl.create_default_context(cafile=str(ca) if ca else None)
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS, context=context) as answer:  # noqa: S310
            content = answer.read(LARGEST + 1)
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise DriveError(f"{url}: {getattr(error, 'reason', error)}") from None
    if len(content) > LARGEST:
        raise DriveError(f"{url}: is larger than {LARGEST // 1024 // 1024} MiB")
    target.write_bytes(content)
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
