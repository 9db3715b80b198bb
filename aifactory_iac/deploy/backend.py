"""Finds the last states of stacks in a local file backend of Pulumi.

Layout of the DIY backends: `.pulumi/stacks/<project>/<stack>.json`, with `.gz` or `.zst` after it
when compression was switched on.
"""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

from aifactory_iac.deploy.rules import found
from aifactory_iac.deploy.state import NEVER_APPLIED, RESTORE, State, read_state

LARGEST = 1 << 30
"""Bytes of an unpacked checkpoint beyond which it is refused: a hundred times the largest known."""


@dataclass(frozen=True, slots=True)
class FileBackend:
    """A folder that holds `.pulumi`, such as the one in `file://<folder>`."""

    folder: Path
    passphrase: str | None = None

    def load(self, project: str, stack: str) -> State:
        """The last state of a stack; that of a stack never applied when there is no file."""
        stacks = self.folder / ".pulumi" / "stacks" / project
        for suffix in ("", ".gz", ".zst"):
            path = stacks / f"{stack}.json{suffix}"
            if path.exists():
                return load_state(path, self.passphrase)
        return NEVER_APPLIED


def load_state(path: Path, passphrase: str | None = None) -> State:
    """The state in a checkpoint or export file, packed or not."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return _unreadable(
            f"`{path.name}` cannot be read: {error.strerror}.",
            hint="let whoever plans read the backend's folder",
        )
    if path.suffix == ".zst":
        return _unreadable(
            f"`{path.name}` is packed with zstd, which is not read here.",
            hint="write it anew with `pulumi stack export`, or pack states with "
            "`PULUMI_DIY_BACKEND_GZIP`",
        )
    if path.suffix == ".gz":
        try:
            with gzip.open(path) as packed:
                data = packed.read(LARGEST + 1)
        except (OSError, EOFError, zlib.error):
            return _unreadable(f"`{path.name}` is cut short or not packed with gzip.")
    if len(data) > LARGEST:
        return _unreadable(f"`{path.name}` unpacks to more than {LARGEST >> 30} GiB.")
    return read_state(data, path.name, passphrase)


def _unreadable(reason: str, hint: str = RESTORE) -> State:
    return State(findings=(found("AIF-PLN-010", reason, hint=hint),), readable=False)
