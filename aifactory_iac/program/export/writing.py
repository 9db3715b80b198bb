"""Writes an exported project to disk: whole or not at all, and never over what is not ours."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from aifactory_iac.findings import Finding
from aifactory_iac.program.rules import found

MANIFEST = ".aifactory-export.json"
"""Lists what an export wrote, so that the next one knows its own files from the user's."""


def write_project(
    files: Mapping[str, str], directory: Path, *, force: bool = False
) -> tuple[Finding, ...]:
    """Writes the files below `directory` and gives what stands in the way, if anything does.

    A new or empty directory appears at once, complete. In a directory that an export wrote, our
    files are replaced one by one and those that are no longer part of the project are removed;
    everything else there is left alone. Any other directory is refused, or with `force` written
    into without removing anything. Raises `OSError` when the disk says no.
    """
    unsafe = sorted(path for path in files if not _inside(path))
    if unsafe:
        message = f"`{unsafe[0]}` would be written outside the project."
        return (found("AIF-PRG-100", message, hint="rename what it is called after"),)
    if directory.exists() and not directory.is_dir():
        return (found("AIF-PRG-101", f"`{directory}` is a file.", hint="name a directory"),)
    content = {**files, MANIFEST: _manifest(files)}
    if not directory.exists() or not any(directory.iterdir()):
        _create(content, directory)
        return ()
    ours = _ours(directory)
    if ours is None and not force:
        return (
            found(
                "AIF-PRG-101",
                f"`{directory}` is not empty and was not written by an export.",
                hint="name a new directory, or use `--force` to write into this one",
            ),
        )
    linked = _leading_out(content, directory)
    if linked:
        message = f"`{linked[0]}` in `{directory}` is a link that leads elsewhere."
        return (found("AIF-PRG-100", message, hint="remove the link, or name a new directory"),)
    _update(content, directory, set(ours or ()) - set(content))
    return ()


def _inside(path: str) -> bool:
    pure = PurePosixPath(path)
    return bool(pure.parts) and not pure.is_absolute() and ".." not in pure.parts


def _create(files: Mapping[str, str], directory: Path) -> None:
    """Fills a directory beside the target and renames it, so that no half project is ever seen."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        for path, text in files.items():
            _write(building / path, text)
        building.chmod(0o755)
        # Renaming onto an empty directory replaces it; onto any other it fails, as it should.
        building.rename(directory)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def _update(files: Mapping[str, str], directory: Path, gone: Iterable[str]) -> None:
    for path, text in files.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".export-", dir=target.parent)
        os.close(descriptor)
        _write(Path(name), text)
        Path(name).chmod(_mode(text))
        Path(name).replace(target)
    for path in sorted(gone):
        if _inside(path):
            (directory / path).unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    if _is_script(text):
        path.chmod(_mode(text))


def _mode(text: str) -> int:
    return 0o755 if _is_script(text) else 0o644


def _is_script(text: str) -> bool:
    return text.startswith("#!")


def _manifest(files: Mapping[str, str]) -> str:
    digests = {
        path: hashlib.sha256(text.encode()).hexdigest() for path, text in sorted(files.items())
    }
    return json.dumps({"files": digests}, indent=1) + "\n"


def _ours(directory: Path) -> list[str] | None:
    """Files of the last export there; `None` where there was none."""
    try:
        listed = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return sorted(listed) if isinstance(listed, dict) else None


def _leading_out(files: Iterable[str], directory: Path) -> list[str]:
    """Paths that a link on the way would take out of the directory."""
    root = directory.resolve()
    return sorted(
        path for path in files if not (directory / path).parent.resolve().is_relative_to(root)
    )
