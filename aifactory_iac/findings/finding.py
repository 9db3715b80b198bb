"""The value that every check gives.

A check knows the path of a value in the document, never its line; the loader, which alone knows
positions, adds the `Span` afterwards (`blueprint.origins.locate`).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""Keys from the document's root. Items of a named list are addressed by name, others by index."""


class Severity(enum.StrEnum):
    """How much a finding matters. A loader finding at `HIGH` or above makes a document invalid."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for `INFO` up to 4 for `CRITICAL`."""
        return _RANK[self]


_RANK = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Span:
    """Where a value stands: line and column count from 1, `text` is the source line itself.

    `length` is the number of characters to underline (at least 1). `layer` says which layer wrote
    the value: default, parent, blueprint, stack, values file or command line.
    """

    file: str
    line: int
    column: int
    length: int = 1
    text: str = ""
    layer: str = "blueprint"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or worth saying, at one place, with the way out of it.

    `message` states the reason in one sentence; `hint` says what to write instead; `related` names
    the other ends of a conflict. Neither may contain a secret value.
    """

    rule: str
    severity: Severity
    message: str
    path: Path = ()
    hint: str | None = None
    related: tuple[Path, ...] = ()
    span: Span | None = None


def render_path(path: Path) -> str:
    """`("compute", "train", "count")` as `compute.train.count`; indexes as `[0]`."""
    rendered = ""
    for element in path:
        if isinstance(element, int):
            rendered += f"[{element}]"
        else:
            rendered += f".{element}" if rendered else element
    return rendered


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Duplicates dropped, sorted by place first, so that equal input gives equal output."""
    return tuple(sorted(dict.fromkeys(findings), key=_sort_key))


def has_blocking(findings: Iterable[Finding], at: Severity = Severity.HIGH) -> bool:
    """Whether any finding is at the given severity or above."""
    return any(finding.severity.rank >= at.rank for finding in findings)


def _sort_key(finding: Finding) -> tuple[str, int, int, str, str, str]:
    span = finding.span
    file, line, column = (span.file, span.line, span.column) if span else ("", 0, 0)
    return file, line, column, finding.rule, render_path(finding.path), finding.message
