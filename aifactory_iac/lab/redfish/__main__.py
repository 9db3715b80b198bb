"""`python -m aifactory_iac.lab.redfish SPEC.json`: a fleet as a process of its own.

Prints one JSON line when every controller answers, then serves until SIGTERM, SIGINT, or the end
of its standard input, so that it never outlives whoever started it.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from asyncio import sslproto
from pathlib import Path

from aifactory_iac.lab.redfish.fleet import Fleet
from aifactory_iac.lab.redfish.spec import SpecError, read


def main(arguments: list[str]) -> int:
    """Serves the fleet of a specification; 2 when it is none."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m aifactory_iac.lab.redfish SPEC.json\n")
        return 2
    _hold_small_buffers()
    try:
        fleet = Fleet(read(Path(arguments[0])), keep=False)
        fleet.start()
    except (SpecError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    ready = {"ready": True, "endpoints": dict(fleet.endpoints), "admin": fleet.admin}
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    threading.Thread(target=_wait_for_the_end, args=(ended,), daemon=True).start()
    ended.wait()
    fleet.stop()
    return 0


def _hold_small_buffers() -> None:
    """The event loop reads TLS through 256 KiB a connection: 256 MB for 1,000 of them."""
    sslproto.SSLProtocol.max_size = 16 * 1024


def _wait_for_the_end(ended: threading.Event) -> None:
    while sys.stdin.read(4096):
        pass
    ended.set()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
