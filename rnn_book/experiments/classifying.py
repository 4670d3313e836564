"""Classifiers of names and digits, with an LSTM or a GRU: their training, and what a step costs."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
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
from rnn_book.experiments.claims import Seed

__all__ = [
    "KERNELS",
    "LADDER",
    "NETS",
    "SIZES",
    "Classifier",
    "cost",
    "examples",
    "onednn",
    "parameters",
    "train_classifier",
    "training_step",
    "width",
]

# Name of a net -> its class, and whether it is as wide as the LSTM, or has as many parameters.
NETS = {
    "LSTM": ("LSTM", "width"),
    "GRU, equal width": ("GRU", "width"),
    "GRU, equal parameters": ("GRU", "parameters"),
}
KERNELS = ("PyTorch, oneDNN", "PyTorch, without", "NumPy")
SIZES = {"names": 200, "digits": 50}  # of the training sets
LADDER = (-1.0, 0.0, 1.0, 2.0)  # forget biases that are compared, each with a rate of its own
HIDDEN, EMBEDDING, CLASSES = 32, 16, {"names": 12, "digits": 10}
# Training ends when the best of so many looks at validation data was not among the last ones.
EVERY, PATIENCE, BATCH = 10, 15, 32


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


def cost(setting: dict[str, Any], seed: Seed) -> dict[str, Any]:
    """Processor time of a training step: forward, backward, Adam; nets and kernels take turns."""
    hidden, steps, batch = setting["hidden"], setting["steps"], setting["batch"]
    x = generator(seed.shared).standard_normal((steps, batch, hidden)).astype(np.float32)
    contenders = {
        f"{kernel}: {net}": training_step(kernel, net, hidden, x, seed.own)
        for kernel in KERNELS
        for net in NETS
    }
    times = _alternate(contenders, setting["budget"])
    return {
        "onednn": torch.backends.mkldnn.is_available(),
        "parameters": {
            net: parameters(NETS[net][0], hidden, width(net, hidden, hidden)) for net in NETS
        },
        "milliseconds": {
            kernel: {net: 1e3 * times[f"{kernel}: {net}"] for net in NETS} for kernel in KERNELS
        },
    }


def _alternate(contenders: dict[str, Callable[[], object]], budget: float) -> dict[str, float]:
    """Median seconds of this thread alone, taking turns: the machine may be busy otherwise."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for call in contenders.values():
        call()
    begin = time.thread_time()
    while min(map(len, times.values())) < 5 or time.thread_time() - begin < budget:
        for name, call in contenders.items():
            before = time.thread_time()
            call()
            times[name].append(time.thread_time() - before)
    return {name: float(np.median(values)) for name, values in times.items()}


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


def train_classifier(setting: dict[str, Any], seed: Seed) -> dict[str, Any]:
    """Train until validation accuracy stalls; of all looks, the one with the best counts."""
    weights, shared = generator(seed.own), seed.shared
    (train, validation, test), symbols = examples(setting["task"], setting["size"], shared)
    model = Classifier(setting["task"], setting["kind"], symbols, setting["bias"], weights)
    optimiser = rnn_book.torch.Adam(model, setting["rate"])
    best = {"validation": -1.0, "test": 0.0, "train": 0.0, "update": 0}
    batches, update = generator(shared + 1), 0
    while update < setting["most"] and update - best["update"] < EVERY * PATIENCE:
        batch = train.pick(batches.choice(setting["size"], BATCH, replace=False))
        loss = rnn_book.torch.cross_entropy(model(batch), torch.from_numpy(batch.labels))
        optimiser.zero_grad()
        loss.backward()
        rnn_book.torch.clip_grad_norm(model, 1.0)
        optimiser.step()
        update += 1
        if update % EVERY == 0:
            reached = accuracy(model, validation)
            if reached > best["validation"]:
                best = {
                    "validation": reached,
                    "test": accuracy(model, test),
                    "train": accuracy(model, train),
                    "update": update,
                }
    head = [model.layer, model.head]
    return {
        **best,
        "updates": update,
        "parameters": sum(p.numel() for part in head for p in part.parameters()),
    }
