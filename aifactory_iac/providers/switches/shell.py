"""Commands on a switch over SSH: first its host key, then the password, never on a command line.

A command that was started and whose connection broke may have done its work: that is a lost answer,
and whoever asked has to look.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aifactory_iac.providers.surroundings import Clock
from aifactory_iac.providers.switches.errors import (
    AccessRefusedError,
    LostAnswerError,
    SwitchError,
    UnreachableError,
    UntrustedError,
)
from aifactory_iac.providers.switches.rest import ATTEMPTS
from aifactory_iac.providers.switches.trust import Reach

if TYPE_CHECKING:
    from asyncssh import SSHClientConnection


@dataclass(frozen=True, slots=True)
class Done:
    """A command that ended: what it printed, and its exit status."""

    output: str
    errors: str
    status: int

    @property
    def complaint(self) -> str:
        """What it complained of, on one line and not too long."""
        lines = (self.errors or self.output).strip().splitlines()
        return " ".join(" ".join(lines).split())[-300:] or f"exit status {self.status}"


class Shell:
    """One switch. Credentials that it refused are not sent to it a second time."""

    def __init__(self, reach: Reach, clock: Clock, pace: float, timeout: float = 60.0) -> None:
        """`timeout` is for one command, in seconds."""
        self.reach = reach
        self._clock = clock
        self._pace = pace
        self._timeout = timeout
        self._connection: SSHClientConnection | None = None
        self._refused = False

    async def close(self) -> None:
        """Closes the connection; a later command opens a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.abort()

    async def look(self, command: str) -> Done:
        """Runs a command that changes nothing, and repeats it when its answer is lost.

        Raises:
            UnreachableError: Still no answer after several attempts.
        """
        for attempt in range(ATTEMPTS):
            try:
                return await self._once(command, None)
            except (LostAnswerError, UnreachableError) as error:
                if attempt + 1 == ATTEMPTS:
                    raise UnreachableError(str(error)) from None
            await self._clock.sleep(0.5 * 2**attempt * self._pace)
        raise AssertionError("the last attempt returns or raises")

    async def do(self, command: str, text: str | None = None) -> Done:
        """Runs a command once; `text` is what it reads.

        Raises:
            LostAnswerError: It was started, and what became of it is not known.
            UnreachableError: It was not started.
        """
        return await self._once(command, text)

    async def _once(self, command: str, text: str | None) -> Done:
        import asyncssh

        connection = await self._opened()
        try:
            done = await asyncio.wait_for(
                connection.run(command, input=text, check=False), self._timeout
            )
        except TimeoutError:
            await self.close()
            raise LostAnswerError(f"{self.reach.name}: a command did not end in time") from None
        except asyncssh.ChannelOpenError:
            await self.close()
            raise UnreachableError(f"{self.reach.name} takes no command now") from None
        except (asyncssh.Error, OSError) as error:
            await self.close()
            raise LostAnswerError(
                f"{self.reach.name} dropped the connection during a command "
                f"({type(error).__name__})"
            ) from None
        if done.exit_status is None:
            await self.close()
            raise LostAnswerError(f"{self.reach.name} dropped the connection during a command")
        return Done(str(done.stdout or ""), str(done.stderr or ""), done.exit_status)

    async def _opened(self) -> SSHClientConnection:
        import asyncssh

        if self._connection is not None and not self._connection.is_closed():
            return self._connection
        if self._refused:
            raise self._denied()
        secret = self.reach.credentials
        try:
            self._connection = await asyncio.wait_for(
                asyncssh.connect(
                    self.reach.host,
                    self.reach.port,
                    username=secret.username,
                    password=secret.password,
                    known_hosts=self._known_hosts(),
                    client_keys=None,
                    agent_path=None,
                    config=None,
                    preferred_auth=("password", "keyboard-interactive"),
                    password_auth=True,
                ),
                min(20.0, self._timeout),
            )
        except asyncssh.HostKeyNotVerifiable:
            raise UntrustedError(
                f"{self.reach.name} does not show the host key that is known of it; the password "
                "was not sent"
            ) from None
        except asyncssh.PermissionDenied:
            self._refused = True
            raise self._denied() from None
        except TimeoutError:
            raise UnreachableError(f"{self.reach.name} cannot be reached (timeout)") from None
        except (asyncssh.Error, OSError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise UnreachableError(f"{self.reach.name} cannot be reached ({reason})") from None
        return self._connection

    def _known_hosts(self) -> Any:
        """What asyncssh takes as `known_hosts`; None would mean that any key will do."""
        import asyncssh

        if self.reach.trust == "insecure":
            return None
        if self.reach.hostkey:
            try:
                key = asyncssh.import_public_key(self.reach.hostkey)
            except asyncssh.KeyImportError:
                raise SwitchError(f"{self.reach.name}: `tls.hostkey` is no public key") from None
            return ([key], [], [])
        if not self.reach.known_hosts:
            return ([], [], [])
        return [str(path) for path in self.reach.known_hosts]

    def _denied(self) -> AccessRefusedError:
        return AccessRefusedError(
            f"{self.reach.name} refused user and password; they are not tried again, so that the "
            "account is not locked"
        )
