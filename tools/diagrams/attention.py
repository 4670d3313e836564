"""A sentence through one vector, and a decoder that looks back at every state."""

from __future__ import annotations

from tools.diagrams.parts import dot, layer, node, operation, pointwise, wire
from tools.diagrams.svg import Figure

_WIDTH = 560


def encoder_decoder() -> Figure:
    """Everything that is read passes through one state."""
    figure = Figure(
        "practice/encoder-decoder",
        _WIDTH,
        372,
        "An encoder and a decoder",
        "On the left a chain of four encoder states reads four characters. Its last state, on a "
        "thick wire, is the first state of the decoder, a chain of three states that writes three "
        "characters. Each character that is written goes in again at the next step.",
    )
    figure.words(140, 28, "the encoder reads", bold=True)
    figure.words(436, 28, "the decoder writes", bold=True)
    radius, middle, low, high = 20, 190, 290, 92
    places = [44, 108, 172, 236]
    for x, text in zip(places, ("4", "M", "a", "y"), strict=True):
        wire(figure, [(x, low - radius), (x, middle + radius)], "x")
        node(figure, x, low, "", "x", radius=radius)
        figure.words(x, low, text)
    for k, x in enumerate(places):
        if k:
            wire(figure, [(places[k - 1] + radius, middle), (x - radius, middle)], "h")
        node(figure, x, middle, f"m_{k + 1}", "h", radius=radius)
    decoder = [346, 426, 506]
    wire(figure, [(places[-1] + radius, middle), (decoder[0] - radius, middle)], "h", width=7)
    for k, (x, text) in enumerate(zip(decoder, ("2", "0", "3"), strict=True)):
        if k:
            wire(figure, [(decoder[k - 1] + radius, middle), (x - radius, middle)], "h")
            half = decoder[k - 1] + 40
            before = decoder[k - 1] + radius
            upper = [(before, high), (half, high), (half, middle - 9)]
            lower = [(half, middle + 9), (half, low), (x, low), (x, middle + radius)]
            wire(figure, upper, "soft", arrow=False, dash=(5, 6))
            wire(figure, lower, "soft", dash=(5, 6))
        else:
            wire(figure, [(x, low - radius), (x, middle + radius)], "x")
            node(figure, x, low, "", "x", radius=radius)
            figure.words(x, low, "↵")
        wire(figure, [(x, middle - radius), (x, high + radius)], "h")
        _written(figure, x, high, radius)
        figure.words(x, high, text)
        node(figure, x, middle, f"s_{k + 1}", "h", radius=radius)
    figure.words(291, 146, "all it", size=17)
    figure.words(291, 166, "knows", size=17)
    figure.words(_WIDTH / 2, 346, "what is written goes in again at the next step", size=18)
    return figure


def attention() -> Figure:
    """One step of a decoder with attention, from its state to what it writes."""
    figure = Figure(
        "practice/attention",
        _WIDTH,
        584,
        "One step of a decoder that looks back",
        "Below, five encoder states, each of which knows its neighbourhood. The decoder's state "
        "on the right is compared with each of them; a softmax turns the five scores into shares, "
        "drawn as bars, the second by far the highest. Their weighted mean, the context, meets "
        "the decoder's state, and from both the next character is predicted.",
    )
    radius, places = 20, [50, 120, 190, 260, 330]
    low, memory, right = 546, 462, 480
    for k, (x, text) in enumerate(zip(places, ("4", "M", "a", "y", "␣"), strict=True)):
        wire(figure, [(x, low - radius), (x, memory + radius)], "x")
        node(figure, x, low, "", "x", radius=radius)
        if text != "␣":
            figure.words(x, low, text)
        if k:
            wire(figure, [(places[k - 1] + radius, memory), (x - radius, memory)], "h", arrow=False)
        wire(figure, [(x, memory - radius), (x, 392)], "h")
        node(figure, x, memory, f"m_{k + 1}", "h", radius=radius)
    # The query runs along all scores.
    wire(figure, [(right, memory - radius), (right, 414), (352, 414)], "h")
    figure.rect(28, 372, 324, 42, fill="soft-tint", stroke="soft", radius=8)
    figure.words(190, 393, "score: how well do they fit?", size=18)
    node(figure, right, memory, "s_6", "h", radius=radius)
    wire(figure, [(right, low - radius), (right, memory + radius)], "x")
    node(figure, right, low, "", "x", radius=radius)
    figure.words(right, low, "-")
    wire(figure, [(190, 372), (190, 344)], "soft")
    pointwise(figure, 190, 326, "", width=120)
    figure.words(190, 326, "softmax", size=18)
    for x, share in zip(places, (6, 68, 16, 9, 5), strict=True):
        figure.rect(x - 15, 290 - share, 30, share, fill="h-tint", stroke="h", radius=3)
    figure.words(190, 206, "shares that sum to 1", size=18)
    wire(figure, [(190, 192), (190, 164)], "soft")
    layer(figure, 190, 142, "c_6", "soft", width=76, size=24)
    figure.words(84, 142, "weighted", size=17, anchor="middle")
    figure.words(84, 162, "mean", size=17, anchor="middle")
    # Context and state meet.
    dot(figure, right, 414, "h")
    wire(figure, [(right, 414), (right, 157)], "h")
    wire(figure, [(228, 142), (right - 15, 142)], "soft")
    operation(figure, right, 142, "join")
    wire(figure, [(right, 127), (right, 62)], "ink")
    _written(figure, right, 42, radius)
    figure.words(right, 42, "0")
    figure.words(440, 42, "writes", size=18, anchor="end")
    return figure


def _written(figure: Figure, x: float, y: float, half: float) -> None:
    figure.rect(x - half, y - half, 2 * half, 2 * half, fill="soft-tint", stroke="soft", radius=5)
