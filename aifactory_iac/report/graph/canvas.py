"""Shapes of an SVG, with colours that hold on light and dark pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

STYLE = """
  .page { fill: #ffffff } .ink { fill: #1f2933 } .quiet { fill: #616e7c } .line { stroke: #9aa5b1 }
  .panel { fill: #f5f7fa; stroke: #cbd2d9 } .frame { fill: none; stroke: #9aa5b1 }
  .title { font-size: 20px; font-weight: 600 } .name { font-size: 14px; font-weight: 600 }
  .note { font-size: 11px } .tiny { font-size: 9px }
  .leaf { fill: #2f80ed } .spine { fill: #7b61ff } .core { fill: #bb3e82 } .node { fill: #27ab83 }
  .spare { fill: #f0b429 } .network { fill: #7b61ff } .storage { fill: #b44d12 }
  .cloud { fill: #e8710a }
  .fill { fill: #3ebd93 } .over { fill: #ba2525 } .room { fill: #e4e7eb }
  text { font-family: "Inter", "Segoe UI", "Helvetica Neue", Arial, sans-serif }
  @media (prefers-color-scheme: dark) {
    .page { fill: #14181d } .ink { fill: #e4e7eb } .quiet { fill: #9aa5b1 }
    .panel { fill: #1f2933; stroke: #3e4c59 } .room { fill: #3e4c59 }
  }
"""


@dataclass(slots=True)
class Canvas:
    """Shapes in drawing order, at absolute positions in pixels from the top left."""

    shapes: list[ET.Element] = field(default_factory=list)

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
            ET.SubElement(shape, "title").text = tooltip
        self.shapes.append(shape)

    def text(self, x: float, y: float, text: str, style: str, anchor: str = "start") -> None:
        """A line of text; `y` is its baseline."""
        shape = ET.Element(
            "text", {"x": _px(x), "y": _px(y), "class": style, "text-anchor": anchor}
        )
        shape.text = text
        self.shapes.append(shape)

    def lines(self, ends: Iterable[tuple[float, float, float, float]], opacity: float) -> None:
        """Straight lines, as one path."""
        path = " ".join(f"M{_px(a)} {_px(b)}L{_px(c)} {_px(d)}" for a, b, c, d in ends)
        if path:
            self.shapes.append(
                ET.Element("path", {"d": path, "class": "line", "stroke-opacity": _px(opacity)})
            )

    def squares(self, places: Iterable[tuple[float, float]], size: float, style: str) -> None:
        """Many like squares, as one path: thousands of them stay a small file."""
        side = _px(size)
        path = " ".join(f"M{_px(x)} {_px(y)}h{side}v{side}h-{side}z" for x, y in places)
        if path:
            self.shapes.append(ET.Element("path", {"d": path, "class": style}))

    def svg(self, width: float, height: float, title: str, description: str) -> str:
        """The picture as a stand-alone SVG document."""
        root = ET.Element(
            "svg",
            {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {_px(width)} {_px(height)}",
             "width": _px(width), "height": _px(height), "role": "img",
             "aria-labelledby": "title description"},
        )  # fmt: skip
        ET.SubElement(root, "title", {"id": "title"}).text = title
        ET.SubElement(root, "desc", {"id": "description"}).text = description
        ET.SubElement(root, "style").text = STYLE
        ET.SubElement(root, "rect", {"width": _px(width), "height": _px(height), "class": "page"})
        root.extend(self.shapes)
        ET.indent(root, " ")
        return ET.tostring(root, encoding="unicode") + "\n"


def _px(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
