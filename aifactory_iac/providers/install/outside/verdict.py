"""What a real program says about a file, and running one without surprises."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Passed:
    """The program found nothing wrong, which is no more than it looks at."""

    def __str__(self) -> str:
        """One word, as states show it."""
        return "passed"


@dataclass(frozen=True, slots=True)
class Failed:
    """The program refuses a file; `lines` are its own words."""

    lines: tuple[str, ...]

    def __str__(self) -> str:
        """In one line."""
        return "failed: " + "; ".join(self.lines)


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Nobody looked, and why."""

    reason: str

    def __str__(self) -> str:
        """In one line."""
        return f"not checked: {self.reason}"


Verdict = Passed | Failed | NotChecked


class Checker(Protocol):
    """One program that reads some of the files that we write."""

    @property
    def program(self) -> str:
        """Name of the program."""
        ...

    async def check(self, files: Mapping[str, bytes]) -> Verdict | None:
        """Its verdict on those of the files that it reads; None when there is none of them."""
        ...


async def opinions(checkers: Sequence[Checker], files: Mapping[str, bytes]) -> dict[str, Verdict]:
    """Verdicts by program, of those that read one of the files."""
    found = await asyncio.gather(*(checker.check(files) for checker in checkers))
    return {
        checker.program: verdict
        for checker, verdict in zip(checkers, found, strict=True)
        if verdict is not None
    }


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended, and its lines, standard output first."""

    status: int
    lines: tuple[str, ...]


def installed(program: str) -> str | None:
    """Path of a program: on PATH, where Debian keeps daemons, or in our own environment."""
    own = str(Path(sys.executable).parent)
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin", own])
    return shutil.which(program, path=path)


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs programs; `find` gives a program's path, `limit` is in seconds."""

    find: Callable[[str], str | None] = installed
    limit: float = 60.0

    async def run(
        self, program: str, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> Ended | NotChecked:
        """Runs a program to its end; not checked when it is not there, or takes too long."""
        path = self.find(program)
        if path is None:
            return NotChecked(f"{program} is not installed")
        running = await asyncio.create_subprocess_exec(
            path,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C.UTF-8", **(environment or {})},
        )
        try:
            out, err = await asyncio.wait_for(running.communicate(), self.limit)
        except TimeoutError:
            return NotChecked(f"{program} did not answer within {self.limit:g} s")
        finally:
            if running.returncode is None:
                running.kill()
                await running.wait()
        lines = (out + b"\n" + err).decode(errors="replace").splitlines()
        return Ended(
            running.returncode or 0, tuple(line.rstrip() for line in lines if line.strip())
        )


@contextlib.asynccontextmanager
async def laid_out(files: Mapping[str, bytes]) -> AsyncIterator[Path]:
    """The files in a folder of their own that is gone afterwards; nobody else can read them."""
    with tempfile.TemporaryDirectory(prefix="aifactory-check-") as folder:
        for name, content in files.items():
            place = Path(folder) / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch(mode=0o600)
            place.write_bytes(content)
        yield Path(folder)
