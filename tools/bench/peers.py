"""What a reader would use instead: the contenders that are not ours."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from rnn_book.numpy.functions import sigmoid, sigmoid_gradient, tanh_gradient

__all__ = ["keras_lstm", "naive_numpy", "naive_torch", "onnx_runtime"]

Run = Callable[[], object]


def naive_numpy(layer: Any, x: Any, d_output: Any) -> Run:
    """An LSTM as tutorials write it in NumPy: one step after another, weight gradients as well."""
    w_ih, w_hh, b_ih, b_hh = layer.parameters.values()
    hidden = w_hh.shape[1]

    def run() -> object:
        h = c = np.zeros((x.shape[1], hidden), x.dtype)
        steps = []
        for x_t in x:
            a = x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh
            i, f = sigmoid(a[:, :hidden]), sigmoid(a[:, hidden : 2 * hidden])
            g, o = np.tanh(a[:, 2 * hidden : 3 * hidden]), sigmoid(a[:, 3 * hidden :])
            past, h_past, c = c, h, f * c + i * g
            tanh_c = np.tanh(c)
            h = o * tanh_c
            steps.append((x_t, h_past, past, i, f, g, o, tanh_c))
        d_w_ih, d_w_hh = np.zeros_like(w_ih), np.zeros_like(w_hh)
        d_b, d_x = np.zeros_like(b_ih), np.zeros_like(x)
        d_h, d_c = np.zeros_like(h), np.zeros_like(c)
        for t, (x_t, h_past, past, i, f, g, o, tanh_c) in reversed(list(enumerate(steps))):
            d_h = d_h + d_output[t]
            d_c = d_c + d_h * o * tanh_gradient(tanh_c)
            parts = [
                d_c * g * sigmoid_gradient(i),
                d_c * past * sigmoid_gradient(f),
                d_c * i * tanh_gradient(g),
                d_h * tanh_c * sigmoid_gradient(o),
            ]
            d_a = np.concatenate(parts, axis=1)
            d_w_ih += d_a.T @ x_t
            d_w_hh += d_a.T @ h_past
            d_b += d_a.sum(axis=0)
            d_x[t] = d_a @ w_ih
            d_h, d_c = d_a @ w_hh, d_c * f
        return d_w_ih, d_w_hh, d_b, d_x

    return run


def naive_torch(inputs: int, hidden: int, x: Any, d_output: Any) -> Run:
    """A loop over torch.nn.LSTMCell, with autograd."""
    cell = torch.nn.LSTMCell(inputs, hidden)
    x = x.clone().requires_grad_()

    def run() -> object:
        cell.zero_grad()
        x.grad = None
        state, outputs = None, []
        for x_t in x:
            state = cell(x_t, state)
            outputs.append(state[0])
        torch.stack(outputs).backward(d_output)
        return x.grad

    return run


def onnx_runtime(layer: Any, x: Any) -> Run | str:
    """The LSTM of onnxruntime with the weights of `layer`, inference; or why there is none."""
    try:
        import onnxruntime
        from onnx import TensorProto, helper, numpy_helper
    except ImportError as error:
        return f"onnx or onnxruntime is not installed ({error.name})"
    from rnn_book.weights import to_onnx

    arrays = to_onnx(layer)
    weights = [numpy_helper.from_array(arrays[name], name) for name in ("W", "R", "B")]
    node = helper.make_node("LSTM", ["X", "W", "R", "B"], ["Y"], hidden_size=layer.hidden_size)
    graph = helper.make_graph(
        [node],
        "lstm",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, list(x.shape))],
        [helper.make_tensor_value_info("Y", TensorProto.FLOAT, None)],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return lambda: session.run(None, {"X": x})


def keras_lstm(inputs: int, hidden: int, x: Any, d_output: Any) -> Run | str:
    """Keras' LSTM on its torch backend, forward and backward; or why there is none."""
    os.environ["KERAS_BACKEND"] = "torch"
    try:
        import keras
    except ImportError:
        return "keras is not installed"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        layer = keras.layers.LSTM(hidden, return_sequences=True)
        layer.build((x.shape[1], x.shape[0], inputs))
    batch = x.transpose(0, 1).contiguous().requires_grad_()
    d_batch = d_output.transpose(0, 1).contiguous()

    def run() -> object:
        batch.grad = None
        layer(batch, training=True).backward(d_batch)
        return batch.grad

    return run
