"""A. Gradients over time: how much of a signal survives k steps, before and after training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

import rnn_book.numpy
import rnn_book.torch
from rnn_book import gradient_by_lag, record_gates
from rnn_book.draws import generator
from rnn_book.experiments.claims import Cost, Picture, Run, Seed, Verdict
from rnn_book.experiments.lags import factor, norms_by_lag
from rnn_book.experiments.shown import grouped, mean, plus_minus, table
from rnn_book.tasks import adding

TITLE = "Gradients over time"
QUESTION = "An LSTM keeps gradients alive over long lags."
SEEDS = 5
COST = Cost(runs=50, minutes=4)

# Name of a net -> class, options, and what is done to its fresh weights.
FRESH: dict[str, tuple[str, dict[str, Any], str]] = {
    "RNN": ("RNN", {}, ""),
    "RNN, orthogonal": ("RNN", {}, "orthogonal"),
    "LSTM, forget bias 0": ("LSTM", {"forget_bias": 0.0}, ""),
    "LSTM, forget bias 1": ("LSTM", {"forget_bias": 1.0}, ""),
    "LSTM, forget bias 3": ("LSTM", {"forget_bias": 3.0}, ""),
    "LSTM, no forget gate": ("NoForgetGateLSTM", {}, ""),
    "GRU": ("GRU", {}, ""),
    "GRU, update bias 3": ("GRU", {}, "update bias 3"),
}
INPUTS, BATCH = 16, 16
TRAINED = ("RNN", "LSTM")
RATES = {"RNN": 3e-3, "LSTM": 1e-2}
SOLVED = 0.005


def plan(quick: bool, runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Fresh nets of every kind; two kinds trained on the adding problem."""
    hidden, steps = (32, 100) if quick else (64, 200)
    fresh = [{"part": "fresh", "net": net, "hidden": hidden, "steps": steps} for net in FRESH]
    sizes = {"hidden": 16, "steps": 20} if quick else {"hidden": 32, "steps": 100}
    updates = 400 if quick else 2500
    return fresh + [{"part": "trained", "net": net, **sizes, "updates": updates} for net in TRAINED]


def run(setting: dict[str, Any], seed: Seed) -> dict[str, Any]:
    """Norms of the gradient by lag."""
    return _fresh(setting, seed) if setting["part"] == "fresh" else _trained(setting, seed)


def _fresh(setting: dict[str, Any], seed: Seed) -> dict[str, Any]:
    """A net as it begins, in both halves: norms by lag, and how far the halves are apart."""
    x = generator(seed.shared).standard_normal((setting["steps"], BATCH, INPUTS))
    layer = fresh_layer("numpy", setting["net"], setting["hidden"], seed.own)
    norms = gradient_by_lag(layer, x, rng=seed.shared)
    twin = fresh_layer("torch", setting["net"], setting["hidden"], seed.own)
    u = generator(seed.shared).standard_normal(setting["hidden"])
    other = norms_by_lag(twin, torch.from_numpy(x), u / np.linalg.norm(u))
    gates = record_gates(layer, x)["l0"]
    return {
        "norms": norms,
        "factor": factor(norms),
        "backends_differ": float(np.max(np.abs(other / norms - 1))),
        "mean_forget_gate": float(gates["f"].mean()) if "f" in gates else None,
    }


def fresh_layer(half: str, net: str, hidden: int, rng: int) -> Any:
    """An untrained layer of `FRESH` in one of the two halves, float64, with the same weights."""
    kind, options, change = FRESH[net]
    layer = getattr(rnn_book.numpy, kind)(INPUTS, hidden, **options, rng=rng, dtype=np.float64)
    p = layer.parameters
    if change == "orthogonal":
        square = generator(rng).standard_normal((hidden, hidden))
        p["weight_hh_l0"][:] = np.linalg.qr(square)[0]
    elif change:
        p["bias_ih_l0"][hidden : 2 * hidden] = 3
        p["bias_hh_l0"][hidden : 2 * hidden] = 0
    if half == "numpy":
        return layer
    twin = getattr(rnn_book.torch, kind)(INPUTS, hidden, **options, rng=rng, dtype=torch.float64)
    twin.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in p.items()})
    return twin


def _trained(setting: dict[str, Any], seed: Seed) -> dict[str, Any]:
    """A net trained on the adding problem: norms by lag before and after, and its gates."""
    net, hidden, steps = setting["net"], setting["hidden"], setting["steps"]
    weights, data = generator(seed.own), generator(seed.shared)
    options = {"forget_bias": 1.0} if net == "LSTM" else {}
    layer = getattr(rnn_book.torch, net)(2, hidden, **options, rng=weights)
    head = rnn_book.torch.Linear(hidden, 1, rng=weights)
    optimiser = rnn_book.torch.Adam([layer, head], RATES[net])
    probe = adding(steps, 200, rng=data, dtype=np.float32)
    x, y = (torch.from_numpy(part) for part in probe)

    def error() -> float:
        with torch.no_grad():
            return float((head(layer(x)[0][-1]) - y).square().mean())

    def norms() -> np.ndarray:
        return gradient_by_lag(layer, probe.inputs[:, :50], rng=seed.shared)

    before, used = norms(), setting["updates"]
    for update in range(1, setting["updates"] + 1):
        inputs, targets = adding(steps, 32, rng=data, dtype=np.float32)
        prediction = head(layer(torch.from_numpy(inputs))[0][-1])
        loss = (prediction - torch.from_numpy(targets)).square().mean()
        optimiser.zero_grad()
        loss.backward()
        rnn_book.torch.clip_grad_norm([layer, head], 1.0)
        optimiser.step()
        if update % 50 == 0 and error() < SOLVED:
            used = update
            break
    gates = record_gates(layer, probe.inputs)["l0"]
    return {
        "before": before,
        "after": norms(),
        "error": error(),
        "updates": used,
        "mean_forget_gates": np.sort(gates["f"].mean((0, 1)))[::-1] if "f" in gates else None,
    }


