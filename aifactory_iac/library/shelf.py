"""Which blueprints there are, own search paths first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aifactory_iac.shipped import folder

DOCUMENT = "blueprint.yaml"
README = "README.md"
PROMISES = "facts.yaml"


@dataclass(frozen=True, slots=True)
class Volume:
    """A library blueprint: a folder with its document, README and promised facts."""

    name: str
    directory: Path

    @property
    def document(self) -> Path:
        """The blueprint itself."""
        return self.directory / DOCUMENT

    @property
    def readme(self) -> Path:
        """What it gives and costs."""
        return self.directory / README

    @property
    def promises(self) -> Path:
        """The facts it promises."""
        return self.directory / PROMISES


def shelves(own: Sequence[Path] = ()) -> tuple[Path, ...]:
    """Folders that hold blueprints, own ones first, those that exist."""
    return tuple(shelf for shelf in (*own, folder("blueprints")) if shelf.is_dir())


def volumes(own: Sequence[Path] = ()) -> tuple[Volume, ...]:
    """All blueprints by name; one of one's own hides a shipped one of the same name."""
    found: dict[str, Volume] = {}
    for shelf in shelves(own):
        for entry in sorted(shelf.iterdir()):
            if (entry / DOCUMENT).is_file():
                found.setdefault(entry.name, Volume(entry.name, entry))
    return tuple(found[name] for name in sorted(found))
