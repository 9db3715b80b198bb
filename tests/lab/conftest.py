"""Shared by the lab's tests: inventories of library blueprints, folders, and toy parts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from aifactory_iac.api import Factory, load
from aifactory_iac.api.run import built, lowered
from aifactory_iac.lab.folder import Folder, taken
from aifactory_iac.lab.inventory import Inventory, inventory
from aifactory_iac.lab.orders import Orders, PartOrder


@cache
def _factory(blueprint: str, parameters: tuple[tuple[str, str], ...]) -> Factory:
    return load(blueprint, parameters=dict(parameters))


@cache
def _inventory(blueprint: str, parameters: tuple[tuple[str, str], ...]) -> Inventory:
    factory = _factory(blueprint, parameters)
    units = lowered(factory, built(factory)).units
    return inventory(factory.blueprint.metadata.name, units)


@pytest.fixture(scope="session")
def stock() -> Callable[..., Inventory]:
    """The inventory of a blueprint, with the parameters given."""

    def taking(blueprint: str = "superpod-h100", **parameters: str) -> Inventory:
        return _inventory(blueprint, tuple(sorted(parameters.items())))

    return taking


@pytest.fixture(scope="session")
def catalog():
    return _factory("superpod-h100", ()).catalog


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where a lab is to be; not there yet."""
    return tmp_path / "lab"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of the test's own; whatever lives below it is ended afterwards."""
    state = tmp_path / "state"
    monkeypatch.setenv("AIFACTORY_STATE_DIR", str(state))
    return state


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
def lab(home: Path) -> Iterator[Run]:
    """Runs `aifactory lab ...` in a process of its own; takes every lab down in the end."""

    def running(*arguments: str | Path, **environment: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "aifactory_iac", "lab", *map(str, arguments)],
            capture_output=True, text=True, timeout=120, check=False,
            env={**os.environ, **environment},
        )  # fmt: skip
        return Ran(done.returncode, done.stdout, done.stderr)

    yield running
    running("down", "--all")


def processes(below: Path) -> list[int]:
    """Running processes that have a folder's path in their arguments: a lab's own."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace")
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if str(below) in words and state != "Z" and "aifactory_iac.lab" in words:
            found.append(int(entry.name))
    return found


@pytest.fixture
def living() -> Callable[[Path], list[int]]:
    """Process numbers of what runs below a folder."""
    return processes


def _until(true: Callable[[], Any], seconds: float = 20.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = true()
        if answer:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"did not become true within {seconds:g} s")


@pytest.fixture(scope="session")
def until() -> Callable[..., Any]:
    """Waits until something is true, and gives what it was."""
    return _until


TOYS = {
    # A part as it should be.
    "good": """
import sys
print('{"ready": true, "version": "toy 1", "endpoints": {"10.0.0.9": "https://127.0.0.1:9"}}',
      flush=True)
sys.stdin.read()
""",
    # Ready, and gone as soon as a file is there.
    "frail": """
import json, pathlib, sys, time
spec = pathlib.Path(sys.argv[1])
print('{"ready": true}', flush=True)
while not (spec.parent / 'die').exists():
    time.sleep(0.02)
print('out of breath', file=sys.stderr)
sys.exit(7)
""",
    "silent": "import time; time.sleep(60)",
    "babbling": "print('hello world', flush=True)\nimport time; time.sleep(60)",
    "failing": "import sys; print('no luck', file=sys.stderr); sys.exit(3)",
    # Ends for nobody who asks politely.
    "stubborn": """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('{"ready": true}', flush=True)
while True:
    time.sleep(60)
""",
}


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Parts that behave well or badly, as modules `toy_<name>`."""
    folder = tmp_path / "toys"
    folder.mkdir()
    for name, text in TOYS.items():
        (folder / f"toy_{name}.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


@pytest.fixture
def ordered(place: Path, toys: Path) -> Iterator[Callable[..., tuple[Folder, int, Orders]]]:
    """A taken folder with orders for toy parts; whatever is left of it is killed in the end."""

    def ordering(*names: str, deadline: float = 20, lifetime: float | None = None):
        folder, lock = taken(place)
        parts = []
        for name in names:
            home = folder.part(name)
            home.mkdir()
            spec = home / "spec.json"
            spec.write_text("{}")
            parts.append(
                PartOrder(name, "bmc", f"toy_{name}", "a toy", str(spec), str(home),
                          str(home / "part.log"))
            )  # fmt: skip
        record = {
            "name": "toys.dev", "target": "toys", "blueprint": "toys", "folder": str(folder.path),
            "started": "2026-01-01T00:00:00+00:00", "pace": 1.0, "ca": "", "credentials": {},
            "machines": {"count": 0, "sites": {}, "pools": {}, "models": {}, "hosts": {}},
            "absent": [],
        }  # fmt: skip
        return folder, lock, Orders("digest", tuple(parts), record, deadline, lifetime)

    yield ordering
    for pid in processes(place):
        os.kill(pid, signal.SIGKILL)
