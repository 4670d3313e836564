"""D. tanh or sigmoid: in the plain RNN, and in each of the LSTM's two places for a tanh."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnn_book.datasets import surnames
from rnn_book.draws import generator
from rnn_book.experiments.claims import Cost, Picture, Run, Seed, Verdict
from rnn_book.experiments.lags import factor, norms_by_lag
from rnn_book.experiments.shown import best_by_validation, grouped, mean, plus_minus, table
from rnn_book.tasks import adding
from rnn_book.torch import (
    Adam,
    Cell,
    Embedding,
    Linear,
    Recurrent,
    clip_grad_norm,
    cross_entropy,
    mean_squared_error,
)

TITLE = "tanh or sigmoid"
QUESTION = "States are squashed by tanh because it does better than a sigmoid."
SEEDS = 5
COST = Cost(runs=175, minutes=9)

SQUASH: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "2 sigmoid - 1": lambda x: 2 * torch.sigmoid(x) - 1,
}
# Name of a net -> its squashings: of the state of an RNN; of an LSTM's candidate and its cell state
# on the way out.
NETS: dict[str, tuple[str, ...]] = {
    "RNN, tanh": ("tanh",),
    "RNN, sigmoid": ("sigmoid",),
    "RNN, 2 sigmoid - 1": ("2 sigmoid - 1",),
    "LSTM, tanh": ("tanh", "tanh"),
    "LSTM, candidate sigmoid": ("sigmoid", "tanh"),
    "LSTM, output sigmoid": ("tanh", "sigmoid"),
    "LSTM, both 2 sigmoid - 1": ("2 sigmoid - 1", "2 sigmoid - 1"),
}
HIDDEN = {"gradient": 64, "names": 32, "adding": 32}
LETTER, NAMES, SUMS = 16, 64, 32  # features of a letter; names and sums to a batch
STEPS, SOLVED, PROBE, EVERY = 20, 0.005, 200, 25  # of the adding problem
LAGS = 60


def plan(quick: bool, runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Gradients of fresh nets; both tasks with every net and every rate."""
    updates = {"names": 200, "adding": 500}
    rates: tuple[float, ...] = (1e-2, 3e-3)
    nets = list(NETS)
    if quick:
        updates, rates, nets = {"names": 100, "adding": 50}, (1e-2,), nets[:3]
    return [{"task": "gradient", "net": net} for net in NETS] + [
        {"task": task, "net": net, "rate": rate, "updates": updates[task]}
        for task in ("names", "adding")
        for net in nets
        for rate in rates
    ]


def data() -> list[dict[str, Any]]:
    """Where the names come from."""
    return [surnames().provenance]


def run(setting: dict[str, Any], seed: Seed) -> dict[str, Any]:
    """One of the three measurements."""
    return {"gradient": _gradient, "names": _names, "adding": _adding}[setting["task"]](
        setting, seed
    )


class SquashedRNNStep(Cell):
    """A plain RNN with any squashing."""

    gates, states = 1, ("h",)

    def __init__(self, state: str) -> None:
        self.squash = SQUASH[state]

    def step(
        self, a_x: Tensor, h_rec: Tensor, state: tuple[Tensor, ...], p: SimpleNamespace
    ) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        (a,) = a_x + p.recurrent(h_rec) + p.bias_hh
        return (self.squash(a),), ()


class SquashedLSTMStep(Cell):
    """An LSTM with any squashing of the candidate, and of the cell state on its way out."""

    gates, states = 4, ("h", "c")
    recorded = ("i", "f", "g", "o")
    forget_gate = 1
    candidate = True

    def __init__(self, candidate: str, output: str) -> None:
        self.squash, self.output = SQUASH[candidate], SQUASH[output]

    def step(
        self,
        a_x: Tensor,
        h_rec: Tensor,
        state: tuple[Tensor, ...],
        p: SimpleNamespace,
        candidate_mask: Any = 1.0,
    ) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        _, c = state
        a_i, a_f, a_g, a_o = a_x + p.recurrent(h_rec) + p.bias_hh
        i, f, o = torch.sigmoid(a_i), torch.sigmoid(a_f), torch.sigmoid(a_o)
        g = self.squash(a_g)
        c_new = f * c + i * (candidate_mask * g)
        return (o * self.output(c_new), c_new), (i, f, g, o)


def fresh_layer(
    net: str, inputs: int, hidden: int, rng: np.random.Generator, dtype: Any = None
) -> Recurrent:
    """An RNN with an orthogonal recurrent matrix, or an LSTM with forget bias 1."""
    squash = NETS[net]
    if len(squash) == 2:
        cell = SquashedLSTMStep(*squash)
        return Recurrent(cell, inputs, hidden, forget_bias=1.0, rng=rng, dtype=dtype)
    layer = Recurrent(SquashedRNNStep(*squash), inputs, hidden, rng=rng, dtype=dtype)
    square = np.linalg.qr(rng.standard_normal((hidden, hidden)))[0]
    with torch.no_grad():
        layer.get_parameter("weight_hh_l0").copy_(torch.from_numpy(square))
    return layer


