"""E. GRU or LSTM: parameters, cost of a training step, accuracy by the size of the training set."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import rnn_book.numpy
import rnn_book.torch
from rnn_book.datasets import digits, surnames
from rnn_book.draws import generator
from rnn_book.experiments.claims import Cost, Picture, Run, Seed, Verdict
from rnn_book.experiments.shown import (
    best_by_validation,
    grouped,
    mean,
    plus_minus,
    spread,
    table,
)
from rnn_book.timing import alternate

TITLE = "GRU or LSTM"
QUESTION = "A GRU costs less than an LSTM, and does better where data is scarce."
SEEDS = 5
COST = Cost(runs=215, minutes=5)

# Name of a net -> its class, and whether it is as wide as the LSTM, or has as many parameters.
NETS = {
    "LSTM": ("LSTM", "width"),
    "GRU, equal width": ("GRU", "width"),
    "GRU, equal parameters": ("GRU", "parameters"),
}
KERNELS = ("PyTorch, oneDNN", "PyTorch, without", "NumPy")
WIDTHS = (64, 128, 256)
# Task -> size of the training set -> updates, batch.
SIZES: dict[str, dict[int, tuple[int, int]]] = {
    "names": {200: (120, 32), 600: (200, 32), 3000: (400, 64)},
    "digits": {50: (80, 32), 200: (150, 32), 1000: (250, 32)},
}
RATES, BIASES = (1e-2, 3e-3), (0.0, 1.0)
# What a hurried comparison takes: the usual rate; the LSTM's forget bias 1, the GRU as it is.
UNTUNED = {"LSTM": (1e-2, 1.0), "GRU, equal width": (1e-2, 0.0)}
HIDDEN, EMBEDDING, CLASSES = 32, 16, {"names": 12, "digits": 10}
LOOKS = 8  # at validation data while training

# Of the verdict: time that counts as less; a lead in accuracy that counts.
LESS, LEAD = 0.95, 0.01


def plan(quick: bool, runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Cost at each width; accuracy at the smallest sizes with every rate and bias; larger sizes.

    Those are learned with what did best at the smallest, and untuned.
    """
    shape = {"steps": 10, "batch": 16} if quick else {"steps": 30, "batch": 32}
    settings: list[dict[str, Any]] = [
        {"part": "cost", "hidden": hidden, **shape, "budget": 0.1 if quick else 1.0}
        for hidden in (WIDTHS[:1] if quick else WIDTHS)
    ]
    sizes = {"names": {200: (60, 32)}, "digits": {50: (60, 32), 200: (60, 32)}} if quick else SIZES
    best = chosen(runs)
    for task, its in sizes.items():
        for size, (updates, batch) in its.items():
            common = {"part": "accuracy", "task": task, "size": size}
            common |= {"updates": updates, "batch": batch}
            for net in NETS:
                if size == min(its):
                    tried = [(r, b) for r in (RATES[:1] if quick else RATES) for b in BIASES]
                elif runs:
                    kept = [best[task, net]] + ([UNTUNED[net]] if net in UNTUNED else [])
                    tried = list(dict.fromkeys(kept))
                else:
                    tried = []
                settings += [{**common, "net": net, "rate": r, "bias": b} for r, b in tried]
    return settings


def run(setting: dict[str, Any], seed: Seed) -> dict[str, Any]:
    """Times, which no seed can fix; or the accuracy of a net with one rate and bias."""
    return _cost(setting, seed) if setting["part"] == "cost" else _accuracy(setting, seed)


def chosen(runs: Sequence[Run]) -> dict[tuple[str, str], tuple[float, float]]:
    """Rate and bias with the best validation accuracy at a task's smallest size, for each net."""
    scored = [run for run in runs if run.setting["part"] == "accuracy"]
    found = {}
    for (task,), group in grouped(scored, "task").items():
        smallest = min(run.setting["size"] for run in group)
        tried = [run for run in group if run.setting["size"] == smallest]
        best = best_by_validation(
            tried, ("net",), lambda run: run.result["validation"], largest=True
        )
        for (net,), (first, *_) in best.items():
            found[task, net] = (first.setting["rate"], first.setting["bias"])
    return found


def data() -> list[dict[str, Any]]:
    """Provenance of names and digits."""
    return [surnames().provenance, digits().provenance]


