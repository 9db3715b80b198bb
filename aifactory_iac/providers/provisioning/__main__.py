"""`python -m aifactory_iac.providers.provisioning FOLDER`: serves a folder until told to stop.

Says `ready URL` on standard output once machines can boot from it. Ends on SIGTERM and SIGINT, and
when standard input is a pipe that is closed.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

from aifactory_iac.providers.provisioning.serving import AlreadyServedError, Listen, serving


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the server; 0 when it was told to stop, 1 when it could not start."""
    asked = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    host, _, port = asked.listen.rpartition(":")
    listen = Listen(
        host=host.strip("[]") or "127.0.0.1",
        port=int(port),
        certificate=asked.certificate,
        key=asked.key,
        advertised=asked.advertise,
    )
    try:
        asyncio.run(_serve(asked.folder, listen))
    except (AlreadyServedError, OSError) as error:
        sys.stderr.write(f"provisioning: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="aifactory_iac.providers.provisioning")
    parser.add_argument("folder", type=Path, help="folder that the provider writes to")
    parser.add_argument("--listen", default="127.0.0.1:0", help="address and port; 0 is a free one")
    parser.add_argument("--advertise", help="URL that machines find it under, if another")
    parser.add_argument("--certificate", type=Path, help="certificate for https, PEM")
    parser.add_argument("--key", type=Path, help="key of the certificate, PEM")
    return parser


async def _serve(folder: Path, listen: Listen) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    if _piped():
        loop.add_reader(sys.stdin.fileno(), _watch, ended)
    async with serving(folder, listen) as url:
        sys.stdout.write(f"ready {url}\n")
        sys.stdout.flush()
        await ended.wait()


def _piped() -> bool:
    """Whether standard input belongs to who started us; a terminal or /dev/null says nothing."""
    try:
        return stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def _watch(ended: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 4096):
        ended.set()
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())


if __name__ == "__main__":
    raise SystemExit(main())
