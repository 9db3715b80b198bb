"""Starts a lab's supervisor and waits until the lab can be used, or says why it cannot."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from typing import Any

from aifactory_iac.lab.child import command, import_path
from aifactory_iac.lab.folder import SECRET, Folder, write
from aifactory_iac.lab.orders import Orders
from aifactory_iac.lab.tail import tail

_SUPERVISOR = "aifactory_iac.lab.supervisor"
_SLACK = 15.0
"""Seconds beyond the parts' own deadline after which the supervisor itself is given up."""
_GRACE = 15.0
"""Seconds that a supervisor has to take its parts down."""


class StartError(Exception):
    """A lab did not come up; nothing of it is left. `log` is the end of what the part wrote."""

    def __init__(self, part: str, reason: str, log: tuple[str, ...] = ()) -> None:
        """Takes the part's name, and why."""
        super().__init__(f"{part} {reason}")
        self.part, self.reason, self.log = part, reason, log


def start(folder: Folder, lock: int, orders: Orders) -> None:
    """Starts it in a folder whose lock is held; when it returns, the lab is ready.

    Whatever else happens here, an interrupt too, leaves no process and no folder behind.

    Raises:
        StartError: It did not come up.
    """
    try:
        write(folder.orders, orders.text())
        supervisor = _launched(folder, lock)
    except BaseException:
        folder.remove()
        raise
    finally:
        os.close(lock)
    try:
        answer = _answer(supervisor, orders.deadline + _SLACK)
        if answer is None:
            log = tail(folder.log)
            raise StartError("supervisor", "ended without a word", log)
        if not answer["ready"]:
            raise StartError(answer["part"], answer["reason"], tuple(answer["log"]))
        _let_go(supervisor)
    except BaseException:
        _take_down(supervisor)
        folder.remove()
        raise


def stop(folder: Folder) -> None:
    """Takes a lab down, and its folder with it; nothing happens where none lives."""
    pid = folder.pid
    if pid is not None and folder.alive:
        _signal(pid, signal.SIGTERM)
        until = time.monotonic() + _GRACE
        while folder.alive and time.monotonic() < until:
            time.sleep(0.02)
        if folder.alive:
            _signal(pid, signal.SIGKILL)  # its parts end with it
    folder.remove()


def _launched(folder: Folder, lock: int) -> subprocess.Popen[bytes]:
    folder.log.touch(mode=SECRET)
    with folder.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - a module of ours
            command(_SUPERVISOR, str(folder.path), str(lock)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, **import_path()},
            pass_fds=(lock,),
            start_new_session=True,
        )


def _answer(supervisor: subprocess.Popen[bytes], seconds: float) -> Mapping[str, Any] | None:
    """The one line that it says; None when it ends, or takes too long, without one."""
    assert supervisor.stdout is not None  # noqa: S101 - a pipe was asked for
    heard, until = b"", time.monotonic() + seconds
    while b"\n" not in heard:
        ready, _, _ = select.select([supervisor.stdout], [], [], max(0, until - time.monotonic()))
        piece = os.read(supervisor.stdout.fileno(), 65536) if ready else b""
        if not piece:
            return None
        heard += piece
    answer: Mapping[str, Any] = json.loads(heard)
    return answer


def _let_go(supervisor: subprocess.Popen[bytes]) -> None:
    """Tells it to live on without us. Raises `StartError` when it has ended meanwhile."""
    assert supervisor.stdin is not None and supervisor.stdout is not None  # noqa: S101
    try:
        supervisor.stdin.write(b"\n")
        supervisor.stdin.close()
    except BrokenPipeError:
        raise StartError("supervisor", "has just ended") from None
    supervisor.stdout.close()
    # Reaps it when it ends while we still live, as in a notebook.
    threading.Thread(target=supervisor.wait, daemon=True).start()


def _take_down(supervisor: subprocess.Popen[bytes]) -> None:
    for stream in (supervisor.stdin, supervisor.stdout):
        if stream is not None and not stream.closed:
            stream.close()
    try:
        supervisor.wait(timeout=_GRACE)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        supervisor.kill()
        supervisor.wait()


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
