"""What the emulators over SSH share: host keys, the account, faults, and one command a channel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aifactory_iac.lab.switches.device import Device
from aifactory_iac.lab.switches.faults import Fault
from aifactory_iac.lab.switches.spec import Login

if TYPE_CHECKING:
    from asyncssh import SSHAcceptor, SSHKey, SSHServerConnection, SSHServerProcess

Result = tuple[str, str, int]
Run = Callable[[str, str], Result]
"""A command line and its standard input → what it prints, what it complains of, exit status."""


class SshFront:
    """One server on loopback, in front of one switch."""

    def __init__(
        self, device: Device, login: Login, run: Run, lied: Callable[[str], Result]
    ) -> None:
        import asyncssh

        self._device = device
        self._login = login
        self._run = run
        self._lied = lied
        self._key: SSHKey = asyncssh.generate_private_key("ssh-ed25519")
        self._acceptor: SSHAcceptor | None = None
        self._open: set[SSHServerConnection] = set()

    async def start(self) -> str:
        """Listens on a free port; gives `host:port`."""
        import asyncssh

        front = self

        class Server(asyncssh.SSHServer):
            """One connection."""

            def connection_made(self, conn: SSHServerConnection) -> None:
                self._connection = conn
                if front._let_in():
                    front._open.add(conn)
                else:
                    conn.abort()

            def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
                front._open.discard(self._connection)

            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                known = (username, password) == (front._login.username, front._login.password)
                if not known:
                    front._witness("LOGIN", username, "refused")
                return known

        self._acceptor = await asyncssh.create_server(
            Server,
            "127.0.0.1",
            0,
            server_host_keys=[self._key],
            process_factory=self._process,
            encoding="utf-8",
            # The default cipher is computed in Python, which is most of a short session's time.
            encryption_algs=["aes128-gcm@openssh.com"],
            kex_algs=["curve25519-sha256"],
        )
        return f"127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._acceptor.get_port() if self._acceptor is not None else 0

    @property
    def known_host(self) -> str:
        """Its line of a `known_hosts` file."""
        return f"[127.0.0.1]:{self.port} {self._key.export_public_key().decode().strip()}"

    @property
    def host_key(self) -> str:
        """Its public key, as OpenSSH writes it."""
        return self._key.export_public_key().decode().strip()

    async def stop(self) -> None:
        """Stops listening, and cuts what is open."""
        if self._acceptor is not None:
            self._acceptor.close()
            for connection in tuple(self._open):
                connection.abort()
            await self._acceptor.wait_closed()

    def _let_in(self) -> bool:
        if not self._device.reachable():
            self._witness("LOGIN", "", "cut off")
            return False
        fault = self._device.around.faults.hit(self._device.name, "LOGIN", "")
        if fault is not None and fault.effect == "drop":
            self._witness("LOGIN", "", "cut off")
            return False
        return True

    async def _process(self, process: SSHServerProcess[str]) -> None:
        command = process.command or ""
        text = await process.stdin.read() if command.startswith("cat > ") else ""
        if not self._device.reachable():
            self._cut(process, command)
            return
        fault = self._device.around.faults.hit(self._device.name, "RUN", command)
        result = await self._result(command, text, fault)
        if result is None:
            self._cut(process, command)
            return
        output, errors, status = result
        self._witness("RUN", command, status)
        process.stdout.write(output)
        process.stderr.write(errors)
        process.exit(status)

    async def _result(self, command: str, text: str, fault: Fault | None) -> Result | None:
        """None when the connection is to be cut."""
        if fault is None:
            return self._run(command, text)
        if fault.effect == "status":
            return "", "on purpose", fault.status
        if fault.effect == "drop":
            return None
        if fault.effect == "lie":
            return self._lied(command)
        if fault.effect == "delay":
            await asyncio.sleep(fault.seconds)
        result = self._run(command, text)
        if fault.effect == "isolate":
            self._device.isolated = True
            return None
        return None if fault.effect == "drop-answer" else result

    def _cut(self, process: SSHServerProcess[Any], command: str) -> None:
        self._witness("RUN", command, "cut off")
        process.channel.get_connection().abort()

    def _witness(self, method: str, path: str, outcome: str | int) -> None:
        self._device.around.witness.request(self._device.name, method, path, outcome)