def parameters(kind: str, inputs: int, hidden: int, outputs: int = 0) -> int:
    """Number of parameters of a layer, and of a linear map to `outputs` behind it."""
    gates = {"LSTM": 4, "GRU": 3}[kind]
    return gates * (hidden * (inputs + hidden) + 2 * hidden) + (hidden + 1) * outputs


def width(net: str, inputs: int, hidden: int, outputs: int = 0) -> int:
    """Units of a net of `NETS`, for an LSTM of `hidden` units."""
    kind, equal = NETS[net]
    if equal == "width":
        return hidden
    budget = parameters("LSTM", inputs, hidden, outputs)
    return min(
        range(hidden, 2 * hidden),
        key=lambda units: abs(parameters(kind, inputs, units, outputs) - budget),
    )


def _cost(setting: dict[str, Any], seed: Seed) -> dict[str, Any]:
    """Processor time of a training step: forward, backward, Adam; nets and kernels take turns."""
    hidden, steps, batch = setting["hidden"], setting["steps"], setting["batch"]
    x = generator(seed.shared).standard_normal((steps, batch, hidden)).astype(np.float32)
    contenders = {
        f"{kernel}: {net}": training_step(kernel, net, hidden, x, seed.own)
        for kernel in KERNELS
        for net in NETS
    }
    # The time of this thread alone: the machine may be busy with something else.
    times = alternate(contenders, setting["budget"], time.thread_time)
    return {
        "onednn": torch.backends.mkldnn.is_available(),
        "parameters": {
            net: parameters(NETS[net][0], hidden, width(net, hidden, hidden)) for net in NETS
        },
        "milliseconds": {
            kernel: {net: 1e3 * times[f"{kernel}: {net}"]["median"] for net in NETS}
            for kernel in KERNELS
        },
    }


def training_step(kernel: str, net: str, hidden: int, x: NDArray, rng: int) -> Callable[[], object]:
    """A function that does one training step of a layer on x (T, N, I)."""
    half = rnn_book.numpy if kernel == "NumPy" else rnn_book.torch
    size = width(net, x.shape[-1], hidden)
    layer = getattr(half, NETS[net][0])(x.shape[-1], size, rng=rng)
    optimiser = half.Adam([layer], 1e-3)

    def in_numpy() -> None:
        layer.zero_grad()
        output, _ = layer(x)
        layer.backward(output / output.size)
        optimiser.step()

    inputs = torch.from_numpy(x)

    def in_torch() -> None:
        with onednn(kernel != "PyTorch, without"):
            optimiser.zero_grad()
            layer(inputs)[0].square().mean().backward()
            optimiser.step()

    return in_numpy if kernel == "NumPy" else in_torch


@contextmanager
def onednn(allowed: bool) -> Iterator[None]:
    """Let torch use oneDNN or not; with it, torch has a fused kernel for the LSTM alone."""
    with warnings.catch_warnings():
        # torch warns, when it sets the flags back, of a graphics card that nobody asked for.
        warnings.filterwarnings("ignore", message="TF32 acceleration on top of oneDNN")
        with torch.backends.mkldnn.flags(enabled=allowed and torch.backends.mkldnn.enabled):
            yield


class Examples(NamedTuple):
    """Sequences to classify."""

    inputs: NDArray
    """(T, N) numbers of letters, or (T, N, F)."""
    lengths: NDArray[np.int64]
    """(N,)"""
    labels: NDArray[np.int64]
    """(N,)"""

    def pick(self, index: NDArray[np.integer]) -> Examples:
        """Some of the sequences."""
        return Examples(self.inputs[:, index], self.lengths[index], self.labels[index])


def examples(task: str, size: int, seed: int) -> tuple[list[Examples], int]:
    """Training, validation and test data, and the number of symbols (0 for digits).

    Seed and size decide on the split and on which `size` training sequences are kept.
    """
    rng = generator(seed)
    if task == "names":
        found = surnames(rng=rng)
        parts = [found.train.sample(size, rng=rng), found.validation, found.test]
        vocabulary = found.vocabulary
        return [Examples(*p.encode(vocabulary), p.labels) for p in parts], len(vocabulary)
    images = digits(rng=rng, dtype=np.float32)
    sets = []
    for inputs, labels in (images.train, images.validation, images.test):
        sets.append(Examples(inputs, np.full(len(labels), len(inputs)), labels))
    return [sets[0].pick(rng.permutation(len(sets[0].labels))[:size]), *sets[1:]], 0


