"""`python -m aifactory_iac.lab.boot SPEC.json`: machines of a lab that truly boot, as one part."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from pathlib import Path

from aifactory_iac.lab.boot.follower import Follower, qemu
from aifactory_iac.lab.boot.host_files import MissingError, found
from aifactory_iac.lab.boot.spec import BootSpec

_TICK = 0.1
"""Seconds between two looks at the log."""


def main(arguments: list[str]) -> int:
    """Follows the log until SIGTERM, or until standard input ends."""
    try:
        spec = BootSpec.read(Path(arguments[0]))
        program = found().qemu
    except (OSError, ValueError, KeyError, TypeError, IndexError, MissingError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    follower = Follower(spec, qemu(program, spec.folder))
    try:
        sys.stdout.write(json.dumps({"ready": True, "endpoints": {}}) + "\n")
        sys.stdout.flush()
        while True:
            ended, _, _ = select.select([sys.stdin], [], [], _TICK)
            if ended and not os.read(sys.stdin.fileno(), 4096):
                return 0
            follower.turn()
    finally:
        follower.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
