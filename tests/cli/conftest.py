"""Running the command: in this process, in one of its own, and in front of a terminal."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aifactory_iac.cli.main import main

COMMAND = (sys.executable, "-m", "aifactory_iac")


@dataclass(frozen=True)
class Ran:
    """What a run of the command gave."""

    code: int
    out: str
    err: str = ""

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs `aifactory` with the arguments in this process."""

    def running(*arguments: str | Path) -> Ran:
        with pytest.raises(SystemExit) as left:
            main([str(each) for each in arguments])
        captured = capfd.readouterr()
        return Ran(int(left.value.code or 0), captured.out, captured.err)

    return running


@pytest.fixture(scope="session")
def environment() -> Callable[..., dict[str, str]]:
    """This process's environment without what would colour or complete, and with what is given."""

    def made(**given: str) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in ("NO_COLOR", "COLUMNS", "TERM", "AIFACTORY_LIBRARY")
        }
        return kept | {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"} | given

    return made


@pytest.fixture
def run_at_terminal(environment) -> Run:
    """Runs `aifactory` with a terminal as its standard streams; everything is in `out`."""

    def running(
        *arguments: str | Path, answers: Sequence[tuple[str, str]] = (), columns: int = 80,
        environ: dict[str, str] | None = None, cwd: Path | None = None,
    ) -> Ran:  # fmt: skip
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        process = subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True, cwd=cwd,
            env=environment(**(environ or {})), start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        os.close(theirs)
        try:
            shown = _read(ours, list(answers))
            return Ran(process.wait(timeout=30), shown)
        finally:
            process.kill()
            process.wait()
            os.close(ours)

    return running


def _read(terminal: int, answers: list[tuple[str, str]]) -> str:
    """All that is shown, with an answer typed whenever the next question has been asked."""
    shown, answered, until = b"", 0, time.monotonic() + 30
    while time.monotonic() < until:
        ready, _, _ = select.select([terminal], [], [], 1)
        if not ready:
            continue
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # Linux says so when the other side has gone
            break
        if not piece:
            break
        shown += piece
        if answers and answers[0][0].encode() in shown[answered:]:
            answered = len(shown)
            os.write(terminal, answers.pop(0)[1].encode() + b"\n")
    return shown.decode().replace("\r\n", "\n")


GOOD = """\
apiVersion: aifactory/v1
kind: Blueprint
metadata: {name: tiny, version: 1.0.0, title: A tiny hall}
sites:
  - name: hall
    kind: on-prem
    location: {country: DE}
    facility: {envelope: 1 MW}
compute:
  - {name: train, site: hall, system: dgx-h100, count: 4}
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Callable[..., Path]:
    """Writes a small blueprint, changed as asked, into a folder of its own."""

    def write(old: str = "", new: str = "", *, folder: str = "tiny") -> Path:
        file = tmp_path / folder / "blueprint.yaml"
        file.parent.mkdir(exist_ok=True)
        assert old in GOOD
        file.write_text(GOOD.replace(old, new) if old else GOOD, encoding="utf-8")
        return file

    return write
