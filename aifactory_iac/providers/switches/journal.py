"""What was begun on a switch, written down before it is done, so that a killed run can go on."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """The change that an intent was given on the switch."""

    intent: str
    change: str


@dataclass(frozen=True, slots=True)
class Journal:
    """The one change that is under way on one switch, in a file of its own."""

    path: Path

    @classmethod
    def of(cls, state_dir: Path, address: str) -> Journal:
        """The journal of the switch at an address."""
        return cls(state_dir / "switches" / f"{re.sub(r'[^A-Za-z0-9.-]', '_', address)}.json")

    def read(self) -> Entry | None:
        """What was begun; a file that cannot be understood is as good as none."""
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
            return Entry(str(document["intent"]), str(document["change"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, entry: Entry) -> None:
        """Written to the disk before it returns, and whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as file:
            json.dump(asdict(entry), file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)

    def clear(self) -> None:
        """Nothing is under way any more."""
        self.path.unlink(missing_ok=True)
