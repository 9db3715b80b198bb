"""opensm: its two files, in a folder here or on the host that it runs on.

SIGHUP makes it read its partitions again and sweep the fabric; a routing engine is only chosen when
it starts (opensm(8), osm_subn_rescan_conf_files), and we never restart a subnet manager.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from aifactory_iac.providers.switches.errors import (
    LostAnswerError,
    RefusedError,
    SwitchError,
    UnprovenError,
)
from aifactory_iac.providers.switches.partitions.manager import Held, MayWrite
from aifactory_iac.providers.switches.partitions.members import Partition
from aifactory_iac.providers.switches.partitions.opensm_files import (
    OPTIONS,
    PARTITIONS,
    held,
    opensm_conf,
    partitions_conf,
)
from aifactory_iac.providers.switches.shell import Shell

FOLDER = "/etc/opensm"
"""Where Debian's and NVIDIA's packages look."""
_RESTART = "opensm chooses its routing engine when it starts: restart it, one host at a time"


class Folder(Protocol):
    """Where the files are."""

    name: str
    path: str

    async def read(self, name: str) -> str | None:
        """A file's text; None when there is none."""
        ...

    async def write(self, name: str, text: str) -> None:
        """Whole or not at all. Writing it twice does no harm."""
        ...

    async def reload(self) -> None:
        """Makes opensm read the partitions again, and sees that it still runs."""
        ...

    async def close(self) -> None:
        """Drops every connection."""
        ...


class LocalFolder:
    """A folder of this machine; who reads it is not our business."""

    def __init__(self, path: str) -> None:
        """Takes an absolute path; the folder is made when it is not there."""
        self.name = self.path = path

    async def read(self, name: str) -> str | None:
        """A file's text."""
        file = Path(self.path, name)
        try:
            return file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise SwitchError(f"{file} cannot be read ({type(error).__name__})") from None

    async def write(self, name: str, text: str) -> None:
        """Beside the old one, then in its place."""
        file = Path(self.path, name)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            beside = file.with_name(f"{name}.new")
            beside.write_text(text, encoding="utf-8")
            beside.replace(file)
        except OSError as error:
            raise SwitchError(f"{file} cannot be written ({error.strerror})") from None

    async def reload(self) -> None:
        """Nothing: no opensm of ours reads it."""

    async def close(self) -> None:
        """Nothing is open."""


class RemoteFolder:
    """The folder on the host of a running opensm, over SSH."""

    def __init__(self, shell: Shell, path: str) -> None:
        """Takes the shell on the host, and an absolute path."""
        self._shell = shell
        self.name = shell.reach.name
        self.path = path

    async def read(self, name: str) -> str | None:
        """A file's text."""
        there = await self._shell.look(f"sudo -n test -e {self._file(name)}")
        if there.status:
            return None
        done = await self._shell.look(f"sudo -n cat {self._file(name)}")
        if done.status:
            raise SwitchError(f"{self.name}: {name} cannot be read: {done.complaint}")
        return done.output

    async def write(self, name: str, text: str) -> None:
        """Beside the old one, then in its place."""
        beside = self._file(f"{name}.new")
        await self._done(f"sudo -n tee {beside} > /dev/null", text)
        await self._done(f"sudo -n mv {beside} {self._file(name)}")

    async def reload(self) -> None:
        """SIGHUP, and a look whether it survived that."""
        await self._done("sudo -n systemctl kill --signal=HUP opensm")
        done = await self._shell.look("systemctl is-active opensm")
        if done.output.strip() != "active":
            raise RefusedError(f"{self.name}: opensm does not run ({done.output.strip()})")

    async def close(self) -> None:
        """Closes the connection."""
        await self._shell.close()

    def _file(self, name: str) -> str:
        return shlex.quote(f"{self.path}/{name}")

    async def _done(self, command: str, text: str | None = None) -> None:
        """None of these does harm when it runs twice, but for `mv`, which then finds nothing."""
        try:
            done = await self._shell.do(command, text)
        except LostAnswerError:
            done = await self._shell.do(command, text)
            if done.status and " mv " in command:
                return
        if done.status:
            raise RefusedError(f"{self.name}: `{command[:50]}` failed", (done.complaint,))


class OpensmManager:
    """One opensm, by its files."""

    def __init__(self, folder: Folder) -> None:
        """Takes where its files are."""
        self._folder = folder

    async def read(self) -> Held:
        """What the files say."""
        return held(await self._folder.read(PARTITIONS), await self._folder.read(OPTIONS))

    async def bring(
        self,
        partitions: Sequence[Partition],
        routing: str,
        ours: frozenset[int],  # noqa: ARG002 - the file is ours as a whole
        may: MayWrite,
    ) -> Held:
        """Writes what differs; partitions that opensm does not survive are taken back."""
        before = {name: await self._folder.read(name) for name in (PARTITIONS, OPTIONS)}
        texts = {
            PARTITIONS: partitions_conf(partitions),
            OPTIONS: opensm_conf(routing, f"{self._folder.path}/{PARTITIONS}"),
        }
        changed = [name for name, text in texts.items() if before[name] != text]
        if not changed:
            return held(before[PARTITIONS], before[OPTIONS])
        may(f"{' and '.join(changed)} of {self._folder.name}")
        for name in changed:
            await self._folder.write(name, texts[name])
        if PARTITIONS in changed:
            await self._reloaded(before[PARTITIONS])
        now = {name: await self._folder.read(name) for name in texts}
        if now != texts:
            raise UnprovenError(f"{self._folder.name} does not hold the files that it was given")
        found = held(now[PARTITIONS], now[OPTIONS])
        old = held(None, before[OPTIONS]).routing
        remarks = (_RESTART,) if old is not None and old != found.routing else ()
        return Held(found.pkeys, found.routing, remarks=remarks)

    async def close(self) -> None:
        """Drops every connection."""
        await self._folder.close()

    async def _reloaded(self, before: str | None) -> None:
        try:
            await self._folder.reload()
        except RefusedError as error:
            if before is not None:
                await self._folder.write(PARTITIONS, before)
            raise RefusedError(f"{error}; the partitions from before are in place again") from None
