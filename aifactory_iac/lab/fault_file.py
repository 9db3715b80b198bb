"""A user's fault file: what is to go wrong, read with positions and complained about all at once.

    seed: 7
    faults:
      - {use: bmclib-459-half-stored-boot, when: {machine: dgx-su001-n01}}
      - {name: lost reset, when: {method: POST, times: 1}, do: {kind: lose-answer}}
      - {switch: "in-band-leaf-*", method: PATCH, effect: drop-answer}

A fault that says `switch` is one of switches, any other one of machines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from aifactory_iac.catalog.reading import Positions, ReadingError, read
from aifactory_iac.catalog.rules import in_yaml, near
from aifactory_iac.findings import Finding, Span, in_order
from aifactory_iac.findings import Path as Place
from aifactory_iac.lab.fault_kinds import OF_SWITCH, Problem, problems, where
from aifactory_iac.lab.faults import Faults
from aifactory_iac.lab.inventory import Inventory
from aifactory_iac.lab.rules import found

MAX_BYTES = 256 * 1024
KEYS = ("schemaVersion", "seed", "faults")
_TEXT_SHOWN = 200
_LAYER = "fault file"


@dataclass(frozen=True, slots=True)
class FaultFile:
    """The faults of a file, or what is wrong with it."""

    faults: Faults
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Source:
    """Where things stand in the file."""

    shown: str
    lines: Sequence[str]
    positions: Positions

    def span(self, path: Place, *, key: bool = False) -> Span:
        """The place of the value at the path, or of its key; of its nearest parent without one."""
        place = self.positions.keys.get(path) if key else None
        line, column, length = place or self.positions.nearest(path) or (1, 1, 1)
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return Span(self.shown, line, column, length, text[:_TEXT_SHOWN], _LAYER)


def read_faults(file: Path, wanted: Inventory) -> FaultFile:
    """Reads one file for a lab of that inventory. Whatever it holds, nothing is raised."""
    shown = file.as_posix()
    try:
        # Asked before it is opened: opening a pipe would wait for a writer that never comes.
        if file.exists() and not file.is_file():
            return _unreadable(shown, "is not a regular file")
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not a file name"
        return _unreadable(shown, f"cannot be read: {reason}")
    if len(content) > MAX_BYTES:
        return _unreadable(shown, "is larger than 256 KiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _unreadable(shown, f"is not UTF-8 text (byte {error.start})")
    return _parsed(text, shown, wanted)


def _unreadable(shown: str, why: str) -> FaultFile:
    span = Span(shown, 1, 1, layer=_LAYER)
    return FaultFile(
        Faults(), (found("AIF-LAB-005", f"The fault file `{shown}` {why}", span=span),)
    )


def _parsed(text: str, shown: str, wanted: Inventory) -> FaultFile:
    source = _Source(shown, tuple(text.splitlines()), Positions())
    try:
        document = read(text, source.positions)
    except ReadingError as error:
        source.positions.values[()] = (error.line, error.column, 1)
        message = f"This is not plain YAML: {error.message}"
        return FaultFile(Faults(), (found("AIF-LAB-006", message, span=source.span(())),))
    findings = tuple(_shape(document, source))
    if findings:
        return FaultFile(Faults(), findings)
    listed: list[Mapping[str, Any]] = document["faults"]
    findings = in_order(
        finding
        for index, fault in enumerate(listed)
        for finding in _judged(("faults", index), fault, source, wanted)
    )
    if findings:
        return FaultFile(Faults(), findings)
    return FaultFile(
        Faults(
            machines=tuple(each for each in listed if OF_SWITCH not in each),
            switches=tuple(each for each in listed if OF_SWITCH in each),
            seed=document.get("seed", 0),
        )
    )


def _shape(document: Any, source: _Source) -> Iterator[Finding]:
    if not isinstance(document, Mapping):
        message = "A fault file is a mapping with a list under `faults`"
        yield found("AIF-LAB-007", message, hint="start with `faults:`", span=source.span(()))
        return
    for key in document:
        if key not in KEYS:
            path: Place = (str(key),)
            message = f"A fault file has no `{in_yaml(key)}`"
            hint = near(str(key), KEYS, "keys")
            yield found("AIF-LAB-007", message, path, hint=hint, span=source.span(path, key=True))
    if document.get("schemaVersion", 1) != 1:
        yield _wrong("schemaVersion", "is 1", "leave it out", source)
    if type(document.get("seed", 0)) is not int:
        yield _wrong("seed", "is a whole number", "write `seed: 0`", source)
    listed = document.get("faults")
    if not isinstance(listed, list):
        yield _wrong("faults", "is a list of faults", "write `faults: []` for none", source)
        return
    for index, fault in enumerate(listed):
        if not isinstance(fault, Mapping):
            path = ("faults", index)
            yield found(
                "AIF-LAB-007",
                "A fault is a mapping",
                path,
                hint="write `use: NAME`, or `name`, `when` and `do`",
                span=source.span(path),
            )


def _wrong(key: str, holds: str, hint: str, source: _Source) -> Finding:
    return found("AIF-LAB-007", f"`{key}` {holds}", (key,), hint=hint, span=source.span((key,)))


def _judged(
    path: Place, fault: Mapping[str, Any], source: _Source, wanted: Inventory
) -> Iterator[Finding]:
    wrong = problems(fault)
    yield from (_finding(path, problem, source) for problem in wrong)
    if wrong:
        return
    of_switch = OF_SWITCH in fault
    what = "switch" if of_switch else "machine"
    switches = [each.hostname for each in wanted.switches]
    names = switches if of_switch else [each.host for each in wanted.machines]
    step, pattern = where(fault)
    if not any(fnmatchcase(name, pattern) for name in names):
        yield found(
            "AIF-LAB-009",
            f"This lab has no {what} `{in_yaml(pattern)}`",
            (*path, *step),
            hint=near(pattern, names, "there are") if names else None,
            span=source.span((*path, *step)),
        )


def _finding(path: Place, problem: Problem, source: _Source) -> Finding:
    at = (*path, *problem.path)
    if problem.kind == "unknown":
        message = f"There is no field `{in_yaml(problem.text)}` here"
        hint = near(problem.text, problem.known, "fields")
        return found("AIF-LAB-007", message, at, hint=hint, span=source.span(at, key=True))
    if problem.kind == "missing":
        message, hint = f"`{problem.text}` is missing here", f"add `{problem.text}:`"
        return found("AIF-LAB-007", message, at, hint=hint, span=source.span(at))
    field = problem.path[-1] if problem.path else "fault"
    return found(
        "AIF-LAB-008",
        f"`{field}`: {problem.text}",
        at,
        hint=_meant(at, problem, source),
        span=source.span(at),
    )


def _meant(at: Place, problem: Problem, source: _Source) -> str | None:
    if not problem.known:
        return None
    span = source.span(at)
    written = span.text[span.column - 1 : span.column - 1 + span.length].strip("\"'")
    return near(written, problem.known, "known")
