"""The lab's own memory of what it was asked and what came of it: what no client can talk away."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Witness:
    """Requests and effects in order; `file` gets each as a line of JSON at once."""

    now: Callable[[], float]
    file: Path | None = None
    entries: list[dict[str, Any]] = field(default_factory=list)

    def request(self, switch: str, method: str, path: str, outcome: str | int) -> None:
        """A request and its status, or what became of its answer. Bodies and passwords stay out."""
        self._note(switch, "request", method=method, path=path, outcome=outcome)

    def effect(self, switch: str, what: str, **details: Any) -> None:
        """Something changed on a switch."""
        self._note(switch, "effect", what=what, **details)

    def effects(self, switch: str, what: str = "*") -> list[dict[str, Any]]:
        """What changed on one switch, all or of one kind."""
        return [
            each
            for each in self.entries
            if each["switch"] == switch and each["kind"] == "effect" and what in ("*", each["what"])
        ]

    def requests(self, switch: str = "*", method: str = "*") -> list[dict[str, Any]]:
        """What was asked."""
        return [
            each
            for each in self.entries
            if each["kind"] == "request"
            and switch in ("*", each["switch"])
            and method in ("*", each["method"])
        ]

    def _note(self, switch: str, kind: str, **details: Any) -> None:
        entry = {"at": round(self.now(), 3), "switch": switch, "kind": kind, **details}
        self.entries.append(entry)
        if self.file is not None:
            with self.file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")
