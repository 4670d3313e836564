"""H. Both directions: where the future decides, where it does not, and where it is the answer."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnn_book.datasets import Vocabulary, standard_library_source, token_labels
from rnn_book.draws import generator
from rnn_book.experiments.claims import Cost, Picture, Run, Seed, Verdict
from rnn_book.experiments.shown import best_by_validation, grouped, mean, plus_minus, table
from rnn_book.tasks import recall
from rnn_book.torch import LSTM, Adam, Embedding, Linear, clip_grad_norm, cross_entropy

TITLE = "Both directions"
QUESTION = "Reading in both directions raises accuracy and mitigates forgetting."
SEEDS = 5
COST = Cost(runs=105, minutes=9)

# Name of a net -> whether it reads both ways, and how many characters its answers come late.
TAGGERS = {
    "one way": (False, 0),
    "one way, 1 late": (False, 1),
    "one way, 4 late": (False, 4),
    "one way, 12 late": (False, 12),
    "both ways": (True, 0),
}
# Name of a net -> whether it reads both ways, and what is read out at the end.
RECALLERS = {
    "one way": (False, "h_n"),
    "both ways, h_n": (True, "h_n"),
    "both ways, output[-1]": (True, "output[-1]"),
}
READERS = {"one way": False, "both ways": True}
POSITIONS = ("first", "middle", "last")
RATES = (1e-2, 3e-3)
EMBEDDING, HIDDEN = 16, 48
SCORED, LATEST = 96, 12  # characters of a window that are scored, and that follow them
LEAK_STEPS = 64
RECALL_HIDDEN, SYMBOLS, PROBE, EVERY, SOLVED = 32, 4, 200, 25, 0.98
BATCH = 32

# Of the verdict: a gain in accuracy, and what counts as remembered.
GAIN, REACHED = 0.01, 0.9


def plan(quick: bool, runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Three parts: tags on source code, recall of a symbol, and the leak.

    Tags are learned with every rate by every net; the other two, which are about what a net can see
    at all, with the larger rate by all.

    `characters` are those of the training text, None for all of it; `windows` those that validation
    and test each are made of.
    """
    rates = RATES[:1] if quick else RATES
    size = (
        {"updates": 120, "characters": 200_000, "windows": 60}
        if quick
        else {"updates": 350, "characters": None, "windows": 500}
    )
    taggers = ("one way", "one way, 4 late", "both ways") if quick else tuple(TAGGERS)
    recallers = tuple(RECALLERS)[:2] if quick else tuple(RECALLERS)
    lag = {"steps": 30, "updates": 80} if quick else {"steps": 60, "updates": 300}
    leak = size if quick else {**size, "updates": 200}
    tags = [{"part": "tags", "net": net, **size, "rate": rate} for net in taggers for rate in rates]
    recalls = [
        {"part": "recall", "net": net, "position": position, **lag, "rate": RATES[0]}
        for net in recallers
        for position in POSITIONS
    ]
    leaks = [{"part": "leak", "net": net, **leak, "rate": RATES[0]} for net in READERS]
    return tags + recalls + leaks


def run(setting: dict[str, Any], seed: Seed) -> dict[str, Any]:
    """Train one net with one rate, and score it on validation and test data."""
    part = {"tags": _tags, "recall": _recall, "leak": _leak}[setting["part"]]
    return part(setting, generator(seed.own), generator(seed.shared))


def data() -> list[dict[str, Any]]:
    """Provenance of the source code."""
    return [standard_library_source().provenance]


class Source(NamedTuple):
    """Source code as numbers, with its labels, and where windows may begin."""

    symbols: NDArray[np.int64]
    roles: NDArray[np.int8]
    inside: NDArray[np.bool_]
    begins: NDArray[np.int64]
    """Beginnings of lines outside strings and comments: what is before them decides nothing."""


class Windows(NamedTuple):
    """Equally long stretches of source, side by side."""

    symbols: Tensor
    """(T, N)"""
    roles: Tensor
    """(scored, N), as of `token_labels`: 0 where there is no name."""
    inside: Tensor
    """(scored, N), 0 or 1."""


@functools.cache
def source(characters: int | None) -> tuple[dict[str, Source], int]:
    """Training, validation and test part, and the number of symbols.

    Parameters
    ----------
    characters
        About how many of the training part are kept, None for all; a tenth as many, but for None,
        of each of the others.
    """
    corpus = standard_library_source()
    held_out = None if characters is None else characters // 10
    texts = {
        "train": beginning(corpus.train, characters),
        "validation": beginning(corpus.validation, held_out),
        "test": beginning(corpus.test, held_out),
    }
    vocabulary = Vocabulary(texts["train"])
    return {part: labelled(text, vocabulary) for part, text in texts.items()}, len(vocabulary)


