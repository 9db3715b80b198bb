"""The process that a lab hangs on: starts its parts, watches them, and takes them down with it.

`python -m aifactory_iac.lab.supervisor FOLDER LOCK`, where LOCK is the descriptor of the folder's
lock, which the command line hands over. It says on standard output how starting went, as one JSON
object; until it has read a line from standard input, its starter's end is its own.

A lab ends when the supervisor is told to, when its time is up, or when its folder is gone. Its
folder, with keys and credentials, goes with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from aifactory_iac.lab import record
from aifactory_iac.lab.child import Child
from aifactory_iac.lab.folder import Folder, write
from aifactory_iac.lab.orders import Orders
from aifactory_iac.lab.starter import Starter, StarterGoneError
from aifactory_iac.lab.tail import tail

_TICK = 0.25
"""Seconds between two looks at what gives no sign by itself."""
GRACE = 5.0
"""Seconds that parts have to end by themselves."""


class Stop:
    """Whether the lab is to end; a pipe wakes whoever waits for it."""

    def __init__(self) -> None:
        """Not yet."""
        self.wanted = False
        self.reads, self._writes = os.pipe()
        os.set_blocking(self._writes, False)

    def __call__(self, *_: object) -> None:
        """From now on, yes; may be called from a signal handler or another thread."""
        self.wanted = True
        with contextlib.suppress(BlockingIOError):
            os.write(self._writes, b"!")

    def close(self) -> None:
        """Gives the pipe back."""
        os.close(self.reads)
        os.close(self._writes)


class _StoppedError(Exception):
    """The lab is to end."""


class _FailedError(Exception):
    """A part did not come up."""

    def __init__(self, part: str, reason: str, lines: Sequence[str]) -> None:
        super().__init__(f"{part}: {reason}")
        self.document = {"ready": False, "part": part, "reason": reason, "log": list(lines)}


class Supervisor:
    """One lab, from its orders to its end."""

    def __init__(
        self,
        folder: Folder,
        orders: Orders,
        starter: Starter,
        stop: Stop,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is started yet."""
        self._folder, self._orders, self._starter = folder, orders, starter
        self._stop, self._clock = stop, clock
        self._started = clock()
        self._ready: float | None = None
        self._lock = folder.lock.stat()
        self._children: list[Child] = []
        self._selector = selectors.DefaultSelector()

    def run(self) -> int:
        """Until the lab's end: 0 when it was ready once, 1 when a part did not come up."""
        self._selector.register(self._stop.reads, selectors.EVENT_READ)
        try:
            self._start()
            self._wait_for_all()
            self._note()
            self._ready = self._clock()
            self._starter.tell({"ready": True})
            self._wait_for_starter()
            self._watch()
        except (_StoppedError, StarterGoneError):
            return 0
        except _FailedError as failed:
            with contextlib.suppress(StarterGoneError):
                self._starter.tell(failed.document)
            return 1
        finally:
            self._end()

    def _start(self) -> None:
        for order in self._orders.parts:
            try:
                child = Child(order, self._orders.environment)
            except OSError as error:
                raise _FailedError(order.name, f"cannot be started: {error.strerror}", ()) from None
            self._children.append(child)
            self._selector.register(child.stdout, selectors.EVENT_READ, child)

    def _wait_for_all(self) -> None:
        self._selector.register(self._starter.reads, selectors.EVENT_READ, self._starter)
        until = self._started + self._orders.deadline
        while any(child.answer is None for child in self._children):
            self._turn()
            for child in self._children:
                self._judge(child)
            if self._clock() > until:
                late = next(child for child in self._children if child.answer is None)
                raise self._failed(late, f"is not ready after {self._orders.deadline:g} s")

    def _judge(self, child: Child) -> None:
        if child.babble is not None:
            raise self._failed(child, f"said `{child.babble}` instead of being ready")
        if child.exit is not None and child.answer is None:
            raise self._failed(child, record.ending(child.exit))

    def _failed(self, child: Child, reason: str) -> _FailedError:
        return _FailedError(child.order.name, reason, tail(Path(child.order.log)))

    def _wait_for_starter(self) -> None:
        """Until the starter has taken note: a lab that nobody knows of is not to live."""
        while not self._turn():
            pass
        self._selector.unregister(self._starter.reads)
        self._starter.hang_up()

    def _watch(self) -> NoReturn:
        ended = 0
        while True:
            self._turn()
            now_ended = sum(child.exit is not None for child in self._children)
            if now_ended != ended:
                ended = now_ended
                self._note()

    def _turn(self) -> bool:
        """Waits for something to happen, up to a tick; true when the starter has said go on."""
        told = False
        for key, _ in self._selector.select(_TICK):
            if isinstance(key.data, Starter):
                key.data.hear()
                told = True
            elif isinstance(key.data, Child) and not key.data.hear():
                self._selector.unregister(key.fileobj)
        if self._stop.wanted or self._gone() or self._over():
            raise _StoppedError
        return told

    def _gone(self) -> bool:
        try:
            return not os.path.samestat(self._folder.lock.stat(), self._lock)
        except OSError:
            return True

    def _over(self) -> bool:
        """Whether its time is up, which begins when it is ready."""
        lifetime, ready = self._orders.lifetime, self._ready
        return lifetime is not None and ready is not None and self._clock() - ready > lifetime

    def _note(self) -> None:
        """Writes down what runs, for those who use the lab or ask about it."""
        document = record.made(self._orders, self._children)
        write(self._folder.known_hosts, record.known_hosts_text(self._children))
        write(self._folder.environment, record.environment_text(document, self._folder))
        write(self._folder.record, json.dumps(document, indent=2) + "\n")

    def _end(self) -> None:
        for child in self._children:
            child.end()
        until = time.monotonic() + GRACE
        while time.monotonic() < until and any(child.exit is None for child in self._children):
            time.sleep(0.02)
        for child in self._children:
            child.kill()
        self._selector.close()
        if not self._gone():
            self._folder.remove()


def main(arguments: Sequence[str]) -> int:
    """Runs a lab to its end."""
    os.umask(0o077)
    folder, lock = Folder(Path(arguments[0])), int(arguments[1])
    os.set_inheritable(lock, False)  # noqa: FBT003 - theirs
    os.truncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    stop = Stop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    return Supervisor(folder, Orders.read(folder.orders), Starter(0, 1), stop).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
