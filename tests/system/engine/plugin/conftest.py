"""The real engine and our real plug-in process, through Pulumi's Automation API.

Programs are inline, so that only the `pulumi` command is needed, not its Python language host.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

PASSPHRASE = "a passphrase of the tests"
SHELF = Path(__file__).with_name("shelf.py")
AUTOMATE = Path(__file__).with_name("automate.py")


@dataclass
class Stack:
    """One stack of the engine, with a backend and a home of its own.

    Each command gives the operation of each resource in it, by name. Programs are source text.
    """

    folder: Path
    process: subprocess.Popen[str]
    output: str = ""
    """What the engine printed in the last command."""
    differences: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By resource: how each property differs, as the last command said it."""

    def preview(self, program: str) -> dict[str, str]:
        """What an update would do."""
        return self._done("preview", program)

    def up(self, program: str) -> dict[str, str]:
        """An update."""
        return self._done("up", program)

    def refresh(self) -> dict[str, str]:
        """A look at what is really there."""
        return self._done("refresh")

    def destroy(self) -> dict[str, str]:
        """Everything is let go."""
        return self._done("destroy")

    def fails(self, command: str, program: str = "") -> str:
        """What the engine printed in a command that has to fail."""
        found = self._ran({"command": command, "source": program})
        assert found["failure"], self.output
        return self.output

    def configure(self, **settings: str) -> None:
        """Sets config of the package."""
        for key, value in settings.items():
            self._done("set", key=f"aifactory:{key}", value=value, secret=False)

    def configure_secret(self, path: str, text: str) -> None:
        """Sets a secret of the store `pulumi-config`."""
        self._done("set", key=f'aifactory:secrets["{path}"]', value=text, secret=True)

    def _done(self, command: str, source: str = "", **others: Any) -> dict[str, str]:
        found = self._ran({"command": command, "source": source, **others})
        assert not found["failure"], found["failure"]
        operations: dict[str, str] = found["operations"]
        return operations

    def _ran(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        found: Mapping[str, Any] = json.loads(self.process.stdout.readline())
        self.output, self.differences = found["output"], found["differences"]
        return found

    @property
    def engine(self) -> int | None:
        """The process of the engine while a command runs, as Linux knows it."""
        for children in Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            for pid in children.read_text().split():
                if Path(f"/proc/{pid}/comm").read_text().strip() == "pulumi":
                    return int(pid)
        return None

    @property
    def state_text(self) -> str:
        """The state as it stands in the backend."""
        file = self.folder / "state" / ".pulumi" / "stacks" / "plant" / "dev.json"
        return file.read_text(encoding="utf-8")

    def state(self) -> dict[str, dict[str, Any]]:
        """Resources of the state by name, secrets encrypted."""
        latest = json.loads(self.state_text)["checkpoint"]["latest"]
        return {
            each["urn"].split("::")[-1]: each
            for each in latest["resources"]
            if each["type"] != "pulumi:pulumi:Stack"
        }

    def left_behind(self) -> list[str]:
        """Operations that nobody knows the end of, and locks."""
        latest = json.loads(self.state_text)["checkpoint"]["latest"]
        pending = [each["type"] for each in latest.get("pending_operations") or []]
        locks = (self.folder / "state" / ".pulumi" / "locks").rglob("*.json")
        return [*pending, *(path.name for path in locks)]


def command(folder: Path, *words: str) -> Path:
    """A folder with a command of the plug-in's name that runs these words."""
    folder.mkdir()
    script = folder / "pulumi-resource-aifactory"
    quoted = " ".join(f"'{word}'" for word in words)
    script.write_text(f'#!/bin/sh\nexec {quoted} "$@"\n')
    script.chmod(0o755)
    return folder


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Callable[..., Stack]]:
    """Makes a stack whose project names the plug-in's folder; the real one, or another command."""
    real = (sys.executable, "-m", "aifactory_iac.providers.plugin")
    with ExitStack() as started:

        def make(*words: str, **environment: str) -> Stack:
            project = tmp_path / "project"
            (tmp_path / "state").mkdir()
            project.mkdir()
            command(project / "plugin", *(words or real))
            (project / "Pulumi.yaml").write_text(
                "name: plant\nruntime: python\n"
                "plugins: {providers: [{name: aifactory, path: plugin, version: 0.1.0}]}\n"
            )
            process = subprocess.Popen(
                [sys.executable, str(AUTOMATE), str(project)],
                env={**surroundings(tmp_path), **environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            started.callback(process.communicate)
            return Stack(tmp_path, process)

        yield make


def surroundings(folder: Path) -> dict[str, str]:
    """All that the engine knows of this machine."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_DISABLE_REGISTRY_RESOLVE": "true",
        "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
        "AIFACTORY_STATE_DIR": str(folder / "journal"),
    }


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """The folder that notebooks are kept in."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    return folder


@pytest.fixture
def books(plant: Callable[..., Stack], shelf: Path) -> Stack:
    """A stack whose plug-in has notebooks for its only type."""
    return plant(sys.executable, str(SHELF), SHELF=str(shelf))
