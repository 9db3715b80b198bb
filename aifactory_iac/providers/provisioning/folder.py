"""The folder that a provisioning service and the provider share: plain files, whole or not there.

running.json            URL of the process that serves the folder, while it does
current                 link to the generation in force
generations/<digest>/   service.json, dhcp/kea-dhcp4.json, dhcp/dnsmasq.conf, boot/...
images/<hex>            images by SHA-256; never deleted from here
machines/<name>.json    what is published for a machine (0600: it holds the token)
published/<mark>/       its files (0700); <mark> is a hash of the token
calls/<mark>.<stage>.json   what the machine said, each once
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Folder:
    """Paths within the shared folder."""

    path: Path

    @property
    def running(self) -> Path:
        """What the serving process says about itself."""
        return self.path / "running.json"

    @property
    def current(self) -> Path:
        """Link to the generation in force."""
        return self.path / "current"

    @property
    def generations(self) -> Path:
        """All generations that are kept."""
        return self.path / "generations"

    @property
    def service(self) -> Path:
        """What is served in the generation in force."""
        return self.current / "service.json"

    def image(self, digest: str) -> Path:
        """Where an image lies; `digest` is `sha256:` and hex, or the hex alone."""
        return self.path / "images" / digest.removeprefix("sha256:")

    def machine(self, name: str) -> Path:
        """What is published for a machine."""
        return self.path / "machines" / f"{name}.json"

    def published(self, mark: str) -> Path:
        """The files that are published under a mark."""
        return self.path / "published" / mark

    def call(self, mark: str, stage: str) -> Path:
        """What a machine said."""
        return self.path / "calls" / f"{mark}.{stage}.json"


def service_folder(state_dir: Path, server_id: str) -> Folder:
    """The folder of a `ProvisioningServer` by its id, wherever its target says that it is."""
    found = read_json(_pointer(state_dir, server_id)) or {}
    return Folder(Path(found["path"])) if "path" in found else own_folder(state_dir, server_id)


def own_folder(state_dir: Path, server_id: str) -> Folder:
    """The folder of a server whose target names none."""
    return Folder(state_dir / "provisioning" / server_id)


def point(state_dir: Path, server_id: str, path: str | None) -> None:
    """Says where the folder of a server is; None when it is the provider's own."""
    if path is None:
        _pointer(state_dir, server_id).unlink(missing_ok=True)
    else:
        write(_pointer(state_dir, server_id), to_json({"path": path}))


def _pointer(state_dir: Path, server_id: str) -> Path:
    return state_dir / "provisioning" / f"{server_id}.json"


def mark_of(token: str) -> str:
    """What a token is known by in file names: one cannot get back from it."""
    return hashlib.sha256(token.encode()).hexdigest()[:40]


def write(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Writes a file such that a reader sees all of it or what was there before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        write_new(beside, content, mode, lasting=True)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_once(path: Path, content: bytes, mode: int = 0o600) -> bool:
    """Writes a file unless there is one; of two at the same time, one is told False."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        write_new(beside, content, mode, lasting=True)
        os.link(beside, path)
    except FileExistsError:
        return False
    finally:
        beside.unlink(missing_ok=True)
    return True


def read_json(path: Path) -> dict[str, Any] | None:
    """The JSON object in a file; None when there is none, or nothing that could be read."""
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(path.read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else None
    return None


def to_json(value: object) -> bytes:
    """The same bytes for the same value."""
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def write_new(path: Path, content: bytes, mode: int = 0o644, *, lasting: bool = False) -> None:
    """Writes a file that must not be there yet; `lasting` waits until the disk has it.

    Raises:
        FileExistsError: It is there.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor made with its mode
        file.write(content)
        if lasting:
            file.flush()
            os.fsync(file.fileno())
