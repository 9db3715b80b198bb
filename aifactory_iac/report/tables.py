"""Tables and headings on a terminal through rich; 100 columns wide where there is none.

A table never wraps by accident. Figures are never cut. When there is no room for all, sentences
wrap between words, then words end in an ellipsis, then tokens (whose end tells them apart) lose
their middle; of like columns the widest gives way first.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from aifactory_iac.report.legible import one_line

PLAIN_WIDTH = 100
_GAP = 2
_GIVING = (("sentence", 40), ("word", 24), ("sentence", 24), ("word", 8), ("token", 16))
"""Kinds of columns that give way, in this order, and how narrow they may become."""
_CUT = "…"

Kind = Literal["figure", "token", "word", "sentence"]
Cell = str | Text


def rendered(items: Iterable[RenderableType], *, colour: bool, width: int | None = None) -> str:
    """The items one below the other, as text that fits the width (terminal's, or 100 columns)."""
    target = io.StringIO()
    console = Console(
        file=target,
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        width=width or PLAIN_WIDTH,
        highlight=False,
        soft_wrap=False,
        emoji=False,
        legacy_windows=False,
    )
    for item in items:
        console.print(item)
    lines = target.getvalue().splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def heading(text: str) -> Text:
    """A heading line with room above it."""
    return Text(f"\n{one_line(text)}", style="bold")


@dataclass(frozen=True, slots=True)
class Fitted:
    """A table that decides what gives way once it knows how wide it may be."""

    columns: tuple[str, ...]
    kinds: tuple[Kind, ...]
    rows: tuple[tuple[Text, ...], ...]
    header: bool = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yields a rich table with the widths worked out."""
        built = Table(
            box=None,
            pad_edge=False,
            padding=(0, _GAP, 0, 0),
            show_header=self.header,
            header_style="dim",
        )
        widths = self.widths(options.max_width)
        for name, kind, width in zip(self.columns, self.kinds, widths, strict=True):
            built.add_column(
                name,
                justify="right" if kind == "figure" else "left",
                width=width,
                no_wrap=kind != "sentence",
                overflow="fold" if kind == "sentence" else "ellipsis",
            )
        for row in self.rows:
            built.add_row(
                *(
                    _middle_cut(cell, width) if kind == "token" else cell
                    for cell, kind, width in zip(row, self.kinds, widths, strict=True)
                )
            )
        yield built

    def without_header(self) -> Fitted:
        """The same rows, the columns not named."""
        return replace(self, header=False)

    def widths(self, room: int) -> list[int]:
        """The width of each column, gaps between them not counted."""
        widths = [
            max([cell_len(name) * self.header, *(row[place].cell_len for row in self.rows)])
            for place, name in enumerate(self.columns)
        ]
        excess = sum(widths) + _GAP * (len(widths) - 1) - room
        for kind, least in _GIVING:
            giving = [place for place, each in enumerate(self.kinds) if each == kind]
            excess = _shrink(widths, giving, least, excess)
        return widths


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    right: Sequence[str] = (),
    wrapped: Sequence[str] = (),
    tokens: Sequence[str] = (),
) -> Fitted:
    """A light table of words; columns named in `right` are figures, in `wrapped` sentences."""
    kinds = tuple(_kind(name, right, wrapped, tokens) for name in columns)
    return Fitted(tuple(columns), kinds, tuple(tuple(_text(cell) for cell in row) for row in rows))


def pairs(rows: Iterable[tuple[str, Cell]]) -> Fitted:
    """Name and value, two columns without a header; long values wrap."""
    cells = tuple((Text(one_line(name), style="dim"), _text(value)) for name, value in rows)
    return Fitted(("", ""), ("word", "sentence"), cells, header=False)


def _kind(name: str, right: Sequence[str], wrapped: Sequence[str], tokens: Sequence[str]) -> Kind:
    if name in right:
        return "figure"
    if name in wrapped:
        return "sentence"
    return "token" if name in tokens else "word"


def _text(cell: Cell) -> Text:
    return Text(one_line(cell)) if isinstance(cell, str) else cell


def _middle_cut(cell: Text, width: int) -> Text:
    """The cell without its middle where it is too long: a third of the room for its beginning."""
    if cell.cell_len <= width:
        return cell
    head = (width - 1) // 3
    text = cell.plain
    return Text(f"{text[:head]}{_CUT}{text[len(text) - (width - 1 - head) :]}", style=cell.style)


def _shrink(widths: list[int], giving: Sequence[int], least: int, excess: int) -> int:
    """Takes the excess from the widest of the giving columns, level by level; gives what is left.

    No column shrinks below `least`, and none that is narrower than that at all.
    """
    while excess > 0:
        wide = [place for place in giving if widths[place] > least]
        if not wide:
            break
        top = max(widths[place] for place in wide)
        tops = [place for place in wide if widths[place] == top]
        below = max([least, *(widths[place] for place in wide if widths[place] < top)])
        step = min(top - below, -(-excess // len(tops)))
        for place in tops:
            taken = min(step, max(0, excess))
            widths[place] -= taken
            excess -= taken
    return excess
