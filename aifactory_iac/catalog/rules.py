"""Every finding that a catalog overlay can give: one table, ids never reused, all of severity high.

An overlay is refused as a whole document would be; its sound records still enter the catalog, so
that a blueprint's findings do not repeat those of the overlay.
"""

from __future__ import annotations

from collections.abc import Iterable

from aifactory_iac.findings import Finding, Path, Severity, Span, table

_LONGEST = 60

_HIGH = Severity.HIGH

RULES = table(
    "CAT",
    (
        (1, _HIGH, "An overlay file can be read: a regular file of UTF-8 text, at most 256 KiB."),
        (2, _HIGH, "An overlay is plain YAML: no anchors, aliases, tags or duplicate keys."),
        (3, _HIGH, "An overlay says what it is, and holds only tables that the catalog has."),
        (4, _HIGH, "A record has only fields that its table has."),
        (5, _HIGH, "A value has the type and the bounds of its field."),
        (6, _HIGH, "A new record has every field that its table requires."),
        (
            7,
            _HIGH,
            "Every record brings its own source, with title, date, and address or document.",
        ),
        (8, _HIGH, "A record refers only to records that exist."),
        (9, _HIGH, "A record stands in one overlay only."),
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


def near(name: str, known: Iterable[str], what: str) -> str:
    """`did you mean ...?`, or what there is when nothing is alike; `what` is its plural."""
    from difflib import get_close_matches  # not needed by a catalog without faults

    names = sorted(known)
    alike = get_close_matches(name, names, n=1, cutoff=0.6)
    if alike:
        return f"did you mean `{alike[0]}`?"
    listed = ", ".join(f"`{each}`" for each in names[:12])
    return f"{what}: {listed}" + (f" and {len(names) - 12} more" if len(names) > 12 else "")


def in_yaml(value: object) -> str:
    """A value as it would stand in YAML, cut to one short line."""
    words = {None: "null", True: "true", False: "false"}
    text = words[value] if value is None or isinstance(value, bool) else str(value)
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 3] + "..."
