"""Where documents come from: the library's folders, a project's folders, and the walls of both."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from aifactory_iac.blueprint.files import Files
from aifactory_iac.blueprint.rules import found
from aifactory_iac.blueprint.suggest import did_you_mean_or_list
from aifactory_iac.findings import Finding, Span

DOCUMENTS = ("stack.yaml", "blueprint.yaml")
"""What a folder may hold; a stack, which names its blueprint, comes first."""

_NAME = re.compile(r"(?P<name>[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:@(?P<range>.*))?\Z", re.S)
_MARKS = (".git", ".aifactory")
"""What tells the top folder of a project."""


@dataclass(frozen=True, slots=True)
class Located:
    """A document's file and the folder that its relative parents may not leave."""

    path: Path
    root: Path


@dataclass(frozen=True, slots=True)
class Library:
    """Folders of blueprints, searched in order; each has one folder per blueprint."""

    roots: tuple[Path, ...]
    files: Files

    def names(self) -> tuple[str, ...]:
        """The names of all blueprints in the library, sorted."""
        return tuple(
            sorted(
                {
                    name
                    for root in self.roots
                    for name in self.files.names(root)
                    if self.files.is_file(root / name / "blueprint.yaml")
                }
            )
        )

    def candidates(self, name: str) -> tuple[Located, ...]:
        """The documents of that name, in the order of the folders."""
        return tuple(
            Located(root / name / "blueprint.yaml", root)
            for root in self.roots
            if self.files.is_file(root / name / "blueprint.yaml")
        )


def library_name(text: str) -> tuple[str, str | None] | None:
    """A library name and its version range; `None` when the text is a path."""
    match = _NAME.match(text.strip())
    return (match["name"], match["range"]) if match is not None else None


def project_root(path: Path, files: Files) -> Path:
    """The nearest folder above the document that marks a project, else the document's own."""
    folder = files.real(path).parent
    for candidate in (folder, *folder.parents):
        if any(mark in _MARKS for mark in files.names(candidate)):
            return candidate
    return folder


def target(text: str, library: Library) -> Located | str | Finding:
    """The document that a user's TARGET is: a file, else a library name (given back as text)."""
    files = library.files
    path = Path(text)
    if files.is_folder(path):
        for name in DOCUMENTS:
            if files.is_file(path / name):
                return Located(path / name, project_root(path / name, files))
        if library_name(text) is None or not library.candidates(text):
            return found(
                "002",
                f"the folder `{text}` holds neither `blueprint.yaml` nor `stack.yaml`",
                hint=_other_documents(path, files),
                span=Span(text, 1, 1, layer="command line"),
            )
    elif files.is_file(path):
        return Located(path, project_root(path, files))
    if library_name(text) is not None:
        return text
    near = did_you_mean_or_list(text, library.names(), "library blueprints")
    return found(
        "002",
        f"there is no file, folder or library blueprint `{text}`",
        hint=near,
        span=Span(text, 1, 1, layer="command line"),
    )


def _other_documents(path: Path, files: Files) -> str:
    others = [name for name in files.names(path) if name.endswith((".yaml", ".yml"))]
    if others:
        return f"name the file: `{(path / others[0]).as_posix()}`"
    return "start one with `aifactory init`"


def relative(reference: str, origin: Located, files: Files, span: Span) -> Located | Finding:
    """The document that a relative path in another document leads to, inside the same walls."""
    text = reference.strip()
    if "://" in text or "::" in text:
        message = "a parent is a library name or a relative path; nothing is fetched"
        return found("030", message, hint="put the parent beside the document", span=span)
    if Path(text).is_absolute() or text.startswith(("~", "\\")) or re.match(r"[A-Za-z]:", text):
        message = f"`{text}` is an absolute path; a parent's path is relative to the document"
        return found("032", message, hint="write it like `../base/blueprint.yaml`", span=span)
    path = origin.path.parent / text
    wall = files.real(origin.root)
    if not files.real(path).is_relative_to(wall):
        message = f"`{text}` leads out of `{files.shown(wall)}`"
        hint = "keep parents inside the project (the folder with `.git` or `.aifactory`)"
        return found("032", message, hint=hint, span=span)
    if files.is_folder(path):
        path = path / "blueprint.yaml"
        if not files.real(path).is_relative_to(wall):
            message = f"`{text}` leads out of `{files.shown(wall)}`"
            return found("032", message, hint="use a file, not a link", span=span)
    if not files.is_file(path):
        message = f"there is no document at `{text}`"
        return found("030", message, hint=f"looked for `{files.shown(path)}`", span=span)
    return Located(path, origin.root)
