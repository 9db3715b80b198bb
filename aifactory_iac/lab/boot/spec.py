"""What the boot part is told: which machines truly boot, and whose log says when."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Bootable:
    """A machine of the fleet that QEMU stands behind."""

    name: str
    uuid: str
    serial: str
    mac: str


@dataclass(frozen=True, slots=True)
class BootSpec:
    """`log` is the fleet's witness log; everything that is written goes below `folder`."""

    folder: Path
    log: Path
    machines: tuple[Bootable, ...]
    ca: Path | None = None
    """Authority that media may be served under; None takes the system's."""

    @classmethod
    def read(cls, path: Path) -> BootSpec:
        """From a file. Raises `OSError`, `ValueError`, `KeyError` or `TypeError`."""
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            folder=Path(document["folder"]),
            log=Path(document["log"]),
            machines=tuple(Bootable(**each) for each in document["machines"]),
            ca=Path(document["ca"]) if document.get("ca") else None,
        )
