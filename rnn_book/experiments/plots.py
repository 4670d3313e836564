"""Plots of results: the book's colours in both themes, bands over seeds, labels on the lines.

A plot is drawn once, with the light colours. `svg` turns each of them into a variable that a dark
theme redefines. Letters are paths, so that a plot looks the same on every machine.
"""

from __future__ import annotations

import io
import re
import xml.sax.saxutils
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from rnn_book.experiments.palette import CONTENDERS, DARK, LIGHT, QUANTITIES, Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rnn_book.experiments.claims import Picture

__all__ = [
    "CONTENDERS",
    "Style",
    "band",
    "book_style",
    "canvas",
    "dots",
    "gradient_axis",
    "label_lines",
    "line",
    "quantity",
    "seed_lines",
    "svg",
]


_SIZE = 12  # points: 9.3 px where a figure of 6.4 inches has the 358 px of a phone


def quantity(symbol: str) -> Style:
    """The style of a gate or state, the same as in the drawn cells."""
    known = QUANTITIES[symbol]
    return Style(known.light, known.dark, known.dash, known.marker)


def canvas(
    columns: int = 1, rows: int = 1, *, width: float = 6.4, height: float = 3.4, **options: Any
) -> tuple[Figure, Any]:
    """An empty figure in the book's style, and its axes (as ``plt.subplots`` gives them).

    Parameters
    ----------
    columns, rows
        Number of panels.
    width, height
        In inches, of the whole.
    options
        For ``Figure.subplots``: `sharex`, `sharey`, `squeeze`.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, **options)


def book_style() -> AbstractContextManager[None]:
    """Draw whole figures within this: Matplotlib asks for sizes and inks whenever text is added."""
    import matplotlib as mpl

    ink, soft = LIGHT["ink"], LIGHT["soft"]
    options = {
        "font.family": "DejaVu Sans",
        "font.size": _SIZE,
        "axes.titlesize": _SIZE,
        "axes.labelsize": _SIZE,
        "axes.edgecolor": soft,
        "axes.labelcolor": ink,
        "axes.titlecolor": ink,
        "axes.facecolor": LIGHT["background"],
        "figure.facecolor": LIGHT["background"],
        "text.color": ink,
        "xtick.color": soft,
        "ytick.color": soft,
        "xtick.labelcolor": ink,
        "ytick.labelcolor": ink,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.color": LIGHT["edge"],
        "grid.linewidth": 0.5,
        "axes.axisbelow": True,
        "axes.formatter.min_exponent": 5,
        "legend.frameon": False,
    }
    return mpl.rc_context(options)  # type: ignore[arg-type]  # keys are strings


def line(axes: Axes, *values: Any, style: Style, **options: Any) -> None:
    """A line in a style's colour and dashes; values and options as for ``axes.plot``."""
    (drawn,) = axes.plot(*values, color=style.light, **options)
    if style.dash:
        drawn.set_dashes(style.dash)


def band(
    axes: Axes, x: ArrayLike, values: ArrayLike, style: Style, label: str, *, log: bool = False
) -> None:
    """A line of means over seeds within a band of one standard deviation to each side.

    Parameters
    ----------
    axes
        Where to draw.
    x
        (X,).
    values
        (seeds, X).
    style, label
        Of the line; `label_lines` writes the label.
    log
        Whether mean and deviation are those of the logarithm (values must be positive).
    """
    rows = np.atleast_2d(np.asarray(values, float))
    rows = np.log(rows) if log else rows
    middle, half = rows.mean(0), rows.std(0, ddof=1) if len(rows) > 1 else 0.0
    low, high = middle - half, middle + half
    if log:
        middle, low, high = np.exp(middle), np.exp(low), np.exp(high)
    axes.fill_between(x, low, high, color=style.light, alpha=0.18, linewidth=0)
    line(axes, x, middle, style=style, linewidth=1.8, label=label)


def seed_lines(
    axes: Axes, x: ArrayLike, curves: Sequence[ArrayLike], style: Style, label: str
) -> None:
    """Every seed's curve as a thin line, and their median as a thick one.

    Parameters
    ----------
    axes
        Where to draw.
    x
        (X,).
    curves
        (seeds, X); one that ends early may be shorter, and the median ends with the shortest.
    style, label
        Of the median; `label_lines` writes the label.
    """
    places = np.asarray(x, float)
    rows = [np.asarray(curve, float) for curve in curves]
    for row in rows:
        axes.plot(places[: len(row)], row, color=style.light, linewidth=0.7, alpha=0.45)
    shortest = min(map(len, rows))
    middle = np.median([row[:shortest] for row in rows], axis=0)
    line(axes, places[:shortest], middle, style=style, linewidth=2.2, label=label, zorder=3)


