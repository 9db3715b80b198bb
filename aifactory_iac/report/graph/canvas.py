"""Shapes of an SVG, with colours that hold on light and dark pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from aifactory_iac.report.legible import one_line, xml_text

STYLE = """
  .page { fill: #ffffff } .ink { fill: #1f2933 } .quiet { fill: #52606d }
  .line { stroke: #52606d; stroke-width: 0.7; fill: none } .mark { stroke: #ba2525 }
  .panel { fill: #f5f7fa; stroke: #cbd2d9 } .frame { fill: none; stroke: #9aa5b1 }
  .card { fill: #f5f7fa; stroke: #cbd2d9 }
  .title { font-size: 20px; font-weight: 600 } .name { font-size: 14px; font-weight: 600 }
  .note { font-size: 11px } .tiny { font-size: 9px }
  .leaf { fill: #2f80ed } .spine { fill: #7b61ff } .core { fill: #bb3e82 } .node { fill: #27ab83 }
  .spare { fill: #f0b429 } .network { fill: #829ab1 } .storage { fill: #c65d21 }
  .cloud { fill: #2bb0ed } .gpu { fill: #ffffff; fill-opacity: 0.75 }
  .fill { fill: #8eedc7 } .over { fill: #ba2525 } .room { fill: #e4e7eb }
  text { font-family: "Inter", "Segoe UI", "Helvetica Neue", Arial, sans-serif }
  @media (prefers-color-scheme: dark) {
    .page { fill: #14181d } .ink { fill: #e4e7eb } .quiet { fill: #9aa5b1 }
    .line { stroke: #9aa5b1 } .frame { stroke: #52606d } .mark { stroke: #ef4e4e }
    .panel, .card { fill: #1f2933; stroke: #3e4c59 } .room { fill: #3e4c59 } .fill { fill: #147d64 }
  }
"""


@dataclass(slots=True)
class Canvas:
    """Shapes in drawing order, at absolute positions in pixels from the top left."""

    shapes: list[ET.Element] = field(default_factory=list)
    styles: set[str] = field(default_factory=set)
    """The styles of all that was filled, for a legend of what there is to see."""

    def rect(
        self, x: float, y: float, width: float, height: float, style: str, *,
        radius: float = 2, tooltip: str | None = None,
    ) -> None:  # fmt: skip
        """A rectangle; `tooltip` is what a browser shows on hover."""
        shape = ET.Element(
            "rect",
            {"x": _px(x), "y": _px(y), "width": _px(width), "height": _px(height),
             "rx": _px(radius), "class": style},
        )  # fmt: skip
        if tooltip:
            ET.SubElement(shape, "title").text = _line(tooltip)
        self._add(shape, style)

    def text(self, x: float, y: float, text: str, style: str, anchor: str = "start") -> None:
        """A line of text; `y` is its baseline."""
        shape = ET.Element("text", {"x": _px(x), "y": _px(y), "class": style})
        if anchor != "start":
            shape.set("text-anchor", anchor)
        shape.text = _line(text)
        self.shapes.append(shape)

    def lines(
        self,
        ends: Iterable[tuple[float, float, float, float]],
        opacity: float,
        style: str = "line",
    ) -> None:
        """Straight lines, as one path."""
        path = " ".join(f"M{_px(a)} {_px(b)}L{_px(c)} {_px(d)}" for a, b, c, d in ends)
        if path:
            self.shapes.append(
                ET.Element("path", {"d": path, "class": style, "stroke-opacity": _px(opacity)})
            )

    def squares(self, places: Iterable[tuple[float, float]], size: float, style: str) -> None:
        """Many like squares, as one path: thousands of them stay a small file."""
        side = _px(size)
        path = " ".join(f"M{_px(x)} {_px(y)}h{side}v{side}h-{side}z" for x, y in places)
        if path:
            self._add(ET.Element("path", {"d": path, "class": style}), style)

    def svg(self, width: float, height: float, title: str, description: str) -> str:
        """The picture as a stand-alone SVG document."""
        root = ET.Element(
            "svg",
            {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {_px(width)} {_px(height)}",
             "width": _px(width), "height": _px(height), "role": "img",
             "aria-labelledby": "title description"},
        )  # fmt: skip
        ET.SubElement(root, "title", {"id": "title"}).text = _line(title)
        ET.SubElement(root, "desc", {"id": "description"}).text = _line(description)
        ET.SubElement(root, "style").text = STYLE
        ET.SubElement(root, "rect", {"width": _px(width), "height": _px(height), "class": "page"})
        root.extend(self.shapes)
        ET.indent(root, " ")
        return ET.tostring(root, encoding="unicode") + "\n"

    def _add(self, shape: ET.Element, style: str) -> None:
        self.shapes.append(shape)
        self.styles.add(style)


def _px(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _line(text: str) -> str:
    return xml_text(one_line(text))
