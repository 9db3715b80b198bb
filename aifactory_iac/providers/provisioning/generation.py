"""A generation of the service's files: written beside the one in force, then put in its place."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from aifactory_iac.providers.provisioning.files import digest_of
from aifactory_iac.providers.provisioning.folder import Folder, write_new


def stage(folder: Folder, files: Mapping[str, bytes]) -> Path:
    """Writes a generation; nothing looks at it yet. The same files are the same generation."""
    summed = digest_of(b"".join(f"{name}\0".encode() + files[name] for name in sorted(files)))
    place = folder.generations / summed.removeprefix("sha256:")[:16]
    if _read(place) != dict(files):
        shutil.rmtree(place, ignore_errors=True)
        beside = place.with_name(f".{place.name}.{secrets.token_hex(6)}")
        beside.mkdir(parents=True)
        for name, content in files.items():
            (beside / name).parent.mkdir(parents=True, exist_ok=True)
            write_new(beside / name, content, lasting=True)
        beside.rename(place)
    return place


def enforce(folder: Folder, generation: Path) -> None:
    """Puts a generation in force at once, and drops all others."""
    beside = folder.path / f".current.{secrets.token_hex(6)}"
    beside.symlink_to(os.path.relpath(generation, folder.path))
    beside.replace(folder.current)
    for other in folder.generations.iterdir():
        if other != generation:
            shutil.rmtree(other, ignore_errors=True)


def discard(folder: Folder, generation: Path) -> None:
    """Drops a generation that is not in force."""
    if not folder.current.exists() or folder.current.resolve() != generation.resolve():
        shutil.rmtree(generation, ignore_errors=True)


def in_force(folder: Folder) -> dict[str, bytes]:
    """The files that are in force, by name; empty when none are."""
    return _read(folder.current)


def retire(folder: Folder) -> None:
    """Stops serving: nothing is in force and nothing is published. Images stay where they are."""
    folder.current.unlink(missing_ok=True)
    for place in (folder.generations, folder.path / "published", folder.path / "machines"):
        shutil.rmtree(place, ignore_errors=True)


def _read(root: Path) -> dict[str, bytes]:
    paths = (Path(top) / name for top, _folders, names in os.walk(root) for name in names)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(paths)}
