"""The line between a supervisor and whoever started it, until the lab is ready.

Each side's end is the other's signal: a starter that is gone before it has said to go on takes the
lab with it, however it ended.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class StarterGoneError(Exception):
    """There is nobody left who wants the lab."""


@dataclass(frozen=True, slots=True)
class Starter:
    """As the supervisor sees it: descriptors to read from and to write to."""

    reads: int
    writes: int

    def tell(self, document: Mapping[str, Any]) -> None:
        """Says how starting went, once. Raises `StarterGoneError`."""
        try:
            os.write(self.writes, json.dumps(document).encode() + b"\n")
        except BrokenPipeError:
            raise StarterGoneError from None

    def hear(self) -> None:
        """Takes the word to go on; called when there is something to read.

        Raises:
            StarterGoneError: The line was closed instead.
        """
        if not os.read(self.reads, 1):
            raise StarterGoneError

    def hang_up(self) -> None:
        """Leaves it to its own devices: standard input and output lead nowhere from now on."""
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, self.reads)
        os.dup2(nothing, self.writes)
        os.close(nothing)
