"""`python -m aifactory_iac.lab.switches SPEC.json`: one line of JSON when ready, ends on SIGTERM.

The line is `{"ready": true, "endpoints": {ADDRESS: URL or HOST:PORT}, "known_hosts": FILE}`. It
ends also when its standard input is closed, so that it never outlives whoever started it.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

from aifactory_iac.lab.switches.faults import FaultError
from aifactory_iac.lab.switches.fleet import Fleet
from aifactory_iac.lab.switches.spec import SpecError, read


async def serve(path: Path) -> int:
    """Runs the switches of a specification until it is told to end; gives the exit status."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        fleet = Fleet(read(path))
        async with fleet:
            ready = {
                "ready": True,
                "endpoints": fleet.endpoints,
                "known_hosts": fleet.spec.known_hosts,
            }
            sys.stdout.write(json.dumps(ready) + "\n")
            sys.stdout.flush()
            closed = asyncio.create_task(_closed())
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait({closed, stopped}, return_when=asyncio.FIRST_COMPLETED)
            closed.cancel()
            stopped.cancel()
    except (SpecError, FaultError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


async def _closed() -> None:
    """Until standard input is at its end."""
    reader = asyncio.StreamReader()
    try:
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
        )
    except (ValueError, OSError):
        # A file or a terminal that cannot be waited for: only a signal ends it then.
        await asyncio.Event().wait()
    while await reader.read(4096):
        pass


def main() -> int:
    """Entry point."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m aifactory_iac.lab.switches SPEC.json\n")
        return 2
    return asyncio.run(serve(Path(sys.argv[1])))


if __name__ == "__main__":
    raise SystemExit(main())
