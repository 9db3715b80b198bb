"""libyaml's syntax errors in our own words."""

from __future__ import annotations

from aifactory_iac.blueprint.nodes import Place, Source
from aifactory_iac.blueprint.rules import found
from aifactory_iac.findings import Finding

_WORDS: tuple[tuple[str, str, str], ...] = (
    (
        "mapping values are not allowed",
        "a `:` stands where no key can be",
        "indent the line like its neighbours, or quote a value that has a `: ` in it",
    ),
    (
        "found unexpected ':'",
        "a `:` inside `[...]` or `{...}` is not part of a value here",
        "quote the value",
    ),
    (
        "unexpected end of stream",
        "a quote is opened here and never closed",
        "close the quote",
    ),
    (
        "did not find expected ',' or ']'",
        "a `[` list is not closed, or a `,` is missing",
        "close the list with `]`",
    ),
    (
        "did not find expected ',' or '}'",
        "a `{` mapping is not closed, or a `,` is missing",
        "close the mapping with `}`",
    ),
    (
        "did not find expected '-' indicator",
        "the line belongs neither to the list above it nor to another key",
        "start it with `- `, or indent it like the list's own key",
    ),
    (
        "did not find expected key",
        "the line does not fit the mapping that it stands in",
        "indent it like its neighbours",
    ),
    (
        "could not find expected ':'",
        "a key has no `:` after it",
        "write `key: value`",
    ),
    (
        "did not find expected <document start>",
        "text follows where the document has ended",
        "check brackets and indentation above",
    ),
    (
        "incompatible YAML document",
        "the YAML version is not supported",
        "remove the `%YAML` line",
    ),
)


def syntax_finding(error: Exception, source: Source) -> Finding:
    """The finding for an error of libyaml; its own text when we have no better words."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        mark = getattr(error, "context_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    line = min(line, max(1, len(source.lines)))
    problem = str(getattr(error, "problem", None) or "the text is not YAML")
    message, hint = _in_words(problem, source.line(line)[column - 1 : column])
    return found("005", message, hint=hint, span=Place(source, line, column).span())


def _in_words(problem: str, character: str) -> tuple[str, str | None]:
    if "cannot start any token" in problem:
        if character == "\t":
            return "a tab is used for indentation", "indent with spaces"
        return f"`{character}` cannot start a value", "quote the value"
    for needle, message, hint in _WORDS:
        if needle in problem:
            return message, hint
    return problem, None
