"""What is measured: every row of the tables, and the ratio that it should not exceed."""

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

__all__ = ["GROUPS", "SIZES", "Row"]

Run = Callable[[], object]
Size = tuple[int, int, int, int]

SIZES: tuple[Size, ...] = (
    (100, 1, 32, 64),
    (100, 32, 64, 128),
    (50, 64, 128, 256),
    (35, 20, 200, 200),
    (200, 16, 512, 512),
)
BATCHES = SIZES[1:]
VARIANTS = ("PeepholeLSTM", "CoupledLSTM", "NoForgetGateLSTM", "LayerNormLSTM", "LayerNormGRU")
OPTIONS: dict[str, dict[str, Any]] = {
    "recurrent dropout, state": {"recurrent_dropout": 0.3},
    "recurrent dropout, update": {"recurrent_dropout": 0.3, "recurrent_dropout_on": "update"},
    "zoneout": {"zoneout": 0.1},
}


@dataclass(frozen=True)
class Row:
    """One comparison: `ours` against `theirs`, or the reason why it cannot be made."""

    name: str
    size: str
    ours: Run | str
    theirs: Run
    target: float | None = None


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


def numpy_rows() -> Iterator[Row]:
    """The NumPy half against torch.nn."""
    for size in SIZES:
        _, batch, inputs, hidden = size
        x, d = _data(size)
        lstm, stock = numpy_half.LSTM(inputs, hidden, rng=0), torch.nn.LSTM(inputs, hidden)
        many = batch >= 16
        yield Row(
            "LSTM forward",
            str(size),
            partial(lstm, x),
            _inference(stock, torch.from_numpy(x)),
            1.10 if many else None,
        )
        name = "forward + backward"
        yield Row(
            f"LSTM {name}",
            str(size),
            _numpy(lstm, x, d),
            _torch(stock, x, d),
            1.05 if many else 1.5,
        )
        gru, stock_gru = numpy_half.GRU(inputs, hidden, rng=0), torch.nn.GRU(inputs, hidden)
        yield Row(
            f"GRU {name}",
            str(size),
            _numpy(gru, x, d),
            _torch(stock_gru, x, d),
            0.85 if many else 0.5,
        )
        rnn, stock_rnn = numpy_half.RNN(inputs, hidden, rng=0), torch.nn.RNN(inputs, hidden)
        yield Row(f"RNN {name}", str(size), _numpy(rnn, x, d), _torch(stock_rnn, x, d))
        x, d = _data(size, "float64")
        lstm = numpy_half.LSTM(inputs, hidden, rng=0, dtype="float64")
        stock = torch.nn.LSTM(inputs, hidden, dtype=torch.float64)
        target = 0.75 if many else None
        yield Row(
            f"LSTM {name}, float64", str(size), _numpy(lstm, x, d), _torch(stock, x, d), target
        )


def stream_rows() -> Iterator[Row]:
    """One step of a stream, one sequence, without gradients on torch's side."""
    for hidden, target in ((64, 0.25), (512, 0.5)):
        x, _ = _data((1, 1, 32, hidden))
        zeros = np.zeros((1, hidden), np.float32)
        ours, stock = numpy_half.LSTMCell(32, hidden, rng=0), torch.nn.LSTMCell(32, hidden)
        state = (torch.from_numpy(zeros),) * 2
        yield Row(
            "LSTMCell, one step",
            f"H = {hidden}",
            lambda ours=ours, x=x, z=zeros: [ours(x[0], (z, z)) for _ in range(50)],  # type: ignore[misc]
            lambda stock=stock, x=x, state=state: [  # type: ignore[misc]
                _inference(stock, torch.from_numpy(x[0]), state)() for _ in range(50)
            ],
            target,
        )


