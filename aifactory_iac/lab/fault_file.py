"""A user's fault file: what is to go wrong, read with positions and complained about all at once.

The lab keeps it as JSON in its own folder, where its parts look again whenever it changes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aifactory_iac.catalog.reading import Positions, ReadingError, read
from aifactory_iac.findings import Finding, Path as Place, Span
from aifactory_iac.lab.inventory import Inventory
from aifactory_iac.lab.rules import found

MAX_BYTES = 256 * 1024
NO_FAULTS = '{"faults": []}\n'
_TEXT_SHOWN = 200
_LAYER = "fault file"


@dataclass(frozen=True, slots=True)
class FaultFile:
    """A fault file as the lab keeps it, or what is wrong with it."""

    text: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Source:
    """Where things stand in the file."""

    shown: str
    lines: tuple[str, ...] = ()
    positions: Positions | None = None

    def span(self, path: Place) -> Span:
        """The line and column of the value at the path, or of its nearest parent."""
        line, column, length = (self.positions and self.positions.nearest(path)) or (1, 1, 1)
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return Span(self.shown, line, column, length, text[:_TEXT_SHOWN], _LAYER)


def read_faults(file: Path, wanted: Inventory) -> FaultFile:
    """Reads one file. Whatever it holds, the answer has its faults or its findings."""
    source = _Source(file.as_posix())
    try:
        if file.exists() and not file.is_file():
            return _refused("AIF-LAB-005", "is not a regular file", source)
        content = file.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not a file name"
        return _refused("AIF-LAB-005", f"cannot be read: {reason}", source)
    if len(content) > MAX_BYTES:
        return _refused("AIF-LAB-005", "is larger than 256 KiB", source)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _refused("AIF-LAB-005", f"is not UTF-8 text (byte {error.start})", source)
    return _parsed(text, source.shown, wanted)


def _parsed(text: str, shown: str, wanted: Inventory) -> FaultFile:
    lines, positions = tuple(text.splitlines()), Positions()
    source = _Source(shown, lines, positions)
    try:
        document = read(text, positions)
    except ReadingError as error:
        place = (error.line, error.column, 1)
        at = _Source(shown, lines, Positions(values={(): place}))
        message = f"This is not plain YAML: {error.message}"
        return FaultFile("", (found("AIF-LAB-006", message, span=at.span(())),))
    return FaultFile(json.dumps(document) + "\n")


def _refused(rule: str, why: str, source: _Source) -> FaultFile:
    finding = found(rule, f"The fault file `{source.shown}` {why}", span=source.span(()))
    return FaultFile("", (finding,))