class Classifier(torch.nn.Module):
    """A recurrent layer whose last state is read out; letters are vectors first."""

    def __init__(self, task: str, net: str, symbols: int, bias: float, rng: Any) -> None:
        super().__init__()
        kind, inputs = NETS[net][0], EMBEDDING if symbols else 8
        hidden = width(net, inputs, HIDDEN, CLASSES[task])
        self.embedding = rnn_book.torch.Embedding(symbols, EMBEDDING, rng=rng) if symbols else None
        self.layer = getattr(rnn_book.torch, kind)(inputs, hidden, rng=rng)
        self.head = rnn_book.torch.Linear(hidden, CLASSES[task], rng=rng)
        with torch.no_grad():
            # Rows H to 2H: the forget gate of an LSTM, the update gate of a GRU. Both keep.
            self.layer.bias_ih_l0[hidden : 2 * hidden] = bias
            self.layer.bias_hh_l0[hidden : 2 * hidden] = 0

    def forward(self, part: Examples) -> Tensor:
        """Scores (N, classes)."""
        inputs = torch.from_numpy(part.inputs)
        output, _ = self.layer(self.embedding(inputs) if self.embedding else inputs)
        return self.head(rnn_book.torch.last_output(output, part.lengths))


def accuracy(model: Classifier, part: Examples) -> float:
    """Share of right answers."""
    with torch.no_grad():
        return float(np.mean(model(part).argmax(-1).numpy() == part.labels))


def _accuracy(setting: dict[str, Any], seed: Seed) -> dict[str, Any]:
    """Train; of all looks, the one with the best validation accuracy counts."""
    weights, shared = generator(seed.own), seed.shared
    (train, validation, test), symbols = examples(setting["task"], setting["size"], shared)
    model = Classifier(setting["task"], setting["net"], symbols, setting["bias"], weights)
    optimiser = rnn_book.torch.Adam(model, setting["rate"])
    best = {"validation": -1.0, "test": 0.0, "update": 0}
    every = math.ceil(setting["updates"] / LOOKS)
    batches = generator(shared + 1)
    for update in range(1, setting["updates"] + 1):
        batch = train.pick(batches.choice(setting["size"], setting["batch"], replace=False))
        loss = rnn_book.torch.cross_entropy(model(batch), torch.from_numpy(batch.labels))
        optimiser.zero_grad()
        loss.backward()
        rnn_book.torch.clip_grad_norm(model, 1.0)
        optimiser.step()
        if update % every == 0 or update == setting["updates"]:
            reached = accuracy(model, validation)
            if reached > best["validation"]:
                best = {
                    "validation": reached,
                    "test": accuracy(model, test),
                    "update": update,
                }
    head = [model.layer, model.head]
    return {**best, "parameters": sum(p.numel() for part in head for p in part.parameters())}


def summarise(runs: Sequence[Run]) -> dict[str, Any]:
    """Times and their ratios; accuracy with what was best on validation data, and untuned."""
    parts = {part: group for (part,), group in grouped(runs, "part").items()}
    cost = []
    for (hidden,), group in grouped(parts["cost"], "hidden").items():
        times = [run.result["milliseconds"] for run in group]
        cost.append(
            {
                "hidden": hidden,
                "parameters": group[0].result["parameters"],
                "milliseconds": {
                    kernel: {net: [t[kernel][net] for t in times] for net in NETS}
                    for kernel in KERNELS
                },
            }
        )
    best, sets = chosen(runs), []
    for (task, size), group in grouped(parts["accuracy"], "task", "size").items():
        by = grouped(group, "net", "rate", "bias")
        nets = {}
        for net in NETS:
            rate, bias = best[task, net]
            mine = by[net, rate, bias]
            nets[net] = {
                "rate": rate,
                "bias": bias,
                "parameters": mine[0].result["parameters"],
                "right": [run.result["test"] for run in mine],
            }
        hurried = {net: [run.result["test"] for run in by[net, *UNTUNED[net]]] for net in UNTUNED}
        sets.append({"task": task, "size": size, "nets": nets, "untuned": hurried})
    return {"onednn": parts["cost"][0].result["onednn"], "cost": cost, "sets": sets}


def _show_ratios(summary: dict[str, Any], kernel: str, net: str) -> list[list[float]]:
    """For each width the seeds' times as parts of the LSTM's."""
    return [
        [
            mine / its
            for mine, its in zip(
                width["milliseconds"][kernel][net],
                width["milliseconds"][kernel]["LSTM"],
                strict=True,
            )
        ]
        for width in summary["cost"]
    ]


