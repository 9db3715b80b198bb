"""SONiC over SSH: checkpoints, patches, and a rollback timer of ours on the switch.

SONiC has no confirm step. Ours is a transient systemd timer that runs `config rollback` to the
checkpoint made before the change; confirming stops it. It is armed, and seen to be armed, before
anything is applied; a reboot clears it, and then the switch starts with what was saved, which is
the old configuration. Commands and texts: sonic-utilities, `config/main.py`.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from aifactory_iac.providers.switches.driver import Change, Identity, Running, Survey
from aifactory_iac.providers.switches.errors import (
    LostAnswerError,
    RefusedError,
    SwitchError,
    UnprovenError,
    UnreachableError,
)
from aifactory_iac.providers.switches.shell import Done, Shell
from aifactory_iac.providers.switches.sonic_tree import normalised, patch
from aifactory_iac.providers.switches.tree import Goal, Tree, apart_from

OURS = "aifactory-"
"""How our checkpoints, timers and files begin."""
_SAVED = "/etc/sonic/config_db.json"
_ROOT = "sudo -n "
"""Never asks for a password: a switch that would is misconfigured for automation."""


class SonicDriver:
    """One switch that runs SONiC."""

    def __init__(self, shell: Shell) -> None:
        """Takes the shell on it."""
        self._shell = shell

    async def read(self) -> Running:
        """CONFIG_DB, and the serial number of the chassis."""
        tree = _json_object(await self._seen("sonic-cfggen -d --print-data"), "CONFIG_DB")
        board = _json_object(await self._seen("show platform summary --json"), "its platform")
        localhost = tree.get("DEVICE_METADATA", {}).get("localhost", {})
        return Running(
            tree=tree,
            revision=_revision(tree),
            identity=Identity(
                hostname=str(localhost.get("hostname", "")),
                serial=str(board.get("serial", "")).strip(),
                model=str(board.get("hwsku", "")),
                version=str(board.get("platform", "")),
            ),
        )

    def wanted(self, config: Mapping[str, Any], running: Running) -> Tree:
        """`*` is every port of the switch."""
        return normalised(config, running.tree)

    def owned(self, config: Mapping[str, Any], running: Running) -> Tree:
        """All but the host name."""
        name = ("DEVICE_METADATA", "localhost", "hostname")
        return apart_from(self.wanted(config, running), name)

    async def survey(self, goal: Goal, running: Running, begun: str | None) -> Survey:  # noqa: ARG002
        """A running timer is a change that waits for its confirmation; a command is one at work."""
        ours: Change | None = None
        others: list[str] = []
        for name in await self._timers():
            if name == begun:
                ours = await self.observe(Change(name, "busy"), goal)
            else:
                others.append(
                    f"the change {name} waits for its confirmation; it rolls back by itself when "
                    "that time is over: run again then"
                )
        others.extend(
            f"`{command}` is running on it; run again when it has ended"
            for command in await self._busy()
            if begun is None or begun not in command
        )
        return Survey(ours, tuple(others))

    async def begin(self, goal: Goal) -> Change:
        """Only a name, which follows from the intent."""
        return Change(f"{OURS}{goal.intent[:12]}", "staged")

    async def stage(self, change: Change, goal: Goal, running: Running) -> None:
        """Makes the checkpoint to come back to, and leaves the patch in a file.

        While the timer runs, something of the change may be in force already: then the checkpoint
        that the timer knows stays the one.
        """
        if change.id not in await self._timers():
            if change.id in await self._checkpoints():
                await self._done(f"{_ROOT}config delete-checkpoint {change.id}")
            await self._repeatable(f"{_ROOT}config checkpoint {change.id}")
            if change.id not in await self._checkpoints():
                raise UnprovenError(f"{self._name} says that it made a checkpoint, but has none")
        text = json.dumps(patch(goal, running.tree), indent=1, sort_keys=True)
        await self._repeatable(f"cat > {_file(change)}", text)

    async def validate(self, change: Change, goal: Goal, running: Running) -> None:
        """The file is what was written, and SONiC's own models accept it."""
        staged = await self._seen(f"cat {_file(change)}")
        if json.loads(staged.output or "null") != patch(goal, running.tree):
            raise RefusedError(f"{self._name} holds another patch than the one it was given")
        tried = await self._shell.look(f"{_ROOT}config apply-patch --dry-run {_file(change)}")
        if tried.status:
            raise RefusedError(f"{self._name} refuses the patch", (tried.complaint,))

    async def apply(self, change: Change, goal: Goal, seconds: int) -> Change:  # noqa: ARG002
        """Arms the timer, sees that it is armed, and applies."""
        await self._arm(change, seconds)
        try:
            done = await self._shell.do(f"{_ROOT}config apply-patch {_file(change)}")
        except LostAnswerError:
            return Change(change.id, "busy")
        if done.status:
            # A patch that fails half way is half applied.
            await self.roll_back(change)
            return Change(change.id, "refused", (done.complaint,))
        return Change(change.id, "waiting")

    async def observe(self, change: Change, goal: Goal) -> Change:
        """From the commands at work, the timer and the configuration."""
        if any(change.id in command for command in await self._busy()):
            return Change(change.id, "busy")
        armed = change.id in await self._timers()
        tree = _json_object(await self._seen("sonic-cfggen -d --print-data"), "CONFIG_DB")
        if goal.holds(tree):
            return Change(change.id, "waiting" if armed else "applied")
        return Change(change.id, "staged" if armed else "rolled-back")

    async def confirm(self, change: Change, goal: Goal) -> Change:  # noqa: ARG002
        """Stops the timer. Stopping it twice does no harm."""
        for again in (True, False):
            try:
                await self._shell.do(f"{_ROOT}systemctl stop {change.id}.timer")
                break
            except LostAnswerError:
                try:
                    if change.id not in await self._timers():
                        break
                except UnreachableError:
                    break
                if not again:
                    raise
        return Change(change.id, "busy")

    async def roll_back(self, change: Change) -> None:
        """Rolls back now, then stops the timer. On a lost answer the timer is left to do it."""
        try:
            done = await self._shell.do(f"{_ROOT}config rollback {change.id}")
            if not done.status:
                await self._shell.do(f"{_ROOT}systemctl stop {change.id}.timer")
        except (LostAnswerError, UnreachableError):
            return

    async def saved(self, goal: Goal, running: Running) -> bool:  # noqa: ARG002
        """Whether the file that the switch starts with says what we want."""
        done = await self._seen(f"{_ROOT}cat {_SAVED}")
        return goal.holds(_json_object(done, _SAVED))

    async def save(self, change: Change | None) -> None:
        """Writes the startup file, and clears away the checkpoint and the patch."""
        await self._repeatable(f"{_ROOT}config save -y")
        if change is not None:
            await self._shell.do(f"{_ROOT}config delete-checkpoint {change.id}")
            await self._shell.do(f"rm -f {_file(change)}")

    async def reconnect(self) -> None:
        """Closes the connection."""
        await self._shell.close()

    async def close(self) -> None:
        """Closes the connection."""
        await self._shell.close()

    async def _arm(self, change: Change, seconds: int) -> None:
        """Starts the timer, with the whole time before it."""
        if change.id in await self._timers():
            await self._done(f"{_ROOT}systemctl stop {change.id}.timer")
        command = (
            f"{_ROOT}systemd-run --quiet --collect --unit={change.id} --on-active={seconds}s "
            f"/usr/local/bin/config rollback {change.id}"
        )
        try:
            await self._done(command)
        except LostAnswerError:
            if change.id not in await self._timers():
                await self._done(command)
        if change.id not in await self._timers():
            raise UnprovenError(
                f"{self._name} has no timer to roll back with, so nothing is applied"
            )

    async def _timers(self) -> tuple[str, ...]:
        """Our timers that are running, by name."""
        command = f"systemctl list-units --type=timer --state=active --plain --no-legend '{OURS}*'"
        lines = (await self._seen(command)).output.splitlines()
        return tuple(line.split()[0].removesuffix(".timer") for line in lines if line.strip())

    async def _busy(self) -> tuple[str, ...]:
        """Commands that are changing the configuration just now."""
        done = await self._shell.look(
            "pgrep -af '[c]onfig (apply-patch|replace|reload|rollback|load)'"
        )
        return tuple(
            line.split(maxsplit=1)[-1] for line in done.output.splitlines() if line.strip()
        )

    async def _checkpoints(self) -> tuple[str, ...]:
        done = await self._seen(f"{_ROOT}config list-checkpoints")
        try:
            return tuple(str(name) for name in json.loads(done.output))
        except ValueError:
            raise SwitchError(f"{self._name} does not list its checkpoints") from None

    async def _seen(self, command: str) -> Done:
        done = await self._shell.look(command)
        if done.status:
            raise SwitchError(f"{self._name}: `{_short(command)}` failed: {done.complaint}")
        return done

    async def _repeatable(self, command: str, text: str | None = None) -> None:
        """A command that does no harm when it runs twice."""
        try:
            await self._done(command, text)
        except LostAnswerError:
            await self._done(command, text)

    async def _done(self, command: str, text: str | None = None) -> None:
        done = await self._shell.do(command, text)
        if done.status:
            raise RefusedError(f"{self._name}: `{_short(command)}` failed", (done.complaint,))

    @property
    def _name(self) -> str:
        return self._shell.reach.name


def _file(change: Change) -> str:
    return shlex.quote(f"/tmp/{change.id}.json")  # noqa: S108 - on the switch, named by digest


def _short(command: str) -> str:
    return command.removeprefix(_ROOT)[:60]


def _json_object(done: Done, what: str) -> Tree:
    try:
        found = json.loads(done.output)
    except ValueError:
        found = None
    if not isinstance(found, Mapping):
        raise SwitchError(f"the switch does not show {what} as JSON")
    return found


def _revision(tree: Tree) -> str:
    """SONiC numbers nothing: a digest of the configuration says whether it is another one."""
    import hashlib

    text = json.dumps(tree, sort_keys=True)
    return f"config-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
