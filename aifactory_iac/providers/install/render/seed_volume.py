"""A seed as a volume: a small ISO 9660 image, for a controller that inserts it as a second medium.

Only what Linux needs to read it: one folder, names in capitals without extensions of the format
(Linux shows `USER-DATA.;1` as `user-data`). ECMA-119; no library of ours writes one.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

_SECTOR = 2048
_ROOT_SECTOR = 20
_DATE = bytes([126, 1, 1, 0, 0, 0, 0])
"""1 January 2026: a fixed date, so that equal files make equal images."""


def iso9660(label: str, files: Mapping[str, bytes]) -> bytes:
    """The image; `label` has at most 32 capitals, names at most 30 characters and no folders.

    Raises:
        ValueError: A name or the label does not fit.
    """
    if not 0 < len(label) <= 32 or label != label.upper():
        raise ValueError(f"no label for a volume: {label}")
    names = {_identifier(name): content for name, content in files.items() if "/" not in name}
    records, body = [], b""
    first = _ROOT_SECTOR + _root_sectors(names)
    for name, content in sorted(names.items()):
        records.append(_record(name, first + len(body) // _SECTOR, len(content), folder=False))
        body += _padded(content)
    size = _root_sectors(names) * _SECTOR
    own, parent = (_record(mark, _ROOT_SECTOR, size, folder=True) for mark in (b"\0", b"\1"))
    root = _padded(_packed([own, parent, *records]))
    total = first + len(body) // _SECTOR
    return (
        bytes(16 * _SECTOR)
        + _primary_descriptor(label, total, own)
        + (b"\xffCD001\x01").ljust(_SECTOR, b"\0")
        + _padded(_path_table("<"))
        + _padded(_path_table(">"))
        + root
        + body
    )


def _identifier(name: str) -> bytes:
    found = name.upper()
    found = f"{found}.;1" if "." not in found else f"{found};1"
    if len(found) > 32 or not found.isascii():
        raise ValueError(f"no name for a file of a volume: {name}")
    return found.encode()


def _both(value: int, form: str) -> bytes:
    return struct.pack(f"<{form}", value) + struct.pack(f">{form}", value)


def _record(name: bytes, sector: int, size: int, *, folder: bool) -> bytes:
    length = 33 + len(name) + (len(name) + 1) % 2
    return (
        bytes([length, 0])
        + _both(sector, "I")
        + _both(size, "I")
        + _DATE
        + bytes([2 if folder else 0, 0, 0])
        + _both(1, "H")
        + bytes([len(name)])
        + name
    ).ljust(length, b"\0")


def _packed(records: list[bytes]) -> bytes:
    """Records one after another; none goes over the end of a sector."""
    found = b""
    for record in records:
        left = _SECTOR - len(found) % _SECTOR
        if len(record) > left:
            found += bytes(left)
        found += record
    return found


def _root_sectors(names: Mapping[bytes, bytes]) -> int:
    records = [_record(name, 0, 0, folder=False) for name in [b"\0", b"\1", *sorted(names)]]
    return len(_padded(_packed(records))) // _SECTOR


def _padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % _SECTOR)


def _path_table(order: str) -> bytes:
    return struct.pack(f"{order}BBIH", 1, 0, _ROOT_SECTOR, 1) + b"\0\0"


def _primary_descriptor(label: str, total: int, root: bytes) -> bytes:
    spaces = b" " * 128
    never = b"0" * 16 + b"\0"
    fields = [
        b"\x01CD001\x01\x00",
        b"LINUX".ljust(32),
        label.encode().ljust(32),
        bytes(8),
        _both(total, "I"),
        bytes(32),
        _both(1, "H"),
        _both(1, "H"),
        _both(_SECTOR, "H"),
        _both(10, "I"),
        struct.pack("<II", 18, 0),
        struct.pack(">II", 19, 0),
        root,
        spaces * 4,
        b" " * 37 * 3,
        never * 4,
        b"\x01\x00",
    ]
    return b"".join(fields).ljust(_SECTOR, b"\0")
