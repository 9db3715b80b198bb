"""The whole picture: one panel a site, one below the other."""

from __future__ import annotations

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.design.model import Design, SitePower
from aifactory_iac.report.design_text import summary_rows
from aifactory_iac.report.figures import UNVERIFIED, UNVERIFIED_MEANS, kilowatts
from aifactory_iac.report.graph.canvas import Canvas
from aifactory_iac.report.graph.contents import draw_pools, draw_storage
from aifactory_iac.report.graph.fabric import draw_network
from aifactory_iac.report.graph.racks import draw_racks
from aifactory_iac.report.words import counted

WIDTH = 1120.0
_MARGIN = 32.0
_PAD = 20.0
_LEGEND = (
    ("node", "node"), ("spare", "spare node"), ("cloud", "rented node"), ("leaf", "leaf"),
    ("spine", "spine"), ("core", "core"), ("network", "rack with switches"),
    ("storage", "storage"),
)  # fmt: skip


def factory_svg(blueprint: Blueprint, design: Design) -> str:
    """A stand-alone SVG document; equal designs give equal bytes."""
    canvas = Canvas()
    figures = _figures(design)
    canvas.text(_MARGIN, 44, f"{design.blueprint} {design.version}", "ink title")
    canvas.text(_MARGIN, 66, figures, "quiet note")
    y = 88.0
    for site in sorted(each.name for each in blueprint.sites):
        y += _draw_site(canvas, blueprint, design, site, y) + 20
    y += _legend(canvas, y, marked=UNVERIFIED in figures)
    title = blueprint.metadata.title or design.blueprint
    return canvas.svg(WIDTH, y + 12, title, figures)


def _figures(design: Design) -> str:
    """`1 node, 8 GPUs, 0 racks, power 375 kW IT, ...`."""
    values = dict(summary_rows(design))
    counts = (
        (len(design.nodes), "node"),
        (sum(pool.gpus for pool in design.pools.values()), "GPU"),
        (len(design.racks), "rack"),
    )
    said = [counted(count, thing) for count, thing in counts]
    return ", ".join([*said, *([values["power"]] if "power" in values else [])])


def _draw_site(canvas: Canvas, blueprint: Blueprint, design: Design, site: str, y: float) -> float:
    panel = len(canvas.shapes)
    left, width = _MARGIN + _PAD, WIDTH - 2 * (_MARGIN + _PAD)
    inner = y + 30
    canvas.text(left, inner, f"{site} ({_place(blueprint, site)})", "ink name")
    inner += 14
    power = design.power.get(site)
    if power is not None:
        inner += _draw_power(canvas, power, left, inner, width)
    rented = power is None
    pools = [pool for name, pool in sorted(design.pools.items()) if pool.site == site]
    inner += draw_pools(canvas, pools, left, inner, width, rented=rented)
    tiers = [tier for name, tier in sorted(design.storage.items()) if tier.site == site]
    inner += draw_storage(canvas, tiers, left, inner, width) + 12
    for _, network in sorted(design.networks.items()):
        if network.site == site:
            inner += draw_network(canvas, network, left, inner, width)
    inner += draw_racks(canvas, design, site, left, inner, width)
    height = inner - y + 4
    canvas.rect(_MARGIN, y, WIDTH - 2 * _MARGIN, height, "frame", radius=8)
    # The panel is drawn first, or it would cover what it holds.
    canvas.shapes.insert(panel, canvas.shapes.pop())
    return height


def _place(blueprint: Blueprint, site: str) -> str:
    """`on-prem, Frankfurt, DE` or `aws, eu-central-1`."""
    found = next(each for each in blueprint.sites if each.name == site)
    location = getattr(found, "location", None)
    where = [getattr(found, "region", None)]
    if location is not None:
        where += [location.city, location.country]
    return ", ".join([found.kind, *(str(each) for each in where if each)])


def _draw_power(canvas: Canvas, power: SitePower, x: float, y: float, width: float) -> float:
    """IT and facility power within the envelope, with a mark where the loss of a feed leaves it."""
    scale = width / max(power.envelope_kw, power.facility_kw)
    within = power.facility_kw <= power.envelope_kw
    for kw, style, what in (
        (power.envelope_kw, "room", "envelope"),
        (power.facility_kw, "fill" if within else "over", "facility power"),
        (power.it_kw, "node", "IT power"),
    ):
        canvas.rect(x, y + 6, kw * scale, 12, style, tooltip=f"{what}: {kilowatts(kw)}")
    left = min(power.after_feed_loss_kw * scale, width)
    canvas.lines([(x + left, y + 3, x + left, y + 21)], 1, "mark")
    canvas.text(
        x, y + 34,
        f"{kilowatts(power.it_kw)} IT, {kilowatts(power.facility_kw)} facility of "
        f"{kilowatts(power.envelope_kw)}; {kilowatts(power.after_feed_loss_kw)} after the loss of "
        "a feed",
        "quiet note",
    )  # fmt: skip
    return 40


def _legend(canvas: Canvas, y: float, *, marked: bool) -> float:
    """What the colours mean, of those that were used."""
    x, used = _MARGIN, set(canvas.styles)
    for style, text in _LEGEND:
        if style in used:
            canvas.rect(x, y, 10, 10, style)
            canvas.text(x + 16, y + 9, text, "quiet note")
            x += 36 + 6.2 * len(text)
    if marked:
        canvas.text(_MARGIN, y + 28, UNVERIFIED_MEANS, "quiet note")
        return 40
    return 24
