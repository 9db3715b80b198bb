"""The private folder of one lab, and the lock in it that says whether the lab lives.

The lock is held by the supervisor for as long as it lives, and given back by the kernel however it
ends, so that nobody has to guess from a process number that may be another's by now.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PRIVATE, SECRET = 0o700, 0o600
_LOCK = "alive"
_PATIENCE = 0.5
"""Seconds for which a lock may be held by somebody who only looks whether it is."""


class FolderError(Exception):
    """A folder that cannot be made or written; the text is for the user."""


class NotOursError(Exception):
    """A folder that holds other files than a lab's; the text is for the user."""


class InUseError(Exception):
    """Another lab lives in the folder, or is just starting there."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Where things are in a lab's folder."""

    path: Path

    @property
    def record(self) -> Path:
        """What runs where: what `AIFACTORY_LAB` points to."""
        return self.path / "lab.json"

    @property
    def orders(self) -> Path:
        """What the supervisor is to start."""
        return self.path / "orders.json"

    @property
    def machine_faults(self) -> Path:
        """What goes wrong with the machines just now."""
        return self.path / "machine-faults.json"

    @property
    def switch_faults(self) -> Path:
        """What goes wrong with the switches just now."""
        return self.path / "switch-faults.json"

    @property
    def known_hosts(self) -> Path:
        """Host keys of everything that speaks SSH."""
        return self.path / "known_hosts"

    @property
    def environment(self) -> Path:
        """Shell lines that point programs at the lab."""
        return self.path / "environment.sh"

    @property
    def log(self) -> Path:
        """The supervisor's own log."""
        return self.path / "supervisor.log"

    @property
    def lock(self) -> Path:
        """Held while the lab lives; holds the supervisor's process number."""
        return self.path / _LOCK

    @property
    def alive(self) -> bool:
        """Whether somebody holds the lock."""
        try:
            descriptor = os.open(self.lock, os.O_RDONLY)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    @property
    def pid(self) -> int | None:
        """The supervisor's process number; only meaningful while the lab is alive."""
        try:
            return int(self.lock.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    def part(self, name: str) -> Path:
        """The folder of one part."""
        return self.path / name

    def remove(self) -> None:
        """Takes the folder away with all that is in it; nothing happens when it is gone."""
        shutil.rmtree(self.path, ignore_errors=True)


def taken(path: Path) -> tuple[Folder, int]:
    """An empty private folder with its lock held, and the lock's descriptor.

    What a lab that was killed left there is removed.

    Raises:
        FolderError: It cannot be made or written.
        NotOursError: It holds files that are not a lab's.
        InUseError: A lab lives there.
    """
    folder = Folder(path)
    try:
        path.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        strangers = [each for each in path.iterdir() if each.name != _LOCK]
        if strangers and not folder.lock.is_file():
            raise NotOursError(f"{path} holds other files; a lab wants a folder of its own")
        path.chmod(PRIVATE)
        descriptor = _locked(folder)
        _emptied(path)
    except OSError as error:
        raise FolderError(f"{error.filename or path}: {error.strerror}") from None
    return folder, descriptor


def labs(place: Path) -> Iterator[Folder]:
    """The labs below a place, by name; dead ones too."""
    if place.is_dir():
        yield from (Folder(each) for each in sorted(place.iterdir()) if (each / _LOCK).is_file())


def default_place(environment: Mapping[str, str] = os.environ) -> Path:
    """Where labs are kept: `labs/` below the state folder that the provider uses too."""
    own = environment.get("AIFACTORY_STATE_DIR")
    if own:
        return Path(own).absolute() / "labs"
    home = environment.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(home).absolute() / "aifactory" / "labs"


def write(file: Path, text: str) -> None:
    """Writes a file that only its owner may read, whole or not at all."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _locked(folder: Folder) -> int:
    until = time.monotonic() + _PATIENCE
    while True:
        descriptor = os.open(folder.lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, SECRET)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _same(descriptor, folder.lock):
                return descriptor
        except BlockingIOError:
            if time.monotonic() > until:
                os.close(descriptor)
                raise InUseError(str(folder.path)) from None
            time.sleep(0.02)
        os.close(descriptor)


def _same(descriptor: int, path: Path) -> bool:
    """Whether the file that was opened is still the one that stands there."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False


def _emptied(path: Path) -> None:
    for each in path.iterdir():
        if each.name == _LOCK:
            continue
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()
