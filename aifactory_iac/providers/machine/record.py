"""What was begun on a machine, written down before it is begun: the memory that a kill leaves.

One JSON document a machine, replaced as a whole and flushed to the disk, under the machine's serial
number or UUID: a new BMC address makes no new machine. Pulumi's state knows nothing of a run that
was killed; this does.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from aifactory_iac.providers.machine.identity import Identity

DAY, HOUR = 86_400.0, 3_600.0

Standing = Literal["begun", "happened", "nothing", "unknown"]
"""Of an act: nobody looked yet; it was seen; it was seen not to be; it cannot be told."""


class BusyMachineError(Exception):
    """Another run works on the machine just now."""


@dataclass(frozen=True, slots=True)
class Act:
    """One write that must not be done twice.

    `purpose` says what for, such that the same intent decides the same; `before` is what a look
    found before it, which tells afterwards whether it happened; `handle` finds it on the BMC again
    (a task's path).
    """

    id: str
    kind: str
    purpose: str
    at: float
    before: Mapping[str, str] = field(default_factory=dict)
    standing: Standing = "begun"
    handle: str = ""
    resets: bool = False
    met: bool = False
    """Whether what it was for has come about: it then counts for no later wish."""


@dataclass(frozen=True, slots=True)
class Record:
    """Acts of the last day, and facts that no BMC knows.

    `installed` is the content digest of the installation that called back, `image` its image;
    `was_off` says that the machine was off before we turned it on for a moment; `attached` is
    what we gave it to boot from: images, or a URL.
    """

    acts: tuple[Act, ...] = ()
    installed: str = ""
    image: str = ""
    was_off: bool = False
    attached: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    """Images that are attached because they are declared, and go when they are no more."""
    events: tuple[str, ...] = ()
    """Boots from somewhere else that were ordered; the latest few."""

    def open(self, kind: str | None = None) -> Act | None:
        """The latest act that nobody has settled."""
        found = [act for act in self.acts if act.standing == "begun" and kind in (None, act.kind)]
        return found[-1] if found else None

    def resets_since(self, moment: float) -> int:
        """Resets that happened, or may have, since a moment."""
        return sum(
            act.resets and act.at >= moment and act.standing != "nothing" for act in self.acts
        )

    def failures(self, kind: str, purpose: str) -> int:
        """How often in a row something was begun for a purpose, and was seen to do nothing."""
        row = [act for act in self.acts if (act.kind, act.purpose) == (kind, purpose)]
        good = [i for i, act in enumerate(row) if act.standing != "nothing" or act.met]
        return len(row) - (good[-1] + 1 if good else 0)

    def last(self, kind: str, purpose: str) -> Act | None:
        """The latest act of a kind for a purpose that has not come about yet."""
        found = [
            act for act in self.acts if (act.kind, act.purpose, act.met) == (kind, purpose, False)
        ]
        return found[-1] if found else None

    def happened(self, purpose: str, *kinds: str) -> Act | None:
        """The latest act of some kinds for a purpose, once it was seen to have happened."""
        found = [act for kind in kinds if (act := self.last(kind, purpose)) is not None]
        found = [act for act in found if act.standing == "happened"]
        return max(found, key=lambda act: act.at) if found else None

    def met(self) -> Record:
        """The record once everything that was begun is as it was wanted."""
        return replace(self, acts=tuple(replace(act, met=True) for act in self.acts))

    def with_act(self, act: Act) -> Record:
        """With an act added, or the one of its id replaced; older than a day is forgotten."""
        if any(each.id == act.id for each in self.acts):
            acts = tuple(act if each.id == act.id else each for each in self.acts)
            return replace(self, acts=acts)
        kept = tuple(each for each in self.acts if each.at >= act.at - DAY)
        return replace(self, acts=(*kept, act))


@dataclass(frozen=True, slots=True)
class Records:
    """A folder of records."""

    folder: Path

    def read(self, identity: Identity) -> Record:
        """The record of a machine; an empty one of a machine that nothing was begun on."""
        try:
            text = self._place(identity).read_text(encoding="utf-8")
        except FileNotFoundError:
            return Record()
        document: dict[str, Any] = json.loads(text)
        acts = tuple(Act(**act) for act in document.pop("acts"))
        for key in ("attached", "kept", "events"):
            document[key] = tuple(document[key])
        return Record(acts=acts, **document)

    def write(self, identity: Identity, record: Record) -> None:
        """Keeps a record; when this returns, a power failure does not lose it."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        place = self._place(identity)
        beside = place.with_suffix(f".{os.getpid()}.new")
        # Image URLs hold the token of an installation.
        beside.touch(mode=0o600)
        with beside.open("w", encoding="utf-8") as file:
            json.dump(asdict(record), file, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(place)
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    @contextlib.contextmanager
    def alone(self, identity: Identity) -> Iterator[None]:
        """Keeps every other process off the machine; ends with the process, whatever ends it.

        Raises:
            BusyMachineError: Another one is at it.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._place(identity).with_suffix(".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise BusyMachineError(
                    f"another run works on {identity.serial or identity.uuid} just now"
                ) from None
            yield

    def _place(self, identity: Identity) -> Path:
        name = identity.serial or identity.uuid or "-".join(identity.macs)
        if not name:
            raise ValueError("a machine without identity has no record")
        return self.folder / f"{re.sub(r'[^A-Za-z0-9._-]', '_', name)}.json"
