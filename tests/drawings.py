"""Reads the book's SVG files back: shapes, texts with estimated extents, wires, colours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

from tools.diagrams.text import advance

SVG = "{http://www.w3.org/2000/svg}"
_RULE = re.compile(r"\.([\w-]+)\{(fill|stroke):(#[0-9a-f]{6})\}")


@dataclass
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box, slack: float = 0.0) -> bool:
        return (
            self.left + slack < other.right
            and other.left + slack < self.right
            and self.top + slack < other.bottom
            and other.top + slack < self.bottom
        )

    def contains(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    @property
    def width(self) -> float:
        return self.right - self.left


@dataclass
class Shape:
    order: int
    box: Box
    fill: str
    background: bool


@dataclass
class Text:
    order: int
    box: Box
    content: str
    # Font size and class of the ink, for each run.
    runs: list[tuple[float, str]]

    @property
    def centre(self) -> tuple[float, float]:
        return (self.box.left + self.box.right) / 2, (self.box.top + self.box.bottom) / 2


@dataclass
class Wire:
    order: int
    boxes: list[Box]


class Drawing:
    """One SVG file, read back."""

    def __init__(self, source: str) -> None:
        self.root = ElementTree.fromstring(source)
        self.width, self.height = (float(v) for v in self.root.attrib["viewBox"].split()[2:])
        style = self.root.findtext(f"{SVG}style") or ""
        light, dark = style.split("@media (prefers-color-scheme: dark)")
        self.colours = {
            "light": {name: value for name, _, value in _RULE.findall(light)},
            "dark": {name: value for name, _, value in _RULE.findall(dark)},
        }
        self.shapes: list[Shape] = []
        self.texts: list[Text] = []
        self.wires: list[Wire] = []
        self.parts: dict[str, set[str]] = {}
        for order, element in enumerate(self.root.iter()):
            self._read(order, element)

    def _read(self, order: int, element: ElementTree.Element) -> None:
        get = element.attrib.get
        classes = get("class", "").split()
        fill = next((name for name in classes if name.startswith("f-")), "")
        stroke = next((name for name in classes if name.startswith("s-")), "")
        tag = element.tag.removeprefix(SVG)
        if tag == "g":
            self.parts.setdefault(get("data-part", ""), set()).add(get("data-state", ""))
        elif tag == "rect":
            x, y = float(get("x", 0)), float(get("y", 0))
            box = Box(x, y, x + float(element.attrib["width"]), y + float(element.attrib["height"]))
            self.shapes.append(Shape(order, box, fill, box.width == self.width))
        elif tag == "circle":
            x, y, r = (float(element.attrib[name]) for name in ("cx", "cy", "r"))
            self.shapes.append(Shape(order, Box(x - r, y - r, x + r, y + r), fill, False))
        elif tag == "text":
            self.texts.append(_text(order, element, fill))
        elif tag == "path" and stroke not in ("", "s-edge"):
            self.wires.append(Wire(order, _segments(element)))

    def surface(self, text: Text) -> Shape:
        """The topmost filled shape below a text's centre."""
        below = [s for s in self.shapes if s.fill and s.order < text.order]
        return [s for s in below if s.box.contains(*text.centre)][-1]


def _text(order: int, element: ElementTree.Element, fill: str) -> Text:
    x, baseline, size = (float(element.attrib[name]) for name in ("x", "y", "font-size"))
    pieces = [(element.text or "", size, fill, 0.0)]
    for span in element:
        ink = [name for name in span.attrib.get("class", "").split() if name.startswith("f-")]
        own, shift = float(span.attrib.get("font-size", size)), float(span.attrib.get("dy", 0))
        pieces.append((span.text or "", own, ink[0] if ink else fill, shift))
        if span.tail:
            pieces.append((span.tail, size, fill, 0.0))
    pieces = [piece for piece in pieces if piece[0]]
    width = sum(advance(text) * own for text, own, _, _ in pieces)
    anchor = element.attrib.get("text-anchor", "start")
    left = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * width
    top, bottom, line = baseline - 0.7 * size, baseline + 0.1 * size, baseline
    for _, own, _, shift in pieces:
        line += shift
        top, bottom = min(top, line - 0.7 * own), max(bottom, line + 0.1 * own)
    content = "".join(text for text, *_ in pieces)
    runs = [(own, ink) for _, own, ink, _ in pieces]
    return Text(order, Box(left, top, left + width, bottom), content, runs)


def _segments(path: ElementTree.Element) -> list[Box]:
    """The boxes, as thick as the line, of the straight pieces between a path's points."""
    half = float(path.attrib.get("stroke-width", 1)) / 2
    boxes: list[Box] = []
    last: tuple[float, float] | None = None
    for command, body in re.findall(r"([MLQZ])([^MLQZ]*)", path.attrib["d"]):
        values = [float(value) for value in body.split()]
        for x, y in zip(values[::2], values[1::2], strict=True):
            if command != "M" and last:
                (u, v) = last
                left, right = min(x, u) - half, max(x, u) + half
                boxes.append(Box(left, min(y, v) - half, right, max(y, v) + half))
            last = (x, y)
    return boxes
