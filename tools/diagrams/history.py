"""Recurrent networks over forty years, as a vertical line of dates."""

from __future__ import annotations

from tools.diagrams.parts import dot
from tools.diagrams.svg import Figure

#: Year, what came, and whether it is a way out of vanishing gradients. Sources: the page's table.
DATES: tuple[tuple[int, str, bool], ...] = (
    (1986, "Jordan: the output comes back", False),
    (1989, "real-time recurrent learning", False),
    (1990, "Elman: the hidden state comes back", False),
    (1991, "Hochreiter: gradients vanish", False),
    (1992, "units at different speeds", True),
    (1996, "skips through time", True),
    (1997, "LSTM", True),
    (2000, "the forget gate", True),
    (2001, "echo state networks", True),
    (2010, "language models that win", False),
    (2011, "Hessian-free training", True),
    (2013, "careful starts, momentum", True),
    (2014, "GRU, translation, attention", True),
    (2015, "identity start", True),
    (2016, "unitary matrices", True),
    (2017, "transformers: no recurrence", False),
    (2022, "state-space models", True),
    (2024, "xLSTM, minGRU", True),
)


def timeline() -> Figure:
    """Forty years from top to bottom; ways out of vanishing gradients are filled."""
    step, top, line = 43.0, 34.0, 112.0
    height = top + step * (len(DATES) - 1) + 104
    figure = Figure(
        "rnn/timeline",
        520,
        height,
        "Recurrent networks from 1986 to 2024",
        "A vertical line with eighteen dates, from Jordan in 1986 and Elman in 1990 to xLSTM and "
        "minGRU in 2024. Filled marks are ways out of vanishing gradients: units at different "
        "speeds 1992, skips through time 1996, LSTM 1997 and others.",
    )
    end = top + step * (len(DATES) - 1)
    figure.path(["M", line, top, "L", line, end], stroke="edge", width=3, layer="panel")
    for place, (year, words, way) in enumerate(DATES):
        y = top + step * place
        if way:
            dot(figure, line, y, "h", 8)
        else:
            figure.circle(line, y, 7.5, fill="background", stroke="ink", line=2.4, layer="wire")
        figure.words(line - 24, y, str(year), anchor="end", fill="soft")
        figure.words(line + 24, y, words, anchor="start")
    dot(figure, 40, end + 58, "h", 8)
    figure.words(60, end + 58, "a way out of vanishing gradients", anchor="start", fill="soft")
    return figure
