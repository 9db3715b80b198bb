"""Racks: elevations by row where they can be read, one coloured tile each where there are more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from aifactory_iac.design.model import Design
from aifactory_iac.report.figures import kilowatts, number
from aifactory_iac.report.graph.canvas import Canvas
from aifactory_iac.report.words import counted

_ELEVATIONS_UP_TO = 160
_UNIT = 2.0
_RACK_WIDTH = 22.0
_RACK_GAP = 6.0
_ROW_GAP = 14.0
_LETTER = 5.2
"""Width of a letter of a row's name."""
_ABOVE = 16.0
"""Room over a row for its name."""
_BELOW = 18.0
"""Room under a rack for its number."""
_TILE = 7.0
_TINY = 5.2
"""Width of a character of a row's name."""
_HEAD = 42.0


@dataclass(frozen=True, slots=True, order=True)
class Content:
    """What stands in a rack: its lowest unit from 1, its colour, and what a browser shows."""

    unit: int
    style: str
    tooltip: str


def draw_racks(
    canvas: Canvas, design: Design, site: str, x: float, y: float, width: float
) -> float:
    """Draws the racks of a site into the width and gives the height they took."""
    rows = [
        row
        for row in range(len(design.racks))
        if design.racks.sites[int(design.racks.site[row])] == site
    ]
    if not rows:
        return 0
    canvas.text(x, y + 16, counted(len(rows), "rack"), "ink name")
    canvas.text(x, y + 32, _caption(design, rows), "quiet note")
    draw = _elevations if len(rows) <= _ELEVATIONS_UP_TO else _tiles
    return _HEAD + draw(canvas, design, rows, x, y + _HEAD, width)


def _caption(design: Design, rows: list[int]) -> str:
    racks = design.racks
    fullest = max(rows, key=lambda row: float(racks.power_kw[row]))
    drawn, limit = float(racks.power_kw[fullest]), float(racks.limit_kw[fullest])
    spare = int(np.count_nonzero(design.nodes.spare[np.isin(design.nodes.rack, rows)]))
    spares = f"; {counted(spare, 'spare node')}" if spare else ""
    return f"fullest: {racks.name[fullest]}, {kilowatts(drawn)} of {kilowatts(limit)}{spares}"


def _elevations(
    canvas: Canvas, design: Design, rows: list[int], x: float, y: float, width: float
) -> float:
    """Rack by rack in the rows of the hall, each row under its name, as many lines as it takes."""
    tallest = max(int(design.racks.units[row]) for row in rows) * _UNIT
    inside = _contents(design)
    left, top = x, y
    for name, members in _hall_rows(design, rows):
        label = _TINY * len(name) + _RACK_GAP
        wanted = max(label, min(len(members), 6) * (_RACK_WIDTH + _RACK_GAP))
        if left > x and left + wanted > x + width:
            left, top = x, top + _ABOVE + tallest + _BELOW
        canvas.text(left, top + 9, name, "quiet tiny")
        name_ends = left + len(name) * _LETTER - _RACK_GAP
        for row in members:
            if left + _RACK_WIDTH > x + width:
                left, top, name_ends = x, top + _ABOVE + tallest + _BELOW, x
            _draw_rack(canvas, design, row, inside.get(row, []), left, top + _ABOVE + tallest)
            left += _RACK_WIDTH + _RACK_GAP
        left = max(left, name_ends) + _ROW_GAP
    return top - y + _ABOVE + tallest + _BELOW


def _hall_rows(design: Design, rows: list[int]) -> Iterator[tuple[str, list[int]]]:
    """Racks whose names differ only in their last part: `dgx-c01` of `dgx-c01-07`."""
    for name, members in groupby(rows, key=lambda row: design.racks.name[row].rpartition("-")[0]):
        yield name, list(members)


def _contents(design: Design) -> dict[int, list[Content]]:
    """What stands in each rack, from the bottom up."""
    nodes, devices = design.nodes, design.devices
    inside: dict[int, list[Content]] = {}
    for place in np.flatnonzero(nodes.rack >= 0).tolist():
        style = "spare" if bool(nodes.spare[place]) else "node"
        content = Content(int(nodes.unit[place]), style, nodes.name[place])
        inside.setdefault(int(nodes.rack[place]), []).append(content)
    for place in np.flatnonzero(devices.rack >= 0).tolist():
        said = f"{devices.name[place]}: {devices.model[place]}"
        content = Content(int(devices.unit[place]), devices.tier[place], said)
        inside.setdefault(int(devices.rack[place]), []).append(content)
    return {row: sorted(held) for row, held in inside.items()}


def _draw_rack(
    canvas: Canvas, design: Design, row: int, inside: list[Content], left: float, floor: float
) -> None:
    """One elevation, standing on `floor`; what is in it stands on one another from the bottom."""
    racks = design.racks
    height = int(racks.units[row]) * _UNIT
    drawn, limit = float(racks.power_kw[row]), float(racks.limit_kw[row])
    load = f"{racks.name[row]}: {kilowatts(drawn)} of {kilowatts(limit)}"
    canvas.rect(left, floor - height, _RACK_WIDTH, height, "panel", tooltip=load)
    used = int(racks.used_units[row])
    if not inside and used:
        inside = [Content(1, _style(racks.kind[row]), load)]
    above = [content.unit for content in inside[1:]] + [used + 1]
    for content, end in zip(inside, above, strict=True):
        units = max(1, end - content.unit)
        canvas.rect(
            left + 2, floor - (content.unit - 1 + units) * _UNIT, _RACK_WIDTH - 4,
            units * _UNIT - (1 if units > 1 else 0.5), content.style, radius=1 if units > 1 else 0,
            tooltip=content.tooltip,
        )  # fmt: skip
    number_ = racks.name[row].rpartition("-")[2]
    canvas.text(left + _RACK_WIDTH / 2, floor + 10, number_, "quiet tiny", "middle")


def _tiles(
    canvas: Canvas, design: Design, rows: list[int], x: float, y: float, width: float
) -> float:
    racks = design.racks
    per_line = max(1, int(width // _TILE))
    kinds: dict[str, list[tuple[float, float]]] = {}
    for place, row in enumerate(rows):
        kinds.setdefault(_style(racks.kind[row]), []).append(
            (x + place % per_line * _TILE, y + place // per_line * _TILE)
        )
    for kind, places in sorted(kinds.items()):
        canvas.squares(places, _TILE - 1, kind)
    lines = -(-len(rows) // per_line)
    canvas.text(x, y + lines * _TILE + 12, _key(kinds), "quiet note")
    return lines * _TILE + 24


def _style(kind: str) -> str:
    """The colour of a rack of a kind, where what stands in it is not drawn."""
    return kind if kind in ("network", "storage") else "node"


def _key(kinds: dict[str, list[tuple[float, float]]]) -> str:
    words = {"node": "with nodes", "network": "with switches", "storage": "with storage"}
    found = (
        f"{number(len(kinds[kind]), 7)} {text}" for kind, text in words.items() if kind in kinds
    )
    return f"one square a rack: {', '.join(found)}"
