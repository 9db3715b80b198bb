"""Racks: elevations where they can be read, one coloured tile each where there are thousands."""

from __future__ import annotations

import numpy as np

from aifactory_iac.design.model import Design
from aifactory_iac.report.figures import kilowatts, number
from aifactory_iac.report.graph.canvas import Canvas

_ELEVATIONS_UP_TO = 160
_UNIT = 2.0
_RACK_WIDTH = 22.0
_RACK_GAP = 6.0
_TILE = 7.0


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
    canvas.text(x, y + 16, f"{number(len(rows), 7)} racks", "ink name")
    canvas.text(x, y + 32, _caption(design, rows), "quiet note")
    draw = _elevations if len(rows) <= _ELEVATIONS_UP_TO else _tiles
    return 42 + draw(canvas, design, rows, x, y + 42, width)


def _caption(design: Design, rows: list[int]) -> str:
    racks = design.racks
    fullest = max(rows, key=lambda row: float(racks.power_kw[row]))
    return f"fullest: {racks.name[fullest]} with {kilowatts(float(racks.power_kw[fullest]))}"


def _elevations(
    canvas: Canvas, design: Design, rows: list[int], x: float, y: float, width: float
) -> float:
    racks, nodes = design.racks, design.nodes
    per_line = max(1, int(width // (_RACK_WIDTH + _RACK_GAP)))
    tallest = max(int(racks.units[row]) for row in rows) * _UNIT
    step = tallest + 20
    members: dict[int, list[int]] = {}
    for placed in np.flatnonzero(nodes.rack >= 0).tolist():
        members.setdefault(int(nodes.rack[placed]), []).append(placed)
    for place, row in enumerate(rows):
        left = x + place % per_line * (_RACK_WIDTH + _RACK_GAP)
        top = y + place // per_line * step
        units = int(racks.units[row])
        height = units * _UNIT
        drawn, limit = float(racks.power_kw[row]), float(racks.limit_kw[row])
        load = f"{racks.name[row]}: {kilowatts(drawn)} of {kilowatts(limit)}"
        canvas.rect(left, top + tallest - height, _RACK_WIDTH, height, "panel", tooltip=load)
        inside = members.get(row, [])
        each = int(racks.used_units[row]) // len(inside) if inside else 0
        for node in inside:
            low = int(nodes.unit[node])
            style = "spare" if bool(nodes.spare[node]) else "node"
            canvas.rect(
                left + 2, top + tallest - (low - 1 + each) * _UNIT, _RACK_WIDTH - 4,
                each * _UNIT - 1, style, radius=1, tooltip=nodes.name[node],
            )  # fmt: skip
        if not inside:
            used = int(racks.used_units[row]) * _UNIT
            canvas.rect(
                left + 2, top + tallest - used, _RACK_WIDTH - 4, used, racks.kind[row],
                radius=1, tooltip=load,
            )  # fmt: skip
        canvas.text(
            left + _RACK_WIDTH / 2, top + tallest + 10, racks.name[row][-4:], "quiet tiny", "middle"
        )
    return -(-len(rows) // per_line) * step + 8


def _tiles(
    canvas: Canvas, design: Design, rows: list[int], x: float, y: float, width: float
) -> float:
    racks = design.racks
    per_line = max(1, int(width // _TILE))
    kinds: dict[str, list[tuple[float, float]]] = {}
    for place, row in enumerate(rows):
        kind = racks.kind[row] if racks.kind[row] in ("network", "storage") else "node"
        kinds.setdefault(kind, []).append(
            (x + place % per_line * _TILE, y + place // per_line * _TILE)
        )
    for kind, places in sorted(kinds.items()):
        canvas.squares(places, _TILE - 1, kind)
    return -(-len(rows) // per_line) * _TILE + 12
