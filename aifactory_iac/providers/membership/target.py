"""The folder that a cluster's files are written to, for the installs that take them from there."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from pathlib import Path


def digests(files: Mapping[str, str]) -> dict[str, str]:
    """SHA-256 by path."""
    return {
        path: f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
        for path, text in sorted(files.items())
    }


def written(target: Path, known: Mapping[str, str]) -> dict[str, str]:
    """Digests of those known files that are still there, as they are now."""
    found = {}
    for path in sorted(known):
        with contextlib.suppress(OSError):
            data = (target / path).read_bytes()
            found[path] = f"sha256:{hashlib.sha256(data).hexdigest()}"
    return found


def write(target: Path, files: Mapping[str, str], known: Mapping[str, str]) -> None:
    """Writes what differs, each file whole or not at all, and removes what is no longer wanted.

    What somebody has changed in a file that is to go stays: only what is as we left it is removed.

    Raises:
        OSError: A file cannot be written.
    """
    there = written(target, {**known, **dict.fromkeys(files, "")})
    for path, digest in digests(files).items():
        if there.get(path) != digest:
            place = target / path
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
            new = place.with_name(f".{place.name}.new")
            new.write_text(files[path], encoding="utf-8")
            new.replace(place)
    remove(target, {path: digest for path, digest in known.items() if path not in files})


def remove(target: Path, known: Mapping[str, str]) -> None:
    """Removes files that are as we left them, and folders that are empty then."""
    there = written(target, known)
    for path, digest in known.items():
        if there.get(path) == digest:
            place = target / path
            place.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                for folder in list(place.relative_to(target).parents)[:-1]:
                    (target / folder).rmdir()
