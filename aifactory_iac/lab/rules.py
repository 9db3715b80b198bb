"""Every finding that starting a lab can give: one table, ids never reused."""

from __future__ import annotations

from aifactory_iac.findings import Finding, Path, Severity, Span, table

_HIGH = Severity.HIGH

RULES = table(
    "LAB",
    (
        (1, _HIGH, "A target has something that a lab can emulate."),
        (2, _HIGH, "A lab has no more machines than one host can bear, or a limit is given."),
        (3, _HIGH, "An address and a serial number belong to one machine only."),
        (4, _HIGH, "Every machine to emulate has an address of its controller."),
        (5, _HIGH, "A fault file can be read: a regular file of UTF-8 text, at most 256 KiB."),
        (6, _HIGH, "A fault file is plain YAML: no anchors, aliases, tags or duplicate keys."),
        (7, _HIGH, "A fault file is a list under `faults`, each with fields that a fault has."),
        (8, _HIGH, "A fault's value has the type and the bounds of its field."),
        (9, _HIGH, "A fault names machines or switches that the lab has."),
    ),
)


def found(
    rule: str,
    message: str,
    path: Path = (),
    *,
    hint: str | None = None,
    span: Span | None = None,
    related: tuple[Path, ...] = (),
) -> Finding:
    """A finding of one of `RULES`."""
    return Finding(rule, RULES[rule].severity, message, path, hint, related, span)
