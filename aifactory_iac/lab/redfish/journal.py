"""The witness log: every request and every effect, one JSON value a line, flushed as it happens."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

_SECRET = ("password", "token", "privatekey", "secret")
HIDDEN = "(hidden)"

Record = dict[str, Any]


class Journal:
    """Keeps the log of one fleet in memory, unless told not to, and in a file when given one.

    Records are numbered in the order in which they began: a request gets its number when it
    arrives, and is written when its answer is over, so that a line tells the whole story.
    """

    def __init__(self, path: Path | None = None, *, keep: bool = True) -> None:
        """Raises `OSError`. The file is for its owner only: it tells where images are fetched."""
        self.records: list[Record] = []
        self._keep = keep
        self._count = 0
        self._file: IO[str] | None = None
        if path is not None:
            path.touch(mode=0o600)
            self._file = path.open("a", encoding="utf-8")

    def number(self) -> int:
        """The next number."""
        self._count += 1
        return self._count

    def write(self, kind: str, machine: str, number: int | None = None, **facts: Any) -> None:
        """Adds a record; facts that are None are left out."""
        record: Record = {
            "number": number if number is not None else self.number(),
            "time": round(time.time(), 4),
            "kind": kind,
            "machine": machine,
        }
        record.update((key, value) for key, value in facts.items() if value is not None)
        if self._keep:
            self.records.append(record)
        if self._file is not None:
            self._file.write(json.dumps(record, separators=(",", ":")) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Ends the file; the records in memory stay."""
        if self._file is not None:
            self._file.close()
            self._file = None


def without_secrets(value: Any) -> Any:
    """A request's body as it may be logged: what is secret is replaced, lists and depth stay."""
    if isinstance(value, Mapping):
        return {
            key: HIDDEN
            if isinstance(key, str) and key.lower().endswith(_SECRET) and item is not None
            else without_secrets(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    return HIDDEN if isinstance(value, str) and "PRIVATE KEY-----" in value else value
