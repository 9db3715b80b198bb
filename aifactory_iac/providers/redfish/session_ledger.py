"""Sessions that were opened and not yet closed, so that a kill leaks none for long.

BMCs have about eight (gofish #75, check_redfish #89). What is kept is the session's path, which
opens nothing: the token stays in memory.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SessionLedger:
    """A folder with one file for each BMC that a session is open on."""

    folder: Path

    def opened(self, address: str, path: str) -> None:
        """Notes a session, before anything is done with it."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._place(address).open("a", encoding="utf-8") as file:
            file.write(f"{path}\n")

    def left_open(self, address: str) -> tuple[str, ...]:
        """Paths of the sessions that a run before this one did not close."""
        try:
            lines = self._place(address).read_text(encoding="utf-8").split()
        except OSError:
            return ()
        return tuple(line for line in lines if line.startswith("/redfish/"))

    def closed(self, address: str) -> None:
        """Notes that none is open any more."""
        self._place(address).unlink(missing_ok=True)

    def _place(self, address: str) -> Path:
        return self.folder / hashlib.sha256(address.encode()).hexdigest()[:24]
