"""Faults on purpose: which request of which switch goes wrong, how, and how often."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

Effect = Literal["status", "delay", "drop", "drop-answer", "lie", "isolate"]
"""What happens.

- `status`: it is answered with `status`, and not done. Over SSH `status` is the exit status.
- `delay`: it is done, `seconds` late.
- `drop`: the connection is cut before anything is done.
- `drop-answer`: it is done, and the connection is cut instead of answering.
- `lie`: it is answered as if done, and not done.
- `isolate`: it is done, and from then on the switch cannot be managed, until it rolls back.
"""


class FaultError(Exception):
    """A fault file that cannot be used; one problem a line."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; the first of those that match a request happens."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", use_attribute_docstrings=True, strict=True
    )

    effect: Effect
    """What happens."""
    switch: str = "*"
    """Host names, or addresses of UFMs, that it is for; `*` and `?` stand for any characters."""
    method: str = "*"
    """HTTP method; `RUN` for a command over SSH, `LOGIN` for a new connection over SSH."""
    path: str = "*"
    """Path with its query, or the command; `*` and `?` stand for any characters."""
    after: int = 0
    """How many matching requests are let through first."""
    times: int | None = 1
    """How many then go wrong; null is all."""
    status: int = 503
    """Status to answer with."""
    retry_after: str | None = None
    """`Retry-After` to answer with."""
    seconds: float = 0.0
    """How late, in real seconds."""


@dataclass
class Faults:
    """The faults of a lab, and how often each has matched."""

    faults: Sequence[Fault] = ()
    file: Path | None = None
    _seen: dict[int, int] = field(default_factory=dict)
    _changed: float | None = None

    def hit(self, switch: str, method: str, path: str) -> Fault | None:
        """The fault that this request meets; asking counts."""
        self._reread()
        found: Fault | None = None
        for number, fault in enumerate(self.faults):
            if not _matches(fault, switch, method, path):
                continue
            count = self._seen.get(number, 0)
            self._seen[number] = count + 1
            due = count >= fault.after and (
                fault.times is None or count < fault.after + fault.times
            )
            if due and found is None:
                found = fault
        return found

    def _reread(self) -> None:
        """A changed file counts anew; while it is being written, the old one goes on."""
        if self.file is None or not self.file.exists():
            return
        changed = self.file.stat().st_mtime
        if changed == self._changed:
            return
        try:
            self.faults = read(self.file)
        except FaultError:
            if self._changed is None:
                raise
            return
        self._changed, self._seen = changed, {}


_ADAPTER: TypeAdapter[tuple[Fault, ...]] = TypeAdapter(tuple[Fault, ...])


def parse(document: Any) -> tuple[Fault, ...]:
    """Faults from a document with a list under `faults`. Raises `FaultError`."""
    listed = document.get("faults") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise FaultError("faults: is no list")
    try:
        return _ADAPTER.validate_json(json.dumps(listed))
    except ValidationError as error:
        lines = (f"faults.{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise FaultError("\n".join(lines)) from None


def read(path: Path) -> tuple[Fault, ...]:
    """Faults from a file of YAML, of which JSON is a part. Raises `FaultError`."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return parse(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")))
    except (OSError, YAMLError) as error:
        raise FaultError(f"{path}: {type(error).__name__}") from None


def _matches(fault: Fault, switch: str, method: str, path: str) -> bool:
    pairs: Iterable[tuple[str, str]] = (
        (switch, fault.switch),
        (method, fault.method),
        (path, fault.path),
    )
    return all(fnmatch.fnmatchcase(text, pattern) for text, pattern in pairs)