def _show_leads(found: dict[str, Any], net: str) -> list[float]:
    """By how much a GRU is ahead of the LSTM, seed by seed, each tuned."""
    right = found["nets"]
    return [
        mine - its for mine, its in zip(right[net]["right"], right["LSTM"]["right"], strict=True)
    ]


def _show_untuned(found: dict[str, Any]) -> list[float]:
    gru, lstm = (found["untuned"][net] for net in ("GRU, equal width", "LSTM"))
    return [mine - its for mine, its in zip(gru, lstm, strict=True)]


def _show_clear(leads: Sequence[float]) -> bool:
    """Whether a lead is large enough, and larger than two standard errors."""
    return mean(leads) >= LEAD and mean(leads) > 2 * spread(leads) / math.sqrt(len(leads))


def _show_points(leads: Sequence[float]) -> str:
    return plus_minus([100 * lead for lead in leads], 1)


def verdict(summary: dict[str, Any]) -> Verdict:
    """Cheaper with either kernel, better on the smallest sets, both, or neither."""
    gru = "GRU, equal width"
    ratios = {
        kernel: [mean(values) for values in _show_ratios(summary, kernel, gru)]
        for kernel in KERNELS[:2]
    }
    cheaper = [max(values) <= LESS for values in ratios.values()]
    smallest: dict[str, dict[str, Any]] = {}
    for found in summary["sets"]:
        if found["task"] not in smallest or found["size"] < smallest[found["task"]]["size"]:
            smallest[found["task"]] = found
    ahead = [
        all(_show_clear(_show_leads(found, net)) for net in list(NETS)[1:])
        for found in smallest.values()
    ]
    checks = [*cheaper, *ahead]
    status = "held" if all(checks) else "held partly" if any(checks) else "not held"
    spans = [
        f"{min(values):.3f} to {max(values):.3f}"
        for values in (
            *ratios.values(),
            [mean(values) for values in _show_ratios(summary, KERNELS[2], gru)],
        )
    ]
    widths = [width["hidden"] for width in summary["cost"]]
    leads = "; ".join(
        f"{found['size']} {task}: {_show_points(_show_untuned(found))} untuned, "
        f"{_show_points(_show_leads(found, gru))} tuned, "
        f"{_show_points(_show_leads(found, 'GRU, equal parameters'))} tuned at equal parameters"
        for task, found in smallest.items()
    )
    text = (
        f"At equal width a GRU has exactly three quarters of the layer's parameters. Its "
        f"training step takes, for {widths[0]} to {widths[-1]} units, {spans[0]} of the LSTM's "
        f"time as PyTorch comes, with a fused kernel for the LSTM alone, {spans[1]} without that "
        f"kernel, and {spans[2]} in NumPy. Its lead on the smallest sets, in points of accuracy: "
        f"{leads}."
    )
    rule = (
        f"cheaper means at most {100 * LESS:g} % of the LSTM's time at every width; better means a "
        f"lead of at least {100 * LEAD:g} point, more than two standard errors over the seeds, at "
        "equal width and at equal parameters, each net with the learning rate and the bias of the "
        "keeping gate that did best on validation data at the smallest size. Held if cheaper with "
        "oneDNN and without, and better on the smallest set of both tasks; held partly if one of "
        "the four; otherwise not held."
    )
    return Verdict(status, rule, text)  # type: ignore[arg-type]


def tables(summary: dict[str, Any]) -> dict[str, str]:
    """Accuracy; leads; parameters and cost; what was chosen."""
    cost = [
        [
            kernel,
            width["hidden"],
            f"{mean(width['milliseconds'][kernel]['LSTM']):.1f}",
            *(plus_minus(_show_ratios(summary, kernel, net)[row]) for net in list(NETS)[1:]),
        ]
        for kernel in KERNELS
        for row, width in enumerate(summary["cost"])
    ]
    counts = [
        [
            width["hidden"],
            *(f"{width['parameters'][net]:,}" for net in NETS),
            f"{width['parameters']['GRU, equal width'] / width['parameters']['LSTM']:.4f}",
        ]
        for width in summary["cost"]
    ]
    right: list[list[str]] = []
    leads: list[list[str]] = []
    choices: list[list[str]] = []
    for found in summary["sets"]:
        name = f"{found['size']:,} {found['task']}"
        nets = found["nets"]
        right.append([name, *(_show_points(nets[net]["right"]) for net in NETS)])
        leads.append(
            [
                name,
                _show_points(_show_untuned(found)),
                *(_show_points(_show_leads(found, net)) for net in list(NETS)[1:]),
            ]
        )
        if found["task"] not in [row[0] for row in choices]:
            settings = (f"{nets[net]['rate']:g}, bias {nets[net]['bias']:g}" for net in NETS)
            choices.append([found["task"], *settings])
    others = list(NETS)[1:]
    return {
        "table": table(["test accuracy, %, tuned", *NETS], right),
        "leads": table(
            ["the GRU's lead, points", "untuned", *(f"tuned, {n[5:]}" for n in others)], leads
        ),
        "cost": table(
            ["kernel", "width", "LSTM, ms a step", *(f"{net}, of that" for net in others)], cost
        ),
        "parameters": table(["parameters at width", *NETS, "ratio at equal width"], counts),
        "chosen": table(["chosen on validation data", *NETS], choices),
    }


