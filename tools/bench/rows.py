"""What is measured: races, each of some contenders against one that they are compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch

import rnn_book.numpy as numpy_half
import rnn_book.torch as torch_half
from rnn_book.numpy import variants as numpy_variants
from rnn_book.torch import variants as torch_variants
from tools.bench import peers
from tools.bench.products import products

__all__ = ["ALONE", "GROUPS", "SIZES", "Race"]

Run = Callable[[], object]
Size = tuple[int, int, int, int]

SIZES: tuple[Size, ...] = (
    (100, 1, 32, 64),
    (100, 32, 64, 128),
    (50, 64, 128, 256),
    (35, 20, 200, 200),
    (200, 16, 512, 512),
)
MEDIUM = SIZES[1:3]
BOTH = "forward + backward"
ALONE = "matrix products alone"
LSTMS = ("PeepholeLSTM", "CoupledLSTM", "NoForgetGateLSTM", "LayerNormLSTM")
OPTIONS: dict[str, dict[str, Any]] = {
    "recurrent dropout, state": {"recurrent_dropout": 0.3},
    "recurrent dropout, update": {"recurrent_dropout": 0.3, "recurrent_dropout_on": "update"},
    "zoneout": {"zoneout": 0.1},
}
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


@dataclass(frozen=True)
class Race:
    """Contenders by name, or the reason why one is not there, and what they are compared with."""

    size: str
    base: Run
    contenders: dict[str, Run | str]


def _data(size: Size, dtype: str = "float32") -> tuple[Any, Any]:
    steps, batch, inputs, hidden = size
    rng = np.random.default_rng(0)
    x = rng.standard_normal((steps, batch, inputs)).astype(dtype)
    return x, rng.standard_normal((steps, batch, hidden)).astype(dtype)


def _numpy(layer: Any, x: Any, d_output: Any) -> Run:
    def run() -> object:
        layer.zero_grad()
        layer(x)
        return layer.backward(d_output)

    return run


def _torch(layer: Any, x: Any, d_output: Any, **lengths: Any) -> Run:
    x = torch.from_numpy(x).requires_grad_()
    d_output = torch.from_numpy(d_output)

    def run() -> object:
        layer.zero_grad()
        x.grad = None
        layer(x, **lengths)[0].backward(d_output)
        return x.grad

    return run


def _inference(layer: Any, *inputs: Any) -> Run:
    def run() -> object:
        with torch.no_grad():
            return layer(*inputs)

    return run


def numpy_races() -> Iterator[Race]:
    """The NumPy half, and the products that it cannot do without, against torch.nn."""
    for size in SIZES:
        _, _, inputs, hidden = size
        x, d = _data(size)
        for kind, gates in GATES.items():
            ours = getattr(numpy_half, kind)(inputs, hidden, rng=0)
            stock = getattr(torch.nn, kind)(inputs, hidden)
            race: dict[str, Run | str] = {f"{kind} {BOTH}": _numpy(ours, x, d)}
            race[f"{kind}, {ALONE}"] = products(gates, x, d)
            yield Race(str(size), _torch(stock, x, d), race)
            if kind == "LSTM":
                forward = _inference(stock, torch.from_numpy(x))
                yield Race(str(size), forward, {"LSTM forward": partial(ours, x)})
        x, d = _data(size, "float64")
        wide = numpy_half.LSTM(inputs, hidden, rng=0, dtype="float64")
        stock = torch.nn.LSTM(inputs, hidden, dtype=torch.float64)
        name = f"LSTM {BOTH}, float64"
        yield Race(str(size), _torch(stock, x, d), {name: _numpy(wide, x, d)})


def stream_races() -> Iterator[Race]:
    """One step of a stream, one sequence, without gradients on torch's side."""
    for hidden in (64, 512):
        x, _ = _data((1, 1, 32, hidden))
        zeros = np.zeros((1, hidden), np.float32)
        ours, stock = numpy_half.LSTMCell(32, hidden, rng=0), torch.nn.LSTMCell(32, hidden)
        state = (torch.from_numpy(zeros),) * 2
        theirs = _inference(stock, torch.from_numpy(x[0]), state)
        race: dict[str, Run | str] = {
            "LSTMCell, one step": _often(partial(ours, x[0], (zeros, zeros)))
        }
        yield Race(f"H = {hidden}", _often(theirs), race)


def _often(run: Run) -> Run:
    """Fifty times, because one step takes too short a time to be measured."""
    return lambda: [run() for _ in range(50)]


