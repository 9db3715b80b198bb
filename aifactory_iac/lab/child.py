"""One part of a lab as a child process.

The contract: it prints one JSON object with `"ready": true` on a line of its own when it can be
used, and ends on SIGTERM or when its standard input closes. It is asked both ways, and killed with
its whole process group when it does not.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from aifactory_iac.lab.orders import PartOrder

_PR_SET_PDEATHSIG = 1
_MOST_HEARD = 8 * 1024 * 1024
"""Bytes that a ready line may have: a fleet of 100,000 endpoints has half of that."""


class Child:
    """A part that runs, or did."""

    def __init__(self, order: PartOrder, environment: Mapping[str, str]) -> None:
        """Starts it. Raises `OSError`."""
        self.order = order
        self.answer: Mapping[str, Any] | None = None
        self.babble: str | None = None
        """What it said instead of being ready."""
        self._heard = b""
        with Path(order.log).open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - a module of ours
                command(order.module, order.spec),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=order.folder,
                env={**os.environ, **import_path(), **environment},
                process_group=0,
                preexec_fn=dying_with(os.getpid()),  # noqa: PLW1509 - there are no threads here
            )
        os.set_blocking(self.stdout.fileno(), False)

    @property
    def stdout(self) -> IO[bytes]:
        """Where it speaks."""
        assert self._process.stdout is not None  # noqa: S101 - a pipe was asked for
        return self._process.stdout

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    @property
    def exit(self) -> int | None:
        """None while it runs, else its exit status; negative for the signal that ended it."""
        return self._process.poll()

    def hear(self) -> bool:
        """Takes in what it has said; false once it will say nothing more."""
        try:
            piece = os.read(self.stdout.fileno(), 65536)
        except BlockingIOError:
            return True
        if self.answer is None and self.babble is None:
            self._heard = (self._heard + piece)[:_MOST_HEARD]
            line, end, _ = self._heard.partition(b"\n")
            if end or len(self._heard) == _MOST_HEARD:
                self._understand(line)
        return bool(piece)

    def end(self) -> None:
        """Asks it to end."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()
        if self.exit is None:
            self._process.terminate()

    def kill(self) -> None:
        """Ends it and all that it has started, now."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        self.stdout.close()

    def _understand(self, line: bytes) -> None:
        try:
            answer = json.loads(line)
        except ValueError:
            answer = None
        if isinstance(answer, dict) and answer.get("ready") is True:
            self.answer = answer
        else:
            self.babble = line.decode(errors="replace")[:200]


def command(module: str, *arguments: str) -> list[str]:
    """How a module of ours is run, whatever lies in the current folder."""
    return [sys.executable, "-P", "-m", module, *arguments]


def import_path() -> dict[str, str]:
    """What lets a child import this package as this process did, from a checkout too."""
    import sysconfig

    root = str(Path(__file__).resolve().parents[2])
    if root in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
        return {}
    given = os.environ.get("PYTHONPATH")
    return {"PYTHONPATH": f"{root}{os.pathsep}{given}" if given else root}


def dying_with(parent: int, by: signal.Signals = signal.SIGTERM) -> Callable[[], None] | None:
    """For `preexec_fn`: on Linux, has a child told to end when its parent does, however that is.

    The parent is the thread that starts the child (prctl(2), PR_SET_PDEATHSIG).
    """
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)

    def ask() -> None:
        library.prctl(_PR_SET_PDEATHSIG, by)
        if os.getppid() != parent:
            os._exit(1)

    return ask
