"""The only I/O of this room: reading files and looking at folders, behind one small adapter."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from aifactory_iac import shipped
from aifactory_iac.blueprint.reader import MAX_BYTES


class Unreadable(Exception):  # noqa: N818 - it says what the file is
    """The file cannot be read; the text says why, in words for users."""


class Files(Protocol):
    """What the loader needs from a file system."""

    def read(self, path: Path) -> bytes:
        """At most one byte more than a document may have. Raises `Unreadable`."""
        ...

    def is_file(self, path: Path) -> bool:
        """Whether anything but a folder is there."""
        ...

    def is_folder(self, path: Path) -> bool:
        """Whether a folder is there."""
        ...

    def names(self, path: Path) -> tuple[str, ...]:
        """Sorted names in a folder; empty when it cannot be listed."""
        ...

    def real(self, path: Path) -> Path:
        """The absolute path with symbolic links followed."""
        ...

    def shown(self, path: Path) -> str:
        """The path as users know it: relative to where they stand, when it is below that."""
        ...


@dataclass(frozen=True, slots=True)
class Disk:
    """The file system of this machine."""

    def read(self, path: Path) -> bytes:
        """As `Files.read`."""
        try:
            if path.is_dir():
                raise Unreadable("it is a folder")
            if not path.is_file():
                raise Unreadable("it is not a regular file" if path.exists() else "no such file")
            with path.open("rb") as stream:
                return stream.read(MAX_BYTES + 1)
        except PermissionError:
            raise Unreadable("permission denied") from None
        except (OSError, ValueError) as error:
            raise Unreadable(getattr(error, "strerror", None) or "it cannot be opened") from None

    def is_file(self, path: Path) -> bool:
        """As `Files.is_file`."""
        try:
            return path.exists() and not path.is_dir()
        except (OSError, ValueError):
            return False

    def is_folder(self, path: Path) -> bool:
        """As `Files.is_folder`."""
        try:
            return path.is_dir()
        except (OSError, ValueError):
            return False

    def names(self, path: Path) -> tuple[str, ...]:
        """As `Files.names`."""
        try:
            return tuple(sorted(each.name for each in path.iterdir()))
        except (OSError, ValueError):
            return ()

    def real(self, path: Path) -> Path:
        """As `Files.real`."""
        try:
            return path.resolve()
        except (OSError, ValueError, RuntimeError):
            return Path(os.path.abspath(path))  # noqa: PTH100 - resolve has just failed

    def shown(self, path: Path) -> str:
        """As `Files.shown`."""
        try:
            absolute = Path(os.path.abspath(path))  # noqa: PTH100 - links stay as typed
            here, library = Path.cwd(), shipped.folder("blueprints")
        except (OSError, ValueError):
            return path.as_posix()
        if absolute.is_relative_to(here):
            return absolute.relative_to(here).as_posix()
        if absolute.is_relative_to(library):
            return f"library:{absolute.relative_to(library).as_posix()}"
        return path.as_posix()
