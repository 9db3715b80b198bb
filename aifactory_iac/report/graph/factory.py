"""The whole picture: one panel a site, one below the other."""

from __future__ import annotations

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.design.model import Design, SitePower
from aifactory_iac.report.design_text import summary_rows
from aifactory_iac.report.figures import kilowatts, number
from aifactory_iac.report.graph.canvas import Canvas
from aifactory_iac.report.graph.fabric import draw_network
from aifactory_iac.report.graph.racks import draw_racks

WIDTH = 1120.0
_MARGIN = 32.0
_PAD = 20.0


def factory_svg(blueprint: Blueprint, design: Design) -> str:
    """A stand-alone SVG document; equal designs give equal bytes."""
    canvas = Canvas()
    figures = ", ".join(f"{value} {name}" for name, value in summary_rows(design))
    canvas.text(_MARGIN, 44, f"{design.blueprint} {design.version}", "ink title")
    canvas.text(_MARGIN, 66, figures, "quiet note")
    y = 88.0
    for site in sorted(blueprint.sites, key=lambda each: each.name):
        y += _draw_site(canvas, blueprint, design, site.name, y) + 20
    y += _legend(canvas, y)
    title = blueprint.metadata.title or design.blueprint
    return canvas.svg(WIDTH, y + 12, title, figures)


def _draw_site(canvas: Canvas, blueprint: Blueprint, design: Design, site: str, y: float) -> float:
    panel = len(canvas.shapes)
    left, width = _MARGIN + _PAD, WIDTH - 2 * (_MARGIN + _PAD)
    place = next(each for each in blueprint.sites if each.name == site)
    inner = y + 30
    canvas.text(left, inner, f"{site} ({place.kind})", "ink name")
    inner += 14
    power = design.power.get(site)
    if power is not None:
        inner += _draw_power(canvas, power, left, inner, width)
    for pool in sorted(design.pools.values(), key=lambda each: each.name):
        if pool.site == site:
            inner += 18
            spare = f", {number(pool.spares, 6)} of them spare" if pool.spares else ""
            canvas.rect(left, inner - 9, 10, 10, "node" if power else "cloud")
            canvas.text(
                left + 18, inner,
                f"{pool.name}: {number(pool.nodes, 6)} {pool.system}{spare}, "
                f"{number(pool.gpus, 7)} GPUs",
                "ink note",
            )  # fmt: skip
    for tier in sorted(design.storage.values(), key=lambda each: each.name):
        if tier.site == site:
            inner += 18
            size = "" if tier.capacity_tb is None else f", {number(tier.capacity_tb)} TB"
            canvas.rect(left, inner - 9, 10, 10, "storage")
            canvas.text(left + 18, inner, f"{tier.name}: {tier.kind}{size}", "ink note")
    inner += 22
    for network in sorted(design.networks.values(), key=lambda each: each.name):
        if network.site == site:
            inner += draw_network(canvas, network, left, inner, width) + 12
    inner += draw_racks(canvas, design, site, left, inner, width)
    height = inner - y + 8
    canvas.rect(_MARGIN, y, WIDTH - 2 * _MARGIN, height, "frame", radius=8)
    # The panel is drawn first, or it would cover what it holds.
    canvas.shapes.insert(panel, canvas.shapes.pop())
    return height


def _draw_power(canvas: Canvas, power: SitePower, x: float, y: float, width: float) -> float:
    scale = width / max(power.envelope_kw, power.facility_kw)
    within = power.facility_kw <= power.envelope_kw
    canvas.rect(x, y + 6, power.envelope_kw * scale, 12, "room", tooltip="envelope")
    canvas.rect(
        x,
        y + 6,
        power.facility_kw * scale,
        12,
        "fill" if within else "over",
        tooltip="facility power",
    )
    canvas.rect(x, y + 6, power.it_kw * scale, 12, "node", tooltip="IT power")
    canvas.text(
        x, y + 34,
        f"{kilowatts(power.it_kw)} IT, {kilowatts(power.facility_kw)} facility of "
        f"{kilowatts(power.envelope_kw)}; {kilowatts(power.after_feed_loss_kw)} after the loss of "
        "a feed",
        "quiet note",
    )  # fmt: skip
    return 40


def _legend(canvas: Canvas, y: float) -> float:
    x = _MARGIN
    for style, text in (
        ("node", "node"), ("spare", "spare node"), ("leaf", "leaf"),
        ("spine", "spine, network rack"),
        ("core", "core"), ("storage", "storage"), ("cloud", "cloud"),
    ):  # fmt: skip
        canvas.rect(x, y, 10, 10, style)
        canvas.text(x + 16, y + 9, text, "quiet note")
        x += 32 + 7 * len(text)
    return 24
