"""Shared by whole-tool tests: running the command in this process or in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aifactory_iac.cli.main import main
from aifactory_iac.shipped import folder

LIBRARY = tuple(sorted(each.name for each in folder("blueprints").iterdir() if each.is_dir()))


@dataclass(frozen=True)
class Ran:
    """What a run of the command gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs `aifactory` with the arguments in this process."""

    def running(*arguments: str | Path) -> Ran:
        with pytest.raises(SystemExit) as left:
            main([str(each) for each in arguments])
        captured = capfd.readouterr()
        return Ran(int(left.value.code or 0), captured.out, captured.err)

    return running


@pytest.fixture(scope="session")
def run_apart() -> Run:
    """Runs `aifactory` in a process of its own, without colours."""

    def running(*arguments: str | Path, environment: dict[str, str] | None = None) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "aifactory_iac", *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={**os.environ, **(environment or {})},
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return running


@pytest.fixture
def blueprint(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a text as `blueprint.yaml` in a folder of its own."""

    def write(text: str) -> Path:
        file = tmp_path / "blueprint.yaml"
        file.write_text(text, encoding="utf-8")
        return file

    return write
