"""Waivers: reasoned, approved, expiring exceptions, read from a file with their positions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from aifactory_iac.findings import Path as BlueprintPath
from aifactory_iac.findings import Span
from aifactory_iac.policy.gate import WaiverState, WaiverUse

_Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
_LARGEST_FILE = 1_000_000
_MOST_WAIVERS = 10_000


class Waiver(BaseModel):
    """One exception: exactly one finding of one rule at one path, until a day, for a reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{1,11}-[A-Z]{3}-\d{3}$")]
    target: _Line
    """The path as findings print it, exactly; there are no patterns."""
    finding: _Line
    """The finding's key."""
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=1000)]
    owner: _Line
    approver: _Line
    ticket: _Line
    created: dt.date
    expires: dt.date
    """The last day on which it holds."""


@dataclass(frozen=True, slots=True)
class PlacedWaiver:
    """A waiver with its place in the file."""

    waiver: Waiver
    path: BlueprintPath
    span: Span | None


@dataclass(frozen=True, slots=True)
class Waivers:
    """The waivers of one file; those that cannot stand are kept as what is wrong with them."""

    placed: tuple[PlacedWaiver, ...] = ()
    malformed: tuple[WaiverUse, ...] = ()


def load_waivers(file: Path, shown: str | None = None) -> Waivers:
    """Reads a waiver file. A file that cannot be read waives nothing, and says so."""
    name = shown or file.as_posix()
    try:
        if file.stat().st_size > _LARGEST_FILE:
            return _nothing(name, "is larger than 1 MB")
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        return _nothing(name, f"cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        return _nothing(name, "is not UTF-8 text")
    return read_waivers(text, name)


def read_waivers(text: str, name: str) -> Waivers:
    """A list of waivers from YAML text; `name` is the file as findings show it."""
    try:
        read = YAML(typ="rt").load(text)
    except (YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        span = Span(name, mark.line + 1, mark.column + 1) if mark is not None else None
        return _nothing(name, "is not YAML", span)
    if read is None:
        return Waivers()
    if not isinstance(read, list):
        return _nothing(name, "is not a list of waivers", Span(name, 1, 1))
    if len(read) > _MOST_WAIVERS:
        return _nothing(name, f"holds more than {_MOST_WAIVERS} waivers")
    lines = text.splitlines()
    placed: list[PlacedWaiver] = []
    malformed: list[WaiverUse] = []
    for position, item in enumerate(read):
        span = _span(read, position, name, lines)
        result = _waiver(item, position, span)
        if isinstance(result, PlacedWaiver):
            placed.append(result)
        else:
            malformed.append(result)
    return Waivers(tuple(placed), tuple(malformed))


def _waiver(item: Any, position: int, span: Span) -> PlacedWaiver | WaiverUse:
    path: BlueprintPath = ("waivers", position)
    if not isinstance(item, Mapping):
        return WaiverUse(path, WaiverState.MALFORMED, "a waiver is a mapping", span)
    try:
        waiver = Waiver.model_validate(dict(item))
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(key) for key in fault['loc'])}: {fault['msg']}"
            for fault in error.errors(include_url=False)
        )
        return WaiverUse(path, WaiverState.MALFORMED, faults, span)
    if waiver.expires < waiver.created:
        reason = f"it expires on {waiver.expires}, before it was created on {waiver.created}"
        return WaiverUse(path, WaiverState.MALFORMED, reason, span)
    return PlacedWaiver(waiver, path, span)


def _span(read: Any, position: int, name: str, lines: list[str]) -> Span:
    line, column = read.lc.item(position)
    text = lines[line] if line < len(lines) else ""
    return Span(name, line + 1, column + 1, max(1, len(text.rstrip()) - column), text)


def _nothing(name: str, why: str, span: Span | None = None) -> Waivers:
    use = WaiverUse(("waivers",), WaiverState.MALFORMED, f"{name} {why}", span or Span(name, 1, 1))
    return Waivers(malformed=(use,))
