"""B. Long lags: the adding problem, and the counter-example, recall of the first symbol."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

import rnn_book.numpy
from rnn_book.draws import generator
from rnn_book.experiments.claims import Cost, Picture, Run, Seed, Verdict
from rnn_book.experiments.shown import best_by_validation, grouped, mean, plus_minus, table
from rnn_book.numpy.functions import (
    cross_entropy,
    cross_entropy_gradient,
    mean_squared_error,
    mean_squared_error_gradient,
)
from rnn_book.tasks import Batch, adding, adding_baseline, recall

TITLE = "Long lags"
QUESTION = "Where lags are long, an LSTM learns what a plain RNN cannot."
SEEDS = 5
COST = Cost(runs=180, minutes=23)

# Name of a net -> class and what its fresh weights get: an orthogonal recurrent matrix, or a bias
# of the gate that keeps, 1 or ln T (Tallec & Ollivier 2018, arXiv 1804.11188).
NETS = {
    "RNN": ("RNN", ""),
    "RNN, orthogonal": ("RNN", "orthogonal"),
    "LSTM, forget bias 1": ("LSTM", "1"),
    "LSTM, forget bias ln T": ("LSTM", "ln T"),
    "GRU": ("GRU", ""),
    "GRU, update bias ln T": ("GRU", "ln T"),
}
HIDDEN, BATCH, PROBE = 32, 32, 200
EVERY = 25  # updates from one look at the validation set to the next
SOLVED = {"adding": 0.005, "recall": 0.02}  # mean squared error; share of wrong answers
SYMBOLS = 4


def plan(quick: bool, runs: Sequence[Run]) -> list[dict[str, Any]]:
    """At each task's shortest length with every rate; then the longer ones with the best rate."""
    adders = ("RNN, orthogonal", "LSTM, forget bias 1", "GRU")
    rates: tuple[float, ...] = (1e-2, 3e-3)
    tasks: dict[str, tuple[tuple[int, ...], int, tuple[str, ...]]] = {
        "adding": ((50, 100, 200), 2500, adders),
        "recall": ((20, 50, 100), 1000, tuple(NETS)),
    }
    if quick:
        rates = rates[:1]
        tasks = {
            "adding": ((20,), 600, ("RNN", "LSTM, forget bias 1")),
            "recall": ((20,), 200, ("RNN, orthogonal", "LSTM, forget bias 1")),
        }
    settings = []
    for task, ((first, *longer), updates, nets) in tasks.items():
        common = {"task": task, "updates": updates}
        settings += [
            {**common, "net": net, "steps": first, "rate": rate} for net in nets for rate in rates
        ]
        tried = [run for run in runs if run.setting["task"] == task]
        settings += [
            {**common, "net": net, "steps": steps, "rate": group[0].setting["rate"]}
            for (net,), group in best_rates(tried, first).items()
            for steps in longer
        ]
    return settings


def best_rates(runs: Sequence[Run], steps: int) -> dict[tuple[Any, ...], list[Run]]:
    """For each net the runs with the best rate: fewest updates, and of equals the least error."""
    tried = [run for run in runs if run.setting["steps"] == steps]
    return best_by_validation(
        tried, ("net",), lambda run: run.result["updates"] + run.result["validation"]
    )


def run(setting: dict[str, Any], seed: Seed) -> dict[str, Any]:
    """Train until the validation set is solved or the updates are spent; score on a test set."""
    task, steps = setting["task"], setting["steps"]
    weights, data = generator(seed.own), generator(seed.shared)
    net = Net(task, setting["net"], steps, weights)
    validation, test = (draw(task, steps, PROBE, data) for _ in range(2))
    optimiser = rnn_book.numpy.Adam([net.layer, net.head], setting["rate"])
    used, solved, curve = setting["updates"], False, []
    for update in range(1, setting["updates"] + 1):
        net.learn(draw(task, steps, BATCH, data))
        rnn_book.numpy.clip_grad_norm([net.layer, net.head], 1.0)
        optimiser.step()
        if update % EVERY == 0:
            curve.append(net.error(validation))
            if curve[-1] < SOLVED[task]:
                used, solved = update, True
                break
    return {
        "updates": used,
        "solved": solved,
        "validation": curve[-1],
        "test": net.error(test),
        "curve": [round(error, 5) for error in curve],
    }


