"""The vocabulary of the drawings: wires, operations, layers, boxes."""

from __future__ import annotations

from collections.abc import Sequence

from tools.diagrams.svg import Figure

Point = tuple[float, float]

#: Radius of an operation's circle, and of a wire's bend.
CIRCLE, BEND = 15, 12
#: Line widths: a state's line, an ordinary wire.
THICK, THIN = 4.5, 2.8


def _towards(start: Point, end: Point, distance: float) -> Point:
    """Move from ``start`` along a horizontal or vertical line to ``end``."""
    (x, y), (u, v) = start, end
    if x == u:
        return x, y + (distance if v > y else -distance)
    if y == v:
        return x + (distance if u > x else -distance), y
    raise ValueError(f"wires run along the axes, and {start} to {end} does not")


def _length(start: Point, end: Point) -> float:
    return abs(start[0] - end[0]) + abs(start[1] - end[1])


def wire(
    figure: Figure,
    points: Sequence[Point],
    colour: str,
    *,
    width: float = THIN,
    arrow: bool = True,
    dash: Sequence[float] = (),
    bend: float = BEND,
) -> None:
    """Draw a line along right angles with rounded corners, with an arrowhead at its end."""
    head = 7 + 1.4 * width
    points = list(points)
    tip, before = points[-1], points[-2]
    if arrow:
        # The line stops inside the head, so that its round cap never shows beyond the tip.
        points[-1] = _towards(tip, before, 0.7 * head)
    data: list[str | float] = ["M", *points[0]]
    for last, corner, following in zip(points, points[1:], points[2:], strict=False):
        radius = min(bend, _length(last, corner) / 2, _length(corner, following) / 2)
        data += ["L", *_towards(corner, last, radius)]
        data += ["Q", *corner, *_towards(corner, following, radius)]
    data += ["L", *points[-1]]
    figure.path(data, stroke=colour, width=width, dash=dash)
    if arrow:
        arrowhead(figure, before, tip, colour, head)


def arrowhead(figure: Figure, before: Point, tip: Point, colour: str, size: float) -> None:
    """Draw a head whose point is at ``tip`` and that comes from ``before``."""
    x, y = _towards(tip, before, size)
    half = 0.5 * size
    across = (half, 0.0) if tip[0] == before[0] else (0.0, half)
    left, right = (x - across[0], y - across[1]), (x + across[0], y + across[1])
    figure.path(["M", *tip, "L", *left, "L", *right, "Z"], fill=colour)


def dot(figure: Figure, x: float, y: float, colour: str, radius: float = 5.5) -> None:
    """Mark a copy: the line splits here."""
    figure.circle(x, y, radius, fill=colour, layer="wire")


def operation(
    figure: Figure, x: float, y: float, kind: str, *, colour: str = "ink", radius: float = CIRCLE
) -> None:
    """Draw an operation: "times", "plus", or "join" (concatenate)."""
    figure.circle(x, y, radius, fill="background", stroke=colour, line=2.2)
    arm = 0.5 * radius
    data: list[str | float]
    if kind == "plus":
        data = ["M", x - arm, y, "L", x + arm, y, "M", x, y - arm, "L", x, y + arm]
    elif kind == "times":
        arm *= 0.8
        data = ["M", x - arm, y - arm, "L", x + arm, y + arm]
        data += ["M", x - arm, y + arm, "L", x + arm, y - arm]
    elif kind == "join":
        side = 0.22 * radius
        data = ["M", x - side, y - arm, "L", x - side, y + arm]
        data += ["M", x + side, y - arm, "L", x + side, y + arm]
    else:
        raise ValueError(f"an operation is times, plus or join, not {kind!r}")
    figure.path(data, stroke=colour, width=2.4, layer="node")


def layer(
    figure: Figure,
    x: float,
    y: float,
    text: str,
    colour: str,
    *,
    width: float = 56,
    height: float = 38,
    size: float = 21,
    radius: float = 8,
) -> None:
    """Draw a learned layer (weights and a squashing function) as a tinted box about (x, y).

    Rounded fully, it is a gate whose weights are drawn elsewhere.
    """
    figure.rect(
        x - width / 2,
        y - height / 2,
        width,
        height,
        fill=f"{colour}-tint",
        stroke=colour,
        radius=radius,
        line=2.4,
    )
    figure.math(x, y, text, size=size)


def pointwise(
    figure: Figure,
    x: float,
    y: float,
    text: str,
    *,
    width: float = 58,
    height: float = 32,
    size: float = 20,
) -> None:
    """Draw a function without weights, applied element by element, as a pill about (x, y)."""
    figure.rect(
        x - width / 2,
        y - height / 2,
        width,
        height,
        fill="background",
        stroke="ink",
        radius=height / 2,
        line=2.2,
    )
    if text:
        figure.math(x, y, text, size=size)


def s_curve(figure: Figure, x: float, y: float, width: float) -> None:
    """Draw the shape of tanh inside a pill, where there is no room for its name."""
    a, b = 0.26 * width, 6.5
    figure.path(
        ["M", x - a, y + b, "Q", x - 2, y + b, x, y, "Q", x + 2, y - b, x + a, y - b],
        stroke="ink",
        layer="node",
    )


def box(
    figure: Figure, x: float, y: float, width: float, height: float, *, radius: float = 20
) -> None:
    """Draw the body of a cell."""
    figure.rect(
        x, y, width, height, fill="panel", stroke="edge", radius=radius, line=1.6, layer="panel"
    )


def node(
    figure: Figure,
    x: float,
    y: float,
    text: str,
    colour: str,
    *,
    radius: float = 26,
    size: float = 23,
) -> None:
    """Draw a value (a state, an input, a loss) as a tinted circle about (x, y)."""
    figure.circle(x, y, radius, fill=f"{colour}-tint", stroke=colour, line=2.4)
    if text:
        figure.math(x, y, text, size=size)


def rule(figure: Figure, y: float) -> None:
    """Draw a fine line across the figure, above its legend or equations."""
    figure.path(["M", 16, y, "L", figure.width - 16, y], stroke="edge", width=1.4, layer="panel")


def padding(figure: Figure, x: float, y: float, *, half: float = 22) -> None:
    """Draw a place that holds no real step, about (x, y)."""
    figure.rect(
        x - half,
        y - half,
        2 * half,
        2 * half,
        fill="background",
        stroke="muted",
        radius=half / 3,
        dash=(4, 5),
    )
