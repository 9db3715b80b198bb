"""The real engine over stand-in providers: an exported project, its stacks, and a state of its own.

Everything under `tests/system/engine/` needs the `pulumi` command on PATH, and all but `plugin/`
its Python language host too; without them it is skipped: the engine is the user's, never this
project's.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from aifactory_iac import api
from aifactory_iac.deploy import Plan
from aifactory_iac.program.export import write_project

PASSPHRASE = "a passphrase of the tests"
NEEDED = ("pulumi", "pulumi-language-python")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.engine)
            needed = NEEDED[:1] if here / "plugin" in item.path.parents else NEEDED
            missing = [name for name in needed if shutil.which(name) is None]
            if missing:
                reason = f"not on PATH: {', '.join(missing)}"
                item.add_marker(pytest.mark.skip(reason=reason))


def _stand_in() -> Any:
    path = Path(__file__).with_name("stand_in.py")
    spec = importlib.util.spec_from_file_location("engine_stand_in", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


stand_in = _stand_in()


ENGINES_OWN = {"__internal", "version", "pluginDownloadURL"}
"""What the engine keeps among the inputs of a provider resource."""


def plain(value: Any) -> Any:
    """A value of the engine in the words of our plan document."""
    if value == "[secret]":
        return {"secret": True}
    if value == stand_in.UNKNOWN:
        return {"unknown": True}
    if isinstance(value, dict):
        if stand_in.SIGNATURE in value:
            return {"secret": True}
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


@dataclass(frozen=True)
class Preview:
    """What a preview of the engine says of one stack, without the stack and what it only reads.

    `sent` are inputs by URN as the program sent them, before a provider's check added to them.
    """

    steps: tuple[Mapping[str, Any], ...]
    sent: Mapping[str, Any]
    diagnostics: tuple[str, ...]

    def resources(self) -> dict[str, Mapping[str, Any]]:
        """New states by URN."""
        return {step["urn"]: step["newState"] for step in self.steps if "newState" in step}

    def operations(self) -> dict[str, str]:
        """One operation a resource: the steps of a replacement count as one."""
        found: dict[str, str] = {}
        for step in self.steps:
            op = "replace" if "replace" in step["op"] else step["op"]
            assert found.setdefault(step["urn"], op) == op, step["urn"]
        return found


@dataclass(frozen=True)
class Engine:
    """Runs `pulumi` in a surrounding of its own: nothing of this machine but PATH reaches it."""

    folder: Path
    world: Any
    ports: Mapping[str, int]
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def backend(self) -> Path:
        """Folder of the file backend."""
        return self.folder / "state"

    def environment(self) -> dict[str, str]:
        """All variables of a run; the interpreter of the tests is the program's too."""
        attached = ",".join(f"{package}:{port}" for package, port in self.ports.items())
        return {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "HOME": str(self.folder),
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.backend}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DISABLE_REGISTRY_RESOLVE": "true",
            "PULUMI_DEBUG_PROVIDERS": attached,
            # One write of the state for each update, not one for each resource.
            "PULUMI_SKIP_CHECKPOINTS": "true",
            **self.values,
        }

    def __call__(self, project: Path, *arguments: str, ok: bool = True) -> str:
        """Standard output of a command; with `ok` False it has to fail, and all output comes."""
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
            cwd=project,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if (done.returncode == 0) is not ok:
            pytest.fail(
                f"pulumi {' '.join(arguments)}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
            )
        return done.stdout if ok else done.stdout + done.stderr

    def init(self, project: Path, stacks: Sequence[str]) -> None:
        """Makes empty stacks."""
        for stack in stacks:
            self(project, "stack", "init", stack)

    def previews(self, project: Path, stacks: Sequence[str]) -> dict[str, Preview]:
        """Previews of several stacks, two at a time: they write nothing and so take no lock."""
        self.world.checked.clear()
        with ThreadPoolExecutor(2) as pool:
            found = pool.map(lambda stack: self._preview(project, stack), stacks)
            return dict(zip(stacks, found, strict=True))

    def preview(self, project: Path, stack: str) -> Preview:
        """A preview as data."""
        return self.previews(project, [stack])[stack]

    def _preview(self, project: Path, stack: str) -> Preview:
        found = json.loads(self(project, "preview", "--json", "--show-sames", "--stack", stack))
        steps = tuple(
            step
            for step in found["steps"]
            if "pulumi:pulumi:Stack" not in step["urn"] and "::default_" not in step["urn"]
        )
        said = tuple(each["message"] for each in found.get("diagnostics", ()))
        return Preview(steps, self._sent(steps), said)

    def _sent(self, steps: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        sent = {}
        for step in steps:
            urn, new = step["urn"], step.get("newState", {})
            inputs = plain(self.world.checked.get(urn, new.get("inputs", {})))
            if "::pulumi:providers:" in urn:
                inputs = {key: inputs[key] for key in inputs if key not in ENGINES_OWN}
            if new:
                sent[urn] = inputs
        return sent

    def up(self, project: Path, stack: str) -> str:
        """Brings a stack up without asking."""
        return self(project, "up", "--yes", "--skip-preview", "--stack", stack)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Engine]]:
    """Makes engines, each with a backend of its own, over stand-ins that they share."""
    world = stand_in.World()

    def make(**values: str) -> Engine:
        folder = tmp_path_factory.mktemp("engine")
        made = Engine(folder, world, ports, values)
        made.backend.mkdir()
        return made

    with stand_in.serving(world) as ports:
        yield make


@pytest.fixture
def plan_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Plan]:
    """Our own plan of a target, offline: against no state, or that of an engine's backend."""

    def plan(target: str, state: Path | None = None, **parameters: str) -> Plan:
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", PASSPHRASE)
        return api.plan(api.load(target, parameters=parameters), state=state)

    return plan


@pytest.fixture(scope="session")
def export_to() -> Callable[..., Path]:
    """Writes a target as a project of its own into a folder."""

    def export(folder: Path, target: str, **parameters: str) -> Path:
        assert write_project(api.export(api.load(target, parameters=parameters)), folder) == ()
        return folder

    return export


@pytest.fixture(scope="session")
def differences() -> Callable[[Any, Any], Iterator[tuple[str, Any, Any]]]:
    """Where inputs differ, as `(path, one, other)`, in the words of a plan document."""
    return _differences


def _differences(one: Any, other: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    if _is_object(one) and _is_object(other):
        for key in sorted({*one, *other}):
            inner = f"{path}.{key}" if path else key
            yield from _differences(one.get(key), other.get(key), inner)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for first, second in zip(one, other, strict=True):
            yield from _differences(first, second, f"{path}[*]")
    elif one != other:
        yield path, one, other


def _is_object(value: Any) -> bool:
    return isinstance(value, dict) and value not in ({"unknown": True}, {"secret": True})
