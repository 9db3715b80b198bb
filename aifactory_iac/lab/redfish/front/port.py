"""A controller's port: opened, closed as if the controller were gone, and opened again."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable

Connect = Callable[[], asyncio.Protocol]


class Port:
    """One listening socket on loopback, accepted from by the event loop itself.

    asyncio's own servers cannot change their certificate or go away and keep their port. While
    closed, a second socket holds the number without listening, so that connections are refused.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, connect: Connect) -> None:
        """Binds a free port and listens. `connect` makes the protocol of a new connection."""
        self._loop = loop
        self._connect = connect
        self._tasks: set[asyncio.Task[None]] = set()
        self._transports: set[asyncio.BaseTransport] = set()
        self._holding: socket.socket | None = None
        self.context: ssl.SSLContext | None = None
        """What new connections are secured with; None is plain HTTP."""
        self._socket = _bound(0)
        self.number: int = self._socket.getsockname()[1]
        self._listen()

    def _listen(self) -> None:
        self._socket.listen(256)
        self._loop.add_reader(self._socket, self._accept)

    def _accept(self) -> None:
        for _ in range(64):
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            connection.settimeout(0)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            task = self._loop.create_task(self._secure(connection))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _secure(self, connection: socket.socket) -> None:
        try:
            transport, _protocol = await self._loop.connect_accepted_socket(
                self._connect, connection, ssl=self.context
            )
        except (OSError, ssl.SSLError):
            connection.close()
            return
        self._transports = {t for t in self._transports if not t.is_closing()}
        self._transports.add(transport)

    def open(self) -> None:
        """Listens again, on the same number."""
        if self._holding is None:
            return
        self._socket = _bound(self.number)
        self._listen()
        self._holding.close()
        self._holding = None

    def close(self) -> None:
        """Refuses connections, and ends those that there are."""
        if self._holding is None:
            self._holding = _bound(self.number)
            self._loop.remove_reader(self._socket)
            self._socket.close()
        for transport in self._transports:
            # Closing, unlike aborting, lets an answer that is written get out first.
            transport.close()
        self._transports.clear()

    def end(self) -> None:
        """Gives the number back."""
        self.close()
        for task in self._tasks:
            task.cancel()
        if self._holding is not None:
            self._holding.close()
            self._holding = None


def _bound(number: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    with contextlib.suppress(AttributeError):
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind(("127.0.0.1", number))
    made.settimeout(0)
    return made
