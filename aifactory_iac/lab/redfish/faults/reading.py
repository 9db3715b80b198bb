"""Fault files: read, complained about all at once, and their catalogue names filled in."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from aifactory_iac.catalog.reading import ReadingError, read
from aifactory_iac.lab.redfish.faults.model import (
    Catalogue,
    CatalogueEntry,
    FaultFile,
    Rule,
    Use,
    When,
)
from aifactory_iac.lab.redfish.spec import SpecError


@dataclass(frozen=True, slots=True)
class Faults:
    """Rules in order, and where chance begins."""

    rules: tuple[Rule, ...] = ()
    seed: int = 0


@cache
def catalogue() -> dict[str, CatalogueEntry]:
    """The faults that can be used by name."""
    path = files("aifactory_iac.lab.redfish").joinpath("faults").joinpath("catalogue.yaml")
    return Catalogue.model_validate(read(path.read_text(encoding="utf-8"))).faults


def named(*names: str, **when: Any) -> Faults:
    """Faults of the catalogue, for tests; `when` is laid over each. Raises `SpecError`."""
    document = {"faults": [{"use": name, "when": when} for name in names]}
    return parse(document)


def load(path: Path) -> Faults:
    """Faults from a YAML or JSON file. Raises `SpecError` with everything that is wrong."""
    try:
        document = read(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SpecError([f"{path}: {error.strerror or 'cannot be read'}"]) from None
    except ReadingError as error:
        raise SpecError([f"{path}:{error.line}:{error.column}: {error.message}"]) from None
    return parse(document)


def parse(document: Any) -> Faults:
    """Faults from a plain value. Raises `SpecError` with everything that is wrong."""
    try:
        file = FaultFile.model_validate({} if document is None else document)
    except ValidationError as error:
        raise SpecError(_problems(error)) from None
    unknown = [
        f"faults.{index}.use: {_unknown(fault.use)}"
        for index, fault in enumerate(file.faults)
        if isinstance(fault, Use) and fault.use not in catalogue()
    ]
    if unknown:
        raise SpecError(unknown)
    return Faults(tuple(_rule(fault) for fault in file.faults), file.seed)


def _unknown(name: str) -> str:
    near = get_close_matches(name, catalogue(), 3, 0.4)
    meant = f"did you mean {' or '.join(f'`{each}`' for each in near)}?" if near else ""
    known = f"known are {', '.join(sorted(catalogue()))}"
    return f"there is no fault `{name}` in the catalogue; {meant or known}"


def _rule(fault: Use | Rule) -> Rule:
    if isinstance(fault, Rule):
        return fault
    entry = catalogue()[fault.use]
    over = {name: getattr(fault.when, name) for name in fault.when.model_fields_set}
    when = When.model_validate({**entry.when.model_dump(exclude_unset=True), **over})
    return Rule(name=fault.use, source=entry.source, meaning=entry.meaning, when=when, do=entry.do)


_TAGS = ("use", "rule", "one", "several", "object")


def _problems(error: ValidationError) -> list[str]:
    """One line a problem, with its path as it stands in the file."""
    lines: dict[str, None] = {}
    for problem in error.errors():
        steps = [str(step) for step in problem["loc"]]
        path = ".".join(
            step
            for index, step in enumerate(steps)
            if not (
                step in _TAGS and index and (steps[index - 1] in ("method", "path") or index == 2)
            )
            and "[" not in step
            and not (index and steps[index - 1] == "do")
        )
        lines[f"{path or '(document)'}: {_reason(problem)}"] = None
    return list(lines)


def _reason(problem: Any) -> str:
    if problem["type"] == "extra_forbidden":
        return "there is no such key here"
    if problem["type"] == "model_type":
        return "must be a mapping"
    if problem["type"] == "union_tag_invalid":
        context = problem["ctx"]
        return f"there is no kind `{context['tag']}`; known are {context['expected_tags']}"
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{message[:1].lower()}{message[1:]}"
