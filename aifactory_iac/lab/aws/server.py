"""A moto server that starts empty, says where it is, and ends with its parent.

moto keeps everything in the memory of its process: a new one knows nothing of the last.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

ACCOUNT = "123456789012"
"""The account where the blueprint names none: moto's own."""


def serve(spec: Mapping[str, Any], output: TextIO, stop: threading.Event) -> None:
    """Serves until it is told to stop; `spec` has `region` and, where it is known, `account`."""
    account = spec.get("account") or ACCOUNT
    os.environ["MOTO_ACCOUNT_ID"] = account  # read once, when moto is imported
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    with contextlib.redirect_stdout(sys.stderr):  # moto greets there, where only we may speak
        server.start()
    try:
        host, port = server.get_host_and_port()
        answer = {
            "ready": True,
            "version": f"moto {importlib.metadata.version('moto')}",
            "endpoints": {},
            "aws": {
                "endpoint": f"http://{host}:{port}",
                "region": spec["region"],
                "account": account,
            },
        }
        output.write(json.dumps(answer) + "\n")
        output.flush()
        stop.wait()
    finally:
        server.stop()


def main(arguments: list[str]) -> int:
    """`python -m aifactory_iac.lab.aws SPEC.json`."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    spec = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    threading.Thread(target=_until_input_ends, args=(stop,), daemon=True).start()
    serve(spec, sys.stdout, stop)
    return 0


def _until_input_ends(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()
