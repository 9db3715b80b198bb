"""What a site holds: its pools, node by node where they are rented, and its storage as cards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aifactory_iac.design.model import PoolDesign, TierDesign
from aifactory_iac.report.figures import number, terabytes
from aifactory_iac.report.graph.canvas import Canvas
from aifactory_iac.report.words import counted

_NODE_WIDTH, _NODE_HEIGHT, _NODE_GAP = 36.0, 20.0, 6.0
_MOST_NODES = 72
_GPU = 5.0
_CARD_WIDTH, _CARD_HEIGHT, _CARD_GAP = 158.0, 34.0, 10.0


def draw_pools(
    canvas: Canvas,
    pools: Sequence[PoolDesign],
    x: float,
    y: float,
    width: float,
    *,
    rented: bool,
) -> float:
    """A line a pool; rented nodes are drawn too, as they stand in no rack of the picture."""
    top = y
    for pool in pools:
        top += 18
        canvas.rect(x, top - 9, 10, 10, "cloud" if rented else "node")
        canvas.text(x + 18, top, _said(pool), "ink note")
        if rented and pool.nodes:
            top += 10 + _draw_nodes(canvas, pool, x + 18, top + 10, width - 18)
    return top - y


def draw_storage(
    canvas: Canvas, tiers: Sequence[TierDesign], x: float, y: float, width: float
) -> float:
    """A card a tier, with its kind and its size."""
    if not tiers:
        return 0
    per_line = max(1, int((width + _CARD_GAP) // (_CARD_WIDTH + _CARD_GAP)))
    for place, tier in enumerate(tiers):
        left = x + place % per_line * (_CARD_WIDTH + _CARD_GAP)
        top = y + 14 + place // per_line * (_CARD_HEIGHT + _CARD_GAP)
        canvas.rect(left, top, _CARD_WIDTH, _CARD_HEIGHT, "card", radius=4, tooltip=_rates(tier))
        canvas.rect(left, top, 5, _CARD_HEIGHT, "storage")
        canvas.text(left + 14, top + 14, _short(tier.name), "ink note")
        size = "" if tier.capacity_tb is None else f", {terabytes(tier.capacity_tb)}"
        canvas.text(left + 14, top + 27, f"{tier.kind}{size}", "quiet note")
    lines = -(-len(tiers) // per_line)
    return 14 + lines * (_CARD_HEIGHT + _CARD_GAP)


def _draw_nodes(canvas: Canvas, pool: PoolDesign, x: float, y: float, width: float) -> float:
    """Nodes with their GPUs as dots; of thousands the first, and how many more there are."""
    per_line = max(1, int((width + _NODE_GAP) // (_NODE_WIDTH + _NODE_GAP)))
    shown = min(pool.nodes, _MOST_NODES)
    for place in range(shown):
        left = x + place % per_line * (_NODE_WIDTH + _NODE_GAP)
        top = y + place // per_line * (_NODE_HEIGHT + _NODE_GAP)
        name = f"node {place + 1} of {number(pool.nodes, 6)}: {pool.system}"
        canvas.rect(left, top, _NODE_WIDTH, _NODE_HEIGHT, "cloud", tooltip=name)
        canvas.squares(_gpus(pool.gpus_per_node, left, top), _GPU, "gpu")
    lines = -(-shown // per_line)
    height = lines * (_NODE_HEIGHT + _NODE_GAP)
    if shown < pool.nodes:
        canvas.text(x, y + height + 8, f"and {number(pool.nodes - shown, 6)} more", "quiet note")
        height += 16
    return height


def _gpus(count: int, left: float, top: float) -> Iterator[tuple[float, float]]:
    """Places of up to eight dots, in two lines of four."""
    for place in range(min(count, 8)):
        yield left + 4 + place % 4 * 7.6, top + 3.5 + place // 4 * 7.5


def _said(pool: PoolDesign) -> str:
    parts = [f"{pool.name}: {number(pool.nodes, 6)} x {pool.system}"]
    if pool.spares:
        parts.append(f"{number(pool.spares, 6)} of them spare")
    parts.append(counted(pool.gpus, "GPU"))
    return ", ".join(parts)


def _rates(tier: TierDesign) -> str:
    """What a browser shows over the card."""
    rates = (("reads", tier.read_gb_s), ("writes", tier.write_gb_s))
    known = [f"{what} {number(rate)} GB/s" for what, rate in rates if rate is not None]
    return ", ".join([tier.name, *known])


def _short(name: str) -> str:
    return name if len(name) <= 22 else f"{name[:21]}…"