def _gradient(setting: dict[str, Any], seed: Seed) -> dict[str, Any]:
    """Norm of the gradient by lag of a fresh net, and the factor per step."""
    draw = generator(seed.shared)
    inputs = draw.standard_normal((LAGS, 16, 16))
    hidden = HIDDEN["gradient"]
    u = draw.standard_normal(hidden)
    layer = fresh_layer(setting["net"], 16, hidden, generator(seed.own), torch.float64)
    norms = norms_by_lag(layer, torch.from_numpy(inputs), u / np.linalg.norm(u))
    return {"norms": norms, "factor": factor(norms)}


def _names(setting: dict[str, Any], seed: Seed) -> dict[str, Any]:
    """Accuracy on held-out names after a fixed number of updates."""
    weights, draw = generator(seed.own), generator(seed.shared)
    known, hidden = surnames(rng=draw), HIDDEN["names"]
    embed = Embedding(len(known.vocabulary), LETTER, rng=weights)
    layer = fresh_layer(setting["net"], LETTER, hidden, weights)
    head = Linear(hidden, len(known.languages), rng=weights)
    parts = [embed, layer, head]
    optimiser = Adam(parts, setting["rate"])

    def logits(names: Any) -> Tensor:
        letters, lengths = (torch.from_numpy(part) for part in names.encode(known.vocabulary))
        _, state = layer(embed(letters), lengths=lengths)
        return head((state[0] if isinstance(state, tuple) else state)[0])

    def accuracy(names: Any) -> float:
        with torch.no_grad():
            return float(np.mean(logits(names).argmax(-1).numpy() == names.labels))

    for _ in range(setting["updates"]):
        batch = known.train[draw.choice(len(known.train), NAMES, replace=False)]
        _update(cross_entropy(logits(batch), torch.from_numpy(batch.labels)), parts, optimiser)
    return {"validation": accuracy(known.validation), "test": accuracy(known.test)}


def _adding(setting: dict[str, Any], seed: Seed) -> dict[str, Any]:
    """Updates until the adding problem is solved."""
    weights, draw = generator(seed.own), generator(seed.shared)
    layer = fresh_layer(setting["net"], 2, HIDDEN["adding"], weights)
    head = Linear(HIDDEN["adding"], 1, rng=weights)
    optimiser = Adam([layer, head], setting["rate"])

    def loss(batch: Any) -> Tensor:
        inputs, targets = (torch.from_numpy(part) for part in batch)
        return mean_squared_error(head(layer(inputs)[0][-1]), targets)

    def error(batch: Any) -> float:
        with torch.no_grad():
            return float(loss(batch))

    validation, test = (adding(STEPS, PROBE, rng=draw, dtype=np.float32) for _ in range(2))
    used, solved, found = setting["updates"], False, 0.0
    for update in range(1, setting["updates"] + 1):
        batch = adding(STEPS, SUMS, rng=draw, dtype=np.float32)
        _update(loss(batch), [layer, head], optimiser)
        if update % EVERY == 0:
            found = error(validation)
            if found < SOLVED:
                used, solved = update, True
                break
    return {"updates": used, "solved": solved, "validation": found, "test": error(test)}


def _update(loss: Tensor, parts: list[Any], optimiser: Adam) -> None:
    optimiser.zero_grad()
    loss.backward()
    clip_grad_norm(parts, 1.0)
    optimiser.step()


def summarise(runs: Sequence[Run]) -> dict[str, Any]:
    """Factors of fresh nets; each task with the rate that did best on the validation set."""
    summary: dict[str, Any] = {}
    for (task,), its in grouped(runs, "task").items():
        if task == "gradient":
            summary[task] = {
                net: [run.result["factor"] for run in group]
                for (net,), group in grouped(its, "net").items()
            }
            continue
        # Of the adding problem: fewest updates, and of equals the least error.
        best = best_by_validation(
            its,
            ("net",),
            lambda run: run.result["validation"] + run.result.get("updates", 0),
            largest=task == "names",
        )
        summary[task] = {
            net: {
                "rate": group[0].setting["rate"],
                "budget": group[0].setting["updates"],
                **{
                    key: [run.result[key] for run in group]
                    for key in ("test", "updates", "solved")
                    if key in group[0].result
                },
            }
            for (net,), group in best.items()
        }
    return summary


