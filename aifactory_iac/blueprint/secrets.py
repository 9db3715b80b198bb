"""Recognising secrets that were written into a document, and keeping them out of every message.

Two signs: the value has the form of a known credential, or its key is called one. A finding about
a secret names its place; its source line is masked, and no message ever quotes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from aifactory_iac.blueprint.nodes import Node, walk
from aifactory_iac.blueprint.rules import found
from aifactory_iac.findings import Finding, Path, Span

_FORMS = re.compile(
    r"-----BEGIN [A-Z0-9 ]*"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}"
    r"|\bgithub_pat_[A-Za-z0-9_]{20,}"
    r"|\bglpat-[A-Za-z0-9_-]{16,}"
    r"|\bxox[abeoprs]-[A-Za-z0-9-]{10,}"
    r"|\b(?:sk|rk|pk)[-_](?:[a-z]{1,12}[-_]){0,3}[A-Za-z0-9]{20,}"
    r"|\bAIza[0-9A-Za-z_-]{30,}"
    r"|\bnvapi-[A-Za-z0-9_-]{20,}"
    r"|\bhf_[A-Za-z0-9]{20,}"
    r"|\bhv[sb]\.[A-Za-z0-9_-]{20,}"
    r"|\bpul-[0-9a-f]{40}\b"
    r"|\bAGE-SECRET-KEY-1[0-9A-Z]+"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"
    r"|(?<=://)[^/\s:@${}]+:[^/\s@${}]+(?=@)"
)
_WORDS = "password|passwd|passphrase|token|secret|credential"
_KEYS = r"(?:api|access|private|secret|encryption|signing|auth)[_-]?key"
_KEY = re.compile(rf"(?i)(?:^|[_.-])(?:{_WORDS}|{_KEYS})$|(?:[a-z])(?:Password|Token|Secret)$")
_PAIR = re.compile(
    rf"""(?ix) (?P<key> \b [\w.-]*? (?:{_WORDS}|{_KEYS}) ["']? \s* [:=] \s* )
    (?P<value> "[^"]*" | '[^']*' | [^\s,\]}}{{\[\#$][^,\]}}]* )"""
)
_LOOKED_AT, _PIECE, _OVERLAP = 65_536, 4_096, 256
"""Long texts are looked at piece by piece: a search takes quadratic time at worst."""

_STORES = ("env", "file", "pulumi-config", "aws-secrets-manager", "vault", "passphrase")
_REFERENCE = re.compile(r"\$\{[^{}]*\}\Z")


def has_secret_form(text: str) -> bool:
    """Whether the text has, or contains, the form of a known kind of credential."""
    starts = range(0, min(len(text), _LOOKED_AT) or 1, _PIECE - _OVERLAP)
    return any(_FORMS.search(text, start, start + _PIECE) is not None for start in starts)


def is_secret_key(key: str) -> bool:
    """Whether a key's name says that its value is a secret."""
    return _KEY.search(key) is not None


def masked(line: str) -> str:
    """The line with everything that may be a secret as asterisks, columns unchanged."""
    line = _FORMS.sub(lambda match: "*" * len(match.group()), line)
    return _PAIR.sub(_mask_pair, line)


def _mask_pair(match: re.Match[str]) -> str:
    value = match["value"]
    if value.strip().strip("\"'") in _STORES:
        return match.group()
    return match["key"] + re.sub(r"\S", "*", value)


def quoted(value: object, path: Path = ()) -> str:
    """A value as a message may quote it: cut when long, masked when it may be a secret."""
    text = _as_written(value)
    if has_secret_form(text) or any(is_secret_key(str(element)) for element in path[-2:]):
        return "the value"
    text = " ".join(text.split())
    return f"`{text}`" if len(text) <= 60 else f"`{text[:57]}...`"


def _as_written(value: object) -> str:
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else str(value)


def secrets_in(root: Node) -> Iterator[tuple[Path, Node]]:
    """Every literal below the root that looks like a secret, with its path."""
    for path, node in walk(root):
        if not isinstance(node.value, str) or node.deferred:
            continue
        if has_secret_form(node.value) or (_key_says_so(path) and _is_literal(node, path)):
            yield path, node


def _key_says_so(path: Path) -> bool:
    if not path or not isinstance(path[-1], str):
        return False
    named = [element for element in path if isinstance(element, str)]
    if path[:1] == ("parameters",) and len(named) == 3 and named[-1] in ("default", "const"):
        return is_secret_key(named[1])
    return is_secret_key(path[-1])


def _is_literal(node: Node, path: Path) -> bool:
    text = str(node.value)
    kind_of_store = path[-1:] == ("secret",) and text in _STORES
    return bool(text) and not kind_of_store and not _REFERENCE.match(text)


def secret_findings(roots: Iterable[Node]) -> Iterator[Finding]:
    """A finding for every literal that looks like a secret; none shows it."""
    yield from (
        found(
            "071",
            "this looks like a secret; secrets never stand in a document",
            path,
            hint="write a reference, such as `{secret: env, path: NAME}`, and change the secret",
            span=node.place.span(),
        )
        for root in roots
        for path, node in secrets_in(root)
    )


Redactions = Mapping[tuple[str, int], tuple[tuple[int, int], ...]]
"""By file as shown and line: from which column, and before which, the line is hidden."""

_END_OF_LINE = 1_000_000


def redactions(nodes: Iterable[Node]) -> Redactions:
    """The stretches of source lines that the values of these nodes cover."""
    hidden: dict[tuple[str, int], tuple[tuple[int, int], ...]] = {}
    for node in nodes:
        place = node.place
        over_lines = place.last_line > place.line
        end = _END_OF_LINE if over_lines else place.column + place.length
        stretches = {place.line: (place.column, end)}
        stretches |= dict.fromkeys(range(place.line + 1, place.last_line + 1), (1, _END_OF_LINE))
        for line, stretch in stretches.items():
            key = (place.source.shown, line)
            hidden[key] = (*hidden.get(key, ()), stretch)
    return hidden


def joined(*each: Redactions) -> Redactions:
    """All of them."""
    keys = sorted({key for hidden in each for key in hidden})
    return {key: tuple(one for hidden in each for one in hidden.get(key, ())) for key in keys}


def secret_parameters(parameters: Mapping[str, Node]) -> Iterator[Finding]:
    """A finding for every parameter called a secret that the command line gives a literal."""
    for name, node in sorted(parameters.items()):
        literal = isinstance(node.value, str) and bool(node.value) and not node.deferred
        typed = node.place.source.layer == "command line"  # documents are searched as a whole
        if literal and typed and is_secret_key(name):
            yield found(
                "071",
                f"parameter `{name}` is given a secret; secrets never stand in a document or plan",
                ("parameters", name),
                hint="write a reference where it is used, such as `{secret: env, path: NAME}`",
                span=node.place.span(),
            )


def redacted(findings: Iterable[Finding], hidden: Redactions) -> tuple[Finding, ...]:
    """The findings with every source line masked, and nothing secret in any text."""
    return tuple(
        replace(
            finding,
            message=_FORMS.sub("***", finding.message),
            hint=_FORMS.sub("***", finding.hint) if finding.hint else None,
            path=_shown_path(finding.path),
            related=tuple(_shown_path(path) for path in finding.related),
            span=without_secrets(finding.span, hidden) if finding.span else None,
        )
        for finding in findings
    )


def _shown_path(path: Path) -> Path:
    return tuple("***" if has_secret_form(str(element)) else element for element in path)


def without_secrets(span: Span, hidden: Redactions) -> Span:
    """The span with its source line masked, columns unchanged."""
    text = span.text
    for start, end in hidden.get((span.file, span.line), ()):
        covered = re.sub(r"\S", "*", text[start - 1 : end - 1])
        text = text[: start - 1] + covered + text[end - 1 :]
    return replace(span, text=masked(text))
