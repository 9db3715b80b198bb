"""Every finding of plans: one table, ids never reused.

Numbers by topic: 001 the program of a unit, 010 its last state, 020 what would change, 030 seals.
"""

from __future__ import annotations

from aifactory_iac.findings import Finding, Path, Severity, table

_CRITICAL, _HIGH, _MEDIUM = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM
_LOW, _INFO = Severity.LOW, Severity.INFO

PROGRAM_FAILED = "AIF-PLN-001"

RULES = table(
    "PLN",
    (
        (1, _CRITICAL, "The program of a unit runs to its end."),
        (2, _LOW, "The program of a unit warns of nothing."),
        (3, _HIGH, "The program of a unit reports no error."),
        (4, _HIGH, "Every resource of a unit has a URN of its own."),
        (10, _HIGH, "The last state of a unit can be read."),
        (11, _HIGH, "The last state is of a version, and uses features, that are known here."),
        (12, _MEDIUM, "The last state is whole."),
        (13, _MEDIUM, "No operation on the last state was cut short."),
        (14, _LOW, "Secrets of the last state can be compared."),
        (15, _INFO, "What a blueprint defers to the environment is as it was last applied."),
        (20, _HIGH, "One resource at most says that it used to be another."),
        (21, _HIGH, "No protected resource is replaced or deleted."),
        (22, _MEDIUM, "No protected resource may be replaced."),
        (30, _CRITICAL, "A plan is as it was sealed."),
        (31, _CRITICAL, "What a plan was made from is as it was."),
    ),
)


def found(rule: str, message: str, path: Path = (), *, hint: str | None = None) -> Finding:
    """A finding of one of `RULES`, with the severity that the table gives it."""
    return Finding(rule, RULES[rule].severity, message, path, hint)
