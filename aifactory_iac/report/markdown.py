"""Text inside Markdown (GitHub's and GitLab's flavour): it shows itself and formats nothing."""

from __future__ import annotations

import re

from aifactory_iac.report.legible import one_line

_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_CODE = re.compile(r"`([^`]+)`")


def cell(text: str) -> str:
    """One cell of a table, or part of a line. Code between single backticks stays code."""
    written, place = "", 0
    line = one_line(text)
    for found in _CODE.finditer(line):
        written += _plain(line[place : found.start()]) + code(found.group(1))
        place = found.end()
    return written + _plain(line[place:])


def code(text: str) -> str:
    """The text as code, whatever backticks are in it; a bar is escaped, as in a table it must be.

    The fence is one backtick longer than the longest run inside (GFM, 6.1 Code spans).
    """
    line = one_line(text).strip()
    if not line:
        return ""
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    room = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{room}{line}{room}{fence}".replace("|", "\\|")


def _plain(text: str) -> str:
    """Every character that could begin a format, escaped; HTML as entities."""
    return "".join(_HTML.get(each) or _escaped(each) for each in text)


def _escaped(character: str) -> str:
    return f"\\{character}" if character in "\\`*_[]|~" else character
