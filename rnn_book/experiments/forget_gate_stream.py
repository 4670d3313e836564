"""C. What the forget gate is for: strings one after the other, without a reset between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import rnn_book.numpy
import rnn_book.torch
from rnn_book import record_gates
from rnn_book.draws import generator
from rnn_book.experiments.claims import Cost, Picture, Run, Seed, Verdict
from rnn_book.experiments.shown import best_by_validation, grouped, mean, plus_minus, table
from rnn_book.grammars import SymbolSequences, continual_reber, embedded_reber, predicts_legal
from rnn_book.numpy.functions import cross_entropy_gradient

TITLE = "What the forget gate is for"
QUESTION = "Without a forget gate an LSTM fails on an endless stream."
SEEDS = 5
COST = Cost(runs=30, minutes=6)

NETS = {"forget gate": "LSTM", "no forget gate": "NoForgetGateLSTM"}
SYMBOLS, HIDDEN = 7, 24
STREAMS, STEPS, STRINGS = 8, 40, 24  # of a training batch; streams and strings are of like size
COMPARED = 25  # updates that both halves make
TESTED, PIECE = 10, 250  # streams of the test; symbols to a point of its curves


def plan(quick: bool, runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Both nets on endless streams with every rate, and with a reset at every string with one."""
    updates, symbols, rates = (300, 1500, (1e-2,)) if quick else (1000, 6000, (1e-2, 3e-3))
    common = {"updates": updates, "symbols": symbols}
    return [
        {"net": net, "trained": trained, "rate": rate, **common}
        for trained, tried in (("on streams", rates), ("with resets", rates[:1]))
        for net in NETS
        for rate in tried
    ]


