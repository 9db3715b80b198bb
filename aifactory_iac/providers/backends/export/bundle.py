"""All machines of a target as files for one manager."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from aifactory_iac.providers.backends.export.metal3 import metal3
from aifactory_iac.providers.backends.export.subject import Exported, Subject, Wanted
from aifactory_iac.providers.backends.export.tinkerbell import tinkerbell
from aifactory_iac.providers.backends.export.warewulf import nodes_conf, warewulf
from aifactory_iac.providers.install.render.text import yaml_text
from aifactory_iac.providers.resource import Failure

Manager = Literal["metal3", "warewulf", "tinkerbell"]

_EXPORTS: Mapping[str, Callable[[Subject, Wanted], Exported]] = {
    "metal3": metal3,
    "warewulf": warewulf,
    "tinkerbell": tinkerbell,
}


@dataclass(frozen=True, slots=True)
class Bundle:
    """Content by file name; nothing at all while anything is wrong."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()


def bundle(manager: Manager, subjects: Sequence[Subject], wanted: Wanted) -> Bundle:
    """The files of all machines, in the order of their names whatever order they came in."""
    ordered = sorted(subjects, key=lambda each: each.name)
    exported = [_EXPORTS[manager](subject, wanted) for subject in ordered]
    failures = (
        *_twice(ordered),
        *(failure for each in exported for failure in each.failures),
    )
    if failures:
        return Bundle(failures=failures)
    notes = tuple(note for each in exported for note in each.notes)
    if manager == "warewulf":
        nodes = [each.documents[0] for each in exported]
        files = {"nodes.conf": nodes_conf(ordered, nodes)}
    else:
        files = {
            f"{subject.name}.yaml": _stream(each.documents)
            for subject, each in zip(ordered, exported, strict=True)
        }
    return Bundle(files | {"NOTES.md": _notes(manager, notes)}, notes=notes)


def _twice(ordered: Sequence[Subject]) -> list[Failure]:
    """Names and cards that two machines have: the later one is named."""
    found, seen = [], dict[tuple[str, str], str]()
    for subject in ordered:
        for what, value in (("macs", subject.boot_mac), ("name", subject.name)):
            other = seen.setdefault((what, value), subject.name) if value else subject.name
            if other != subject.name or (what == "name" and _count(ordered, value) > 1):
                found.append(Failure(f"{subject.at}.{what}", f"{value} is also that of {other}"))
    return found


def _count(ordered: Sequence[Subject], name: str) -> int:
    return sum(each.name == name for each in ordered)


def _stream(documents: Sequence[Mapping[str, Any]]) -> bytes:
    stream = io.BytesIO()
    for document in documents:
        stream.write(b"---\n" + yaml_text(document))
    return stream.getvalue()


def _notes(manager: str, notes: Sequence[str]) -> bytes:
    lines = [f"# Before these go to {manager}", "", *(f"- {note}" for note in notes), ""]
    return "\n".join(lines).encode()