def own_races() -> Iterator[Race]:
    """Options and variants of the NumPy half against its plain LSTM."""
    for size in MEDIUM:
        _, _, inputs, hidden = size
        x, d = _data(size)
        race: dict[str, Run | str] = {}
        layer: Any
        options: dict[str, dict[str, Any]] = {**OPTIONS, "weight drop": {"weight_drop": 0.3}}
        for name, option in options.items():
            layer = numpy_half.LSTM(inputs, hidden, rng=0, **option)
            race[f"LSTM with {name}"] = _numpy(layer, x, d)
        for name in (*LSTMS, "LayerNormGRU"):
            layer = getattr(numpy_variants, name)(inputs, hidden, rng=0)
            race[name] = _numpy(layer, x, d)
        layer = numpy_half.GRU(inputs, hidden, rng=0, reset_after=False)
        race["GRU, reset before"] = _numpy(layer, x, d)
        yield Race(str(size), _numpy(numpy_half.LSTM(inputs, hidden, rng=0), x, d), race)


def torch_races() -> Iterator[Race]:
    """A training step of the PyTorch half against the layer of torch.nn of the same kind."""
    for size in MEDIUM:
        steps, batch, inputs, hidden = size
        x, d = _data(size)
        for kind in ("LSTM", "GRU", "RNN"):
            race: dict[str, Run | str] = {}
            options = dict(OPTIONS)
            if kind == "RNN":
                del options["recurrent dropout, update"]
            if kind == "LSTM":
                options |= {"weight drop": {"weight_drop": 0.3}}
                options |= {"forget bias": {"forget_bias": 1.0}}
            for name, option in options.items():
                layer = getattr(torch_half, kind)(inputs, hidden, rng=0, **option)
                race[f"{kind} with {name}"] = _torch(layer, x, d)
            for name in {"LSTM": LSTMS, "GRU": ("LayerNormGRU",), "RNN": ()}[kind]:
                layer = getattr(torch_variants, name)(inputs, hidden, rng=0)
                race[name] = _torch(layer, x, d)
            stock = getattr(torch.nn, kind)(inputs, hidden)
            yield Race(str(size), _torch(stock, x, d), race)
        lengths = torch.arange(batch) * (steps - 1) // max(1, batch - 1) + 1
        ours = _torch(torch_half.LSTM(inputs, hidden), x, d, lengths=lengths)
        packed = _packed(torch.nn.LSTM(inputs, hidden), x, d, lengths)
        yield Race(str(size), packed, {"LSTM with lengths, against a PackedSequence": ours})


def _packed(layer: Any, x: Any, d_output: Any, lengths: Any) -> Run:
    x, d_output = torch.from_numpy(x).requires_grad_(), torch.from_numpy(d_output)
    rnn = torch.nn.utils.rnn

    def run() -> object:
        layer.zero_grad()
        x.grad = None
        packed = rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
        output, _ = rnn.pad_packed_sequence(layer(packed)[0], total_length=len(x))
        output.backward(d_output)
        return x.grad

    return run


def peer_races() -> Iterator[Race]:
    """What a reader would use instead, against our NumPy LSTM at the same size."""
    for size in MEDIUM:
        _, _, inputs, hidden = size
        x, d = _data(size)
        tensors = torch.from_numpy(x), torch.from_numpy(d)
        layer = numpy_half.LSTM(inputs, hidden, rng=0)
        yield Race(
            str(size),
            _numpy(layer, x, d),
            {
                f"NumPy, step by step, {BOTH}": peers.naive_numpy(layer, x, d),
                f"a loop over torch.nn.LSTMCell, {BOTH}": peers.naive_torch(
                    inputs, hidden, *tensors
                ),
                f"Keras on torch, {BOTH}": peers.keras_lstm(inputs, hidden, *tensors),
                f"torch.nn.LSTM, {BOTH}": _torch(torch.nn.LSTM(inputs, hidden), x, d),
            },
        )
        runtime = peers.onnx_runtime(layer, x)
        yield Race(str(size), partial(layer, x), {"onnxruntime, forward": runtime})


GROUPS: dict[str, tuple[str, Callable[[], Iterator[Race]]]] = {
    "numpy": ("The NumPy half, relative to torch.nn", numpy_races),
    "stream": ("One step of a stream, relative to torch.nn.LSTMCell", stream_races),
    "own": ("Options and variants in NumPy, relative to our plain LSTM", own_races),
    "torch": ("The PyTorch half, relative to torch.nn", torch_races),
    "peers": ("What you would use instead, relative to our NumPy LSTM", peer_races),
}