def summarise(runs: Sequence[Run]) -> dict[str, Any]:
    """Curves over seeds, factors, and norms at half the length."""
    fresh, trained = {}, {}
    for (part, net), group in grouped(runs, "part", "net").items():
        results = [run.result for run in group]
        steps = group[0].setting["steps"]
        if part == "fresh":
            forget = [r["mean_forget_gate"] for r in results]
            fresh[net] = {
                "norms": [r["norms"] for r in results],
                "factors": [r["factor"] for r in results],
                "at": steps // 2,
                "norms_at": [r["norms"][steps // 2] for r in results],
                "forget_gates": None if None in forget else forget,
                "backends_differ": max(r["backends_differ"] for r in results),
            }
        else:
            trained[net] = {
                "at": steps - 1,
                **{key: [r[key] for r in results] for key in ("before", "after", "error")},
                "updates": [r["updates"] for r in results],
                "cells_that_keep": (
                    [sum(f > 0.97 for f in r["mean_forget_gates"]) for r in results]
                    if results[0]["mean_forget_gates"]
                    else None
                ),
            }
    return {"fresh": fresh, "trained": trained}


ALIVE = 1e-3


def verdict(summary: dict[str, Any]) -> Verdict:
    """Alive as it begins, alive once biased or trained, or dead."""
    fresh, trained = summary["fresh"], summary["trained"]["LSTM"]
    at, last = fresh["RNN"]["at"], trained["at"]
    unbiased = fresh["LSTM, forget bias 0"]["norms_at"]
    biased = fresh["LSTM, forget bias 3"]["norms_at"]
    after = [norms[last] for norms in trained["after"]]
    rule = (
        f"alive means a norm above {ALIVE:g} with every seed. Held if that is so for a fresh LSTM "
        f"with forget bias 0 at lag {at}; held partly if it is so with forget bias 3 at lag {at} "
        f"and, once trained, at lag {last}."
    )
    status = "not held"
    if min(unbiased) > ALIVE:
        status = "held"
    elif min(biased) > ALIVE and min(after) > ALIVE:
        status = "held partly"
    text = (
        f"A fresh LSTM with forget bias 0 keeps a norm of {_show(unbiased)} at lag {at}, a plain "
        f"RNN {_show(fresh['RNN']['norms_at'])}. With forget bias 3 it is {_show(biased)}. Trained "
        f"on the adding problem, the LSTM reaches {_show(after)} at lag {last}."
    )
    return Verdict(status, rule, text)  # type: ignore[arg-type]


def _show(values: Sequence[float]) -> str:
    """Geometric mean, for numbers that spread over decades."""
    middle = float(np.exp(mean(np.log(values))))
    return f"{middle:.1e}" if middle < 0.01 else f"{middle:.2f}"


def tables(summary: dict[str, Any]) -> dict[str, str]:
    """Fresh nets; trained nets."""
    fresh, trained = summary["fresh"], summary["trained"]
    at = fresh["RNN"]["at"]
    return {
        "table": table(
            ["fresh net", "factor per step", f"norm at lag {at}", "mean forget gate"],
            (
                [
                    net,
                    plus_minus(found["factors"], 3),
                    _show(found["norms_at"]),
                    plus_minus(found["forget_gates"]) if found["forget_gates"] else "",
                ]
                for net, found in fresh.items()
            ),
        ),
        "trained": table(
            ["net", "error", "updates", "norm, fresh", "norm, trained", "cells with f above 0.97"],
            (
                [
                    net,
                    plus_minus(found["error"], 4),
                    plus_minus(found["updates"], 0),
                    _show([norms[found["at"]] for norms in found["before"]]),
                    _show([norms[found["at"]] for norms in found["after"]]),
                    plus_minus(found["cells_that_keep"], 1) if found["cells_that_keep"] else "",
                ]
                for net, found in trained.items()
            ),
        ),
    }


def figures(summary: dict[str, Any]) -> dict[str, Picture]:
    """Norm against lag, as nets begin; and before and after training."""
    from rnn_book.plots import CONTENDERS, band, canvas, label_lines

    fresh, axes = canvas(height=4.0)
    for style, (net, found) in zip(CONTENDERS, summary["fresh"].items(), strict=True):
        norms = np.asarray(found["norms"])
        band(axes, np.arange(norms.shape[1]), norms, style, net, log=True)
    axes.set(yscale="log", ylim=(1e-20, 1e3), xlabel="lag, steps", ylabel="norm of the gradient")
    label_lines(axes, room=0.42)

    after, axes = canvas(height=3.4)
    styles = iter(CONTENDERS)
    for net, found in summary["trained"].items():
        for when, word in (("before", "fresh"), ("after", "trained")):
            norms = np.maximum(np.asarray(found[when]), 1e-30)
            band(axes, np.arange(norms.shape[1]), norms, next(styles), f"{net}, {word}", log=True)
    axes.set(yscale="log", ylim=(1e-20, 1e3), xlabel="lag, steps", ylabel="norm of the gradient")
    label_lines(axes, room=0.3)
    return {
        "": Picture(
            fresh,
            "Norm of the gradient of the last state by lag, fresh nets",
            "One line a net, over the number of steps back, on a logarithmic axis. Nets with an "
            "open forget or update gate stay high, the others fall in straight lines.",
        ),
        "trained": Picture(
            after,
            "Norm of the gradient by lag before and after training on the adding problem",
            "Two lines a net, before and after training, over the number of steps back, on a "
            "logarithmic axis.",
        ),
    }
