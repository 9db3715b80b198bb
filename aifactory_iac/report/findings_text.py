"""Findings for a terminal: what is wrong, the line with a caret under it, and the way out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from aifactory_iac.findings import Finding, Severity, Span, render_path
from aifactory_iac.report.legible import legible, one_line

_COLOUR = {
    Severity.CRITICAL: "bright_red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "blue",
}
_WORD = {
    Severity.CRITICAL: "critical",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "info",
}
_UNCOUNTED = (Severity.INFO, Severity.CRITICAL)
PLAIN_WIDTH = 100
_CUT = "…"
_DENSEST = 4
"""Most characters to a cell: marks without a width could otherwise go on for ever."""


def findings_text(findings: Sequence[Finding], *, width: int | None = None) -> str:
    """All findings, one block each, then a count; empty text for none."""
    if not findings:
        return ""
    blocks = [finding_text(finding, width=width) for finding in findings]
    return "\n".join([*blocks, summary_line(findings)]) + "\n"


def finding_text(finding: Finding, *, width: int | None = None) -> str:
    """One finding as a block of lines, ending in a newline.

    Only the source line is cut to `width` columns (100 when not given); sentences are left to the
    terminal, so that they can be searched for.
    """
    colour = _COLOUR[finding.severity]
    where = one_line(render_path(finding.path))
    head = click.style(f"{_WORD[finding.severity]} {finding.rule}", fg=colour, bold=True)
    message = _indented(finding.message)
    lines = [f"{head} {click.style(where, bold=True)}: {message}" if where else f"{head} {message}"]
    if finding.span is not None:
        lines += excerpt(finding.span, colour, width or PLAIN_WIDTH)
    lines += [f"  = see also {one_line(render_path(path))}" for path in finding.related]
    if finding.hint:
        lines.append(f"  {click.style('= hint:', fg='green')} {_indented(finding.hint)}")
    return "\n".join(lines) + "\n"


def excerpt(span: Span, colour: str, width: int) -> list[str]:
    """`file:line:column`, then the source line with a caret under the value."""
    layer = "" if span.layer == "blueprint" else f" ({span.layer})"
    lines = [f"  --> {one_line(span.file)}:{span.line}:{span.column}{layer}"]
    if not span.text.strip():
        return lines
    gutter = " " * len(str(span.line))
    shown, before, under = _window(span, max(20, width - len(gutter) - 3))
    caret = " " * before + "^" * under
    return [
        *lines,
        f"{gutter} |",
        f"{span.line} | {shown}",
        f"{gutter} | {click.style(caret, fg=colour, bold=True)}",
    ]


def summary_line(findings: Iterable[Finding]) -> str:
    """`2 errors, 1 warning`."""
    counts = dict.fromkeys(reversed(Severity), 0)
    for finding in findings:
        counts[finding.severity] += 1
    parts = [
        f"{count} {_WORD[severity]}{'s' if count != 1 and severity not in _UNCOUNTED else ''}"
        for severity, count in counts.items()
        if count
    ]
    return ", ".join(parts) if parts else "no findings"


def _window(span: Span, room: int) -> tuple[str, int, int]:
    """The part of the line that fits, with the cells before the caret and those under it.

    Characters may be two cells wide or none; the value's beginning is always in the window.
    """
    line = one_line(span.text).rstrip()
    start = min(span.column - 1, max(0, len(span.text)))
    before, value = line[:start], line[start : start + span.length]
    rest = line[start + span.length :]
    if _cells(line) > room:
        before = _last(before, room // 2)
        value = _first(value, room - _cells(before), more=bool(rest))
        rest = _first(rest, room - _cells(before) - _cells(value))
    pad = start - len(line) if start > len(line) else 0
    return f"{before}{value}{rest}", _cells(before) + pad, max(1, _cells(value))


def _first(text: str, room: int, *, more: bool = False) -> str:
    """The beginning that fits, with an ellipsis where something was cut off."""
    if len(text) <= _DENSEST * room and _cells(text) + more <= room:
        return text
    return _fitting(text, room - 1) + _CUT if room > 0 else ""


def _last(text: str, room: int) -> str:
    """The end that fits, after an ellipsis where something was cut off."""
    if len(text) <= _DENSEST * room and _cells(text) <= room:
        return text
    return _CUT + _fitting(reversed(text), room - 1)[::-1]


def _fitting(characters: Iterable[str], room: int) -> str:
    """The longest run from the start that takes at most `room` cells."""
    taken: list[str] = []
    used = 0
    for each in characters:
        used += _cells(each)
        if used > room or len(taken) == _DENSEST * room:
            break
        taken.append(each)
    return "".join(taken)


def _cells(text: str) -> int:
    """Columns that a terminal takes for the text."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _indented(text: str) -> str:
    """Later lines of a message stand inside its block, so that none can pass for a finding."""
    return legible(text).replace("\n", "\n    ")
