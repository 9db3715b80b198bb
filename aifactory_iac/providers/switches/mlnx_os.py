"""MLNX-OS, the system of InfiniBand switches, over SSH; its command line is run without a terminal.

`cli -h "..." "..."` runs commands in one session, stops at the first that fails and passes its
status on (MLNX-OS manual, "Retrieving Return Codes when Executing Remote Commands"). There is no
confirm step: ours is a job of the switch's own scheduler that runs `configuration revert saved`
(manual, "Scheduled Jobs"); confirming deletes it. So a switch with unsaved changes of somebody else
is left alone: the job would take them back too. Jobs are lost on a reboot, and then the switch
starts with what was saved, which is the old configuration.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from aifactory_iac.providers.switches.driver import Change, Identity, Running, Survey
from aifactory_iac.providers.switches.errors import (
    LostAnswerError,
    RefusedError,
    SwitchError,
    UnprovenError,
    UnreachableError,
)
from aifactory_iac.providers.switches.mlnx_text import (
    clock,
    commands,
    errors,
    fields,
    jobs,
    normalised,
    running_tree,
)
from aifactory_iac.providers.switches.shell import Done, Shell
from aifactory_iac.providers.switches.tree import Goal, Tree, apart_from

REVERT = "configuration revert saved"
_AT_ONCE = 100
"""Commands in one session; a thousand port GUIDs do not fit one command line."""


class MlnxOsDriver:
    """One switch that runs MLNX-OS."""

    def __init__(self, shell: Shell) -> None:
        """Takes the shell on it."""
        self._shell = shell

    async def read(self) -> Running:
        """The parts of its configuration that we know how to declare."""
        tree = await self._tree()
        version = fields(await self._shown("show version"))
        files = fields(await self._shown("show configuration"))
        return Running(
            tree=tree,
            revision=files.get("Active configuration", "running"),
            identity=Identity(
                hostname=str(tree.get("hostname", "")),
                serial=version.get("System serial num", ""),
                model=version.get("Product model", ""),
                version=version.get("Product release", ""),
            ),
        )

    def wanted(self, config: Mapping[str, Any], running: Running) -> Tree:  # noqa: ARG002
        """Ports by name; the switch need not be asked."""
        return normalised(config)

    def owned(self, config: Mapping[str, Any], running: Running) -> Tree:
        """Ports, and partitions but the default one: there is always a name, a routing engine."""
        default = ("partition", "Default")
        return apart_from(self.wanted(config, running), ("hostname",), ("sm",), default)

    async def survey(self, goal: Goal, running: Running, begun: str | None) -> Survey:
        """Jobs that would revert it, and unsaved changes."""
        ours: Change | None = None
        others: list[str] = []
        for number, job in (await self._reverts()).items():
            if begun == _name_of(number):
                ours = await self.observe(Change(begun, "busy"), goal)
            else:
                others.append(
                    f"job {number} (`{job['command']}`) is set for {job.get('Next exec time')}; "
                    "run again after that"
                )
        kept = begun is not None and goal.holds(running.tree)
        if ours is None and not others and not kept and await self._unsaved():
            others.append(
                "it has unsaved changes, which a rollback would take back too; save them "
                "(`configuration write`) or drop them (`configuration revert saved`)"
            )
        return Survey(ours, tuple(others))

    async def begin(self, goal: Goal) -> Change:
        """Only a name, which follows from the intent."""
        return Change(_name_of(1000 + int(goal.intent[:8], 16) % 9000), "staged")

    async def stage(self, change: Change, goal: Goal, running: Running) -> None:
        """Nothing: MLNX-OS has no candidate configuration."""

    async def validate(self, change: Change, goal: Goal, running: Running) -> None:
        """Nothing: each command is judged when it runs, after the job has been set."""

    async def apply(self, change: Change, goal: Goal, seconds: int) -> Change:
        """Sets the job, sees that it is set, and runs the commands.

        They are absolute, so after a lost answer those that are still needed are run again.
        """
        await self._arm(change, seconds)
        for _ in range(3):
            try:
                tree = await self._tree()
                needed = commands(goal.edit(tree), tree)
                for at in range(0, len(needed), _AT_ONCE):
                    await self._configure(needed[at : at + _AT_ONCE])
            except LostAnswerError:
                continue
            except UnreachableError:
                return Change(change.id, "busy")
            except RefusedError as error:
                await self.roll_back(change)
                return Change(change.id, "refused", error.issues)
            return Change(change.id, "waiting")
        return Change(change.id, "busy")

    async def observe(self, change: Change, goal: Goal) -> Change:
        """From the job and the configuration."""
        armed = _number_of(change) in await self._reverts()
        if goal.holds(await self._tree()):
            return Change(change.id, "waiting" if armed else "applied")
        return Change(change.id, "staged" if armed else "rolled-back")

    async def confirm(self, change: Change, goal: Goal) -> Change:  # noqa: ARG002
        """Deletes the job."""
        await self._disarm(change)
        return Change(change.id, "busy")

    async def roll_back(self, change: Change) -> None:
        """Reverts now, then deletes the job. On a lost answer the job is left to do it."""
        try:
            await self._configure((REVERT,))
            await self._disarm(change)
        except (LostAnswerError, UnreachableError, RefusedError):
            return

    async def saved(self, goal: Goal, running: Running) -> bool:  # noqa: ARG002
        """Whether it has no unsaved changes; what is saved cannot be read in parts."""
        return not await self._unsaved()

    async def save(self, change: Change | None) -> None:  # noqa: ARG002
        """Saves. Doing it twice does no harm."""
        try:
            await self._configure(("configuration write",))
        except LostAnswerError:
            await self._configure(("configuration write",))

    async def reconnect(self) -> None:
        """Closes the connection."""
        await self._shell.close()

    async def close(self) -> None:
        """Closes the connection."""
        await self._shell.close()

    async def _arm(self, change: Change, seconds: int) -> None:
        """Sets the job on the switch's own clock."""
        number = _number_of(change)
        if number in jobs(await self._shown("show jobs")):
            await self._disarm(change)
        due = clock(await self._shown("show clock")) + dt.timedelta(seconds=seconds)
        needed = (
            f'job {number} command 1 "{REVERT}"',
            f"job {number} schedule type once",
            f"job {number} schedule once time {due:%H:%M:%S} date {due:%Y/%m/%d}",
            f"job {number} enable",
        )
        try:
            await self._configure(needed)
        except LostAnswerError:
            if number not in await self._reverts():
                await self._configure(needed)
        if number not in await self._reverts():
            raise UnprovenError(f"{self._name} has no job to roll back with, so nothing is applied")

    async def _disarm(self, change: Change) -> None:
        for again in (True, False):
            try:
                await self._configure((f"no job {_number_of(change)}",))
                return
            except LostAnswerError:
                try:
                    if _number_of(change) not in await self._reverts():
                        return
                except UnreachableError:
                    return
                if not again:
                    raise

    async def _reverts(self) -> dict[int, dict[str, str]]:
        """Jobs that are set to revert the configuration."""
        return {
            number: job
            for number, job in jobs(await self._shown("show jobs")).items()
            if REVERT in job["command"]
            and job.get("Enabled") == "yes"
            and job.get("Status") == "pending"
        }

    async def _unsaved(self) -> bool:
        return fields(await self._shown("show configuration")).get("Unsaved changes") == "yes"

    async def _tree(self) -> Tree:
        return running_tree(
            await self._shown("show running-config"), await self._shown("show ib partition")
        )

    async def _shown(self, command: str) -> str:
        done = await self._shell.look(_cli(("enable", command)))
        issues = _issues(done)
        if issues:
            raise SwitchError(f"{self._name}: `{command}` failed: {'; '.join(issues)}")
        return done.output

    async def _configure(self, needed: Sequence[str]) -> None:
        done = await self._shell.do(_cli(("enable", "configure terminal", *needed)))
        issues = _issues(done)
        if issues:
            raise RefusedError(f"{self._name} refused a command", issues)

    @property
    def _name(self) -> str:
        return self._shell.reach.name


def _issues(done: Done) -> tuple[str, ...]:
    """What it complained of: some releases end with status 0 all the same."""
    found = errors(done.output + "\n" + done.errors)
    return found or ((done.complaint,) if done.status else ())


def _cli(lines: Sequence[str]) -> str:
    quoted = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return "cli -h " + " ".join(f'"{line}"' for line in quoted)


def _name_of(number: int) -> str:
    return f"job-{number}"


def _number_of(change: Change) -> int:
    return int(change.id.removeprefix("job-"))
