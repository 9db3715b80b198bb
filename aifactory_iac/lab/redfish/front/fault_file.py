"""The fault file of a running fleet: read at the start, and again whenever it changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from aifactory_iac.lab.redfish.faults.reading import Faults, load
from aifactory_iac.lab.redfish.journal import Journal
from aifactory_iac.lab.redfish.spec import SpecError

_INTERVAL = 0.25
"""Seconds between two looks at the file."""


class FaultFile:
    """Watches a fault file.

    One that became bad is complained about in the log, and the faults that were there stay.
    """

    def __init__(
        self,
        path: Path,
        use: Callable[[Faults], None],
        journal: Journal,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        """Uses it as it is now. Raises `SpecError`."""
        self._path = path
        self._use = use
        self._journal = journal
        self._loop = loop
        self._seen = self._stamp()
        use(load(path))
        self._handle = loop.call_later(_INTERVAL, self._look)

    def _stamp(self) -> tuple[int, int]:
        """Changes with the file; (0, 0) while there is none."""
        try:
            about = self._path.stat()
        except OSError:
            return 0, 0
        return about.st_mtime_ns, about.st_size

    def _look(self) -> None:
        self._handle = self._loop.call_later(_INTERVAL, self._look)
        stamp = self._stamp()
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            self._use(load(self._path))
        except SpecError as error:
            problems = list(error.problems)
            self._journal.write("effect", "*", effect="faults-refused", problems=problems)

    def stop(self) -> None:
        """Looks no more."""
        self._handle.cancel()