def verdict(summary: dict[str, Any]) -> Verdict:
    """How often tanh beats a sigmoid in its place, and whether centring the sigmoid helps."""
    places = {
        "in the plain RNN": ("RNN, tanh", "RNN, sigmoid"),
        "as the LSTM's candidate": ("LSTM, tanh", "LSTM, candidate sigmoid"),
        "on the LSTM's cell state": ("LSTM, tanh", "LSTM, output sigmoid"),
    }
    won, text = [], []
    for place, (ours, theirs) in places.items():
        if ours not in summary["names"] or theirs not in summary["names"]:
            continue
        ahead = np.subtract(*(summary["names"][net]["test"] for net in (ours, theirs)))
        closer = np.subtract(*(summary["adding"][net]["test"] for net in (theirs, ours)))
        won += [_show_clear(ahead), _show_clear(closer)]
        text.append(
            f"{place} by {_show_signed(ahead)} points on names and by {plus_minus(closer, 3)} in "
            "the error of adding"
        )
    centred, plain = (
        np.subtract(summary["names"][net]["test"], summary["names"]["RNN, tanh"]["test"])
        for net in ("RNN, 2 sigmoid - 1", "RNN, sigmoid")
    )
    rule = (
        "tanh is ahead of a sigmoid in its place if the mean difference over seeds exceeds two "
        "standard errors, in the share of names right or in the error of adding after "
        f"{summary['adding']['RNN, tanh']['budget']} updates at most. Held if it is ahead in all "
        "three places on both tasks, not held if nowhere, held partly otherwise."
    )
    status = "held" if all(won) else "held partly" if any(won) else "not held"
    steep = {net: mean(summary["gradient"][f"RNN, {net}"]) for net in SQUASH}
    return Verdict(
        status,  # type: ignore[arg-type]
        rule,
        f"Ahead in {sum(won)} of {len(won)} comparisons: "
        + "; ".join(text)
        + f". In the plain RNN 2 sigmoid - 1, which is centred on zero, differs from tanh by "
        f"{_show_signed(centred)} points on names, the sigmoid by {_show_signed(plain)}. Factors "
        f"per step there: {steep['tanh']:.2f} for tanh, {steep['2 sigmoid - 1']:.2f} and "
        f"{steep['sigmoid']:.2f}.",
    )


def _show_clear(differences: NDArray) -> bool:
    """Whether the mean difference of pairs exceeds two standard errors."""
    error = np.std(differences, ddof=1) / np.sqrt(len(differences)) if len(differences) > 1 else 0
    return bool(np.mean(differences) > 2 * error)


def _show_signed(shares: NDArray) -> str:
    return f"{100 * np.mean(shares):+.1f} ± {100 * np.std(shares, ddof=1):.1f}".replace("-", "−")


def tables(summary: dict[str, Any]) -> dict[str, str]:
    """All three measurements."""
    rows = []
    for net, factors in summary["gradient"].items():
        row = [net, plus_minus(factors, 3)]
        names, sums = summary["names"].get(net), summary["adding"].get(net)
        if names:
            row += [plus_minus((100 * share for share in names["test"]), 1), f"{names['rate']:g}"]
            row += [_show_updates(sums), f"{sums['rate']:g}"]
        rows.append(row)
    steps = f"updates until adding is solved, T = {STEPS}"
    head = ["net", "factor per step", "names right, %", "rate", steps, "rate"]
    return {"table": table(head, rows)}


def _show_updates(found: dict[str, Any]) -> str:
    if all(found["solved"]):
        return plus_minus(found["updates"], 0)
    left = zip(found["test"], found["solved"], strict=True)
    error = plus_minus([e for e, done in left if not done], 3)
    return f"{sum(found['solved'])} of {len(found['solved'])} solved, others' error {error}"


def figures(summary: dict[str, Any]) -> dict[str, Picture]:
    """A mark a seed: names, and the adding problem."""
    from rnn_book.plots import CONTENDERS, canvas
    from rnn_book.tasks import adding_baseline

    figure, (left, right) = canvas(2, width=6.8, height=3.8, sharey=True)
    nets = list(summary["names"])
    for axes, task, key, scale in (
        (left, "names", "test", 100),
        (right, "adding", "test", 1),
    ):
        for place, net in enumerate(nets):
            style = CONTENDERS[place % len(CONTENDERS)]
            _show_row(axes, place, [scale * x for x in summary[task][net][key]], style)
        axes.grid(visible=False, axis="y")
    left.set(yticks=range(len(nets)), ylim=(len(nets) - 0.5, -0.5))
    left.set_yticklabels(nets)
    left.set(xlabel="names right, %")
    right.set(xlabel="error of adding, mean square", xscale="log", xlim=(2e-3, 0.4))
    right.axvline(adding_baseline(), color=CONTENDERS[-1].light, linewidth=0.8)
    right.annotate(
        "the guess",
        (adding_baseline(), 1.0),
        (-3, 3),
        ("data", "axes fraction"),
        "offset points",
        ha="right",
        color=CONTENDERS[-1].light,
    )
    return {
        "": Picture(
            figure,
            "Names right and error of adding, by squashing function",
            "A row a net, a small mark a seed and a stroke for the mean. On the left the share of "
            "test names put to the right language, on the right the error that is left on the "
            "adding problem, on a logarithmic axis with a line at the error of guessing the mean.",
        )
    }


def _show_row(axes: Any, place: int, values: Sequence[float], style: Any) -> None:
    heights = place + np.linspace(-0.15, 0.15, len(values))
    axes.plot(
        values,
        heights,
        linestyle="none",
        marker=style.marker,
        markersize=4.5,
        alpha=0.65,
        markeredgewidth=0,
        color=style.light,
    )
    axes.vlines(mean(values), place - 0.28, place + 0.28, color=style.light, linewidth=2.2)
