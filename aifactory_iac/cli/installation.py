"""What of the toolkit's surroundings is on this machine."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from aifactory_iac import __version__
from aifactory_iac.cli import lab_programs
from aifactory_iac.shipped import folder

if TYPE_CHECKING:
    from rich.console import RenderableType

DISTRIBUTION = "aifactory-iac"
_AGAIN = f"pip install --force-reinstall {DISTRIBUTION}"
_PACKAGES = (
    ("pulumi", "plan, check, export: the program's resources"),
    ("pulumi-aws", "AWS resources"),
    ("pulumi-kubernetes", "Kubernetes resources"),
    ("pydantic", "the blueprint model"),
    ("numpy", "the design's tables"),
)
_SHIPPED = (
    ("blueprints", "the library"),
    ("policies", "the rules of the gate"),
    ("stacks", "Pulumi projects for `pulumi up`"),
)
_PROGRAMS = (
    (
        "pulumi CLI",
        ("pulumi", "version"),
        "`pulumi up` on an exported project or on stacks/; nothing else here needs it",
        "https://www.pulumi.com/docs/install/",
    ),
    (
        "kubectl",
        ("kubectl", "version", "--client"),
        "a look at the clusters that were provisioned; nothing here needs it",
        "https://kubernetes.io/docs/tasks/tools/",
    ),
)
_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?[\w.+-]*")


@dataclass(frozen=True, slots=True)
class Part:
    """One part: what it gives when it is there, and how to get it when it is not.

    `found` is its version or size, empty when it is missing.
    """

    name: str
    found: str
    gives: str
    get: str
    needed: bool = False


def diagnose() -> tuple[Part, ...]:
    """Every part, in a fixed order: what planning needs first."""
    return (
        Part("aifactory", __version__, "this tool", "", needed=True),
        Part("python", platform.python_version(), "runs it", "Python 3.11 or newer", needed=True),
        *(Part(name, _version(name), gives, _AGAIN, needed=True) for name, gives in _PACKAGES),
        _other_packages(),
        *(Part(f"{name}/", _folders(name), gives, _AGAIN, needed=True) for name, gives in _SHIPPED),
        *(Part(name, _answer(*question), gives, get) for name, question, gives, get in _PROGRAMS),
        *(Part(*each) for each in lab_programs.parts(_version, _said)),
    )


def document(parts: tuple[Part, ...]) -> dict[str, Any]:
    """What `doctor --format json` prints."""
    return {"schemaVersion": 1, "kind": "Doctor", "parts": [asdict(part) for part in parts]}


def view(parts: tuple[Part, ...]) -> Iterator[RenderableType]:
    """A table of all parts, then how to get what is missing, then whether planning can go on."""
    from rich.text import Text

    from aifactory_iac.report.tables import heading, pairs, table

    yield table(
        ("", "part", "found", "gives"),
        [(_mark(part), part.name, part.found or "missing", part.gives) for part in parts],
        wrapped=("gives",),
    )
    missing = [(part.name, part.get) for part in parts if not part.found]
    if missing:
        yield heading("To get what is missing")
        yield pairs(missing)
    broken = [part.name for part in parts if part.needed and not part.found]
    yield Text(
        f"\nBroken: planning needs {', '.join(broken)}."
        if broken
        else "\nEverything that planning needs is here."
    )


def _mark(part: Part) -> str:
    if part.found:
        return "ok"
    return "!!" if part.needed else "--"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _other_packages() -> Part:
    """The remaining dependencies as one part; one that is missing is named."""
    shown = {name for name, _ in _PACKAGES}
    names = sorted(set(_required()) - shown)
    missing = [name for name in names if not _version(name)]
    gives = "the rest of what it is built on"
    if missing:
        return Part("packages", "", f"{gives}: {', '.join(missing)}", _AGAIN, needed=True)
    return Part("packages", f"{len(names)} more", gives, _AGAIN, needed=True)


def _required() -> Iterator[str]:
    """Names of the packages that the distribution asks for, those of extras left out."""
    try:
        asked = importlib.metadata.requires(DISTRIBUTION) or ()
    except importlib.metadata.PackageNotFoundError:
        return
    for line in asked:
        if "extra ==" not in line:
            yield re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0]


def _folders(name: str) -> str:
    place = folder(name)
    if not place.is_dir():
        return ""
    return f"{sum(1 for each in place.iterdir() if each.is_dir())} folders"


def _answer(program: str, *arguments: str) -> str:
    """The version that a program says it is; what it says instead, or nothing without it."""
    path = shutil.which(program)
    return _said(path, arguments) if path is not None else ""


def _said(path: str, arguments: tuple[str, ...]) -> str:
    try:
        answer = subprocess.run(  # noqa: S603 - a fixed question to a program found on PATH
            [path, *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    first = ((answer.stdout or answer.stderr).strip().splitlines() or [""])[0]
    version = _VERSION.search(first)
    return version.group() if version else first
