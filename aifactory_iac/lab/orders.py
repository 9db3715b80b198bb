"""What a supervisor is told to start, as a file between two processes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class PartOrder:
    """One part: `module` is run with its specification's path, in its own folder.

    `what` is a word for people, such as `3 machines`.
    """

    name: str
    kind: str
    module: str
    what: str
    spec: str
    folder: str
    log: str


@dataclass(frozen=True, slots=True)
class Orders:
    """A whole lab. Times in seconds; `record` is what `lab.json` starts from.

    `digest` is over what makes two labs the same: what is emulated and how, faults left out.
    """

    digest: str
    parts: tuple[PartOrder, ...]
    record: Mapping[str, Any]
    deadline: float
    lifetime: float | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def read(cls, path: Path) -> Orders:
        """From a file. Raises `OSError`, or `ValueError` when it is no such file."""
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            parts = tuple(PartOrder(**part) for part in document.pop("parts"))
            return cls(parts=parts, **document)
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"{path}: {error}") from None
