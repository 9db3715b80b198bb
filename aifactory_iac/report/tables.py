"""Tables and headings on a terminal through rich; 100 columns wide where there is none."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

PLAIN_WIDTH = 100


def rendered(items: Iterable[RenderableType], *, colour: bool, width: int | None = None) -> str:
    """The items one below the other, as text that fits the width (terminal's, or 100 columns)."""
    target = io.StringIO()
    console = Console(
        file=target,
        force_terminal=colour,
        no_color=not colour,
        width=width or PLAIN_WIDTH,
        highlight=False,
        soft_wrap=False,
        emoji=False,
    )
    for item in items:
        console.print(item)
    lines = target.getvalue().splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def heading(text: str) -> Text:
    """A heading line with room above it."""
    return Text(f"\n{text}", style="bold")


def table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()
) -> Table:
    """A light table; the columns named in `right` are right-aligned figures."""
    built = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        built.add_column(
            column, justify="right" if column in right else "left", overflow="fold", no_wrap=False
        )
    for row in rows:
        built.add_row(*(Text(cell) for cell in row))
    return built


def pairs(rows: Iterable[tuple[str, str]]) -> Table:
    """Name and value, two columns without a header."""
    built = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    built.add_column(style="dim", no_wrap=True)
    built.add_column(overflow="fold")
    for name, value in rows:
        built.add_row(name, Text(value))
    return built
