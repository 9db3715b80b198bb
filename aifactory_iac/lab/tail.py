"""The end of a log, which mostly says why."""

from __future__ import annotations

from pathlib import Path

LINES = 10
_BYTES = 16 * 1024


def tail(file: Path, lines: int = LINES) -> tuple[str, ...]:
    """The last lines of a file that has text in them; none when it cannot be read."""
    try:
        with file.open("rb") as stream:
            stream.seek(0, 2)
            stream.seek(max(0, stream.tell() - _BYTES))
            text = stream.read().decode("utf-8", "replace")
    except OSError:
        return ()
    return tuple(line for line in text.splitlines() if line.strip())[-lines:]
