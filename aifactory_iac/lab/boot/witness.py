"""A fleet's witness log, read as it grows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


class Witness:
    """Gives every record of a log once, in order; a log that is not there yet has none."""

    def __init__(self, log: Path) -> None:
        """Starts at the log's beginning."""
        self._log, self._read, self._rest = log, 0, b""

    def news(self) -> Iterator[Mapping[str, Any]]:
        """Records since the last call; a line that is still being written waits for its end."""
        try:
            with self._log.open("rb") as stream:
                stream.seek(self._read)
                piece = stream.read()
        except FileNotFoundError:
            return
        self._read += len(piece)
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            record = json.loads(line)
            if isinstance(record, dict):
                yield record
