"""What of the toolkit's surroundings is on this machine."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from aifactory_iac import __version__
from aifactory_iac.shipped import folder

if TYPE_CHECKING:
    from rich.console import RenderableType


@dataclass(frozen=True, slots=True)
class Part:
    """One part: what it gives when it is there, and how to get it when it is not."""

    name: str
    found: str
    gives: str
    get: str
    needed: bool = False


_PACKAGES = (
    ("pulumi", "plan, check, export: the program's resources", True),
    ("pulumi-aws", "AWS resources", True),
    ("pulumi-kubernetes", "Kubernetes resources", True),
    ("pydantic", "the blueprint model", True),
    ("numpy", "the design's tables", True),
)


def diagnose() -> tuple[Part, ...]:
    """Every part, in a fixed order."""
    return (
        Part("aifactory", __version__, "this tool", "", needed=True),
        Part("python", platform.python_version(), "runs it", "Python 3.11 or newer", needed=True),
        *(
            Part(name, _version(name), gives, "pip install --force-reinstall aifactory-iac", needed)
            for name, gives, needed in _PACKAGES
        ),
        *(
            Part(
                f"{name}/",
                f"{sum(1 for each in folder(name).iterdir() if each.is_dir())} folders"
                if folder(name).is_dir()
                else "",
                gives,
                "pip install --force-reinstall aifactory-iac",
                needed=True,
            )
            for name, gives in (
                ("blueprints", "the library"),
                ("policies", "the rules"),
                ("stacks", "Pulumi projects for `pulumi up`"),
            )
        ),
        Part(
            "pulumi CLI",
            _answer("pulumi", "version"),
            "`pulumi up` on an exported project or on stacks/; nothing else here needs it",
            "https://www.pulumi.com/docs/install/",
        ),
        Part(
            "kubectl",
            _answer("kubectl", "version", "--client"),
            "a look at the clusters that were provisioned",
            "https://kubernetes.io/docs/tasks/tools/",
        ),
    )


def document(parts: tuple[Part, ...]) -> dict[str, Any]:
    """What `doctor --format json` prints."""
    return {"schemaVersion": 1, "kind": "Doctor", "parts": [asdict(part) for part in parts]}


def view(parts: tuple[Part, ...]) -> Iterator[RenderableType]:
    """A table of all parts, then how to get what is missing."""
    from aifactory_iac.report.tables import heading, pairs, table

    yield table(
        ("", "part", "found", "gives"),
        [
            ("ok" if part.found else "--", part.name, part.found or "missing", part.gives)
            for part in parts
        ],
    )
    missing = [(part.name, part.get) for part in parts if not part.found]
    if missing:
        yield heading("To get what is missing")
        yield pairs(missing)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _answer(program: str, *arguments: str) -> str:
    path = shutil.which(program)
    if path is None:
        return ""
    try:
        answer = subprocess.run(  # noqa: S603 - a fixed question to a program found on PATH
            [path, *arguments], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (answer.stdout.strip().splitlines() or [""])[0]