def draw(task: str, steps: int, batch: int, rng: np.random.Generator) -> Batch:
    """A batch of one of the two tasks."""
    if task == "adding":
        return adding(steps, batch, rng=rng, dtype=np.float32)
    return recall(steps, batch, rng=rng, symbols=SYMBOLS, dtype=np.float32)


class Net:
    """A recurrent layer whose last state is read out, for one of the two tasks."""

    def __init__(self, task: str, name: str, steps: int, rng: np.random.Generator) -> None:
        kind, change = NETS[name]
        inputs, outputs = (2, 1) if task == "adding" else (SYMBOLS + 4, SYMBOLS)
        self.task = task
        self.layer = getattr(rnn_book.numpy, kind)(inputs, HIDDEN, rng=rng)
        self.head = rnn_book.numpy.Linear(HIDDEN, outputs, rng=rng)
        p = self.layer.parameters
        if change == "orthogonal":
            square = rng.standard_normal((HIDDEN, HIDDEN))
            p["weight_hh_l0"][:] = np.linalg.qr(square)[0]
        elif change:
            # Rows H to 2H are the forget gate's in an LSTM and the update gate's in a GRU.
            p["bias_ih_l0"][HIDDEN : 2 * HIDDEN] = math.log(steps) if change == "ln T" else 1
            p["bias_hh_l0"][HIDDEN : 2 * HIDDEN] = 0

    def learn(self, batch: Batch) -> None:
        """Put the gradient of the loss of a batch into `grads`."""
        self.layer.zero_grad()
        self.head.zero_grad()
        output, _ = self.layer(batch.inputs)
        answer = self.head(output[-1])
        slope = mean_squared_error_gradient if self.task == "adding" else cross_entropy_gradient
        d_output = np.zeros_like(output)
        d_output[-1] = self.head.backward(slope(answer, batch.targets))
        self.layer.backward(d_output)

    def loss(self, batch: Batch) -> float:
        """Mean squared error, or cross-entropy in nats."""
        answer = self.head(self.layer(batch.inputs)[0][-1])
        score = mean_squared_error if self.task == "adding" else cross_entropy
        return score(answer, batch.targets)

    def error(self, batch: Batch) -> float:
        """Mean squared error, or the share of wrong answers."""
        if self.task == "adding":
            return self.loss(batch)
        answer = self.head(self.layer(batch.inputs)[0][-1])
        return float(np.mean(answer.argmax(-1) != batch.targets))


def summarise(runs: Sequence[Run]) -> dict[str, Any]:
    """For each task, net and length, with the best rate: updates, whether solved, test error."""
    tasks: dict[str, Any] = {}
    for (task,), its in grouped(runs, "task").items():
        lengths = sorted({run.setting["steps"] for run in its})
        rates = best_rates(its, lengths[0])
        nets: dict[str, Any] = {}
        for (net,), group in rates.items():
            rate = group[0].setting["rate"]
            mine = [r for r in its if (r.setting["net"], r.setting["rate"]) == (net, rate)]
            by_length = grouped(mine, "steps")
            results = [[run.result for run in by_length[steps,]] for steps in lengths]
            nets[net] = {
                "rate": rate,
                **{
                    key: [[result[key] for result in part] for part in results]
                    for key in ("updates", "solved", "test")
                },
            }
        tasks[task] = {"lengths": lengths, "budget": its[0].setting["updates"], "nets": nets}
    return tasks