def beginning(text: str, characters: int | None) -> str:
    """A text's first `characters` or fewer, up to a function or class that stands at the margin."""
    if characters is None or characters >= len(text):
        return text
    return text[: 1 + max(text.rfind(word, 0, characters) for word in ("\ndef ", "\nclass "))]


def labelled(text: str, vocabulary: Vocabulary) -> Source:
    """A text as numbers, with the labels of each character."""
    roles, inside = token_labels(text)
    symbols = vocabulary.encode(text)
    newline = np.frombuffer(text.encode("utf-32-le"), "<u4") == ord("\n")
    begins = 1 + np.flatnonzero(newline & ~inside)
    return Source(symbols, roles, inside, begins[begins + SCORED + LATEST <= len(text)])


def cut(part: Source, begins: NDArray[np.integer]) -> Windows:
    """The windows that begin at `begins`."""
    steps = np.arange(SCORED + LATEST)[:, None] + begins
    scored = steps[:SCORED]
    return Windows(
        torch.from_numpy(part.symbols[steps]),
        torch.from_numpy(part.roles[scored].astype(np.int64)),
        torch.from_numpy(part.inside[scored].astype(np.int64)),
    )


def held_out(part: Source, count: int) -> Windows:
    """At most `count` windows from all over a part, whose scored characters do not overlap."""
    chosen, end = [], 0
    for begin in part.begins:
        if begin >= end:
            chosen.append(begin)
            end = begin + SCORED
    places = np.linspace(0, len(chosen) - 1, min(count, len(chosen))).astype(int)
    return cut(part, np.array(chosen)[places])


def parameters(inputs: int, hidden: int, outputs: int, both: bool) -> int:
    """Number of parameters of an LSTM, in one direction or two, and the linear map behind it."""
    directions = 1 + both
    layer = 4 * (hidden * (inputs + hidden) + 2 * hidden)
    return directions * layer + (directions * hidden + 1) * outputs


def width(inputs: int, hidden: int, outputs: int, both: bool) -> int:
    """Units of each direction for about as many parameters as `hidden` units have in one."""
    budget = parameters(inputs, hidden, outputs, both=False)
    return min(
        range(1, hidden + 1),
        key=lambda units: abs(parameters(inputs, units, outputs, both) - budget),
    )


class Reader(torch.nn.Module):
    """A vector for each character, an LSTM, scores for each step."""

    def __init__(self, size: int, outputs: int, both: bool, rng: np.random.Generator) -> None:
        super().__init__()
        hidden = width(EMBEDDING, HIDDEN, outputs, both)
        self.embedding = Embedding(size, EMBEDDING, rng=rng)
        self.lstm = LSTM(EMBEDDING, hidden, bidirectional=both, forget_bias=1.0, rng=rng)
        self.linear = Linear((1 + both) * hidden, outputs, rng=rng)

    def forward(self, symbols: Tensor) -> Tensor:
        """Scores (T, N, outputs) for symbols (T, N)."""
        return self.linear(self.lstm(self.embedding(symbols))[0])


class Tagger(torch.nn.Module):
    """Tags every character, at once or `late` steps later."""

    def __init__(self, size: int, both: bool, late: int, rng: np.random.Generator) -> None:
        super().__init__()
        self.reader = Reader(size, 5, both, rng)
        self.both, self.late = both, late

    def forward(self, symbols: Tensor) -> tuple[Tensor, Tensor]:
        """Scores of the roles (scored, N, 3), and of being outside or inside (scored, N, 2).

        Parameters
        ----------
        symbols
            (scored + `LATEST`, N). A net reads no further than it has to answer; one that reads
            both ways reads it all.
        """
        scored = len(symbols) - LATEST
        read = symbols if self.both else symbols[: scored + self.late]
        scores = self.reader(read)[self.late : self.late + scored]
        return scores[..., :3], scores[..., 3:]


def tag_loss(scores: tuple[Tensor, Tensor], windows: Windows) -> Tensor:
    """Cross-entropy of the roles, where there are names, plus that of inside or outside."""
    names = windows.roles > 0
    return cross_entropy(scores[0], windows.roles - 1, names) + cross_entropy(
        scores[1], windows.inside
    )


