"""A fleet as a child process, as `aifactory lab up` and the benchmarks start it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from aifactory_iac.lab.redfish.spec import FleetSpec, dump


class FleetProcess:
    """Starts the fleet of a specification, and ends it.

    The child holds our end of its standard input, so it ends when we do, however that happens.
    """

    def __init__(self, spec: Path) -> None:
        """Takes the specification's file."""
        self._spec = spec
        self._process: subprocess.Popen[str] | None = None
        self.endpoints: Mapping[str, str] = {}
        self.admin = ""

    @classmethod
    def of(cls, spec: FleetSpec, folder: Path) -> Self:
        """Of a specification that is written to `folder` first, readable by its owner only."""
        path = folder / "fleet.json"
        path.touch(mode=0o600)
        path.write_text(dump(spec), encoding="utf-8")
        return cls(path)

    @property
    def pid(self) -> int:
        """Process id. Raises `RuntimeError` before the start."""
        if self._process is None:
            raise RuntimeError("the fleet was not started")
        return self._process.pid

    def start(self) -> Mapping[str, str]:
        """Starts it and waits until it is ready. Raises `RuntimeError` with what it said."""
        self._process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "aifactory_iac.lab.redfish", str(self._spec)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None  # noqa: S101 - asked for above
        line = self._process.stdout.readline()
        if not line:
            _out, complaint = self._process.communicate()
            raise RuntimeError(complaint.strip() or "the fleet ended before it was ready")
        ready = json.loads(line)
        self.endpoints, self.admin = ready["endpoints"], ready["admin"]
        return self.endpoints

    def stop(self) -> int:
        """Ends it, gently; its exit status. A second time is harmless."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.communicate()
        return self._process.returncode

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
