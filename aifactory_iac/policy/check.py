"""What a rule says of one target: one of five honest outcomes, at a path, under a stable key."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from aifactory_iac.findings import Path, Severity, Span


class Outcome(enum.StrEnum):
    """What came of checking. `ERROR` is a fault of the rule, never of the factory, never green."""

    PASS = "pass"  # noqa: S105 - a result, not a word to log in with
    FAIL = "fail"
    NOT_APPLICABLE = "not-applicable"
    UNKNOWN = "unknown"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Check:
    """One target under one rule.

    `key` tells several findings of one rule at one path apart; it is part of the fingerprint and of
    a waiver, so it is made of names, never of numbers that move. `severity` is set where a single
    finding weighs less than its rule does.
    """

    outcome: Outcome
    path: Path
    key: str = ""
    message: str = ""
    hint: str | None = None
    related: tuple[Path, ...] = ()
    severity: Severity | None = None
    span: Span | None = None


Checks = Iterator[Check]
"""What a rule is: a generator of checks. A rule that yields none has no target: not applicable."""


def passed(path: Path, key: str = "") -> Check:
    """The target holds."""
    return Check(Outcome.PASS, path, key)


def failed(
    path: Path,
    key: str,
    message: str,
    *,
    hint: str | None = None,
    related: tuple[Path, ...] = (),
    severity: Severity | None = None,
    span: Span | None = None,
) -> Check:
    """The target breaks the rule; `related` names the other end of a conflict."""
    return Check(Outcome.FAIL, path, key, message, hint, related, severity, span)


def unknown(
    path: Path,
    key: str,
    message: str,
    *,
    hint: str | None = None,
    related: tuple[Path, ...] = (),
    severity: Severity | None = None,
) -> Check:
    """The target cannot be judged, a value is known only after apply or not published."""
    return Check(Outcome.UNKNOWN, path, key, message, hint, related, severity)
