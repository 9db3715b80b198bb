"""Finds secrets written out in free text: commands, files and scripts of a document.

Not a scanner for the clever: it knows the shapes in which secrets are pasted into install files.
"""

from __future__ import annotations

import re

_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|AGE-SECRET-KEY-1")),
    ("a password hash", re.compile(r"\$(1|2[aby]|5|6|y|gy|7)\$[^\s'\"]{8,}")),
    ("a password", re.compile(r"\b(chpasswd|passwd\s+--stdin)\b")),
    (
        "a password",
        re.compile(
            r"(?i)\b(pass(word|wd|phrase)?|secret|api[-_]?key|token)\s*[=:]\s*(?![\"']?[$<{])"
            r"[\"']?[^\s\"']{4,}"
        ),
    ),
    (
        "a password",
        re.compile(r"(?i)--(pass(word|wd|phrase)?|token|secret)\s+(?![\"']?[$<{-])[^\s]{4,}"),
    ),
    ("a URL with a password", re.compile(r"[a-z]+://[^/\s:@]+:(?![$<{])[^/\s@]+@")),
    ("an authorization header", re.compile(r"(?i)authorization:\s*(basic|bearer)\s+[A-Za-z0-9]")),
    ("an access key", re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b")),
    ("an access token", re.compile(r"\b(gh[pousr]_[A-Za-z0-9]{30,}|hvs\.[A-Za-z0-9_-]{20,})")),
)


def secret_in(text: str) -> str | None:
    """What kind of secret is written out in a text, such as `a private key`; None if none is."""
    for kind, shape in _SHAPES:
        if shape.search(text):
            return kind
    return None