def figures(summary: dict[str, Any]) -> dict[str, Picture]:
    """Accuracy over the size of the training set; the lead, untuned and tuned; cost."""
    from rnn_book.plots import CONTENDERS, band, canvas, dots, label_lines

    tasks = list(dict.fromkeys(found["task"] for found in summary["sets"]))
    figure, panels = canvas(1, len(tasks), height=5.4)
    for axes, task in zip(panels, tasks, strict=True):
        own = [found for found in summary["sets"] if found["task"] == task]
        sizes = [found["size"] for found in own]
        for style, net in zip(CONTENDERS, NETS, strict=False):
            values = np.transpose([found["nets"][net]["right"] for found in own])
            band(axes, sizes, 100 * values, style, net)
        axes.set(xscale="log", title=task, ylabel="test accuracy, %")
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axes.minorticks_off()
        label_lines(axes, room=0.45)
    panels[-1].set_xlabel("sequences to train on")

    lead, axes = canvas(height=3.2)
    kinds = ("untuned", "tuned", "tuned, equal parameters")
    for place, found in enumerate(summary["sets"]):
        both = [_show_leads(found, net) for net in list(NETS)[1:]]
        for column, lead_values in enumerate([_show_untuned(found), *both]):
            at = place + (column - 1) * 0.28
            points = [100 * value for value in lead_values]
            label = kinds[column] if place == 0 else "_"
            dots(axes, at, points, CONTENDERS[column], label, wide=0.22)
    axes.axhline(0, color=CONTENDERS[7].light, linewidth=0.8)
    axes.set_xticks(
        range(len(summary["sets"])),
        [f"{found['size']:,}\n{found['task']}" for found in summary["sets"]],
    )
    axes.set_ylabel("GRU's lead, points")
    _show_legend(axes, len(kinds), CONTENDERS)

    cost, axes = canvas(height=3.0)
    for place in range(len(summary["cost"])):
        for column, kernel in enumerate(KERNELS):
            ratios = _show_ratios(summary, kernel, "GRU, equal width")[place]
            label = kernel if place == 0 else "_"
            dots(axes, place + (column - 1) * 0.28, ratios, CONTENDERS[column], label, wide=0.22)
    axes.axhline(1, color=CONTENDERS[7].light, linewidth=0.8)
    axes.set_xticks(
        range(len(summary["cost"])), [f"{width['hidden']} units" for width in summary["cost"]]
    )
    axes.set_ylabel("GRU's time / LSTM's")
    _show_legend(axes, len(KERNELS), CONTENDERS)
    return {
        "": Picture(
            figure,
            "Test accuracy of an LSTM and of two GRUs by the size of the training set",
            "Two panels, surnames and digits. In each three lines with bands over seeds, over the "
            "number of training sequences on a logarithmic axis.",
        ),
        "lead": Picture(
            lead,
            "By how many points the GRU is ahead of the LSTM, untuned and tuned",
            "For each task and size three columns of points, one a seed: untuned, tuned alike at "
            "equal width, tuned alike at equal parameters, around a line at zero.",
        ),
        "cost": Picture(
            cost,
            "Time of a GRU's training step as a part of the LSTM's, at equal width",
            "For each width three columns of points: PyTorch with oneDNN, PyTorch without it, and "
            "NumPy, around a line at one.",
        ),
    }


def _show_legend(axes: Any, columns: int, styles: Sequence[Any]) -> None:
    """Words above the axes, each in its colour: the columns are too narrow for words of theirs."""
    legend = axes.legend(
        loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=columns, frameon=False
    )
    for text, style in zip(legend.get_texts(), styles, strict=False):
        text.set_color(style.light)