def own_rows() -> Iterator[Row]:
    """Options and variants of the NumPy half against its plain LSTM."""
    for size in BATCHES:
        _, _, inputs, hidden = size
        layer: Any
        x, d = _data(size)
        plain = _numpy(numpy_half.LSTM(inputs, hidden, rng=0), x, d)
        options: dict[str, dict[str, Any]] = {**OPTIONS, "weight drop": {"weight_drop": 0.3}}
        for name, option in options.items():
            layer = numpy_half.LSTM(inputs, hidden, rng=0, **option)
            yield Row(f"LSTM with {name}", str(size), _numpy(layer, x, d), plain, 1.3)
        for name in VARIANTS:
            layer = getattr(numpy_variants, name)(inputs, hidden, rng=0)
            yield Row(name, str(size), _numpy(layer, x, d), plain, 2.0)
        layer = numpy_half.GRU(inputs, hidden, rng=0, reset_after=False)
        yield Row("GRU, reset before", str(size), _numpy(layer, x, d), plain, 2.0)


def torch_rows() -> Iterator[Row]:
    """A training step of the PyTorch half against torch.nn's plain LSTM."""
    for size in BATCHES:
        steps, batch, inputs, hidden = size
        x, d = _data(size)
        plain = _torch(torch.nn.LSTM(inputs, hidden), x, d)
        for kind in ("LSTM", "GRU", "RNN"):
            for name, option in OPTIONS.items():
                if kind == "RNN" and "update" in name:
                    continue
                layer = getattr(torch_half, kind)(inputs, hidden, rng=0, **option)
                yield Row(f"{kind} with {name}", str(size), _torch(layer, x, d), plain, 1.4)
        fused: dict[str, dict[str, Any]] = {
            "weight drop": {"weight_drop": 0.3},
            "forget bias": {"forget_bias": 1.0},
        }
        for name, option in fused.items():
            layer = torch_half.LSTM(inputs, hidden, rng=0, **option)
            yield Row(f"LSTM with {name}", str(size), _torch(layer, x, d), plain, 1.1)
        for name in VARIANTS:
            layer = getattr(torch_variants, name)(inputs, hidden, rng=0)
            yield Row(name, str(size), _torch(layer, x, d), plain, 2.0)
        lengths = torch.arange(batch) * (steps - 1) // max(1, batch - 1) + 1
        layer, stock = torch_half.LSTM(inputs, hidden), torch.nn.LSTM(inputs, hidden)
        packed = _packed(stock, x, d, lengths)
        ours = _torch(layer, x, d, lengths=lengths)
        yield Row("LSTM with lengths, to a PackedSequence", str(size), ours, packed, 1.15)


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


def peer_rows() -> Iterator[Row]:
    """What a reader would use instead, against our NumPy LSTM at the same size."""
    for size in BATCHES:
        _, _, inputs, hidden = size
        x, d = _data(size)
        layer = numpy_half.LSTM(inputs, hidden, rng=0)
        ours, name = _numpy(layer, x, d), "forward + backward"
        tensors = torch.from_numpy(x), torch.from_numpy(d)
        yield Row(f"NumPy, step by step, {name}", str(size), peers.naive_numpy(layer, x, d), ours)
        yield Row(
            f"a loop over torch.nn.LSTMCell, {name}",
            str(size),
            peers.naive_torch(inputs, hidden, *tensors),
            ours,
        )
        yield Row(
            f"Keras on torch, {name}", str(size), peers.keras_lstm(inputs, hidden, *tensors), ours
        )
        yield Row(
            "torch.nn.LSTM, " + name, str(size), _torch(torch.nn.LSTM(inputs, hidden), x, d), ours
        )
        forward = partial(layer, x)
        yield Row("onnxruntime, forward", str(size), peers.onnx_runtime(layer, x), forward)


GROUPS: dict[str, tuple[str, Callable[[], Iterator[Row]]]] = {
    "numpy": ("The NumPy half, relative to torch.nn", numpy_rows),
    "stream": ("One step of a stream, relative to torch.nn.LSTMCell", stream_rows),
    "own": ("Options and variants in NumPy, relative to our plain LSTM", own_rows),
    "torch": ("The PyTorch half, training step relative to torch.nn.LSTM", torch_rows),
    "peers": ("What one would use instead, relative to our NumPy LSTM", peer_rows),
}