def run(setting: dict[str, Any], seed: Seed) -> dict[str, Any]:
    """Train in NumPy, and the first updates in PyTorch as well; score on streams and strings."""
    data = generator(seed.shared)
    kind, rate, carry = NETS[setting["net"]], setting["rate"], setting["trained"] == "on streams"
    learner, twin = (half(kind, rate, seed.own, carry) for half in (NumPyLearner, TorchLearner))
    apart = 0.0
    for update, batch in enumerate(batches(setting["updates"], carry, data)):
        learner.learn(batch)
        if update < COMPARED:
            twin.learn(batch)
            apart = max(apart, difference(learner.weights(), twin.weights()))
    validation, test = (continual_reber(setting["symbols"], TESTED, rng=data) for _ in range(2))
    strings, test_strings = (embedded_reber(300, rng=data) for _ in range(2))
    gates, right = learner.answers(test)  # type: ignore[union-attr]
    return {
        "backends_differ": apart,
        "validation": {
            "streams": long_lag(learner.answers(validation)[1], validation),  # type: ignore[union-attr]
            "strings": long_lag(learner.answers(strings)[1], strings),  # type: ignore[union-attr]
        },
        "streams": long_lag(right, test),
        "streams_other": float(right[~test.needs_memory].mean()),
        "strings": long_lag(learner.answers(test_strings)[1], test_strings),  # type: ignore[union-attr]
        "right": [long_lag(*part) for part in pieces(right, test)],
        "size": [float(np.abs(c).mean()) for c in np.split(gates["c"], len(right) // PIECE)],
        "mean_forget_gate": float(gates["f"].mean()) if "f" in gates else None,
    }


def batches(updates: int, carry: bool, rng: np.random.Generator) -> Iterator[SymbolSequences]:
    """Pieces of streams that follow each other, or single strings."""
    if not carry:
        yield from (embedded_reber(STRINGS, rng=rng) for _ in range(updates))
        return
    whole = continual_reber(updates * STEPS, STREAMS, rng=rng)
    for start in range(0, updates * STEPS, STEPS):
        yield cut(whole, start, start + STEPS)


def cut(whole: SymbolSequences, start: int, stop: int) -> SymbolSequences:
    """Steps of streams, from `start` to before `stop`."""
    lengths = np.full_like(whole.lengths, stop - start)
    parts = whole._asdict() | {"lengths": lengths}
    return SymbolSequences(
        **{name: part if name == "lengths" else part[start:stop] for name, part in parts.items()}
    )


def pieces(
    right: NDArray[np.bool_], streams: SymbolSequences
) -> Iterator[tuple[NDArray[np.bool_], SymbolSequences]]:
    """Answers and streams, `PIECE` symbols at a time."""
    for start in range(0, len(right), PIECE):
        yield right[start : start + PIECE], cut(streams, start, start + PIECE)


def long_lag(right: NDArray[np.bool_], sequences: SymbolSequences) -> float:
    """Share of right predictions where the T or P at a string's begin has to be known."""
    return float(right[sequences.needs_memory].mean())


def difference(ours: dict[str, NDArray], theirs: dict[str, NDArray]) -> float:
    """Largest difference of two sets of weights."""
    return max(float(np.abs(ours[name] - theirs[name]).max()) for name in ours)


class NumPyLearner:
    """A layer and its head, float64; the state is carried to the next batch, or starts at 0."""

    def __init__(self, kind: str, rate: float, rng: int, carry: bool) -> None:
        weights = generator(rng)
        options = {"rng": weights, "dtype": np.float64}
        self.layer = getattr(rnn_book.numpy, kind)(SYMBOLS, HIDDEN, **options)
        self.head = rnn_book.numpy.Linear(HIDDEN, SYMBOLS, **options)  # type: ignore[arg-type]
        self.optimiser = rnn_book.numpy.Adam([self.layer, self.head], rate)
        self.carry, self.state = carry, None

    def learn(self, batch: SymbolSequences) -> None:
        """One update; no gradient passes from batch to batch."""
        self.optimiser.zero_grad()
        output, state = self.layer(batch.inputs, self.state, lengths=batch.lengths)
        logits = self.head(output)
        d_logits = cross_entropy_gradient(logits, batch.targets, batch.mask)
        self.layer.backward(self.head.backward(d_logits))
        rnn_book.numpy.clip_grad_norm([self.layer, self.head], 1.0)
        self.optimiser.step()
        self.state = state if self.carry else None

    def answers(self, sequences: SymbolSequences) -> tuple[dict[str, NDArray], NDArray[np.bool_]]:
        """Gates and states (T, N, H), and which predictions are right (T, N)."""
        gates = record_gates(self.layer, sequences.inputs, lengths=sequences.lengths)["l0"]
        return gates, predicts_legal(self.head(gates["h"]), sequences.legal)

    def weights(self) -> dict[str, NDArray]:
        """Of layer and head."""
        return {**self.layer.parameters, **self.head.parameters}


class TorchLearner:
    """The same in PyTorch."""

    def __init__(self, kind: str, rate: float, rng: int, carry: bool) -> None:
        weights = generator(rng)
        options = {"rng": weights, "dtype": torch.float64}
        self.layer = getattr(rnn_book.torch, kind)(SYMBOLS, HIDDEN, **options)
        self.head = rnn_book.torch.Linear(HIDDEN, SYMBOLS, **options)  # type: ignore[arg-type]
        self.optimiser = rnn_book.torch.Adam([self.layer, self.head], rate)
        self.carry, self.state = carry, None

    def learn(self, batch: SymbolSequences) -> None:
        """One update; no gradient passes from batch to batch."""
        self.optimiser.zero_grad()
        inputs, lengths = (torch.from_numpy(part) for part in (batch.inputs, batch.lengths))
        output, state = self.layer(inputs, self.state, lengths=lengths)
        logits, mask = self.head(output), torch.from_numpy(batch.mask)
        targets = torch.from_numpy(batch.targets)
        rnn_book.torch.cross_entropy(logits, targets, mask).backward()
        rnn_book.torch.clip_grad_norm([self.layer, self.head], 1.0)
        self.optimiser.step()
        self.state = rnn_book.torch.detach_state(state) if self.carry else None

    def weights(self) -> dict[str, NDArray]:
        """Of layer and head."""
        parts = {**self.layer.state_dict(), **self.head.state_dict()}
        return {name: value.numpy() for name, value in parts.items()}


def summarise(runs: Sequence[Run]) -> dict[str, Any]:
    """Each net with the rate that did best on what it was trained on."""
    nets: dict[str, Any] = {}
    for (trained,), its in grouped(runs, "trained").items():
        best = best_by_validation(
            its,
            ("net",),
            lambda run: run.result["validation"][_show_like(run.setting["trained"])],
            largest=True,
        )
        for (net,), group in best.items():
            results = [run.result for run in group]
            forget = [result["mean_forget_gate"] for result in results]
            nets[f"{net}, trained {trained}"] = {
                "net": net,
                "trained": trained,
                "rate": group[0].setting["rate"],
                **{
                    key: [result[key] for result in results]
                    for key in ("streams", "streams_other", "strings", "right", "size")
                },
                "forget_gates": None if None in forget else forget,
            }
    return {
        "nets": nets,
        "symbols": runs[0].setting["symbols"],
        "backends_differ": max(run.result["backends_differ"] for run in runs),
    }


def _show_like(trained: str) -> str:
    return "streams" if trained == "on streams" else "strings"


def verdict(summary: dict[str, Any]) -> Verdict:
    """The gated net reads the stream, the other does not, though it can read strings."""
    able, unable = 0.95, 0.75
    found = {(its["net"], its["trained"]): its for its in summary["nets"].values()}
    with_gate, without = (found[net, "on streams"] for net in NETS)
    strings = {net: mean(found[net, "with resets"]["strings"]) for net in NETS}
    astray = found["forget gate", "with resets"]
    differ = mean(with_gate["streams"]) >= able and mean(without["streams"]) <= unable
    rule = (
        f"held if after training on streams the long-lag symbol of a fresh stream is right in at "
        f"least {100 * able:.0f} % with a forget gate and in at most {100 * unable:.0f} % without, "
        f"and if with a reset at every string both nets reach {100 * able:.0f} %, so that the task "
        "itself is within reach of both. Held partly if the first alone is so."
    )
    status = "not held"
    if differ:
        status = "held" if min(strings.values()) >= able else "held partly"
    text = (
        f"On fresh streams of {summary['symbols']} symbols the long-lag symbol is right in "
        f"{_show_percent(with_gate['streams'])} with a forget gate and in "
        f"{_show_percent(without['streams'])} without; the mean |c| at their end is "
        f"{mean(size[-1] for size in with_gate['size']):.1f} and "
        f"{mean(size[-1] for size in without['size']):.0f}. With a reset at every string the nets "
        f"reach {100 * strings['forget gate']:.1f} % and {100 * strings['no forget gate']:.1f} % "
        f"on strings. The gated net that was trained so has {_show_percent(astray['streams'])} on "
        "streams: the gate has to learn to forget."
    )
    return Verdict(status, rule, text)  # type: ignore[arg-type]


def _show_percent(shares: Sequence[float]) -> str:
    return f"{plus_minus((100 * share for share in shares), 1)} %"


def tables(summary: dict[str, Any]) -> dict[str, str]:
    """Both nets, trained both ways, on both tests."""
    head = [
        "net, trained",
        "rate",
        "right on streams, %",
        "right on strings, %",
        "mean size of c at the end",
        "mean forget gate",
    ]
    rows = [
        [
            f"{its['net']}, {its['trained']}",
            f"{its['rate']:g}",
            plus_minus((100 * share for share in its["streams"]), 1),
            plus_minus((100 * share for share in its["strings"]), 1),
            plus_minus([size[-1] for size in its["size"]], 1),
            plus_minus(its["forget_gates"]) if its["forget_gates"] else "",
        ]
        for its in summary["nets"].values()
    ]
    return {"table": table(head, rows)}


def figures(summary: dict[str, Any]) -> dict[str, Picture]:
    """Size of the cell state along a stream; share of right answers."""
    from matplotlib.ticker import ScalarFormatter

    from rnn_book.plots import CONTENDERS, band, canvas, label_lines

    size, axes = canvas(height=3.4)
    share, others = canvas(height=3.4)
    for style, its in zip(CONTENDERS, summary["nets"].values(), strict=False):
        symbols = PIECE * (1 + np.arange(len(its["size"][0])))
        label = f"{its['net'].replace('forget ', '')}, {its['trained']}"
        band(axes, symbols, its["size"], style, label, log=True)
        band(others, symbols, 100 * np.asarray(its["right"]), style, label)
    axes.set(yscale="log", xlabel="symbols read", ylabel="mean size of the cell state, |c|")
    axes.yaxis.set_major_formatter(ScalarFormatter())
    others.set(ylim=(0, 105), xlabel="symbols read", ylabel="long-lag symbol right, %")
    for part in (axes, others):
        label_lines(part, room=0.45)
    where = "along fresh streams, with and without a forget gate"
    return {
        "": Picture(
            size,
            f"Mean size of the cell state {where}",
            "One line a net and way of training, over the number of symbols read, on a "
            "logarithmic axis. Without a forget gate the lines rise all the way.",
        ),
        "right": Picture(
            share,
            f"Share of right predictions of the long-lag symbol {where}",
            "One line a net and way of training, over the number of symbols read.",
        ),
    }
