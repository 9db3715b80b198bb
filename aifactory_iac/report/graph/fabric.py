"""A network by tier: cores over spines over leaves over the ports of nodes."""

from __future__ import annotations

from itertools import pairwise

from aifactory_iac.design.model import NetworkDesign
from aifactory_iac.report.figures import number
from aifactory_iac.report.graph.canvas import Canvas

_TIER_GAP = 58.0
_BOX = 12.0
_MOST_BOXES = 40
_LABELS = 92.0
"""Width of the column with the counts."""
_HEAD = 42.0
_DROP = 19.0
"""From the leaves down to the ports."""


def draw_network(canvas: Canvas, network: NetworkDesign, x: float, y: float, width: float) -> float:
    """Draws the network into the width and gives the height it took."""
    canvas.text(x, y + 16, network.name, "ink name")
    canvas.text(x, y + 32, _caption(network), "quiet note")
    if network.switch is None:
        return _HEAD + _draw_ports(canvas, network, x, y + _HEAD, width, "cloud")
    tiers = _tiers(network)
    left, room = x + _LABELS, width - _LABELS
    rows = [_centres(count, left, room) for _, count in tiers]
    for step, (upper, lower) in enumerate(pairwise(rows)):
        top = y + _HEAD + step * _TIER_GAP
        opacity = max(0.05, min(0.6, 24 / (len(upper) * len(lower)) + 0.03))
        for a in upper:
            # A path for each switch above: where they cross, the page darkens.
            canvas.lines(((a, top + _BOX, b, top + _TIER_GAP) for b in lower), opacity)
    for step, ((kind, count), centres) in enumerate(zip(tiers, rows, strict=True)):
        top = y + _HEAD + step * _TIER_GAP
        canvas.text(x, top + 10, f"{number(count, 6)} {kind}", "quiet note")
        if len(centres) < count:
            canvas.text(x, top + 21, f"{len(centres)} are drawn", "quiet tiny")
        box = min(_BOX * 2, room / len(centres) * 0.7)
        for index, centre in enumerate(centres):
            name = f"{kind} {index + 1} of {number(count, 6)}: {network.switch}"
            canvas.rect(centre - box / 2, top, box, _BOX, kind, tooltip=name)
    bottom = y + _HEAD + (len(tiers) - 1) * _TIER_GAP + _BOX
    canvas.lines(((centre, bottom, centre, bottom + _DROP) for centre in rows[-1]), 0.6)
    return bottom - y + _draw_ports(canvas, network, x, bottom + _DROP, width, "node")


def _tiers(network: NetworkDesign) -> list[tuple[str, int]]:
    switches = network.switches
    every = (("core", switches.core), ("spine", switches.spine), ("leaf", switches.leaf))
    return [(kind, count) for kind, count in every if count]


def _draw_ports(
    canvas: Canvas, network: NetworkDesign, x: float, y: float, width: float, style: str
) -> float:
    """The ports of nodes, as one bar: what all leaves have in common."""
    kind = "ports" if network.switch else "interfaces"
    text = f"{number(network.endpoints, 7)} {kind}"
    canvas.rect(x + _LABELS, y, width - _LABELS, 6, style, tooltip=f"{text} of nodes")
    canvas.text(x, y + 7, text, "quiet note")
    return 40


def _caption(network: NetworkDesign) -> str:
    if network.switch is None:
        return f"{network.technology}, switched by the cloud"
    cables = network.cables.host + network.cables.leaf_spine + network.cables.spine_core
    return (
        f"{network.technology}, {network.switch}, {network.port_gbps} Gb/s ports, "
        f"{number(cables, 7)} cables, oversubscription {network.oversubscription:.2f}:1"
    )


def _centres(count: int, x: float, width: float) -> list[float]:
    shown = min(count, _MOST_BOXES)
    return [x + width * (index + 0.5) / shown for index in range(shown)]
