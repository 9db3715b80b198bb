"""A network by tier: cores over spines over leaves over the ports of nodes."""

from __future__ import annotations

from aifactory_iac.design.model import NetworkDesign
from aifactory_iac.report.figures import number
from aifactory_iac.report.graph.canvas import Canvas

_TIER_GAP = 58
_BOX = 12
_MOST_BOXES = 40
HEAD = 42


def draw_network(canvas: Canvas, network: NetworkDesign, x: float, y: float, width: float) -> float:
    """Draws the network into the width and gives the height it took."""
    canvas.text(x, y + 16, network.name, "ink name")
    canvas.text(x, y + 32, _caption(network), "quiet note")
    top = y + HEAD
    if network.switch is None:
        canvas.rect(x, top, width, 22, "cloud")
        canvas.text(
            x + 8, top + 15, f"{number(network.endpoints, 7)} interfaces in the cloud", "page note"
        )
        return HEAD + 40
    tiers = [
        (kind, count)
        for kind, count in (
            ("core", network.switches.core),
            ("spine", network.switches.spine),
            ("leaf", network.switches.leaf),
        )
        if count
    ]
    rows = [_centres(count, x + 64, width - 64) for _, count in tiers]
    for upper, lower, step in zip(rows, rows[1:], range(len(rows)), strict=False):
        row = top + step * _TIER_GAP
        opacity = max(0.14, min(0.5, 12 / (len(upper) * len(lower))))
        canvas.lines(((a, row + _BOX, b, row + _TIER_GAP) for a in upper for b in lower), opacity)
    for (kind, count), centres, step in zip(tiers, rows, range(len(rows)), strict=True):
        row = top + step * _TIER_GAP
        canvas.text(x, row + 10, f"{number(count, 6)} {kind}", "quiet note")
        for index, centre in enumerate(centres):
            box = min(_BOX * 2, (width - 64) / len(centres) * 0.7)
            name = f"{kind} {index + 1} of {count}: {network.switch}"
            canvas.rect(centre - box / 2, row, box, _BOX, kind, tooltip=name)
    row = top + len(tiers) * _TIER_GAP - (_TIER_GAP - _BOX) + 14
    canvas.rect(x + 64, row, width - 64, 6, "node", tooltip=f"{network.endpoints} node ports")
    canvas.text(x, row + 7, f"{number(network.endpoints, 7)} ports", "quiet note")
    return row + 6 + 18 - y


def _caption(network: NetworkDesign) -> str:
    if network.switch is None:
        return network.technology
    cables = network.cables.host + network.cables.leaf_spine + network.cables.spine_core
    return (
        f"{network.technology}, {network.switch}, {network.port_gbps} Gb/s ports, "
        f"{number(cables, 7)} cables, {network.oversubscription:.2f}:1"
    )


def _centres(count: int, x: float, width: float) -> list[float]:
    shown = min(count, _MOST_BOXES)
    return [x + width * (index + 0.5) / shown for index in range(shown)]
