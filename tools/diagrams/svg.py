"""A small SVG writer: layers, named parts, two themes, and the same bytes on every machine.

Coordinates are absolute (no transforms) and written with at most one decimal. Nothing here depends
on the locale, the date, the order of a set or a maths library.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from rnn_book.experiments.palette import QUANTITIES
from tools.diagrams.style import style_sheet
from tools.diagrams.text import number, span, typeset

LAYERS = ("panel", "wire", "node", "label")


@dataclass
class _Piece:
    layer: int
    on: bool
    part: str
    lines: list[str] = field(default_factory=list)


class Figure:
    """One drawing.

    Parameters
    ----------
    name : str
        Path below ``images/`` without the ending, for example "lstm/forget-gate".
    width, height : float
        Size of the view box.
    title, description : str
        What the drawing is, and what it shows, for readers who do not see it.
    """

    def __init__(
        self, name: str, width: float, height: float, title: str, description: str
    ) -> None:
        self.name, self.width, self.height = name, width, height
        self.title, self.description = title, description
        self._pieces: list[_Piece] = []
        self._part, self._on = "", True
        self._used: set[tuple[str, str]] = {("fill", "background")}

    @contextmanager
    def part(self, name: str, on: bool = True) -> Iterator[None]:
        """Draw what follows as a named part; a part that is not ``on`` is drawn in grey."""
        before = self._part, self._on
        self._part, self._on = name, on
        try:
            yield
        finally:
            self._part, self._on = before

    @property
    def on(self) -> bool:
        """Whether the current part is drawn in colour."""
        return self._on

    def _paint(self, kind: str, name: str) -> str:
        if not self._on:
            if kind == "stroke":
                name = "dim"
            elif kind == "text":
                name = "muted"
            elif name.endswith("-tint"):
                name = "panel"
            elif name not in ("panel", "background"):
                name = "dim"
        kind = "fill" if kind == "text" else kind
        self._used.add((kind, name))
        return f"{kind[0]}-{name}"

    def _add(self, layer: str, line: str) -> None:
        level = LAYERS.index(layer)
        last = self._pieces[-1] if self._pieces else None
        if not last or (last.layer, last.part, last.on) != (level, self._part, self._on):
            last = _Piece(level, self._on, self._part)
            self._pieces.append(last)
        last.lines.append(line)

    def path(
        self,
        data: Sequence[str | float],
        *,
        stroke: str = "",
        fill: str = "",
        width: float = 2,
        dash: Sequence[float] = (),
        layer: str = "wire",
    ) -> None:
        """Draw a path; ``data`` mixes commands (M, L, Q, Z: absolute) and coordinates."""
        words = " ".join(d if isinstance(d, str) else number(d) for d in data)
        classes, extra = [], ""
        classes.append(self._paint("fill", fill) if fill else "none")
        if stroke:
            classes.append(self._paint("stroke", stroke))
            extra = f' stroke-width="{number(width)}"'
        if dash:
            extra += f' stroke-dasharray="{" ".join(number(d) for d in dash)}"'
        self._add(layer, f'<path class="{" ".join(classes)}" d="{words}"{extra}/>')

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = "",
        stroke: str = "",
        radius: float = 0,
        line: float = 2,
        dash: Sequence[float] = (),
        layer: str = "node",
    ) -> None:
        """Draw a rectangle with its corner at (x, y)."""
        shape = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
        if radius:
            shape += f' rx="{number(radius)}"'
        self._shape("rect", shape, fill, stroke, line, dash, layer)

    def circle(
        self,
        x: float,
        y: float,
        radius: float,
        *,
        fill: str = "",
        stroke: str = "",
        line: float = 2,
        layer: str = "node",
    ) -> None:
        """Draw a circle about (x, y)."""
        shape = f'cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"'
        self._shape("circle", shape, fill, stroke, line, (), layer)

    def _shape(
        self,
        tag: str,
        shape: str,
        fill: str,
        stroke: str,
        line: float,
        dash: Sequence[float],
        layer: str,
    ) -> None:
        classes = [self._paint("fill", fill) if fill else "none"]
        if stroke:
            classes.append(self._paint("stroke", stroke))
            shape += f' stroke-width="{number(line)}"'
        if dash:
            shape += f' stroke-dasharray="{" ".join(number(d) for d in dash)}"'
        self._add(layer, f'<{tag} class="{" ".join(classes)}" {shape}/>')

    def words(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 18,
        anchor: str = "middle",
        fill: str = "ink",
        bold: bool = False,
        layer: str = "label",
    ) -> None:
        """Write plain words, vertically centred on y."""
        kind = "w b" if bold else "w"
        self._text(x, y, escape(text), kind, size, anchor, fill, layer)

    def math(
        self,
        x: float,
        y: float,
        markup: str,
        *,
        size: float = 23,
        anchor: str = "middle",
        fill: str = "ink",
        coloured: bool = False,
        layer: str = "label",
    ) -> None:
        """Write mathematics (see ``text.typeset``), vertically centred on y.

        ``coloured`` writes each gate and state, with its subscript, in its own colour.
        """
        spans, level, ink = [], 0, ""
        for run in typeset(markup):
            if run.level == 0:
                ink = run.text if coloured and run.italic and run.text in QUANTITIES else ""
            paint = self._paint("text", ink) if ink else ""
            spans.append(span(run, level, size, paint))
            level = run.level
        self._text(x, y, "".join(spans), "m", size, anchor, fill, layer)

    def _text(
        self,
        x: float,
        y: float,
        inner: str,
        kind: str,
        size: float,
        anchor: str,
        fill: str,
        layer: str,
    ) -> None:
        classes = f"{kind} {self._paint('text', fill)}"
        where = f'x="{number(x)}" y="{number(y + 0.34 * size)}" font-size="{number(size)}"'
        where += "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._add(layer, f'<text class="{classes}" {where}>{inner}</text>')

    def render(self) -> str:
        """Return the whole drawing as the text of an SVG file."""
        width, height = number(self.width), number(self.height)
        slug = self.name.replace("/", "-")
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
            f' width="{width}" height="{height}" role="img"'
            f' aria-labelledby="{slug}-title {slug}-desc">',
            f'<title id="{slug}-title">{escape(self.title)}</title>',
            f'<desc id="{slug}-desc">{escape(self.description)}</desc>',
            "<style>",
            *style_sheet(self._used),
            "</style>",
            f'<rect class="f-background" width="{width}" height="{height}" rx="12"/>',
        ]
        # Within a layer grey comes first, so that it never cuts through what is emphasised.
        for piece in sorted(self._pieces, key=lambda piece: (piece.layer, piece.on)):
            if piece.part:
                state = "on" if piece.on else "dim"
                lines.append(f'<g data-part="{piece.part}" data-state="{state}">')
                lines.extend(f"  {line}" for line in piece.lines)
                lines.append("</g>")
            else:
                lines.extend(piece.lines)
        lines.append("</svg>")
        return "\n".join(lines) + "\n"