def tag_accuracy(scores: tuple[Tensor, Tensor], windows: Windows) -> tuple[float, float]:
    """Share of right roles among the characters of names; share of right sides among all."""
    names = windows.roles > 0
    right = (scores[0].argmax(-1) == windows.roles - 1)[names]
    return float(right.double().mean()), float(
        (scores[1].argmax(-1) == windows.inside).double().mean()
    )


def _learn(model: torch.nn.Module, optimiser: Adam, loss: Tensor) -> None:
    optimiser.zero_grad()
    loss.backward()
    clip_grad_norm(model, 1.0)
    optimiser.step()


def _tags(
    setting: dict[str, Any], weights: np.random.Generator, draws: np.random.Generator
) -> dict[str, Any]:
    parts, size = source(setting["characters"])
    both, late = TAGGERS[setting["net"]]
    model = Tagger(size, both, late, weights)
    optimiser = Adam(model, setting["rate"])
    for _ in range(setting["updates"]):
        windows = cut(parts["train"], draws.choice(parts["train"].begins, BATCH))
        _learn(model, optimiser, tag_loss(model(windows.symbols), windows))
    found: dict[str, Any] = {"parameters": sum(p.numel() for p in model.parameters())}
    for part in ("validation", "test"):
        windows = held_out(parts[part], setting["windows"])
        with torch.no_grad():
            scores = model(windows.symbols)
        roles, inside = tag_accuracy(scores, windows)
        found[part] = {"loss": float(tag_loss(scores, windows)), "roles": roles, "inside": inside}
    names = windows.roles[windows.roles > 0]
    return {
        **found,
        "commonest_role": float(names.bincount().max() / len(names)),
        "commonest_side": float(windows.inside.flatten().bincount().max() / windows.inside.numel()),
    }


class Recaller(torch.nn.Module):
    """An LSTM that names, at the end, the symbol it has met."""

    def __init__(self, both: bool, read_out: str, rng: np.random.Generator) -> None:
        super().__init__()
        features = SYMBOLS + 4
        hidden = width(features, RECALL_HIDDEN, SYMBOLS, both)
        self.read_out = read_out
        self.lstm = LSTM(features, hidden, bidirectional=both, forget_bias=1.0, rng=rng)
        self.linear = Linear((1 + both) * hidden, SYMBOLS, rng=rng)

    def forward(self, inputs: Tensor) -> Tensor:
        """Scores (N, symbols) for inputs (T, N, F)."""
        output, (h, _) = self.lstm(inputs)
        last = output[-1] if self.read_out == "output[-1]" else torch.cat(tuple(h), dim=-1)
        return self.linear(last)


def _recall(
    setting: dict[str, Any], weights: np.random.Generator, draws: np.random.Generator
) -> dict[str, Any]:
    def draw(batch: int) -> tuple[Tensor, Tensor]:
        inputs, targets = recall(
            setting["steps"],
            batch,
            rng=draws,
            symbols=SYMBOLS,
            position=setting["position"],
            dtype=np.float32,
        )
        return torch.from_numpy(inputs), torch.from_numpy(targets)

    def accuracy(batch: tuple[Tensor, Tensor]) -> float:
        with torch.no_grad():
            return float((model(batch[0]).argmax(-1) == batch[1]).double().mean())

    model = Recaller(*RECALLERS[setting["net"]], weights)
    optimiser = Adam(model, setting["rate"])
    validation, test = draw(PROBE), draw(PROBE)
    used, reached = setting["updates"], 0.0
    for update in range(1, setting["updates"] + 1):
        inputs, targets = draw(BATCH)
        _learn(model, optimiser, cross_entropy(model(inputs), targets))
        if update % EVERY == 0:
            reached = accuracy(validation)
            if reached > SOLVED:
                used = update
                break
    return {
        "validation": reached,
        "test": accuracy(test),
        "updates": used,
        "parameters": sum(p.numel() for p in model.parameters()),
    }


def leak_bits(model: Reader, stretches: NDArray[np.integer]) -> tuple[float, float]:
    """Bits per character of stretches (T + 1, N): before the last step, and at the last one.

    At the last step the next character is not among what a net that reads both ways has read.
    """
    numbers = torch.from_numpy(stretches)
    with torch.no_grad():
        scores = torch.log_softmax(model(numbers[:-1]), dim=-1)
    lost = -scores.gather(-1, numbers[1:, :, None])[..., 0].double() / math.log(2)
    return float(lost[:-1].mean()), float(lost[-1].mean())


