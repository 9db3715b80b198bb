"""Findings for a terminal: what is wrong, the line with a caret under it, and the way out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from aifactory_iac.findings import Finding, Severity, Span, render_path

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
_WIDEST_LINE = 160


def findings_text(findings: Sequence[Finding]) -> str:
    """All findings, one block each, then a count; empty text for none."""
    if not findings:
        return ""
    blocks = [finding_text(finding) for finding in findings]
    return "\n".join([*blocks, summary_line(findings)]) + "\n"


def finding_text(finding: Finding) -> str:
    """One finding as a block of lines, ending in a newline."""
    colour = _COLOUR[finding.severity]
    where = render_path(finding.path)
    head = click.style(f"{_WORD[finding.severity]} {finding.rule}", fg=colour, bold=True)
    lines = [
        f"{head} {click.style(where, bold=True)}: {finding.message}"
        if where
        else f"{head} {finding.message}"
    ]
    if finding.span is not None:
        lines += excerpt(finding.span, colour)
    lines += [f"  = see also {render_path(path)}" for path in finding.related]
    if finding.hint:
        lines.append(f"  {click.style('= hint:', fg='green')} {finding.hint}")
    return "\n".join(lines) + "\n"


def excerpt(span: Span, colour: str) -> list[str]:
    """`file:line:column`, then the source line with a caret under the value."""
    layer = "" if span.layer == "blueprint" else f" ({span.layer})"
    lines = [f"  --> {span.file}:{span.line}:{span.column}{layer}"]
    if not span.text.strip():
        return lines
    gutter = " " * len(str(span.line))
    start = max(0, span.column - 1 - _WIDEST_LINE // 2) if len(span.text) > _WIDEST_LINE else 0
    shown = span.text[start : start + _WIDEST_LINE].rstrip().replace("\t", " ")
    length = max(1, min(span.length, len(shown) - (span.column - 1 - start)))
    caret = " " * (span.column - 1 - start) + "^" * length
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
        f"{count} {_WORD[severity]}{'s' if count != 1 and _plural(severity) else ''}"
        for severity, count in counts.items()
        if count
    ]
    return ", ".join(parts) if parts else "no findings"


def _plural(severity: Severity) -> bool:
    return severity not in (Severity.INFO, Severity.CRITICAL)