def label_lines(axes: Axes, *, room: float = 0.3) -> None:
    """Write each line's label at its end, in its colour, moved apart where ends meet.

    Words stand on the background's colour, so that no line goes through them. Call it last, when
    limits and scales are set.

    Parameters
    ----------
    axes
        With labelled lines.
    room
        Share of the width of the axes that is added on the right for the words.
    """
    lines = [line for line in axes.get_lines() if not str(line.get_label()).startswith("_")]
    left, right = axes.get_xlim()
    ticks = [tick for tick in axes.get_xticks() if left <= tick <= right]
    if axes.get_xscale() == "log":
        axes.set_xlim(left, right * (right / left) ** room)
    else:
        axes.set_xlim(left, right + (right - left) * room)
    axes.set_xticks(ticks)
    to_axes = axes.transScale + axes.transLimits
    ends = []
    for line in lines:
        x, y = np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
        good = np.isfinite(y)
        ends.append(to_axes.transform((x[good][-1], y[good][-1])))
    height = axes.get_window_extent().height * 72 / axes.figure.dpi
    tall = max((str(line.get_label()).count("\n") + 1 for line in lines), default=1)
    heights = _apart([end[1] for end in ends], 1.25 * tall * _SIZE / height)
    for line, (x, _), place in zip(lines, ends, heights, strict=True):
        axes.annotate(
            str(line.get_label()),
            (x, place),
            (5, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            color=line.get_color(),
            va="center",
            annotation_clip=False,
            bbox={"facecolor": LIGHT["background"], "linewidth": 0, "pad": 0.8},
        )


def _apart(wanted: Sequence[float], gap: float) -> list[float]:
    """Heights near the wanted ones, in their order, at least a gap apart, and above the axis."""
    order = np.argsort(wanted, kind="stable")
    places = np.clip(np.asarray(wanted, float)[order], 0, 1)
    for _ in range(200):
        for low in range(len(places) - 1):
            missing = gap - (places[low + 1] - places[low])
            if missing > 0:
                places[low] -= missing / 2
                places[low + 1] += missing / 2
        places[0] = max(places[0], gap / 2)
    result = np.empty(len(places))
    result[order] = places
    return [float(place) for place in result]


def gradient_axis(axes: Axes, low: float, high: float) -> None:
    """A logarithmic y axis for sizes of gradients, marked with exponents alone: large enough."""
    from matplotlib.ticker import LogFormatterExponent

    axes.set(yscale="log", ylim=(low, high), ylabel="gradient, powers of ten")
    axes.yaxis.set_major_formatter(LogFormatterExponent())


def dots(
    axes: Axes,
    place: float,
    values: ArrayLike,
    style: Style,
    label: str = "_",
    *,
    wide: float = 0.5,
) -> None:
    """Every seed's value as a small mark at one place of the x axis; strokes for their middle.

    The mean is the thick stroke, the median the thin broken one.
    """
    kept = np.asarray(values, float)
    offsets = np.linspace(-wide / 4, wide / 4, len(kept)) if len(kept) > 1 else np.zeros(1)
    axes.plot(
        place + offsets,
        kept,
        linestyle="none",
        marker=style.marker,
        markersize=4.5,
        alpha=0.65,
        markeredgewidth=0,
        color=style.light,
        label=label,
    )
    ends = place - wide / 2, place + wide / 2
    axes.hlines(kept.mean(), *ends, color=style.light, linewidth=2.2)
    axes.hlines(np.median(kept), *ends, color=style.light, linewidth=1.1, linestyles=(0, (2, 1.5)))


def svg(picture: Picture) -> str:
    """A plot as SVG text with title, description, background, and colours for both themes."""
    import matplotlib as mpl

    raw = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "rnn_book", "svg.fonttype": "path"}):
        picture.figure.savefig(raw, format="svg", metadata={"Date": None, "Creator": None})
    text = raw.getvalue()
    pairs = {LIGHT[name]: DARK[name] for name in LIGHT}
    pairs |= {known.light: known.dark for known in QUANTITIES.values()}
    pairs |= {style.light: style.dark for style in CONTENDERS}
    used = [light for light in pairs if light in text]
    names = {light: f"--c{light[1:]}" for light in used}
    text = re.sub("|".join(used), lambda found: f"var({names[found[0]]})", text)
    light = " ".join(f"{names[c]}: {c};" for c in used)
    dark = " ".join(f"{names[c]}: {pairs[c]};" for c in used)
    words = [xml.sax.saxutils.escape(part) for part in (picture.title, picture.description)]
    head = (
        f'<title id="title">{words[0]}</title>\n <desc id="desc">{words[1]}</desc>\n'
        f" <style>:root {{ {light} }} "
        f"@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}</style>"
    )
    begin = text.index("<svg")
    end = text.index(">", begin)
    opening = text[begin:end] + ' role="img" aria-labelledby="title desc">'
    return re.sub(r"[ \t]+\n", "\n", f"{opening}\n {head}{text[end + 1 :]}")