def _leak(
    setting: dict[str, Any], weights: np.random.Generator, draws: np.random.Generator
) -> dict[str, Any]:
    parts, size = source(setting["characters"])
    steps = np.arange(LEAK_STEPS + 1)[:, None]

    def stretches(part: str, begins: NDArray[np.integer]) -> NDArray[np.int64]:
        return parts[part].symbols[steps + begins]

    model = Reader(size, size, READERS[setting["net"]], weights)
    optimiser = Adam(model, setting["rate"])
    last = len(parts["train"].symbols) - LEAK_STEPS
    for _ in range(setting["updates"]):
        numbers = torch.from_numpy(stretches("train", draws.integers(0, last, BATCH)))
        _learn(model, optimiser, cross_entropy(model(numbers[:-1]), numbers[1:]))
    found: dict[str, Any] = {"parameters": sum(p.numel() for p in model.parameters())}
    for part in ("validation", "test"):
        begins = np.linspace(
            0, len(parts[part].symbols) - LEAK_STEPS - 1, 2 * setting["windows"]
        ).astype(int)
        before, at_last = leak_bits(model, stretches(part, begins))
        found[part] = {"before_last": before, "last": at_last}
    return found


def summarise(runs: Sequence[Run]) -> dict[str, Any]:
    """Of each net the runs with the rate that was best on validation data."""
    parts = {part: group for (part,), group in grouped(runs, "part").items()}
    tags = best_by_validation(parts["tags"], ("net",), lambda r: r.result["validation"]["loss"])
    recalled = best_by_validation(
        parts["recall"], ("net", "position"), lambda r: r.result["validation"], largest=True
    )
    leaks = best_by_validation(
        parts["leak"], ("net",), lambda r: r.result["validation"]["before_last"]
    )
    some = parts["tags"][0].result
    lags = parts["recall"][0].setting
    return {
        "tags": {
            net: {
                "rate": group[0].setting["rate"],
                "parameters": group[0].result["parameters"],
                "roles": [run.result["test"]["roles"] for run in group],
                "inside": [run.result["test"]["inside"] for run in group],
            }
            for (net,), group in tags.items()
        },
        "commonest": {"roles": some["commonest_role"], "inside": some["commonest_side"]},
        "recall": [
            {
                "net": net,
                "position": position,
                "rate": group[0].setting["rate"],
                "parameters": group[0].result["parameters"],
                "right": [run.result["test"] for run in group],
            }
            for (net, position), group in recalled.items()
        ],
        "recall_steps": lags["steps"],
        "recall_updates": lags["updates"],
        "leak": {
            net: {
                "rate": group[0].setting["rate"],
                "parameters": group[0].result["parameters"],
                "before_last": [run.result["test"]["before_last"] for run in group],
                "last": [run.result["test"]["last"] for run in group],
            }
            for (net,), group in leaks.items()
        },
    }


def _show_percent(values: Sequence[float]) -> str:
    return plus_minus([100 * value for value in values], 1)


def _show_mean(values: Sequence[float]) -> str:
    return f"{100 * mean(values):.1f} %"


def verdict(summary: dict[str, Any]) -> Verdict:
    """Gains on two tasks, and three places to remember from."""
    tags = summary["tags"]
    one, both = tags["one way"], tags["both ways"]

    def gained(task: str) -> bool:
        gains = np.subtract(both[task], one[task])
        return bool(gains.mean() >= GAIN and gains.min() > 0)

    right = {
        place["position"]: place["right"]
        for place in summary["recall"]
        if place["net"] == "both ways, h_n"
    }
    alone = {
        place["position"]: place["right"]
        for place in summary["recall"]
        if place["net"] == "one way"
    }
    reached = {position: min(values) > REACHED for position, values in right.items()}
    accuracy = [gained(task) for task in ("roles", "inside")]
    checks = [*accuracy, *reached.values()]
    more = any(accuracy) or (reached["first"] and not min(alone["first"]) > REACHED)
    status = "held" if all(checks) else "held partly" if more else "not held"
    latest = max((net for net in tags if "late" in net), key=lambda net: mean(tags[net]["roles"]))
    places = " and ".join(position for position, good in reached.items() if good) or "no"
    text = (
        f"Role of a name: {_show_mean(both['roles'])} both ways against {_show_mean(one['roles'])} "
        f"one way at equal parameters; the best of the delayed nets, {latest}, gets "
        f"{_show_mean(tags[latest]['roles'])}. Inside a string or comment, where the past decides: "
        f"{_show_mean(both['inside'])} against {_show_mean(one['inside'])}. One symbol among "
        f"{summary['recall_steps']} steps is recalled both ways from the {places} step: "
        f"{_show_mean(right['first'])}, {_show_mean(right['middle'])} and "
        f"{_show_mean(right['last'])} for first, middle and last, one way "
        f"{_show_mean(alone['first'])}, {_show_mean(alone['middle'])} and "
        f"{_show_mean(alone['last'])}."
    )
    rule = (
        f"a gain means at least {100 * GAIN:g} point more on average, and more with every seed. "
        f"Held if both ways gain on both tagging tasks and recall more than {100 * REACHED:g} % "
        "with every seed from the first, middle and last step; held partly if they gain on one of "
        "the tasks, or recall the first step where one way does not; otherwise not held."
    )
    return Verdict(status, rule, text)  # type: ignore[arg-type]


