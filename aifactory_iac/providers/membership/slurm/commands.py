"""Slurm's own programs, with arguments that are values and never pass a shell.

`scontrol` speaks JSON only from 23.02 on and in another shape every release, so nodes are read in
its text form, in which each free text has a line to itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aifactory_iac.providers.membership.drain import (
    AccessRefusedError,
    SchedulerError,
    UnreachableError,
)

SECONDS = 60.0
"""For one program to end; a controller that is in the midst of a reconfiguration takes its time."""

Run = Callable[[Sequence[str]], Awaitable[str]]
"""Program and arguments → what it printed. Raises `SchedulerError`."""

_UNREACHED = (
    "Unable to contact slurm controller",
    "Connection refused",
    "Socket timed out",
    "Communication connection failure",
)
_REFUSED = ("Access/permission denied", "Invalid user id", "Protocol authentication error")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class SlurmAccess:
    """How a Slurm controller is spoken to from here: with its slurm.conf and this host's munge."""

    conf: Path
    programs: Path | None = None

    @classmethod
    def read(cls, text: str) -> SlurmAccess:
        """From `{"conf": "/etc/slurm/slurm.conf", "programs": "/usr/bin"}`, or the path alone.

        Raises:
            AccessRefusedError: It is neither, or there is no such file.
        """
        stripped = text.strip()
        try:
            document = json.loads(stripped) if stripped.startswith("{") else {"conf": stripped}
            conf = Path(str(document["conf"])).expanduser()
        except (ValueError, KeyError):
            raise AccessRefusedError(
                'access to Slurm is neither a path nor JSON such as {"conf": "…/slurm.conf"}'
            ) from None
        if not conf.is_file():
            raise AccessRefusedError(f"access to Slurm: there is no file {conf}")
        programs = document.get("programs")
        return cls(conf, Path(str(programs)) if programs else None)


def local(access: SlurmAccess, *, parallel: int = 8) -> Run:
    """Runs programs on this host, at most `parallel` at a time."""
    limit = asyncio.Semaphore(parallel)

    async def run(command: Sequence[str]) -> str:
        path = shutil.which(command[0], path=str(access.programs) if access.programs else None)
        if path is None:
            raise SchedulerError(f"{command[0]} is not installed on this machine (slurm-client)")
        async with limit:
            process = await asyncio.create_subprocess_exec(
                path,
                *command[1:],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env={**os.environ, "SLURM_CONF": str(access.conf)},
            )
            try:
                output, errors = await asyncio.wait_for(process.communicate(), SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()
                raise UnreachableError(f"{command[0]}: no answer within {SECONDS:g} s") from None
            except asyncio.CancelledError:
                process.kill()
                await process.wait()
                raise
        if process.returncode:
            raise _error(command[0], (errors or output).decode(errors="replace"))
        return output.decode(errors="replace")

    return run


def _error(program: str, said: str) -> SchedulerError:
    text = f"{program}: {' '.join(said.split())}"
    if any(each in said for each in _UNREACHED):
        return UnreachableError(text)
    if any(each in said for each in _REFUSED):
        return AccessRefusedError(text)
    return SchedulerError(text)


def node_name(name: str) -> str:
    """A name that is one node's to Slurm too, and not a range of them.

    Raises:
        SchedulerError: It is not.
    """
    if not _NAME.fullmatch(name) or name.upper() == "ALL":
        raise SchedulerError(f"{name!r} is no name of one Slurm node")
    return name


def show_node(name: str) -> tuple[str, ...]:
    """Reads one node."""
    return ("scontrol", "show", "node", node_name(name))


def update_node(name: str, settings: Mapping[str, str]) -> tuple[str, ...]:
    """Changes one node."""
    given = (f"{key}={value}" for key, value in settings.items())
    return ("scontrol", "update", f"NodeName={node_name(name)}", *given)


def jobs_on(name: str) -> tuple[str, ...]:
    """Reads the jobs that hold one node, those that are just ending too."""
    states = "RUNNING,SUSPENDED,COMPLETING,CONFIGURING,STOPPED,SIGNALING,STAGE_OUT"
    return ("squeue", "--noheader", "--all", "-w", node_name(name), "-t", states, "-o", "%A|%T|%u")


def requeue(job: str) -> tuple[str, ...]:
    """Ends a job and puts it back in its queue."""
    return ("scontrol", "requeue", job)


def cancel(job: str) -> tuple[str, ...]:
    """Ends a job for good."""
    return ("scancel", job)
