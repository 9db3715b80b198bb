"""A cpio archive in the form that the kernel takes as its first file system (`newc`).

The form is in the kernel's own documentation: driver-api/early-userspace/buffer-format.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_FILE, _FOLDER, _LINK = 0o100000, 0o040000, 0o120000
_TRAILER = "TRAILER!!!"
_ALIGNED = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `path` has no leading slash."""

    path: str
    mode: int
    content: bytes = b""


def file(path: str, content: bytes, *, runs: bool = False) -> Entry:
    """A file, readable by all."""
    return Entry(path, _FILE | (0o755 if runs else 0o644), content)


def folder(path: str) -> Entry:
    """A folder; it stands before what is in it."""
    return Entry(path, _FOLDER | 0o755)


def link(path: str, target: str) -> Entry:
    """A symbolic link."""
    return Entry(path, _LINK | 0o777, target.encode())


def archived(entries: Iterable[Entry]) -> bytes:
    """The archive, compressed; equal entries give equal bytes."""
    pieces = [
        piece
        for number, entry in enumerate((*entries, Entry(_TRAILER, 0)), start=1)
        for piece in _pieces(entry, number)
    ]
    return gzip.compress(b"".join(pieces), compresslevel=1, mtime=0)


def _pieces(entry: Entry, number: int) -> Iterator[bytes]:
    name = entry.path.encode() + b"\0"
    fields = (
        number, entry.mode, 0, 0, 1, 0, len(entry.content), 0, 0, 0, 0, len(name), 0,
    )  # fmt: skip
    head = b"070701" + b"".join(f"{field:08X}".encode() for field in fields) + name
    yield head + _padding(len(head))
    yield entry.content + _padding(len(entry.content))


def _padding(length: int) -> bytes:
    return b"\0" * (-length % _ALIGNED)
