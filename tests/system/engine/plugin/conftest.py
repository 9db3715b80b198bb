"""The real engine and our real plug-in process, through Pulumi's Automation API.

Programs are inline, so that only the `pulumi` command is needed, not its Python language host.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation

PASSPHRASE = "a passphrase of the tests"
SHELF = Path(__file__).with_name("shelf.py")


@dataclass
class Stack:
    """One stack of the engine, with a backend and a home of its own."""

    folder: Path
    environment: Mapping[str, str]
    said: list[str] = field(default_factory=list)
    """What the engine printed in the last command."""
    events: list[Any] = field(default_factory=list)

    @property
    def output(self) -> str:
        """What the engine printed in the last command."""
        return "\n".join(self.said)

    @cached_property
    def stack(self) -> automation.Stack:
        """The stack itself, made when it is first used."""
        return automation.create_stack(
            "dev",
            project_name="plant",
            program=lambda: None,
            opts=automation.LocalWorkspaceOptions(
                work_dir=str(self.folder / "project"), env_vars=dict(self.environment)
            ),
        )

    def configure(self, **settings: str) -> None:
        """Sets config of the package."""
        for key, value in settings.items():
            self.stack.set_config(f"aifactory:{key}", automation.ConfigValue(value))

    def configure_secret(self, path: str, text: str) -> None:
        """Sets a secret of the store `pulumi-config`."""
        value = automation.ConfigValue(text, secret=True)
        self.stack.set_config(f'aifactory:secrets["{path}"]', value, path=True)

    def preview(self, program: Callable[[], None], **options: Any) -> dict[str, str]:
        """The operation of each resource that a preview shows."""
        return self._run(lambda each: self.stack.preview(program=program, **options, **each))

    def up(self, program: Callable[[], None], **options: Any) -> dict[str, str]:
        """The operation that each resource had."""
        return self._run(lambda each: self.stack.up(program=program, **options, **each))

    def refresh(self) -> dict[str, str]:
        """The same of a refresh."""
        return self._run(lambda each: self.stack.refresh(**each))

    def destroy(self) -> dict[str, str]:
        """The same of taking everything away."""
        return self._run(lambda each: self.stack.destroy(**each))

    def _run(self, command: Callable[[dict[str, Any]], Any]) -> dict[str, str]:
        self.said.clear()
        self.events.clear()
        try:
            command(
                {"on_output": self.said.append, "on_event": self.events.append, "color": "never"}
            )
        finally:
            # An engine that fails leaves the program's coroutines behind; let them end here.
            gc.collect()
        return self.operations()

    def operations(self) -> dict[str, str]:
        """The operation of each resource in the last command; a refresh says what it found."""
        found: dict[str, str] = {}
        for event in self.events:
            event = event.resource_pre_event or event.res_outputs_event
            if event is None or event.metadata.type == "pulumi:pulumi:Stack":
                continue
            name = event.metadata.urn.split("::")[-1]
            if not name.startswith("default") and event.metadata.op != "refresh":
                op = getattr(event.metadata.op, "value", event.metadata.op)
                found[name] = "replace" if "replace" in op else op
        return found

    def fails(self, command: Callable[[], Any]) -> str:
        """What the engine printed in a command that has to fail."""
        with pytest.raises(automation.CommandError):
            command()
        return self.output

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

    def pending(self) -> list[Any]:
        """Operations that nobody knows the end of."""
        latest = json.loads(self.state_text)["checkpoint"]["latest"]
        found: list[Any] = latest.get("pending_operations") or []
        return found

    def locks(self) -> list[Path]:
        """Locks that a run has left behind."""
        return [path for path in (self.folder / "state/.pulumi/locks").rglob("*") if path.is_file()]

    def diffs(self) -> dict[str, dict[str, str]]:
        """By resource: how each property differs, as the last preview or update said it."""
        found: dict[str, dict[str, str]] = {}
        for event in self.events:
            if event.resource_pre_event is not None:
                metadata = event.resource_pre_event.metadata
                name = metadata.urn.split("::")[-1]
                if metadata.detailed_diff:
                    found[name] = {
                        path: diff.diff_kind.value for path, diff in metadata.detailed_diff.items()
                    }
        return found


def command(folder: Path, *words: str) -> Path:
    """A folder with a command of the plug-in's name that runs these words."""
    folder.mkdir()
    script = folder / "pulumi-resource-aifactory"
    quoted = " ".join(f"'{word}'" for word in words)
    script.write_text(f'#!/bin/sh\nexec {quoted} "$@"\n')
    script.chmod(0o755)
    return folder


@pytest.fixture
def plant(tmp_path: Path) -> Callable[..., Stack]:
    """Makes a stack whose project names the plug-in's folder; the real one, or another command."""

    def make(*words: str, **environment: str) -> Stack:
        project = tmp_path / "project"
        (tmp_path / "state").mkdir()
        project.mkdir()
        command(
            project / "plugin", *(words or (sys.executable, "-m", "aifactory_iac.providers.plugin"))
        )
        (project / "Pulumi.yaml").write_text(
            "name: plant\nruntime: python\n"
            "plugins: {providers: [{name: aifactory, path: plugin, version: 0.1.0}]}\n"
        )
        return Stack(
            tmp_path,
            {
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "PULUMI_HOME": str(tmp_path / "home"),
                "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}",
                "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
                "PULUMI_SKIP_UPDATE_CHECK": "true",
                "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
                "PULUMI_DISABLE_REGISTRY_RESOLVE": "true",
                "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
                "AIFACTORY_STATE_DIR": str(tmp_path / "journal"),
                **environment,
            },
        )

    return make


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