def tables(summary: dict[str, Any]) -> dict[str, str]:
    """Tags, recall, and the leak."""
    tags, common = summary["tags"], summary["commonest"]
    rows = [
        [
            net,
            found["parameters"],
            f"{found['rate']:g}",
            _show_percent(found["roles"]),
            _show_percent(found["inside"]),
        ]
        for net, found in tags.items()
    ]
    always = [f"{100 * common[task]:.1f}" for task in ("roles", "inside")]
    places: dict[str, dict[str, str]] = {}
    for place in summary["recall"]:
        places.setdefault(place["net"], {})[place["position"]] = _show_percent(place["right"])
    return {
        "table": table(
            ["net", "parameters", "rate", "role of a name, % right", "inside or outside, % right"],
            [*rows, ["always the commonest answer", "", "", *always]],
        ),
        "recall": table(
            ["% right, symbol at the", *POSITIONS],
            ([net, *(found[position] for position in POSITIONS)] for net, found in places.items()),
        ),
        "leak": table(
            ["bits per character", "parameters", "before the last step", "at the last step"],
            (
                [
                    net,
                    found["parameters"],
                    plus_minus(found["before_last"]),
                    plus_minus(found["last"]),
                ]
                for net, found in summary["leak"].items()
            ),
        ),
    }


def figures(summary: dict[str, Any]) -> dict[str, Picture]:
    """Accuracy of the taggers; accuracy of recall by the place of the symbol."""
    from rnn_book.plots import CONTENDERS, canvas, dots

    tags = summary["tags"]
    figure, panels = canvas(2, height=3.2)
    titles = {"roles": "role of a name", "inside": "inside or outside"}
    names = [net.replace("one way, ", "").replace(" ways", "\nways") for net in tags]
    names = [name.replace("one way", "one\nway").replace(" late", "\nlate") for name in names]
    for axes, (task, title) in zip(panels, titles.items(), strict=True):
        for place, found in enumerate(tags.values()):
            style = CONTENDERS[0 if place == 0 else 1 if place == len(tags) - 1 else 7]
            dots(axes, place, [100 * value for value in found[task]], style)
        axes.set_title(title)
        axes.set_xticks(range(len(tags)), names)
        axes.set_ylabel("characters right, %")

    places, axes = canvas(height=3.0)
    nets = list(dict.fromkeys(place["net"] for place in summary["recall"]))
    for column, net in enumerate(nets):
        for place in summary["recall"]:
            if place["net"] == net:
                at = POSITIONS.index(place["position"]) + (column - (len(nets) - 1) / 2) * 0.28
                right = [100 * value for value in place["right"]]
                label = net if place["position"] == "first" else "_"
                dots(axes, at, right, CONTENDERS[column], label, wide=0.22)
    axes.axhline(100 / SYMBOLS, color=CONTENDERS[7].light, linewidth=0.8)
    guess = 100 / SYMBOLS
    grey = {"color": CONTENDERS[7].light, "ha": "right", "textcoords": "offset points"}
    axes.annotate("guessing", (2.44, guess), (0, 4), **grey)
    axes.set_xticks(range(len(POSITIONS)), POSITIONS)
    axes.set(ylim=(0, 105), xlabel="step of the symbol", ylabel="recalled, %")
    figure_legend = axes.legend(
        loc="upper center", bbox_to_anchor=(0.5, 1.22), ncols=len(nets), frameon=False
    )
    for text, style in zip(figure_legend.get_texts(), CONTENDERS, strict=False):
        text.set_color(style.light)
    return {
        "": Picture(
            figure,
            "Accuracy of nets that tag source code, one way, delayed, and both ways",
            "Two panels, one for the role of a name and one for being inside a string or comment. "
            "In each a column of points, one a seed, for every net.",
        ),
        "recall": Picture(
            places,
            "Recall of one symbol by its place in the sequence",
            "Three groups of points, for a symbol at the first, middle and last step, one column a "
            "net, with a line at the score of guessing.",
        ),
    }