def verdict(summary: dict[str, Any]) -> Verdict:
    """At how many lengths the LSTM learns and the RNN does not."""
    share, lstm = 0.8, "LSTM, forget bias 1"
    won, text = [], []
    for task, found in summary.items():
        rnn = next(net for net in reversed(found["nets"]) if net.startswith("RNN"))
        shares = {net: [mean(part) for part in found["nets"][net]["solved"]] for net in (lstm, rnn)}
        won += [a >= share > b for a, b in zip(*shares.values(), strict=True)]
        counted = " and ".join(
            f"{_show_name(net)} in {', '.join(f'{100 * part:.0f} %' for part in parts)}"
            for net, parts in shares.items()
        )
        lengths = ", ".join(map(str, found["lengths"]))
        text.append(f"{task.capitalize()} at {lengths} steps: {counted} of seeds.")
    rule = (
        f"a net learns a task at a length if at least {100 * share:.0f} % of seeds solve it. Held "
        "if at every length of both tasks the LSTM with forget bias 1 learns it and the RNN "
        "does not, held partly if that is so at some, not held if at none."
    )
    status = "held" if all(won) else "held partly" if any(won) else "not held"
    return Verdict(status, rule, "Solved within the budget: " + " ".join(text))  # type: ignore[arg-type]


def tables(summary: dict[str, Any]) -> dict[str, str]:
    """A table a task: updates until solved, or the error that is left."""
    guess = {"adding": adding_baseline(), "recall": 1 - 1 / SYMBOLS}
    tables = {}
    for task, found in summary.items():
        rows: list[list[str]] = [
            ["whoever guesses", "", *[f"error {guess[task]:.3f}"] * len(found["lengths"])]
        ]
        for net, its in found["nets"].items():
            parts = zip(its["updates"], its["solved"], its["test"], strict=True)
            rows.append([net, f"{its['rate']:g}", *(_show_cell(*part) for part in parts)])
        head = [f"{task}, T =", "rate", *map(str, found["lengths"])]
        tables[task] = table(head, rows)
    return tables


def _show_name(net: str) -> str:
    kind, _, how = net.partition(", ")
    return f"the {kind} with {how}" if "bias" in how else f"the {how or 'plain'} {kind}"


def _show_cell(updates: Sequence[int], solved: Sequence[bool], errors: Sequence[float]) -> str:
    if all(solved):
        return plus_minus(updates, 0)
    left = plus_minus([e for e, done in zip(errors, solved, strict=True) if not done], 3)
    return f"{sum(solved)} of {len(solved)} solved, error of the others {left}"


def figures(summary: dict[str, Any]) -> dict[str, Picture]:
    """Updates until solved, by length."""
    from matplotlib.ticker import NullFormatter, ScalarFormatter

    from rnn_book.plots import CONTENDERS, band, canvas, label_lines

    words = {"adding": "adding problem", "recall": "recall of the first symbol"}
    pictures = {}
    for task, found in summary.items():
        figure, axes = canvas(height=3.4)
        lengths, budget = found["lengths"], found["budget"]
        for style, net in zip(CONTENDERS, NETS, strict=False):
            if net in found["nets"]:
                updates = np.transpose(found["nets"][net]["updates"])
                band(axes, lengths, updates, style, net, log=True)
        ink = CONTENDERS[-1].light
        axes.hlines(budget, lengths[0], lengths[-1], color=ink, linewidth=0.8)
        axes.set(xscale="log", yscale="log", xticks=lengths, xlabel="length T, steps")
        axes.set(ylabel="updates until solved", ylim=(20 if task == "recall" else 100, 2 * budget))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(ScalarFormatter())
            axis.set_minor_formatter(NullFormatter())
        label_lines(axes, room=0.55)
        axes.annotate("budget", (lengths[0], budget), (0, 4), textcoords="offset points", color=ink)
        pictures["" if task == "adding" else task] = Picture(
            figure,
            f"Updates until the {words[task]} is solved, by its length",
            "One line a net, with a band over seeds, on logarithmic axes. A horizontal line marks "
            "the budget, at which a run that has not solved the task counts.",
        )
    return pictures
